/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/census.h"
#include "tests/sim/choice.h"
#include "tests/sim/churn.h"
#include "tests/sim/survey.h"

/* Half of all peers die within one moment, or the network falls apart for ten minutes. What the
 * living see of it is counted by the second. SIM_PEERS and SIM_SEED: other runs than the usual. */

enum { PEERS = 400, PEERS_APART = 80 };

#define STEP (100 * TIME_MS)

static double
share (unsigned part, unsigned whole)
{
  return whole > 0 ? (double) part / whole : 1;
}

/* Turns the clock to `until`, with so many look-ups a second as a tenth of the peers would make,
 * but at most a hundred. Returns how much of the ring was claimed wrongly at the worst moment. */
static double
watch (SimWorld *world, Survey *survey, uint64_t until)
{
  double a_second = MIN (sim_world_size (world) / 10.0, 100.0);
  double asking = 0;
  double wrong = 0;

  while (sim_world_now (world) < until) {
    for (asking += a_second * STEP / TIME_SECOND; survey != NULL && asking >= 1; asking--)
      survey_ask (survey, 0);
    sim_world_run (world, STEP);
    wrong = MAX (wrong, census_wrong_claims (world));
  }
  return wrong;
}

static double
right_successors (SimWorld *world)
{
  return share (census_right_successors (world), sim_world_running (world));
}

/* Look-ups of `seconds`, from now on, and time for the last answers. */
static void
look (SimWorld *world, Survey *survey, unsigned seconds, double *wrong)
{
  uint64_t end = sim_world_now (world) + seconds * TIME_SECOND;

  survey_reset (survey);
  *wrong = MAX (*wrong, watch (world, survey, end));
  g_test_message ("%u asked, %.4f found by the first message, %.4f within 4 s, %.4f in all; "
                  "%u wrong, %u held by nobody, %u lost",
                  survey->asked, share (survey->first_try, survey_ended (survey)),
                  share (survey->within_4, survey_ended (survey)),
                  share (survey->found, survey_ended (survey)), survey->wrong, survey->unheld,
                  survey->lost);
}

static void
test_half_die (void)
{
  g_autoptr (SimWorld) world = choice_world (PEERS, &(SimOptions){ .is_diskless = true });
  g_autoptr (Survey) survey = survey_new (world);
  uint64_t start = sim_world_now (world);
  double wrong, at_15, at_30;
  uint64_t bytes;
  unsigned unheld;

  churn_kill (world, 0.5);
  bytes = sim_world_bytes_sent (world);
  wrong = watch (world, NULL, start + 15 * TIME_SECOND);
  at_15 = right_successors (world);
  wrong = MAX (wrong, watch (world, NULL, start + 20 * TIME_SECOND));
  look (world, survey, 10, &wrong);
  at_30 = right_successors (world);
  unheld = census_unheld (world, 30 * TIME_SECOND);
  g_test_message ("right successors: %.4f at 15 s, %.4f at 30 s; %u of %u living registrations not "
                  "found at 30 s; at most %.5f of the ring claimed wrongly; %.0f B/s a peer",
                  at_15, at_30, unheld, sim_world_running (world), wrong,
                  (double) (sim_world_bytes_sent (world) - bytes) / 30 / sim_world_running (world));
  sim_world_run (world, 15 * TIME_SECOND);
  g_test_message ("asked from 20 s to 30 s: %.4f within 4 s",
                  share (survey->within_4, survey_ended (survey)));
  g_assert_cmpfloat (at_30, >=, 0.99);
  g_assert_cmpfloat (wrong, <=, 0.003);
  g_assert_cmpfloat (share (survey->within_4, survey_ended (survey)), >=, 0.99);
  g_assert_cmpfloat (unheld, <=, 0.001 * sim_world_running (world));
  sim_world_run (world, start + 3 * TIME_MINUTE - sim_world_now (world));
  look (world, survey, 20, &wrong);
  sim_world_run (world, 15 * TIME_SECOND);
  g_assert_cmpfloat (share (survey->within_4, survey_ended (survey)), >=, 0.999);
}

static void
test_partition (void)
{
  g_autoptr (SimWorld) world = choice_world (PEERS_APART, &(SimOptions){ .is_diskless = false });
  g_autoptr (Survey) survey = survey_new (world);
  uint64_t healed;
  double wrong = 0;
  double at_60;

  sim_world_cut (world, sim_world_size (world) / 2);
  sim_world_run (world, 10 * TIME_MINUTE);
  sim_world_cut (world, 0);
  healed = sim_world_now (world);
  sim_world_run (world, TIME_MINUTE);
  at_60 = right_successors (world);
  sim_world_run (world, healed + 2 * TIME_MINUTE - sim_world_now (world));
  look (world, survey, 30, &wrong);
  sim_world_run (world, 15 * TIME_SECOND);
  g_test_message ("right successors: %.4f at 60 s, %.4f at the end; %.4f found within 4 s", at_60,
                  right_successors (world), share (survey->within_4, survey_ended (survey)));
  g_assert_cmpfloat (at_60, >=, 0.99);
  g_assert_cmpfloat (share (survey->found, survey_ended (survey)), >=, 0.999);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/catastrophe/threat-5.4-half-of-all-die-and-the-others-find-each-other",
                   test_half_die);
  g_test_add_func ("/catastrophe/threat-2.8-ten-minutes-apart-and-one-ring-again", test_partition);
  return g_test_run ();
}
