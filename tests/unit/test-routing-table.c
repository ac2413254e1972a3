/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/routing-table.h"

static NodeId
id_of (uint8_t first)
{
  return (NodeId){ .bytes = { first } };
}

static RoutingTable *
table_with (uint8_t own, const uint8_t *peers, size_t count)
{
  NodeId id = id_of (own);
  RoutingTable *table = routing_table_new (&id);

  for (size_t i = 0; i < count; i++) {
    NodeId peer = id_of (peers[i]);
    routing_table_add (table, &peer, true);
  }
  return table;
}

static void
assert_responsible (RoutingTable *table, uint8_t id, bool expected)
{
  NodeId wanted = id_of (id);

  g_assert_cmpint (routing_table_is_responsible (table, &wanted), ==, expected);
}

static void
assert_next (RoutingTable *table, uint8_t id, uint8_t expected)
{
  NodeId wanted = id_of (id);
  NodeId next;

  g_assert_true (routing_table_next_hop (table, &wanted, NULL, &next));
  g_assert_cmpuint (next.bytes[0], ==, expected);
}

static void
test_alone (void)
{
  g_autoptr (RoutingTable) table = table_with (0x50, NULL, 0);
  NodeId id = id_of (1), next;

  assert_responsible (table, 0x51, true);
  g_assert_false (routing_table_next_hop (table, &id, NULL, &next));
  g_assert_cmpfloat (routing_table_spacing (table), ==, 1);
}

static void
test_order (void)
{
  g_autoptr (RoutingTable) table = table_with (0x50, (uint8_t[]){ 0x10, 0xf0, 0x60, 0x40 }, 4);
  size_t count;
  const NodeId *ids = routing_table_successors (table, &count);

  g_assert_cmpuint (count, ==, 4);
  g_assert_cmpuint (ids[0].bytes[0], ==, 0x60);
  g_assert_cmpuint (ids[1].bytes[0], ==, 0xf0);
  g_assert_cmpuint (ids[2].bytes[0], ==, 0x10);
  ids = routing_table_predecessors (table, &count);
  g_assert_cmpuint (ids[0].bytes[0], ==, 0x40);
  g_assert_cmpuint (ids[3].bytes[0], ==, 0x60);
  assert_responsible (table, 0x45, true);
  assert_responsible (table, 0x50, true);
  assert_responsible (table, 0x40, false);
  assert_responsible (table, 0x55, false);
}

static void
test_unconfirmed (void)
{
  g_autoptr (RoutingTable) table = table_with (0x50, (uint8_t[]){ 0x20 }, 1);
  NodeId closer = id_of (0x40);
  NodeId far = id_of (0x20);
  RoutingChange change = routing_table_add (table, &closer, false);

  g_assert_true ((change & ROUTING_PREDECESSOR) != 0);
  g_assert_true ((change & ROUTING_RANGE) != 0);
  assert_responsible (table, 0x30, false);
  assert_responsible (table, 0x45, true);
  g_assert_true ((routing_table_remove (table, &far) & ROUTING_RANGE) != 0);
  assert_responsible (table, 0x45, false);
  change = routing_table_add (table, &closer, true);
  g_assert_true ((change & ROUTING_RANGE) != 0);
  assert_responsible (table, 0x45, true);
  g_assert_true ((routing_table_remove (table, &closer) & ROUTING_RANGE) != 0);
  assert_responsible (table, 0x30, true);
}

static void
test_no_predecessor (void)
{
  NodeId own = id_of (0x50), peer = id_of (0x40);
  g_autoptr (RoutingTable) table = routing_table_new (&own);

  routing_table_add (table, &peer, false);
  assert_responsible (table, 0x45, false);
}

/* Of all who are named as many as there are places, the nearest. */
static void
test_choose (void)
{
  g_autoptr (RoutingTable) table =
    table_with (0x50, (uint8_t[]){ 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x70 }, 8);
  NodeId named[] = { id_of (0x62), id_of (0x51), id_of (0x61), id_of (0x50) };
  bool is_wanted[G_N_ELEMENTS (named)];

  for (uint8_t i = 1; i < LIMIT_NEIGHBORS; i++) {
    NodeId before = id_of (0x50 - i);
    routing_table_add (table, &before, true);
  }
  g_assert_true (routing_table_wants (table, &named[0]));
  routing_table_choose (table, named, G_N_ELEMENTS (named), is_wanted);
  g_assert_false (is_wanted[0]);
  g_assert_false (is_wanted[1]);
  g_assert_true (is_wanted[2]);
  g_assert_false (is_wanted[3]);
}

static void
test_capacity (void)
{
  g_autoptr (RoutingTable) table = table_with (0, NULL, 0);
  size_t count;
  NodeId far = id_of (20), near = id_of (1), kept = id_of (8);

  for (uint8_t i = 2; i <= 10; i++) {
    NodeId id = id_of (i);
    routing_table_add (table, &id, true);
  }
  for (uint8_t i = 246; i > 236; i--) {
    NodeId id = id_of (i);
    routing_table_add (table, &id, true);
  }
  g_assert_false (routing_table_wants (table, &far));
  g_assert_true (routing_table_wants (table, &near));
  routing_table_add (table, &near, true);
  routing_table_successors (table, &count);
  g_assert_cmpuint (count, ==, LIMIT_NEIGHBORS);
  g_assert_true (routing_table_is_neighbor (table, &near));
  g_assert_true (routing_table_is_neighbor (table, &kept));
}

static void
test_next_hop (void)
{
  g_autoptr (RoutingTable) table =
    table_with (0x00, (uint8_t[]){ 1, 2, 3, 4, 5, 6, 7, 8, 0xf0 }, 9);
  NodeId finger = id_of (0x90);

  g_assert_true (routing_table_set_finger (table, 1, &finger));
  g_assert_false (routing_table_set_finger (table, 2, &finger));
  assert_next (table, 0x05, 0x05);
  assert_next (table, 0x80, 0x08);
  assert_next (table, 0xa0, 0x90);
  assert_next (table, 0xf5, 0xf0);
  g_assert_cmpuint (routing_table_missing_finger (table, 0), ==, 2);
  routing_table_remove (table, &finger);
  g_assert_cmpuint (routing_table_missing_finger (table, 0), ==, 1);
}

static void
test_spacing (void)
{
  g_autoptr (RoutingTable) small =
    table_with (0x10,
                (uint8_t[]){ 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x80, 0x90, 0xa0 },
                11);

  g_assert_cmpfloat_with_epsilon (routing_table_spacing (small), 1.0 / 12, 1e-9);
}

/* Against a plain model: the lists are always the nearest eight each way. */
static void
test_random (void)
{
  for (int round = 0; round < 200; round++) {
    NodeId own = id_of ((uint8_t) g_test_rand_int_range (0, 256));
    g_autoptr (RoutingTable) table = routing_table_new (&own);
    bool present[256] = { false };
    size_t count, found = 0;

    for (int step = 0; step < 60; step++) {
      NodeId id = id_of ((uint8_t) g_test_rand_int_range (0, 256));
      if (node_id_equal (&id, &own))
        continue;
      routing_table_add (table, &id, true);
      present[id.bytes[0]] = true;
    }
    const NodeId *ids = routing_table_successors (table, &count);
    for (unsigned d = 1; d < 256 && found < LIMIT_NEIGHBORS; d++)
      if (present[(own.bytes[0] + d) & 255])
        g_assert_cmpuint (ids[found++].bytes[0], ==, (own.bytes[0] + d) & 255);
    g_assert_cmpuint (found, ==, count);
  }
}

/* Twelve peers: the last of the predecessors lies before the last of the successors. */
static void
test_near (void)
{
  g_autoptr (RoutingTable) small =
    table_with (0x10,
                (uint8_t[]){ 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80, 0x90, 0xa0, 0xb0, 0xc0 },
                11);
  g_autoptr (RoutingTable) large = table_with (0x80, NULL, 0);
  NodeId far = id_of (0x81 + 100);

  for (unsigned first = 0; first < 256; first++) {
    NodeId id = id_of ((uint8_t) first);
    g_assert_true (routing_table_is_near (small, &id));
  }
  for (uint8_t i = 1; i < 2 * LIMIT_NEIGHBORS; i++) {
    NodeId after = id_of (0x80 + i), before = id_of (0x80 - i);
    routing_table_add (large, &after, true);
    routing_table_add (large, &before, true);
  }
  g_assert_false (routing_table_is_near (large, &far));
}

static void
test_size (void)
{
  static const uint8_t peers[] = { 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x78, 0x7c,
                                   0x82, 0x84, 0x86, 0x88, 0x8a, 0x8c, 0x8e, 0x90 };
  g_autoptr (RoutingTable) table = table_with (0x80, peers, G_N_ELEMENTS (peers));
  NodeId finger = id_of (0xd0), near = id_of (0x90);

  g_assert_cmpuint (routing_table_size (table), ==, 16);
  g_assert_true (routing_table_set_finger (table, 2, &finger));
  g_assert_cmpuint (routing_table_size (table), ==, 17);
  g_assert_true (routing_table_set_finger (table, 4, &near));
  g_assert_cmpuint (routing_table_size (table), ==, 17);
}

static void
test_resize (void)
{
  static const uint8_t peers[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
  g_autoptr (RoutingTable) table = table_with (0, peers, G_N_ELEMENTS (peers));
  size_t count;

  routing_table_successors (table, &count);
  g_assert_cmpuint (count, ==, 8);
  g_assert_cmpint (routing_table_resize (table, 10, 16), ==, ROUTING_UNCHANGED);
  g_assert_cmpuint (routing_table_capacity (table), ==, 10);
  for (size_t i = 0; i < G_N_ELEMENTS (peers); i++) {
    NodeId id = id_of (peers[i]);
    routing_table_add (table, &id, true);
  }
  routing_table_successors (table, &count);
  g_assert_cmpuint (count, ==, 10);
  g_assert_cmpint (routing_table_resize (table, 9, 16), ==, ROUTING_NEIGHBORS);
  routing_table_predecessors (table, &count);
  g_assert_cmpuint (count, ==, 9);
}

/* The nearest first, fingers among them, and the place itself is not before it. */
static void
test_nearest (void)
{
  static const uint8_t peers[] = { 0x82, 0x84, 0x7e, 0x7c };
  g_autoptr (RoutingTable) table = table_with (0x80, peers, G_N_ELEMENTS (peers));
  NodeId ids[LIMIT_VICINITY];
  NodeId finger = id_of (0xc1), place = id_of (0x84);

  g_assert_true (routing_table_set_finger (table, 2, &finger));
  g_assert_cmpuint (routing_table_nearest (table, &place, ROUTING_BEHIND, ids), ==, 5);
  g_assert_cmpuint (ids[0].bytes[0], ==, 0x84);
  g_assert_cmpuint (ids[1].bytes[0], ==, 0xc1);
  g_assert_cmpuint (ids[2].bytes[0], ==, 0x7c);
  g_assert_cmpuint (routing_table_nearest (table, &place, ROUTING_BEFORE, ids), ==, 4);
  g_assert_cmpuint (ids[0].bytes[0], ==, 0x82);
  g_assert_cmpuint (ids[1].bytes[0], ==, 0x7e);
}

static void
test_nearest_limit (void)
{
  static const uint8_t peers[] = { 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88,
                                   0x7f, 0x7e, 0x7d, 0x7c, 0x7b, 0x7a, 0x79, 0x78 };
  g_autoptr (RoutingTable) table = table_with (0x80, peers, G_N_ELEMENTS (peers));
  NodeId ids[LIMIT_VICINITY];
  NodeId place = id_of (0x84);

  g_assert_cmpuint (routing_table_nearest (table, &place, ROUTING_BEFORE, ids), ==, LIMIT_VICINITY);
  g_assert_cmpuint (ids[0].bytes[0], ==, 0x83);
  g_assert_cmpuint (ids[2].bytes[0], ==, 0x81);
  g_assert_cmpuint (ids[3].bytes[0], ==, 0x7f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/routing-table/a-peer-alone-is-responsible-for-everything", test_alone);
  g_test_add_func ("/routing-table/neighbors-stand-by-distance", test_order);
  g_test_add_func ("/routing-table/threat-2.4-what-lies-before-a-peer-is-not-ours",
                   test_unconfirmed);
  g_test_add_func ("/routing-table/threat-2.4-without-a-confirmed-predecessor-nothing-is-ours",
                   test_no_predecessor);
  g_test_add_func ("/routing-table/only-the-nearest-are-kept", test_capacity);
  g_test_add_func ("/routing-table/of-those-named-only-the-nearest-are-wanted", test_choose);
  g_test_add_func ("/routing-table/next-hop-is-the-last-before-the-target", test_next_hop);
  g_test_add_func ("/routing-table/overlapping-lists-tell-the-size-of-the-ring", test_spacing);
  g_test_add_func ("/routing-table/in-a-ring-that-is-known-whole-everything-is-near", test_near);
  g_test_add_func ("/routing-table/the-nearest-of-a-place-are-told-in-order", test_nearest);
  g_test_add_func ("/routing-table/no-more-of-them-than-the-limit", test_nearest_limit);
  g_test_add_func ("/routing-table/each-peer-is-counted-once", test_size);
  g_test_add_func ("/routing-table/more-than-fit-are-ignored-rfc7363-5.1-2", test_resize);
  g_test_add_func ("/routing-table/random-peers-agree-with-a-plain-model", test_random);
  return g_test_run ();
}
