/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/configuration-value.h"

static void
test_number (void)
{
  uint32_t value = 7;

  g_assert_true (value_number ("0", 0, 5, &value));
  g_assert_cmpuint (value, ==, 0);
  g_assert_true (value_number ("5", 0, 5, &value));
  g_assert_cmpuint (value, ==, 5);
  g_assert_true (value_number ("4294967295", 0, UINT32_MAX, &value));
  g_assert_cmpuint (value, ==, UINT32_MAX);
  g_assert_false (value_number ("6", 0, 5, &value));
  g_assert_false (value_number ("0", 1, 5, &value));
  g_assert_false (value_number ("-1", 0, 5, &value));
  g_assert_false (value_number ("", 0, 5, &value));
  g_assert_false (value_number ("4x", 0, 5, &value));
  g_assert_false (value_number ("0x4", 0, 5, &value));
  g_assert_cmpuint (value, ==, UINT32_MAX);
}

static void
test_boolean (void)
{
  bool value = false;

  g_assert_true (value_boolean ("true", &value) && value);
  g_assert_true (value_boolean ("false", &value) && !value);
  g_assert_true (value_boolean ("1", &value) && value);
  g_assert_true (value_boolean ("0", &value) && !value);
  g_assert_false (value_boolean ("TRUE", &value));
  g_assert_false (value_boolean ("yes", &value));
  g_assert_false (value_boolean ("", &value));
}

static void
test_base64 (void)
{
  static const char *const bad[] = { "", "A", "AQI", "!!!!", "AQID=", "AQ=D" };
  Bytes bytes;

  g_assert_true (value_base64 (" AQID\n BA== ", &bytes));
  g_assert_cmpmem (bytes.data, bytes.size, "\1\2\3\4", 4);
  g_free ((uint8_t *) bytes.data);
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (value_base64 (bad[i], &bytes));
}

static void
test_time (void)
{
  g_autoptr (GDateTime) time = value_time ("2002-10-10T07:00:00Z");

  g_assert_nonnull (time);
  g_assert_cmpint (g_date_time_to_unix (time), ==, 1034233200);
  g_assert_null (value_time ("2002-10-10T07:00:00+02:00"));
  g_assert_null (value_time ("2002-10-10"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/configuration-value/number", test_number);
  g_test_add_func ("/configuration-value/boolean", test_boolean);
  g_test_add_func ("/configuration-value/base64", test_base64);
  g_test_add_func ("/configuration-value/rfc6940-11.1-4-time", test_time);
  return g_test_run ();
}
