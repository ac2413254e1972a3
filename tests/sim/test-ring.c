/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/world.h"

static bool
is_ring (SimWorld *world, void *user_data)
{
  return sim_world_right_successors (world) == sim_world_running (world);
}

static SimWorld *
world_of (unsigned peers, unsigned seed)
{
  SimOptions options = { .peers = peers, .seed = seed, .latency_ms = 10, .jitter_ms = 20 };

  return sim_world_new (&options);
}

static void
test_two (void)
{
  g_autoptr (SimWorld) world = world_of (2, 1);

  sim_peer_start (sim_world_peer (world, 0), NULL, 0);
  sim_world_run (world, 6 * TIME_SECOND);
  g_assert_cmpint (sim_world_peer (world, 0)->state, ==, NODE_ALONE);
  sim_peer_start (sim_world_peer (world, 1), (unsigned[]){ 0 }, 1);
  g_assert_true (sim_world_run_until (world, is_ring, NULL, 10 * TIME_SECOND));
}

static void
test_twelve (void)
{
  for (unsigned seed = 1; seed < 6; seed++) {
    g_autoptr (SimWorld) world = world_of (12, seed);
    unsigned all[12];
    for (unsigned i = 0; i < 12; i++)
      all[i] = i;
    for (unsigned i = 0; i < 12; i++) {
      sim_peer_start (sim_world_peer (world, i), all, 12);
      sim_world_run (world, 80 * TIME_MS);
    }
    g_assert_true (sim_world_run_until (world, is_ring, NULL, 30 * TIME_SECOND));
    g_test_message ("ring after %.1f s", (double) sim_world_now (world) / TIME_SECOND);
  }
}

static void
test_hundred (void)
{
  g_autoptr (SimWorld) world = world_of (100, 7);

  for (unsigned i = 0; i < 100; i++) {
    unsigned hint = i > 0 ? sim_world_random (world, i) : 0;
    sim_peer_start (sim_world_peer (world, i), &hint, i > 0);
    sim_world_run (world, i == 0 ? 6 * TIME_SECOND : 300 * TIME_MS);
  }
  g_assert_true (sim_world_run_until (world, is_ring, NULL, 60 * TIME_SECOND));
  g_test_message ("ring after %.1f s", (double) sim_world_now (world) / TIME_SECOND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ring/a-second-peer-joins-the-first", test_two);
  g_test_add_func ("/ring/twelve-peers-started-in-one-second-are-one-ring-within-thirty",
                   test_twelve);
  g_test_add_func ("/ring/a-hundred-peers-join-one-after-another", test_hundred);
  return g_test_run ();
}
