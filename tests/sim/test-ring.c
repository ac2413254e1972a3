/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/census.h"

/* SIM_SEEDS: how many seeds to try by hand; SIM_SEED: the first one. */

enum { SEEDS = 10 };

static unsigned
number_of (const char *name, unsigned otherwise)
{
  const char *text = g_getenv (name);

  return text != NULL ? (unsigned) g_ascii_strtoull (text, NULL, 10) : otherwise;
}

static SimWorld *
world_of (unsigned peers, unsigned seed)
{
  SimOptions options = { .peers = peers, .seed = seed, .latency_ms = 10, .jitter_ms = 20 };

  return sim_world_new (&options);
}

static void
expect_ring (SimWorld *world, unsigned seed, uint64_t patience)
{
  uint64_t start = sim_world_now (world);

  if (!sim_world_run_until (world, census_is_one_ring, NULL, patience)) {
    census_print (world);
    g_test_message ("SIM_SEED=%u: %u of %u successors and %u ranges right", seed,
                    census_right_successors (world), sim_world_running (world),
                    census_right_owners (world));
    g_test_fail ();
    return;
  }
  g_test_message ("seed %u: one ring after %.1f s", seed,
                  (double) (sim_world_now (world) - start) / TIME_SECOND);
}

static void
test_two (void)
{
  g_autoptr (SimWorld) world = world_of (2, 1);

  sim_peer_start (sim_world_peer (world, 0), NULL, 0);
  sim_world_run (world, 6 * TIME_SECOND);
  g_assert_cmpint (sim_world_peer (world, 0)->state, ==, NODE_ALONE);
  sim_peer_start (sim_world_peer (world, 1), (unsigned[]){ 0 }, 1);
  expect_ring (world, 1, 10 * TIME_SECOND);
}

static void
start_at_once (SimWorld *world, uint64_t within)
{
  unsigned count = sim_world_size (world);
  g_autofree unsigned *all = g_new (unsigned, count);

  for (unsigned i = 0; i < count; i++)
    all[i] = i;
  for (unsigned i = 0; i < count; i++) {
    sim_peer_start (sim_world_peer (world, i), all, count);
    sim_world_run (world, within / count);
  }
}

static void
test_twelve (void)
{
  unsigned first = number_of ("SIM_SEED", 1);
  unsigned seeds = number_of ("SIM_SEEDS", SEEDS);

  for (unsigned seed = first; seed < first + seeds; seed++) {
    g_autoptr (SimWorld) world = world_of (12, seed);
    start_at_once (world, TIME_SECOND);
    expect_ring (world, seed, 29 * TIME_SECOND);
  }
}

static void
start_after_another (SimWorld *world, uint64_t pause)
{
  for (unsigned i = 0; i < sim_world_size (world); i++) {
    unsigned hint = i > 0 ? sim_world_random (world, i) : 0;
    sim_peer_start (sim_world_peer (world, i), &hint, i > 0);
    sim_world_run (world, i == 0 ? 6 * TIME_SECOND : pause);
  }
}

static void
test_hundred (gconstpointer pause)
{
  unsigned seed = number_of ("SIM_SEED", 7);
  unsigned seeds = number_of ("SIM_SEEDS", 2);

  for (unsigned end = seed + seeds; seed < end; seed++) {
    g_autoptr (SimWorld) world = world_of (100, seed);
    start_after_another (world, (uint64_t) GPOINTER_TO_UINT (pause) * TIME_MS);
    expect_ring (world, seed, 60 * TIME_SECOND);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ring/a-second-peer-joins-the-first", test_two);
  g_test_add_func ("/ring/twelve-peers-started-in-one-second-are-one-ring-within-thirty",
                   test_twelve);
  g_test_add_data_func ("/ring/a-hundred-peers-join-one-after-another", GUINT_TO_POINTER (1000),
                        test_hundred);
  g_test_add_data_func ("/ring/a-hundred-peers-join-within-ten-seconds", GUINT_TO_POINTER (100),
                        test_hundred);
  return g_test_run ();
}
