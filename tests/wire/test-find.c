/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/find.h"

#include "tests/wire/structures.h"

static void
test_request_and_answer (void)
{
  KindId kinds[] = { 2, 0x104 };
  FindReq request = { bytes_of_text ("FOO"), { kinds, 2 } };
  FindKindData results[] = { { 2, bytes_of_text ("F") }, { 0x104, { NULL, 0 } } };
  FindAns answer = { { results, 2 } };

  structure_assert_hex (&find_req_type, &request, "03 464f4f 08 00000002 00000104");
  structure_assert_hex (&find_ans_type, &answer, "000b 00000002 01 46 00000104 00");
}

static void
test_half_a_kind_is_refused (void)
{
  structure_assert_refused (&find_req_type, "00 06 00000002 0000", "kind");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/find/request-and-answer", test_request_and_answer);
  g_test_add_func ("/wire/find/threat-1.1-half-a-kind-is-refused", test_half_a_kind_is_refused);
  return g_test_run ();
}
