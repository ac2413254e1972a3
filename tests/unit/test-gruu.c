/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/gruu.h"
#include <string.h>

static void
test_round (void)
{
  NodeId id = { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 } };
  Route back;
  g_autofree char *uri = gruu_write ("alice@x.peal.alt", &id);

  g_assert_cmpstr (uri, ==, "sip:alice@x.peal.alt;gr=ARABAgMEBQYHCAkKCwwNDg8Q");
  g_assert_true (gruu_read (strstr (uri, "gr=") + 3, &back));
  g_assert_true (node_id_equal (&id, &back.device));
  g_assert_cmpuint (back.via_count, ==, 0);
}

/* A list of `count` Node-IDs, the last of which begins with that number. */
static char *
list_of (uint8_t count)
{
  g_autoptr (GByteArray) list = g_byte_array_new ();

  for (uint8_t i = 1; i <= count; i++) {
    uint8_t entry[18] = { 1, 16, i };
    g_byte_array_append (list, entry, sizeof entry);
  }
  return g_strdelimit (g_base64_encode (list->data, list->len), "=", '~');
}

static void
test_several (void)
{
  g_autofree char *longest = list_of (LIMIT_ROUTE_PEERS + 1);
  g_autofree char *too_long = list_of (LIMIT_ROUTE_PEERS + 2);
  Route route;

  g_assert_true (gruu_read (longest, &route));
  g_assert_cmpuint (route.device.bytes[0], ==, LIMIT_ROUTE_PEERS + 1);
  g_assert_cmpuint (route.via_count, ==, LIMIT_ROUTE_PEERS);
  for (uint8_t i = 0; i < LIMIT_ROUTE_PEERS; i++)
    g_assert_cmpuint (route.via[i].bytes[0], ==, i + 1);
  g_assert_false (gruu_read (too_long, &route));
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
  Route id;

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
  g_test_add_func ("/sip/gruu/rfc7904-6-a-list-leads-by-its-peers-to-the-device", test_several);
  g_test_add_func ("/sip/gruu/anything-but-nodes-is-refused", test_others);
  return g_test_run ();
}
