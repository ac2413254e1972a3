/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/hash.h"

static void
test_resource_id (void)
{
  NodeId id = resource_id_of (bytes_of_text ("abc"));
  char hex[33];

  g_assert_cmpstr (node_id_to_hex (&id, hex), ==, "a9993e364706816aba3e25717850c26c");
}

static void
test_overlay_hash (void)
{
  g_assert_cmphex (overlay_hash_of ("abc"), ==, 0x9cd0d89d);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hash/a-resource-id-is-the-first-128-bits-of-sha1", test_resource_id);
  g_test_add_func ("/hash/an-overlay-is-known-by-the-last-32-bits-of-sha1", test_overlay_hash);
  return g_test_run ();
}
