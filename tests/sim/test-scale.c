/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/census.h"
#include "tests/sim/construction.h"
#include "tests/sim/trial.h"

#include <string.h>

/* The instrument of the large runs, at a size that fits in between. */

static SimWorld *
constructed_world (unsigned peers, uint64_t seed)
{
  SimOptions options = { .peers = peers, .seed = seed, .latency_ms = 10, .jitter_ms = 40 };
  SimWorld *world = sim_world_new (&options);

  construction_build (world);
  construction_store (world);
  return world;
}

static void
test_construction (void)
{
  const unsigned sizes[] = { 2, 3, 17, 40, 200 };

  for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (SimWorld) world = constructed_world (sizes[i], 3);
    g_assert_true (census_is_one_ring (world, NULL));
    g_assert_cmpuint (census_right_tables (world), ==, sizes[i]);
  }
}

static void
test_rest (void)
{
  g_autoptr (SimWorld) world = constructed_world (60, 4);

  for (unsigned i = 0; i < 60; i++) {
    sim_world_run (world, TIME_SECOND);
    g_assert_true (census_is_one_ring (world, NULL));
  }
  g_assert_cmpuint (census_unheld (world, 10 * TIME_SECOND), ==, 0);
}

static void
expect_ring_after (const Plan *plan)
{
  g_autoptr (Trial) trial = trial_new (plan);
  g_autofree char *complaint = NULL;

  trial_run (trial, NULL);
  complaint = trial_judge (trial);
  g_assert_cmpstr (complaint, ==, NULL);
}

static void
expect_good (const Plan *plan)
{
  g_autoptr (Trial) trial = trial_new (plan);
  g_autofree char *complaint = NULL;

  trial_run (trial, NULL);
  g_assert_cmpuint (trial_records_lost (trial), ==, 0);
  g_assert_cmpuint (trial->survey->wrong, ==, 0);
  complaint = trial_judge (trial);
  g_assert_cmpstr (complaint, ==, NULL);
  g_assert_cmpuint (trial->survey->asked, >, 0);
  g_assert_cmpuint (trial->survey->found, ==, trial->survey->asked);
}

static void
test_thousand (void)
{
  expect_good (&(Plan){ .peers = 1000, .minutes = 0.1, .seed = 5, .is_constructed = TRUE });
}

static void
test_joined (void)
{
  expect_good (&(Plan){ .peers = 30, .minutes = 0.5, .seed = 6 });
}

/* A twentieth of all datagrams is not sent, comes twice or comes late, and as much of what peers
 * want to keep is not kept: they come back with gaps. */
static void
test_trouble (void)
{
  Plan plan = { .peers = 40, .minutes = 2, .seed = 11, .trouble = 0.05 };

  expect_ring_after (&plan);
  plan.median_session = 2;
  expect_ring_after (&plan);
}

/* Neighbors that lost each other, and nobody else, hear of each other again. */
static void
test_short_cut (void)
{
  Plan plan = { .peers = 70, .minutes = 1, .seed = 6, .is_constructed = TRUE };

  plan.cut_from = 16;
  plan.cut_to = 18;
  expect_ring_after (&plan);
  plan.peers = 50;
  plan.seed = 2;
  plan.cut_to = 19;
  expect_ring_after (&plan);
}

static uint64_t
trace_of (const Plan *plan)
{
  g_autoptr (Trial) trial = trial_new (plan);

  trial_run (trial, NULL);
  return sim_world_trace (trial->world);
}

static void
test_same_run (void)
{
  Plan plan = { .peers = 40, .minutes = 0.5, .median_session = 1, .loss = 0.02, .seed = 8 };
  uint64_t trace = trace_of (&plan);

  g_assert_cmphex (trace_of (&plan), ==, trace);
  plan.seed++;
  g_assert_cmphex (trace_of (&plan), !=, trace);
}

/* `fault` begins when all have joined; the judge must say so, in words with this in them. */
static void
expect_noticed (FaultKind fault, const char *complaint_part)
{
  Plan plan = { .peers = 40, .minutes = 1, .seed = 10, .fault = fault };
  g_autoptr (Trial) trial = trial_new (&plan);
  g_autofree char *complaint = NULL;

  trial_run (trial, NULL);
  complaint = trial_judge (trial);
  g_test_message ("%s", complaint);
  g_assert_nonnull (complaint);
  g_assert_nonnull (strstr (complaint, complaint_part));
}

static void
test_ttl (void)
{
  expect_noticed (FAULT_TTL, "a ttl that was not less, and 0 ");
}

/* Of two neighbors that no link can join one becomes a client, whoever else cannot be linked; and a
 * client is taken for a peer by nobody. */
static void
test_secluded (void)
{
  static const int seeds[] = { 2, 5, 6 };

  for (size_t i = 0; i < G_N_ELEMENTS (seeds); i++)
    expect_ring_after (&(Plan){
      .peers = 60, .minutes = 1, .seed = seeds[i], .median_session = 10, .secluded = 0.4 });
}

static void
test_loop (void)
{
  expect_noticed (FAULT_LOOP, " 0 went on with a ttl that was not less");
}

static void
test_record (void)
{
  expect_noticed (FAULT_RECORD, "1 values lie where their signers may not write");
}

static void
test_memory (void)
{
  expect_noticed (FAULT_MEMORY, " bytes in quiet");
}

static void
test_checkers (void)
{
  Plan plan = { .peers = 20, .minutes = 0.1, .seed = 9, .is_constructed = TRUE };
  g_autoptr (Trial) trial = trial_new (&plan);
  g_autofree char *complaint = NULL;

  trial_run (trial, NULL);
  g_hash_table_insert (trial->survey->open, g_new0 (uint64_t, 1), sim_world_peer (trial->world, 0));
  complaint = trial_judge (trial);
  g_assert_cmpstr (complaint, ==, "0 look-ups ended twice, 1 never");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scale/construction/every-table-is-right-before-time-starts",
                   test_construction);
  g_test_add_func ("/scale/construction/the-ring-stays-and-holds-what-its-peers-store", test_rest);
  g_test_add_func ("/scale/trial/a-thousand-peers-find-each-other", test_thousand);
  g_test_add_func ("/scale/trial/peers-that-joined-find-each-other", test_joined);
  g_test_add_func ("/scale/trial/rare-mishaps-that-are-not-rare", test_trouble);
  g_test_add_func ("/scale/trial/threat-2.8-a-cut-of-two-seconds-is-forgotten", test_short_cut);
  g_test_add_func ("/scale/trial/those-whom-no-link-joins-come-and-go", test_secluded);
  g_test_add_func ("/scale/trial/the-same-seed-is-the-same-run-byte-for-byte", test_same_run);
  g_test_add_func ("/scale/fault/a-ttl-that-does-not-end-is-noticed", test_ttl);
  g_test_add_func ("/scale/fault/messages-that-go-round-are-noticed", test_loop);
  g_test_add_func ("/scale/fault/a-value-against-its-policy-is-noticed", test_record);
  g_test_add_func ("/scale/fault/memory-that-does-not-return-is-noticed", test_memory);
  g_test_add_func ("/scale/trial/a-look-up-without-an-end-is-noticed", test_checkers);
  return g_test_run ();
}
