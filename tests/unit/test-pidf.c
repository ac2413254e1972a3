/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/pidf.h"
#include <string.h>

static PresenceState
read_text (const char *text)
{
  return pidf_read (bytes_of_text (text));
}

static void
test_round (void)
{
  for (PresenceState state = PRESENCE_OFFLINE; state <= PRESENCE_IN_CALL; state++) {
    g_autofree char *text = pidf_write ("a@b", "sip:a@b;gr=x", state);

    g_assert_cmpint (read_text (text), ==, state);
  }
}

#define OPEN "<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='pres:a@b'>"

static void
test_others (void)
{
  g_assert_cmpint (read_text (OPEN "<tuple id='1'><status><basic>open</basic></status></tuple>"
                                   "</presence>"),
                   ==, PRESENCE_AVAILABLE);
  g_assert_cmpint (read_text (OPEN "<tuple id='1'><status><basic>closed</basic></status></tuple>"
                                   "<tuple id='2'><status><basic>open</basic></status></tuple>"
                                   "</presence>"),
                   ==, PRESENCE_AVAILABLE);
  g_assert_cmpint (read_text (OPEN "</presence>"), ==, PRESENCE_UNKNOWN);
  g_assert_cmpint (read_text ("<presence><basic>open</basic></presence>"), ==, PRESENCE_UNKNOWN);
  g_assert_cmpint (read_text (""), ==, PRESENCE_UNKNOWN);
  g_assert_cmpint (read_text ("<presence"), ==, PRESENCE_UNKNOWN);
}

static void
test_hostile (void)
{
  g_autoptr (GString) deep = g_string_new (OPEN);
  g_autofree char *large = g_strnfill (9000, ' ');

  g_assert_cmpint (read_text (
                     "<!DOCTYPE p [<!ENTITY a 'x'><!ENTITY b '&a;&a;'>]>" OPEN
                     "<tuple id='1'><status><basic>open</basic></status></tuple></presence>"),
                   ==, PRESENCE_UNKNOWN);
  for (size_t i = 0; i < 200; i++)
    g_string_append (deep, "<a>");
  g_assert_cmpint (read_text (deep->str), ==, PRESENCE_UNKNOWN);
  g_assert_cmpint (read_text (large), ==, PRESENCE_UNKNOWN);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sip/pidf/each-state-survives", test_round);
  g_test_add_func ("/sip/pidf/documents-of-others", test_others);
  g_test_add_func ("/sip/pidf/hostile-documents-say-nothing", test_hostile);
  return g_test_run ();
}
