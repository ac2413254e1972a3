/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/dialog.h"
#include "tests/unit/sip-world.h"
#include <string.h>

static char address[] = "alice@x", host[] = "x", name[] = "\"Alice\"",
            contact[] = "sip:alice@x;gr=1";
static const SipIdentity identity = {
  .address = address, .host = host, .display_name = name, .contact = contact
};

static void
test_write (void)
{
  g_autoptr (SipWorld) world = sip_world_new ();
  Dialog dialog = { 0 };
  SipMessage answer = { .contact_uri = "sip:bob@x;gr=2", .route_set = "<sip:r;lr>" };
  g_autofree char *first = NULL, *second = NULL;

  dialog_begin (&dialog, &identity, "c", "t", "bob@x", "robert@x");
  first = dialog_write (&dialog, &world->ports, &identity, &(SipRequest){ .method = "INVITE" });
  g_assert_true (g_str_has_prefix (first, "INVITE sip:robert@x SIP/2.0\r\nVia: SIP/2.0/TLS x;"
                                          "branch=z9hG4bK"));
  g_assert_nonnull (strstr (first, "\r\nFrom: \"Alice\" <sip:alice@x>;tag=t\r\n"
                                   "To: <sip:bob@x>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n"
                                   "Contact: <sip:alice@x;gr=1>\r\nContent-Length: 0\r\n\r\n"));
  dialog_learn (&dialog, &answer, "u");
  second = dialog_write (
    &dialog, &world->ports, &identity,
    &(SipRequest){
      .method = "ACK", .cseq = 1, .headers = "A: b\r\n", .content_type = "a/b", .body = "xyz" });
  g_assert_true (g_str_has_prefix (second, "ACK sip:bob@x;gr=2 SIP/2.0\r\n"));
  g_assert_nonnull (strstr (second, "\r\nTo: <sip:bob@x>;tag=u\r\n"));
  g_assert_nonnull (strstr (second, "\r\nCSeq: 1 ACK\r\n"));
  g_assert_true (g_str_has_suffix (second, "\r\nRoute: <sip:r;lr>\r\nA: b\r\nContent-Type: a/b\r\n"
                                           "Content-Length: 3\r\n\r\nxyz"));
  dialog_clear (&dialog);
}

static void
test_match (void)
{
  Dialog dialog = { 0 };
  SipMessage request = { .call_id = "c", .to_tag = "t", .from_tag = "u", .cseq = 5 };
  SipMessage response = { .call_id = "c", .from_tag = "t", .to_tag = "u", .status = 200 };

  dialog_begin (&dialog, &identity, "c", "t", "bob@x", "bob@x");
  g_assert_true (dialog_has_request (&dialog, &request));
  g_assert_true (dialog_has_response (&dialog, &response));
  dialog_learn (&dialog, &response, "u");
  g_assert_true (dialog_has_request (&dialog, &request));
  g_assert_true (dialog_has_response (&dialog, &response));
  request.from_tag = response.to_tag = "v";
  g_assert_false (dialog_has_request (&dialog, &request));
  g_assert_false (dialog_has_response (&dialog, &response));
  request.from_tag = NULL;
  g_assert_false (dialog_has_request (&dialog, &request));
  response.status = 404; /* a refusal may come from under another tag */
  g_assert_true (dialog_has_response (&dialog, &response));
  response.call_id = "d";
  g_assert_false (dialog_has_response (&dialog, &response));
  dialog_clear (&dialog);
}

static void
test_order (void)
{
  g_autoptr (SipWorld) world = sip_world_new ();
  Dialog dialog = { 0 };
  SipMessage request = {
    .call_id = "c", .from_tag = "u", .from_address = "bob@x", .cseq = 5, .contact_uri = "sip:bob@x"
  };

  dialog_accept (&dialog, &world->ports, &identity, &request);
  g_assert_false (dialog_advance (&dialog, &request));
  request.cseq = 4;
  g_assert_false (dialog_advance (&dialog, &request));
  request.cseq = 6;
  request.contact_uri = "sip:bob@x;gr=9";
  g_assert_true (dialog_advance (&dialog, &request));
  g_assert_cmpstr (dialog.target, ==, "sip:bob@x;gr=9");
  dialog_clear (&dialog);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sip/dialog/requests-are-written-in-order", test_write);
  g_test_add_func ("/sip/dialog/tags-and-call-id-must-match", test_match);
  g_test_add_func ("/sip/dialog/an-old-request-is-refused", test_order);
  return g_test_run ();
}
