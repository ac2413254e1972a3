/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/choice.h"
#include "tests/sim/trial.h"

/* A tenth of all peers has turned (gang.h), each time to something else. SIM_PEERS and SIM_SEED:
 * other ones than usual. */

enum { PEERS = 300 };

#define DENIED_MAX 0.02 /* chance among so few */

typedef struct Case {
  AttackKind attack;
  double found;   /* of what can be, at least */
  double fingers; /* that are theirs in the end, at most; chance has a say among so few */
  double bare;    /* share of the peers that know RFC 6940 alone */
} Case;

static void
test_attack (const void *data)
{
  const Case *expected = data;
  Plan plan = {
    .peers = (int) choice_peers (PEERS),
    .minutes = 0.3,
    .seed = (int64_t) choice_seed (),
    .malicious = 0.1,
    .attack = expected->attack,
    .bare = expected->bare,
    .is_constructed = TRUE,
  };
  g_autoptr (Trial) trial = trial_new (&plan);
  const Survey *survey = trial->survey;
  g_autofree char *complaint = NULL;
  unsigned kept;

  trial_run (trial, NULL);
  complaint = trial_judge (trial);
  kept = survey->asked - survey->asked_unheard;
  g_test_message ("SIM_PEERS=%d SIM_SEED=%" G_GINT64_FORMAT, plan.peers, plan.seed);
  g_test_message (
    "%u asked: %u found by the first message, %u in all of %u that can be, %u denied; "
    "%.3f of all fingers, %.3f that are bare, %.1f messages each",
    survey->asked, survey->first_try, survey->found, kept, survey->wrong, trial->finger_share,
    trial->bare_share, trial->messages_of_lookup);
  g_assert_cmpstr (complaint, ==, NULL);
  g_assert_cmpuint (survey->asked, >, 0);
  g_assert_cmpfloat (survey->found, >=, expected->found * kept);
  g_assert_cmpfloat (trial->finger_share, <=, expected->fingers);
  g_assert_cmpfloat (trial->bare_share, >=, expected->bare / 2);
  g_assert_cmpfloat (survey->wrong, <=, DENIED_MAX * survey->asked);
  g_assert_true (plan.attack == ATTACK_REPLAY || trial->gang->taken > 0);
}

/* Half of them have Node-IDs next to the victim's, which takes somebody who hands these out, or as
 * many keys as there are places in the ring; the others sit where chance has put them. */
static void
test_eclipse (void)
{
  Plan plan = {
    .peers = (int) choice_peers (PEERS),
    .minutes = 0.3,
    .seed = (int64_t) choice_seed (),
    .malicious = 0.1,
    .attack = ATTACK_ECLIPSE,
    .is_constructed = TRUE,
  };
  g_autoptr (Trial) trial = trial_new (&plan);
  const Survey *survey = trial->survey;
  g_autofree char *complaint = NULL;
  unsigned kept;

  trial_run (trial, NULL);
  complaint = trial_judge (trial);
  kept = survey->asked - survey->asked_unheard;
  g_test_message ("%u of %u found; by the victim %u of %u, the victim itself %u of %u",
                  survey->found, kept, survey->by.found, survey->by.asked, survey->of.found,
                  survey->of.asked);
  g_assert_cmpstr (complaint, ==, NULL);
  g_assert_cmpuint (survey->by.asked, >, 0);
  g_assert_cmpfloat (survey->found, >=, 0.98 * kept);
  g_assert_cmpfloat (survey->by.found, >=, 0.95 * survey->by.asked);
  g_assert_cmpfloat (survey->of.found, >=, 0.99 * survey->of.asked);
}

/* Beside it: who believes the first that answers. */
static void
test_fingers (void)
{
  Plan plan = {
    .peers = (int) choice_peers (PEERS),
    .minutes = 0.1,
    .seed = (int64_t) choice_seed (),
    .malicious = 0.1,
    .attack = ATTACK_POISON,
    .is_constructed = TRUE,
    .is_plain = TRUE,
  };
  g_autoptr (Trial) plain = trial_new (&plan);

  trial_run (plain, NULL);
  g_test_message ("%.3f of all fingers", plain->finger_share);
  g_assert_cmpfloat (plain->finger_share, >=, 0.25);
}

/* More is found than what somebody honest keeps in the first place. */
static void
test_second_places (void)
{
  Plan plan = {
    .peers = (int) choice_peers (PEERS),
    .minutes = 0.3,
    .seed = (int64_t) choice_seed (),
    .malicious = 0.3,
    .has_second_places = TRUE,
    .is_constructed = TRUE,
  };
  g_autoptr (Trial) trial = trial_new (&plan);
  const Survey *survey = trial->survey;
  g_autofree char *complaint = NULL;

  trial_run (trial, NULL);
  complaint = trial_judge (trial);
  g_test_message ("%u of %u; %.4f could be in one place, %.4f in two", survey->found, survey->asked,
                  gang_ceiling (trial->gang, 1), gang_ceiling (trial->gang, 2));
  g_assert_cmpstr (complaint, ==, NULL);
  g_assert_cmpfloat (survey->found, >, gang_ceiling (trial->gang, 1) * survey->asked);
}

int
main (int argc, char **argv)
{
  static const Case misroute = { ATTACK_MISROUTE, 0.99, 1, 0 };
  static const Case lie = { ATTACK_LIE, 0.99, 1, 0 };
  static const Case poison = { ATTACK_POISON, 0.99, 0.14, 0 };
  static const Case bare = { ATTACK_POISON, 0.99, 0.15, 0.1 };
  static const Case conjure = { ATTACK_CONJURE, 0.99, 0.14, 0 };
  static const Case stale = { ATTACK_STALE, 0.99, 1, 0 };
  static const Case replay = { ATTACK_REPLAY, 0.99, 1, 0 };

  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/attackers/threat-2.2-misrouters", &misroute, test_attack);
  g_test_add_data_func ("/attackers/threat-2.2-liars-deny-nobody", &lie, test_attack);
  g_test_add_data_func ("/attackers/threat-2.3-poisoners-are-fingers-by-chance-alone", &poison,
                        test_attack);
  g_test_add_data_func ("/attackers/threat-2.3-peers-of-rfc6940-alone-are-fingers-too", &bare,
                        test_attack);
  g_test_add_data_func ("/attackers/threat-2.3-whoever-is-made-up-is-nobody", &conjure,
                        test_attack);
  g_test_add_data_func ("/attackers/threat-3.7-what-is-newer-counts-and-not-what-is-old", &stale,
                        test_attack);
  g_test_add_func ("/attackers/threat-2.7-one-victim-among-them", test_eclipse);
  g_test_add_data_func ("/attackers/threat-1.4-replay", &replay, test_attack);
  g_test_add_func ("/attackers/threat-2.3-whom-anybody-names-is-a-finger-of-rfc6940", test_fingers);
  g_test_add_func ("/attackers/threat-2.1-a-second-place-is-beyond-the-ceiling",
                   test_second_places);
  return g_test_run ();
}
