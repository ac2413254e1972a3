/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/gruu.h"
#include <string.h>

static void
test_round (void)
{
  NodeId id = { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 } }, back;
  g_autofree char *uri = gruu_write ("alice@x.peal.alt", &id);

  g_assert_cmpstr (uri, ==, "sip:alice@x.peal.alt;gr=ARABAgMEBQYHCAkKCwwNDg8Q");
  g_assert_true (gruu_read (strstr (uri, "gr=") + 3, &back));
  g_assert_true (node_id_equal (&id, &back));
}

static void
test_others (void)
{
  static const char *const others[] = { "",
                                        "AA~~",
                                        "MDEyMzQ1Njc4OTAxMjM0NTY3ODk~",
                                        "!!!!",
                                        "AhABAgMEBQYHCAkKCwwNDg8Q",
                                        "ARABAgMEBQYHCAkKCwwNDg8QEQ~~" };
  g_autofree char *long_text = g_strnfill (100, 'A');
  NodeId id;

  for (size_t i = 0; i < G_N_ELEMENTS (others); i++)
    g_assert_false (gruu_read (others[i], &id));
  g_assert_false (gruu_read (NULL, &id));
  g_assert_false (gruu_read (long_text, &id));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sip/gruu/what-is-written-is-read", test_round);
  g_test_add_func ("/sip/gruu/anything-but-one-node-is-refused", test_others);
  return g_test_run ();
}
