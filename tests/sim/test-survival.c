/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/hash.h"
#include "tests/sim/census.h"
#include "tests/sim/churn.h"
#include "tests/sim/gang.h"
#include "tests/sim/survey.h"

/* What befalls overlays, and that they come through. SIM_SEED: another seed than the usual one. */

enum { PEERS = 40 };

static uint64_t
seed (void)
{
  const char *text = g_getenv ("SIM_SEED");

  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : 1;
}

static SimWorld *
world_of (unsigned peers, double loss)
{
  SimOptions options = {
    .peers = peers,
    .seed = seed (),
    .latency_ms = 10,
    .jitter_ms = 30,
    .loss = loss,
  };
  SimWorld *world = sim_world_new (&options);

  g_test_message ("SIM_SEED=%" G_GUINT64_FORMAT, seed ());
  churn_join (world, 0, peers, 200 * TIME_MS);
  sim_world_run (world, 10 * TIME_SECOND);
  return world;
}

static void
expect_ring (SimWorld *world, uint64_t patience)
{
  if (!sim_world_run_until (world, census_is_one_ring, NULL, patience)) {
    census_print (world);
    g_test_message ("%u of %u successors right", census_right_successors (world),
                    sim_world_running (world));
    g_test_fail ();
  }
}

/* At least `share` of the look-ups find whom they look for. */
static void
expect_found (SimWorld *world, unsigned count, double share)
{
  g_autoptr (Survey) survey = survey_new (world);

  survey_run (survey, count, 50 * TIME_MS);
  g_test_message ("%u asked, %u found, %u wrong, %u lost, %.2f hops", survey->asked, survey->found,
                  survey->wrong, survey->lost, survey_hops_mean (survey));
  g_assert_cmpuint (survey->asked, >, 0);
  g_assert_cmpfloat (survey->found, >=, share * survey->asked);
}

static void
test_look_ups (void)
{
  g_autoptr (SimWorld) world = world_of (PEERS, 0);

  expect_ring (world, 10 * TIME_SECOND);
  expect_found (world, 400, 1);
}

/* A tenth of all peers, chosen when all is stored, drops what it should pass on. */
static void
test_droppers (void)
{
  g_autoptr (SimWorld) world = world_of (5 * PEERS, 0);
  g_autoptr (Survey) survey = survey_new (world);
  g_autoptr (Gang) gang = gang_new (world, ATTACK_DROP, 0.1);

  survey_run (survey, 1000, 20 * TIME_MS);
  g_test_message (
    "%u of %u drop; %u asked: %u found by the first message, %u within 4 s, %u in all; "
    "%u wrong, %u lost",
    gang->members->len, sim_world_size (world), survey->asked, survey->first_try, survey->within_4,
    survey->found, survey->wrong, survey->lost);
  g_assert_cmpfloat (survey->found, >=, 0.97 * survey->asked);
  g_assert_cmpfloat (survey->first_try, <, 0.9 * survey->asked); /* they do drop */
}

static void
test_loss (void)
{
  g_autoptr (SimWorld) world = world_of (PEERS, 0.1);

  expect_ring (world, 60 * TIME_SECOND);
  sim_world_run (world, 20 * TIME_SECOND); /* what was stored on the way finds its place */
  expect_found (world, 200, 0.99);
}

/* At no moment do those who are left answer for much that is not theirs (threats 2.4). */
static void
test_half_killed (void)
{
  g_autoptr (SimWorld) world = world_of (5 * PEERS, 0);
  g_autoptr (Survey) survey = survey_new (world);
  double wrong = 0;

  churn_kill (world, 0.5);
  for (unsigned i = 0; i < 300; i++) {
    for (unsigned k = 0; k < 4; k++)
      survey_ask (survey, 0);
    sim_world_run (world, 100 * TIME_MS);
    wrong = MAX (wrong, census_wrong_claims (world));
  }
  g_test_message ("%u of %u successors right; at most %.4f of the ring claimed wrongly",
                  census_right_successors (world), sim_world_running (world), wrong);
  g_test_message ("%u asked, %u found, %u wrong, %u held by nobody, %u lost", survey->asked,
                  survey->found, survey->wrong, survey->unheld, survey->lost);
  g_assert_cmpfloat (census_right_successors (world), >=, 0.99 * sim_world_running (world));
  g_assert_cmpfloat (wrong, <=, 0.003);
  g_assert_cmpfloat (survey->wrong, <=, 0.003 * survey->asked);
  survey_reset (survey);
  survey_run (survey, 200, 50 * TIME_MS);
  g_assert_cmpfloat (survey->found, >=, 0.98 * survey->asked);
}

static void
test_churn (void)
{
  g_autoptr (SimWorld) world = world_of (PEERS, 0);
  g_autoptr (Survey) survey = survey_new (world);
  g_autoptr (Churn) churn = churn_new (world, CHURN_EXPONENTIAL, 10 * TIME_MINUTE);

  for (unsigned i = 0; i < 6000; i++) {
    churn_step (churn);
    if (i % 10 == 0)
      survey_ask (survey, 10 * TIME_SECOND);
    sim_world_run (world, 100 * TIME_MS);
  }
  g_test_message ("%u asked, %u found, %u wrong, %u lost", survey->asked, survey->found,
                  survey->wrong, survey->lost);
  g_assert_cmpfloat (survey->found, >=, 0.98 * survey->asked);
}

/* The creator, peer 0, stays away; the others know only what they have kept. */
static void
test_all_off_and_on (void)
{
  g_autoptr (SimWorld) world = world_of (12, 0);

  churn_kill (world, 1);
  sim_world_run (world, TIME_MINUTE);
  sim_peer_start (sim_world_peer (world, 5), NULL, 0);
  sim_peer_start (sim_world_peer (world, 9), NULL, 0);
  expect_ring (world, 30 * TIME_SECOND);
  for (unsigned i = 1; i < 12; i++)
    if (i != 5 && i != 9)
      sim_peer_start (sim_world_peer (world, i), NULL, 0);
  expect_ring (world, 60 * TIME_SECOND);
  expect_found (world, 50, 1);
}

/* Peers leave one after another; what they held for others is found all the time. */
static void
test_leaving (void)
{
  g_autoptr (SimWorld) world = world_of (PEERS, 0);

  for (unsigned i = 0; i < PEERS - 10; i++) {
    sim_peer_stop (sim_world_peer (world, i));
    sim_world_run (world, TIME_SECOND);
  }
  expect_ring (world, 20 * TIME_SECOND);
  expect_found (world, 100, 1);
}

static void
count_absence (SimPeer *peer, const NodeEvent *event, void *user_data)
{
  if (event->type == NODE_EVENT_STATE && event->state.state != NODE_READY)
    ++*(unsigned *) user_data;
}

/* A computer that was busy for a moment is no reason to part. */
static void
test_moments (void)
{
  SimOptions options = { .peers = 2, .seed = seed (), .latency_ms = 1 };
  g_autoptr (SimWorld) world = sim_world_new (&options);
  unsigned absences = 0;

  churn_join (world, 0, 2, 200 * TIME_MS);
  sim_world_run (world, TIME_MINUTE);
  sim_world_set_event_func (world, count_absence, &absences);
  for (unsigned i = 0; i < 50; i++) {
    sim_world_cut (world, 1);
    sim_world_run (world, 250 * TIME_MS);
    sim_world_cut (world, 0);
    sim_world_run (world, 1700 * TIME_MS);
  }
  g_assert_cmpuint (absences, ==, 0);
  expect_ring (world, 0);
}

static void
test_partition (void)
{
  g_autoptr (SimWorld) world = world_of (PEERS, 0);

  sim_world_cut (world, PEERS / 2);
  sim_world_run (world, 10 * TIME_MINUTE);
  sim_world_cut (world, 0);
  expect_ring (world, 2 * TIME_MINUTE);
  sim_world_run (world, 10 * TIME_SECOND);
  expect_found (world, 200, 0.99);
}

/* Somebody who keeps no copy of his own registration. */
static SimPeer *
find_apart (SimWorld *world)
{
  for (unsigned i = 0; i < sim_world_size (world); i++) {
    SimPeer *peer = sim_world_peer (world, i);
    NodeId id = resource_id_of (bytes_of_text (peer->user));
    bool is_apart = true;
    for (unsigned k = 0; k < 3; k++) {
      SimPeer *holder = census_owner_of (world, &id);
      is_apart = is_apart && holder != peer;
      id = node_id_add_power (sim_peer_id (holder), 0);
    }
    if (is_apart)
      return peer;
  }
  g_assert_not_reached ();
}

/* After two of three holders have died together, the third makes new copies. */
static void
test_holders_die (void)
{
  g_autoptr (SimWorld) world = world_of (PEERS, 0);
  NodeId id = resource_id_of (bytes_of_text (find_apart (world)->user));

  g_assert_cmpuint (census_holders (world, &id), >=, 3);
  for (unsigned i = 0; i < 2; i++)
    sim_peer_kill (census_owner_of (world, &id));
  g_assert_cmpuint (census_holders (world, &id), >=, 1);
  sim_world_run (world, 45 * TIME_SECOND);
  g_assert_cmpuint (census_holders (world, &id), >=, 3);
}

static void
test_clocks (void)
{
  g_autoptr (SimWorld) world = NULL;
  SimOptions options = { .peers = 12, .seed = seed (), .latency_ms = 10, .jitter_ms = 30 };

  world = sim_world_new (&options);
  for (unsigned i = 0; i < 12; i++)
    sim_world_peer (world, i)->clock_offset_ms =
      ((int64_t) (i % 3) - 1) * INT64_C (12) * 3600 * 1000;
  churn_join (world, 0, 12, 200 * TIME_MS);
  sim_world_run (world, 20 * TIME_SECOND);
  expect_found (world, 60, 1);
}

static uint64_t
trace_of_a_run (void)
{
  g_autoptr (SimWorld) world = world_of (20, 0.05);
  g_autoptr (Churn) churn = churn_new (world, CHURN_EXPONENTIAL, TIME_MINUTE);

  for (unsigned i = 0; i < 300; i++) {
    churn_step (churn);
    sim_world_run (world, 100 * TIME_MS);
  }
  return sim_world_trace (world);
}

static void
test_same_seed (void)
{
  g_assert_cmpuint (trace_of_a_run (), ==, trace_of_a_run ());
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/survival/look-ups-find-everybody", test_look_ups);
  g_test_add_func ("/survival/threat-2.1-droppers-on-the-path-are-walked-around", test_droppers);
  g_test_add_func ("/survival/a-tenth-of-all-datagrams-lost", test_loss);
  g_test_add_func ("/survival/threat-5.4-half-of-all-peers-die-at-once", test_half_killed);
  g_test_add_func ("/survival/sessions-of-ten-minutes", test_churn);
  g_test_add_func ("/survival/after-all-were-off-any-two-find-each-other", test_all_off_and_on);
  g_test_add_func ("/survival/leaving-in-good-order-loses-nothing", test_leaving);
  g_test_add_func ("/survival/pair/a-moment-of-silence-parts-nobody", test_moments);
  g_test_add_func ("/survival/threat-2.8-a-cut-overlay-becomes-one-again", test_partition);
  g_test_add_func ("/survival/threat-3.8-a-record-outlives-two-of-its-holders", test_holders_die);
  g_test_add_func ("/survival/threat-5.5-clocks-off-by-half-a-day", test_clocks);
  g_test_add_func ("/survival/the-same-seed-is-the-same-run", test_same_seed);
  return g_test_run ();
}
