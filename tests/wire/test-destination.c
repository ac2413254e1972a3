/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/destination.h"

#include "tests/wire/structures.h"

static const NodeId own = { { 1, 2, 3 } };

#define OWN "01 10 01020300000000000000000000000000"

static void
test_forms (void)
{
  uint8_t resource[] = { 0x46, 0x4f, 0x4f };
  Destination node = destination_of_node (&own);
  Destination foo = destination_of_resource ((Bytes){ resource, sizeof resource });

  structure_assert_hex (&destination_type, &node, OWN);
  structure_assert_hex (&destination_type, &foo, "02 04 03 464f4f");
}

/* RFC 6940, 6.3.2.2: treated as a full structure with a 2 byte opaque_id. */
static void
test_compressed_is_an_opaque_id (void)
{
  g_autoptr (Arena) arena = arena_new ();
  Destination compressed, full;

  structure_of_hex (&destination_type, "8123", arena, &compressed);
  structure_of_hex (&destination_type, "03 03 02 8123", arena, &full);
  g_assert_cmpuint (compressed.type, ==, DESTINATION_OPAQUE);
  g_assert_true (compressed.is_compressed);
  g_assert_true (destination_equal (&compressed, &full));
  structure_assert_hex (&destination_type, &compressed, "8123");
  structure_assert_hex (&destination_type, &full, "03 03 02 8123");
}

static void
test_malformed_is_refused (void)
{
  structure_assert_refused (&destination_type, "81", "opaque_id");
  structure_assert_refused (&destination_type, "01 0f 010203000000000000000000000000", "node_id");
  structure_assert_refused (&destination_type, "02 05 03 464f4f 00", "length");
  structure_assert_refused (&destination_type, "03 02 02 81", "opaque_id");
}

static void
test_unknown_type_keeps_its_bytes (void)
{
  g_autoptr (Arena) arena = arena_new ();
  Destination destination;

  structure_of_hex (&destination_type, "7f 02 abcd", arena, &destination);
  structure_assert_hex (&destination_type, &destination, "7f 02 abcd");
}

static void
test_lists (void)
{
  g_autoptr (Arena) arena = arena_new ();
  uint8_t byte = 7;
  Destination node = destination_of_node (&own);
  Destination resource = destination_of_resource ((Bytes){ &byte, 1 });
  DestinationList none = { 0 };
  DestinationList one = destination_list_append (arena, &none, &node);
  DestinationList two = destination_list_append (arena, &one, &resource);
  DestinationList reversed = destination_list_reverse (arena, &two);

  g_assert_cmpuint (one.count, ==, 1);
  g_assert_cmpuint (two.count, ==, 2);
  g_assert_true (destination_is_node (&two.items[0], &own));
  g_assert_false (destination_is_node (&two.items[1], &own));
  g_assert_true (destination_equal (&reversed.items[0], &resource));
  g_assert_true (destination_equal (&reversed.items[1], &node));
  g_assert_cmpuint (destination_list_skip (&two, 1).count, ==, 1);
  g_assert_cmpuint (destination_list_skip (&two, 2).count, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/destination/node-and-resource", test_forms);
  g_test_add_func ("/wire/destination/compressed-is-an-opaque-id", test_compressed_is_an_opaque_id);
  g_test_add_func ("/wire/destination/threat-1.1-malformed-is-refused", test_malformed_is_refused);
  g_test_add_func ("/wire/destination/unknown-type-keeps-its-bytes",
                   test_unknown_type_keeps_its_bytes);
  g_test_add_func ("/wire/destination/lists", test_lists);
  return g_test_run ();
}
