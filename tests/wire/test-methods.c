/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/methods.h"

#include "tests/wire/structures.h"

static void
test_codes_are_pairs (void)
{
  for (size_t i = 0; i < method_count; i++) {
    g_assert_true (message_code_is_request (methods[i].code));
    g_assert_true (message_code_is_answer (methods[i].code + 1));
    g_assert_true (method_of_code (methods[i].code) == &methods[i]);
    g_assert_true (method_of_code (methods[i].code + 1) == &methods[i]);
    g_assert_true (message_body_type (methods[i].code) == methods[i].request);
    g_assert_true (message_body_type (methods[i].code + 1) == methods[i].answer);
  }
}

static void
test_other_codes (void)
{
  static const uint16_t others[] = { 0, 0x05, 0x0b, 0x1b, 0x1f, 0x23, 0x8001, 0xfffe };

  for (size_t i = 0; i < G_N_ELEMENTS (others); i++) {
    g_assert_null (method_of_code (others[i]));
    g_assert_null (message_body_type (others[i]));
  }
  g_assert_null (method_of_code (MESSAGE_ERROR));
  g_assert_nonnull (message_body_type (MESSAGE_ERROR));
  g_assert_true (message_code_is_answer (MESSAGE_ERROR));
  g_assert_false (message_code_is_request (MESSAGE_ERROR));
  g_assert_false (message_code_is_answer (0));
  g_assert_false (message_code_is_request (0x8001));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/methods/an-answer-is-the-next-code", test_codes_are_pairs);
  g_test_add_func ("/wire/methods/other-codes-are-unknown", test_other_codes);
  return g_test_run ();
}
