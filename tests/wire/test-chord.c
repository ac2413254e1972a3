/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/chord.h"

#include "tests/wire/structures.h"

#define ONE "01010101010101010101010101010101"
#define TWO "02020202020202020202020202020202"

static NodeId one, two;

static void
test_update_of_each_type (void)
{
  ChordUpdate update = {
    .uptime = 60, .type = CHORD_UPDATE_FULL, .predecessors = { &one, 1 }, .successors = { &two, 1 }
  };

  structure_assert_hex (&chord_update_type, &update, "0000003c 03 0010" ONE "0010" TWO "0000");
  update.type = CHORD_UPDATE_NEIGHBORS;
  structure_assert_hex (&chord_update_type, &update, "0000003c 02 0010" ONE "0010" TWO);
  update.type = CHORD_UPDATE_PEER_READY;
  structure_assert_hex (&chord_update_type, &update, "0000003c 01");
}

static void
test_half_a_node_id_is_refused (void)
{
  structure_assert_refused (&chord_update_type, "0000003c 02 0018" ONE "0202020202020202 0000",
                            "node_id");
}

static void
test_unknown_type_is_refused (void)
{
  structure_assert_refused (&chord_update_type, "0000003c 04", "type");
  structure_assert_refused (&chord_leave_data_type, "03 0000", "type");
}

static void
test_leave_names_one_side (void)
{
  ChordLeaveData leave = { .type = CHORD_LEAVE_FROM_PRED,
                           .predecessors = { &one, 1 },
                           .successors = { &two, 1 } };

  structure_assert_hex (&chord_leave_data_type, &leave, "02 0010" ONE);
  leave.type = CHORD_LEAVE_FROM_SUCC;
  structure_assert_hex (&chord_leave_data_type, &leave, "01 0010" TWO);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  node_id_from_hex (ONE, &one);
  node_id_from_hex (TWO, &two);
  g_test_add_func ("/wire/chord/update-of-each-type", test_update_of_each_type);
  g_test_add_func ("/wire/chord/threat-1.1-half-a-node-id-is-refused",
                   test_half_a_node_id_is_refused);
  g_test_add_func ("/wire/chord/unknown-type-is-refused", test_unknown_type_is_refused);
  g_test_add_func ("/wire/chord/leave-names-one-side", test_leave_names_one_side);
  return g_test_run ();
}
