/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/attach.h"

#include "tests/wire/structures.h"

#define LINK "01" /* overlay_link */
#define HOST "01 06 c0000201 17c4" LINK "01 31 0000ffff 01 0000"

static void
test_host_has_no_related_address (void)
{
  Address address;
  IceCandidate candidate = { .overlay_link = OVERLAY_LINK_DTLS_UDP_SR,
                             .foundation = bytes_of_text ("1"),
                             .priority = 0xffff,
                             .type = CAND_HOST };
  AttachReqAns attach = { .ufrag = bytes_of_text ("u"),
                          .password = bytes_of_text ("pw"),
                          .role = bytes_of_text ("active"),
                          .candidates = { &candidate, 1 },
                          .send_update = true };

  g_assert_true (address_from_text ("192.0.2.1:6084", &address));
  candidate.addr_port = ip_address_port_of (&address);
  structure_assert_hex (&attach_req_ans_type, &attach,
                        "01 75  02 7077  06 616374697665  0012" HOST "01");
}

static void
test_unknown_candidate_type_is_refused (void)
{
  structure_assert_refused (&attach_req_ans_type,
                            "00 00 00 0012 01 06 c0000201 17c4" LINK "01 31 0000ffff 03 0000 00",
                            "type");
}

static void
test_lists_of_any_length (void)
{
  g_autoptr (Arena) arena = arena_new ();
  AppAttachReqAns attach;

  structure_of_hex (&app_attach_req_ans_type, "00 00 13c5 00 005a" HOST HOST HOST HOST HOST, arena,
                    &attach);
  g_assert_cmpuint (attach.application, ==, APPLICATION_SIPS);
  g_assert_cmpuint (attach.candidates.count, ==, 5);
  for (size_t i = 0; i < attach.candidates.count; i++)
    g_assert_cmpuint (attach.candidates.items[i].addr_port.address.port, ==, 6084);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/attach/a-host-candidate-has-no-related-address",
                   test_host_has_no_related_address);
  g_test_add_func ("/wire/attach/unknown-candidate-type-is-refused",
                   test_unknown_candidate_type_is_refused);
  g_test_add_func ("/wire/attach/lists-grow-while-decoding", test_lists_of_any_length);
  return g_test_run ();
}
