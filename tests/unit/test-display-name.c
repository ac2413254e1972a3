/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/display-name.h"
#include <glib.h>

static const struct {
  const char *text;
  const char *name;
} hostile[] = {
  { NULL, "" },
  { "", "" },
  { "Alice", "Alice" },
  { "\"Alice Li\"", "Alice Li" },
  { "\"a \\\"b\\\" \\\\c\"", "a \"b\" \\c" },
  { "\"ends in \\\"", "ends in" },
  { "\"", "\"" },
  { "evil\u202eecila", "evilecila" },
  { "\u2066Bob\u2069", "Bob" },
  { "\u200fBob\u200e\u061c", "Bob" },
  { "B\u200bo\u200d\ufeffb", "Bob" },
  { "Bob\033[2J\a", "Bob[2J" },
  { "Bob\r\nVia: x", "Bob Via: x" },
  { "Bob\u2028Police\u2029", "Bob Police" },
  { "  a \t\u00a0\u3000 b  ", "a b" },
  { "Z\u0300\u0301\u0302\u0303\u0304", "Z\u0300\u0301" },
  { "\u0301Bob", "Bob" },
  { "\u3164\u115f", "" },
  { "\ue000\U000f0000x", "x" },
  { "\xff\xfe", "\ufffd\ufffd" },
  { "\u0645\u0631\u064a\u0645", "\u0645\u0631\u064a\u0645" },
  { "0123456789012345678901234567890123456789012345678901234567890123tail",
    "0123456789012345678901234567890123456789012345678901234567890123" },
};

static void
test_read (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (hostile); i++) {
    g_autofree char *name = display_name_read (hostile[i].text);

    g_assert_cmpstr (name, ==, hostile[i].name);
  }
}

static void
test_write (void)
{
  g_autofree char *text = display_name_write ("a \"b\" \\ \r\nVia: x");
  g_autofree char *name = display_name_read (text);

  g_assert_cmpstr (text, ==, "\"a \\\"b\\\" \\\\ Via: x\"");
  g_assert_cmpstr (name, ==, "a \"b\" \\ Via: x");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sip/display-name/threat-4.14-hostile-names-become-harmless", test_read);
  g_test_add_func ("/sip/display-name/ours-cannot-break-a-header", test_write);
  return g_test_run ();
}
