/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/choice.h"
#include "tests/sim/trial.h"

/* A share of all peers drops what it should pass on, and withholds what it holds (dropper.h). The
 * first message alone is what RELOAD's plain routing would do. SIM_PEERS and SIM_SEED: other ones
 * than usual. */

enum { PEERS = 300 };

/* At least `share` of what somebody honest still keeps is found. */
static void
expect_found (double malicious, double share)
{
  Plan plan = {
    .peers = (int) choice_peers (PEERS),
    .minutes = 0.5,
    .seed = (int64_t) choice_seed (),
    .malicious = malicious,
    .is_constructed = TRUE,
  };
  g_autoptr (Trial) trial = trial_new (&plan);
  const Survey *survey = trial->survey;
  g_autofree char *complaint = NULL;

  trial_run (trial, NULL);
  complaint = trial_judge (trial);
  g_test_message ("SIM_PEERS=%d SIM_SEED=%" G_GINT64_FORMAT, plan.peers, plan.seed);
  g_test_message (
    "%u asked: %u found by the first message, %u within 4 s, %u in all; %u cannot be; "
    "%.1f messages each",
    survey->asked, survey->first_try, survey->within_4, survey->found, survey->asked_unheard,
    trial->messages_of_lookup);
  g_assert_cmpstr (complaint, ==, NULL);
  g_assert_cmpuint (survey->asked, >, 0);
  g_assert_cmpfloat (survey->found, >=, share * (survey->asked - survey->asked_unheard));
  g_assert_cmpfloat (survey->first_try, <, (1 - malicious) * survey->asked); /* they do drop */
}

static void
test_tenth (void)
{
  expect_found (0.1, 0.99);
}

static void
test_fifth (void)
{
  expect_found (0.2, 0.97);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/droppers/threat-2.1-a-tenth-of-all-peers", test_tenth);
  g_test_add_func ("/droppers/threat-2.1-a-fifth-of-all-peers", test_fifth);
  return g_test_run ();
}
