/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/node-id.h"

static NodeId
id_of (const char *hex)
{
  NodeId id = { 0 };

  g_assert_true (node_id_from_hex (hex, &id));
  return id;
}

static void
assert_id (NodeId id, const char *hex)
{
  char text[33];

  g_assert_cmpstr (node_id_to_hex (&id, text), ==, hex);
}

static NodeId
random_id (void)
{
  NodeId id;

  for (size_t i = 0; i < NODE_ID_SIZE; i++)
    id.bytes[i] = (uint8_t) g_test_rand_int_range (0, 256);
  return id;
}

static void
test_special (void)
{
  NodeId zero = id_of ("00000000000000000000000000000000");
  NodeId wildcard = id_of ("ffffffffffffffffffffffffffffffff");
  NodeId plain = id_of ("ffffffffffffffffffffffffffffff00");

  g_assert_true (node_id_is_zero (&zero) && !node_id_is_wildcard (&zero));
  g_assert_true (node_id_is_wildcard (&wildcard) && !node_id_is_zero (&wildcard));
  g_assert_false (node_id_is_wildcard (&plain) || node_id_is_zero (&plain));
}

static void
test_arc (void)
{
  NodeId low = id_of ("10000000000000000000000000000000");
  NodeId middle = id_of ("20000000000000000000000000000000");
  NodeId high = id_of ("f0000000000000000000000000000000");

  g_assert_true (node_id_in_arc (&middle, &low, &high));
  g_assert_true (node_id_in_arc (&high, &low, &high));
  g_assert_false (node_id_in_arc (&low, &low, &high));
  g_assert_false (node_id_in_arc (&middle, &high, &low));
  g_assert_true (node_id_in_arc (&low, &high, &low));
  g_assert_true (node_id_in_arc (&middle, &low, &low));
}

static void
test_distance (void)
{
  NodeId one = id_of ("00000000000000000000000000000001");
  NodeId top = id_of ("ffffffffffffffffffffffffffffffff");
  NodeId half = id_of ("80000000000000000000000000000000");

  assert_id (node_id_distance (&top, &one), "00000000000000000000000000000002");
  assert_id (node_id_distance (&one, &top), "fffffffffffffffffffffffffffffffe");
  g_assert_cmpfloat (node_id_fraction (&half), ==, 0.5);
  assert_id (node_id_add_power (&top, 0), "00000000000000000000000000000000");
  assert_id (node_id_add_power (&one, 127), "80000000000000000000000000000001");
  assert_id (node_id_add_power (&half, 127), "00000000000000000000000000000000");
}

static void
test_arithmetic (void)
{
  for (unsigned i = 0; i < 500; i++) {
    NodeId a = random_id (), b = random_id ();
    NodeId there = node_id_distance (&a, &b), back = node_id_distance (&b, &a);
    NodeId zero = { 0 }, sum = node_id_distance (&back, &zero);
    NodeId step = node_id_add_power (&a, i % 128), length = node_id_distance (&a, &step);
    NodeId power = node_id_add_power (&zero, i % 128);

    g_assert_true (node_id_equal (&sum, &there));
    g_assert_true (node_id_equal (&length, &power));
    g_assert_true (node_id_equal (&a, &b) || node_id_in_arc (&b, &a, &b));
  }
}

static void
test_sizes (void)
{
  NodeId id = id_of ("0123456789abcdef0123456789abcdef"), back;

  g_assert_true (node_id_from_bytes (node_id_bytes (&id), &back));
  g_assert_true (node_id_equal (&id, &back));
  g_assert_false (node_id_from_bytes ((Bytes){ id.bytes, 15 }, &back));
  g_assert_false (node_id_from_hex ("0123456789abcdef0123456789abcde", &back));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/node-id/zero-and-wildcard-are-special", test_special);
  g_test_add_func ("/node-id/an-arc-leaves-its-start-out-and-may-wrap", test_arc);
  g_test_add_func ("/node-id/distance-and-power-wrap-around", test_distance);
  g_test_add_func ("/node-id/arithmetic-holds-for-random-ids", test_arithmetic);
  g_test_add_func ("/node-id/other-sizes-are-refused", test_sizes);
  return g_test_run ();
}
