/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/choice.h"
#include "tests/sim/trial.h"

/* Half of all nodes, or most, use the overlay and serve nobody. What the rest have of it is held
 * beside what they have without them, in the same world. SIM_PEERS and SIM_SEED: other ones than
 * usual. */

enum { PEERS = 120, MANY = 200, DEARER = 4 };

/* Of one of the rest. */
static double
bytes_per_s (const Trial *trial)
{
  return (double) trial->bytes_asking / trial_rest (trial) / (60 * trial->plan.minutes);
}

static Trial *
run (unsigned peers, double share, bool is_greedy, bool is_alone)
{
  Plan plan = {
    .peers = (int) choice_peers (peers),
    .minutes = 0.5,
    .seed = (int64_t) choice_seed (),
    .riders = share,
    .is_greedy = is_greedy,
    .is_alone = is_alone,
    .is_internet = TRUE,
    .is_constructed = TRUE,
  };
  Trial *trial = trial_new (&plan);
  g_autofree char *complaint = NULL;

  trial_run (trial, NULL);
  complaint = trial_judge (trial);
  g_assert_cmpstr (complaint, ==, NULL);
  g_test_message ("%u asked, %u found, %u at the first try, half of them within %u ms; %.0f B/s",
                  trial->survey->asked, trial->survey->found, trial->survey->first_try,
                  survey_ms_quantile (trial->survey, 0.5), bytes_per_s (trial));
  return trial;
}

static double
share (unsigned part, const Trial *trial)
{
  return (double) part / survey_ended (trial->survey);
}

/* So few look-ups leave something to chance. */
static void
expect_no_worse (const Trial *with, const Trial *without)
{
  const Survey *theirs = with->survey;
  const Survey *before = without->survey;

  g_assert_cmpuint (before->asked, >, 0);
  g_assert_cmpfloat (share (theirs->found, with), >=, 0.97 * share (before->found, without));
  g_assert_cmpfloat (share (theirs->within_4, with), >=, 0.95 * share (before->within_4, without));
  g_assert_cmpfloat (share (theirs->first_try, with), >=,
                     0.85 * share (before->first_try, without));
  g_assert_cmpuint (survey_ms_quantile (theirs, 0.5), <=, survey_ms_quantile (before, 0.5) * 5 / 4);
}

static void
test_light (void)
{
  g_autoptr (Trial) without = run (PEERS, 0.5, false, true);
  g_autoptr (Trial) with = run (PEERS, 0.5, false, false);

  expect_no_worse (with, without);
  g_assert_cmpuint (riders_refused (with->riders), ==, 0);
  g_assert_cmpuint (with->riders->asked, >, 0);
  g_assert_cmpfloat (with->survey->ridden, >=, 0.97 * with->riders->asked);
}

static void
test_greedy (void)
{
  g_autoptr (Trial) without = run (PEERS, 0.5, true, true);
  g_autoptr (Trial) with = run (PEERS, 0.5, true, false);

  expect_no_worse (with, without);
  g_assert_cmpuint (riders_refused (with->riders), >, 0);
  g_assert_cmpuint (with->survey->ridden, >, 0);
  g_assert_cmpfloat (bytes_per_s (with), <=, DEARER * bytes_per_s (without));
}

/* Five of the rest have listeners that others get to, with room for 64 callers each. */
static void
test_many (void)
{
  g_autoptr (Trial) with = run (MANY, 0.9, false, false);

  g_assert_cmpfloat (with->survey->ridden, >=, 0.85 * with->riders->asked);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/riders/clients-have-what-a-phone-needs", test_light);
  g_test_add_func ("/riders/threat-3.5-greedy-clients-harm-none-of-the-rest", test_greedy);
  g_test_add_func ("/riders/nine-of-ten-leave-room-at-the-listeners", test_many);
  return g_test_run ();
}
