/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/error.h"

#include "tests/wire/structures.h"

static void
test_response (void)
{
  ErrorResponse response = { RELOAD_DATA_TOO_OLD, bytes_of_text ("old") };

  structure_assert_hex (&error_response_type, &response, "0009 0003 6f6c64");
}

static void
test_unknown_kinds (void)
{
  KindId kinds[] = { 0xf0000001, 2 };
  UnknownKinds unknown = { { kinds, 2 } };

  structure_assert_hex (&unknown_kinds_type, &unknown, "08 f0000001 00000002");
  structure_assert_refused (&unknown_kinds_type, "07 f0000001 000000", "kind");
}

static void
test_names (void)
{
  g_assert_cmpstr (error_name (RELOAD_INVALID_MESSAGE), ==, "Error_Invalid_Message");
  g_assert_cmpstr (error_name (RELOAD_FORBIDDEN), ==, "Error_Forbidden");
  g_assert_null (error_name (0));
  g_assert_null (error_name (1));
  g_assert_cmpstr (error_name (RELOAD_TTL_HOPS_EXCEEDED), ==, "Error_TTL_Hops_Exceeded");
  g_assert_null (error_name (RELOAD_TTL_HOPS_EXCEEDED + 1));
  g_assert_null (error_name (0xffff));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/error/response", test_response);
  g_test_add_func ("/wire/error/unknown-kinds", test_unknown_kinds);
  g_test_add_func ("/wire/error/names-of-all-codes", test_names);
  return g_test_run ();
}
