/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/census.h"
#include "tests/sim/churn.h"
#include "tests/sim/survey.h"

/* The same overlay with fixed periods and with tuned ones, quiet and under churn. What they cost is
 * printed; what must hold is that tuning costs a quiet overlay nothing, and a busy one no answers.
 */

enum { PEERS = 30, MINUTES = 12, FIXED = 60 };

#define SETTLED (10 * TIME_SECOND)

typedef struct Outcome {
  double bytes_per_peer_s;
  double within_4;
  unsigned right;
  unsigned running;
} Outcome;

static Outcome
live (unsigned fixed_s, uint64_t median_session)
{
  SimOptions options = {
    .peers = PEERS, .seed = 11, .latency_ms = 10, .jitter_ms = 20, .fixed_s = fixed_s
  };
  g_autoptr (SimWorld) world = sim_world_new (&options);
  g_autoptr (Survey) survey = survey_new (world);
  g_autoptr (Churn) churn = NULL;
  Outcome outcome;
  uint64_t before;

  churn_join (world, 0, PEERS, TIME_SECOND);
  sim_world_run (world, 3 * TIME_MINUTE);
  if (median_session > 0)
    churn = churn_new (world, CHURN_EXPONENTIAL, median_session);
  before = sim_world_bytes_sent (world);
  for (unsigned step = 0; step < MINUTES * 60 * 2; step++) {
    if (churn != NULL)
      churn_step (churn);
    if (churn != NULL && step % 4 == 0)
      survey_ask (survey, SETTLED);
    sim_world_run (world, TIME_SECOND / 2);
  }
  outcome.bytes_per_peer_s =
    (double) (sim_world_bytes_sent (world) - before) / ((double) PEERS * MINUTES * 60);
  outcome.within_4 = survey->asked > 0 ? (double) survey->within_4 / survey->asked : 1;
  outcome.right = census_right_successors (world);
  outcome.running = sim_world_running (world);
  g_test_message ("%s, %s: %.0f B/s a peer, %.4f of look-ups within 4 tries, %u of %u successors",
                  fixed_s > 0 ? "fixed" : "tuned", median_session > 0 ? "churn" : "quiet",
                  outcome.bytes_per_peer_s, outcome.within_4, outcome.right, outcome.running);
  return outcome;
}

static void
test_quiet (void)
{
  Outcome fixed = live (FIXED, 0);
  Outcome tuned = live (0, 0);

  g_assert_cmpuint (tuned.right, ==, tuned.running);
  g_assert_cmpfloat (tuned.bytes_per_peer_s, <=, fixed.bytes_per_peer_s);
}

static void
test_churn (void)
{
  Outcome fixed = live (FIXED, 10 * TIME_MINUTE);
  Outcome tuned = live (0, 10 * TIME_MINUTE);

  g_assert_cmpfloat (tuned.within_4, >, 0.97);
  g_assert_cmpfloat (tuned.within_4, >, fixed.within_4 - 0.02);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tuning/a-quiet-overlay-pays-no-more-than-with-fixed-periods", test_quiet);
  g_test_add_func ("/tuning/a-busy-one-answers-as-well", test_churn);
  return g_test_run ();
}
