/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/entrance.h"

#include "tests/unit/fake-node.h"

/* On one machine, where nobody is elsewhere; with networks around it, it is tried in
 * tests/natlab. */

static void
on_told (void *user_data)
{
  *(unsigned *) user_data += 1;
}

static void
test_nobody (void)
{
  g_autoptr (Peer) alice = peer_member ();
  unsigned told = 0;

  world_set_reach_func (alice->world, on_told, &told);
  for (unsigned i = 1; i <= 3; i++) {
    world_check_reach (alice->world);
    g_assert_cmpuint (told, ==, i - 1);
    wait_for (&told, i);
    g_assert_cmpint (world_reach (alice->world).verdict, ==, REACH_UNKNOWN);
  }
}

static void
test_listening (void)
{
  g_autoptr (Peer) alice = peer_member ();
  Address own[4];

  g_assert_cmpuint (world_listening (alice->world, own, 4), ==, 1);
  g_assert_true (address_equal (&own[0], &alice->address));
  g_assert_true (address_from_text ("192.0.2.7:6099", &alice->world->forwarded));
  g_assert_cmpuint (world_listening (alice->world, own, 4), ==, 2);
  g_assert_true (address_equal (&own[1], &alice->world->forwarded));
  g_assert_cmpuint (world_listening (alice->world, own, 1), ==, 1);
  g_assert_true (address_equal (&own[0], &alice->world->forwarded));
  entrance_network_changed (alice->world);
  g_assert_cmpuint (world_listening (alice->world, own, 4), ==, 1);
}

static void
test_nobody_answers (void)
{
  g_autoptr (Peer) alice = peer_member ();
  Address somebody;

  g_assert_true (address_from_text ("192.0.2.7:6099", &somebody));
  g_assert_false (world_is_answered_at (alice->world, &somebody));
}

/* Whoever asked for one address means that and no other. */
static void
test_one_address (void)
{
  g_autoptr (Peer) alice = peer_member ();

  world_map_port (alice->world, true);
  g_assert_null (alice->world->mapping);
  world_map_port (alice->world, false);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/entrance/told-even-when-nobody-can-tell", test_nobody);
  g_test_add_func ("/entrance/a-port-that-somebody-opened-is-ours-too", test_listening);
  g_test_add_func ("/entrance/nobody-answers-there", test_nobody_answers);
  g_test_add_func ("/entrance/no-router-is-asked-for-one-address", test_one_address);
  return g_test_run ();
}
