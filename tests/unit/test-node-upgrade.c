/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/node-private.h"
#include "tests/unit/node-stage.h"

#include <string.h>

enum { PHONES = 2, EVENTS = 32 };

/* Alice calls Bob, and their sound goes over a relay. What the worlds are asked for a link that
 * stands is done here; the simulator has no second way. */
typedef struct Fixture {
  NodeStage *stage;
  uint32_t call;
  bool is_direct;
  void (*gather) (void *world, uint32_t link, const LinkSetup *setup);
  void (*check) (void *world,
                 uint32_t link,
                 const IceDescription *remote,
                 const LinkSetup *setup,
                 Bytes fingerprint);
  uint64_t sought[PHONES][EVENTS]; /* when: seconds */
  unsigned sought_count[PHONES];
  unsigned checked[PHONES];
  unsigned gathered;
  bool is_nowhere; /* no candidate is found */
} Fixture;

static Fixture *fixture; /* of the running test: the port's `world` is the simulator's */

typedef struct Gathering {
  Timer timer;
  Node *node;
  uint32_t link;
} Gathering;

static void
on_gathered (Timer *timer, void *owner)
{
  Gathering *self = owner;
  IceDescription local = { .candidate_count = 1 };

  g_snprintf (local.ufrag, sizeof local.ufrag, "other%u", ++fixture->gathered);
  g_strlcpy (local.password, "aPasswordOfTheRightLength", sizeof local.password);
  local.candidates[0] = (Candidate){
    .type = CANDIDATE_HOST,
    .address = { .family = ADDRESS_IPV4, .bytes = { 10, 0, 0, 7 }, .port = 4000 },
    .priority = 1,
    .foundation = "1",
  };
  if (fixture->is_nowhere)
    node_link_tried (self->node, self->link, LINK_TRIAL_FAILED);
  else
    node_link_gathered (self->node, self->link, &local);
  g_free (self);
}

static uint64_t
seconds (const Fixture *self)
{
  return sim_world_now (self->stage->world) / TIME_SECOND;
}

static void
gather (void *world, uint32_t link, const LinkSetup *setup)
{
  SimPeer *peer = world;
  unsigned phone = peer->index;
  Gathering *gathering;

  if (setup->exposure != LINK_EXPOSURE_DIRECT) {
    fixture->gather (world, link, setup);
    return;
  }
  g_assert_cmpuint (fixture->sought_count[phone], <, EVENTS);
  fixture->sought[phone][fixture->sought_count[phone]++] = seconds (fixture);
  gathering = g_new0 (Gathering, 1);
  *gathering = (Gathering){ .node = peer->node, .link = link };
  timer_init (&gathering->timer, on_gathered, gathering);
  timer_start (&gathering->timer, peer->ports.timers, 10 * TIME_MS);
}

static void
check (void *world,
       uint32_t link,
       const IceDescription *remote,
       const LinkSetup *setup,
       Bytes fingerprint)
{
  if (g_str_has_prefix (remote->ufrag, "other"))
    fixture->checked[((SimPeer *) world)->index]++;
  else
    fixture->check (world, link, remote, setup, fingerprint);
}

static bool
is_direct (void *world, uint32_t link)
{
  return fixture->is_direct;
}

static void
setup (Fixture *self, gconstpointer data)
{
  fixture = self;
  self->stage = node_stage_new (PHONES);
  for (unsigned i = 0; i < PHONES; i++) {
    SimPeer *peer = sim_world_peer (self->stage->world, i);
    self->gather = peer->ports.link_gather;
    self->check = peer->ports.link_check;
    peer->ports.link_gather = gather;
    peer->ports.link_check = check;
    peer->ports.link_is_direct = is_direct;
  }
  node_stage_start (self->stage);
}

static void
teardown (Fixture *self, gconstpointer data)
{
  node_stage_free (self->stage);
  fixture = NULL;
}

static CallLeg *
leg_of (Fixture *self, unsigned phone)
{
  Call *call = list_element (node_stage_node (self->stage, phone)->calls.next, Call, all);

  return call_find_leg (call, &call->winner);
}

static void
talk (Fixture *self)
{
  self->call = node_stage_talk (self->stage);
  for (unsigned i = 0; i < PHONES; i++)
    node_link_silent (node_stage_node (self->stage, i), leg_of (self, i)->link, false);
}

/* The worlds have found out. */
static void
tell (Fixture *self, LinkTrial trial)
{
  for (unsigned i = 0; i < PHONES; i++)
    node_link_tried (node_stage_node (self->stage, i), leg_of (self, i)->link, trial);
}

static void
test_taken (Fixture *self, gconstpointer data)
{
  uint32_t link;

  talk (self);
  link = leg_of (self, 0)->link;
  node_stage_run (self->stage, 7 * TIME_SECOND);
  g_assert_cmpuint (self->checked[0] + self->checked[1], ==, 0);
  node_stage_run (self->stage, 4 * TIME_SECOND);
  g_assert_cmpuint (self->checked[0], ==, 1);
  g_assert_cmpuint (self->checked[1], ==, 1);
  self->is_direct = true;
  tell (self, LINK_TRIAL_WON);
  node_stage_run (self->stage, TIME_HOUR);
  g_assert_cmpuint (self->sought_count[0], ==, 1);
  g_assert_cmpuint (self->sought_count[1], ==, 1);
  g_assert_cmpuint (leg_of (self, 0)->link, ==, link);
  g_assert_cmpstr (node_stage_seen (self->stage, 0, self->call)->story, ==, "LCRU");
  g_assert_cmpuint (node_stage_seen (self->stage, 0, self->call)->media, ==, 1);
  g_assert_cmpuint (node_stage_media_links (self->stage, 0), ==, 1);
  g_assert_cmpuint (node_stage_node (self->stage, 0)->direct_found, ==, 1);
}

/* For a call that stays relayed: rarer and rarer, by who called alone, and without a trace. */
static void
test_schedule (Fixture *self, gconstpointer data)
{
  static const uint64_t pauses[] = { 30, 90, 300, 300, 300 };

  talk (self);
  for (unsigned i = 0; i < 20 * 60; i++) {
    unsigned before = self->checked[0];
    node_stage_run (self->stage, TIME_SECOND);
    if (self->checked[0] > before)
      tell (self, LINK_TRIAL_FAILED);
  }
  g_assert_cmpuint (self->sought_count[0], ==, 6);
  for (unsigned i = 0; i < G_N_ELEMENTS (pauses); i++)
    g_assert_cmpuint (self->sought[0][i + 1] - self->sought[0][i], ==, pauses[i]);
  g_assert_cmpuint (self->sought_count[1], ==, 6); /* to answer */
  g_assert_cmpuint (node_stage_node (self->stage, 0)->direct_sought, ==, 6);
  g_assert_cmpuint (node_stage_node (self->stage, 1)->direct_sought, ==, 0);
  g_assert_cmpstr (node_stage_seen (self->stage, 0, self->call)->story, ==, "LCRU");
  g_assert_cmpstr (node_stage_incoming (self->stage, 1)->story, ==, "RU");
  g_assert_cmpuint (node_stage_media_links (self->stage, 0), ==, 1);
  g_assert_cmpuint (node_stage_media_links (self->stage, 1), ==, 1);
}

static void
test_direct (Fixture *self, gconstpointer data)
{
  self->is_direct = true;
  talk (self);
  node_stage_run (self->stage, 10 * TIME_MINUTE);
  g_assert_cmpuint (self->sought_count[0] + self->sought_count[1], ==, 0);
}

static void
test_eaten (Fixture *self, gconstpointer data)
{
  talk (self);
  node_stage_run (self->stage, 11 * TIME_SECOND);
  tell (self, LINK_TRIAL_EATEN);
  node_stage_run (self->stage, TIME_HOUR);
  g_assert_cmpuint (self->sought_count[0], ==, 1);
  node_network_changed (node_stage_node (self->stage, 0));
  node_stage_run (self->stage, 2 * TIME_SECOND);
  g_assert_cmpuint (self->sought_count[0], ==, 2);
}

/* The call's first path let no sound pass: what came then is a relay's, and stays. */
static void
test_ate_before (Fixture *self, gconstpointer data)
{
  self->is_direct = true;
  self->call = node_stage_talk (self->stage);
  for (unsigned i = 0; i < 20; i++) {
    node_link_silent (node_stage_node (self->stage, 0), leg_of (self, 0)->link, true);
    node_stage_run (self->stage, 500 * TIME_MS);
  }
  self->is_direct = false;
  for (unsigned i = 0; i < PHONES; i++)
    node_link_silent (node_stage_node (self->stage, i), leg_of (self, i)->link, false);
  node_stage_run (self->stage, TIME_HOUR);
  g_assert_cmpuint (self->sought_count[0] + self->sought_count[1], ==, 0);
}

static void
test_always_relayed (Fixture *self, gconstpointer data)
{
  unsigned phone = GPOINTER_TO_UINT (data);

  node_relay_always (node_stage_node (self->stage, phone), node_stage_address (self->stage, !phone),
                     true);
  talk (self);
  node_stage_run (self->stage, TIME_MINUTE);
  g_assert_cmpuint (self->sought_count[phone], ==, 0);
  g_assert_cmpuint (self->checked[0] + self->checked[1], ==, 0);
  g_assert_cmpint (leg_of (self, 0)->upgrade, !=, UPGRADE_CHECKING);
  g_assert_cmpstr (node_stage_seen (self->stage, 0, self->call)->story, ==, "LCRU");
}

/* Whoever it was that moved. */
static void
test_moved (Fixture *self, gconstpointer data)
{
  unsigned phone = GPOINTER_TO_UINT (data);

  talk (self);
  node_stage_run (self->stage, 3 * TIME_SECOND);
  node_network_changed (node_stage_node (self->stage, phone));
  node_stage_run (self->stage, 5 * TIME_SECOND);
  g_assert_cmpuint (self->sought_count[0], ==, 1);
  g_assert_cmpuint (self->sought_count[1], ==, 1);
  g_assert_cmpuint (self->checked[0], ==, 1);
  g_assert_cmpuint (self->checked[1], ==, 1);
}

/* On hold there is no sound to try it with. */
static void
test_hold (Fixture *self, gconstpointer data)
{
  talk (self);
  node_call_hold (node_stage_node (self->stage, 1), node_stage_incoming (self->stage, 1)->number,
                  true);
  node_stage_run (self->stage, TIME_MINUTE);
  g_assert_cmpuint (self->sought_count[0], ==, 0);
}

/* A phone of an earlier release, or of another make. */
static void
test_unnamed (Fixture *self, gconstpointer data)
{
  talk (self);
  leg_of (self, 0)->peer_tls_id[0] = '\0';
  node_stage_run (self->stage, TIME_MINUTE);
  g_assert_cmpuint (self->sought_count[0], ==, 0);
}

/* There is no way to anywhere but the relay: nothing is offered, and theirs is refused. */
static void
test_nowhere (Fixture *self, gconstpointer data)
{
  talk (self);
  self->is_nowhere = true;
  node_stage_run (self->stage, TIME_MINUTE);
  g_assert_cmpuint (self->sought_count[0], ==, 2);
  g_assert_cmpuint (self->sought_count[1], ==, 0);
  node_call_hold (node_stage_node (self->stage, 0), self->call, true);
  node_stage_run (self->stage, TIME_SECOND);
  g_assert_true (node_stage_seen (self->stage, 0, self->call)->is_held_here);
}

/* A link that is lost meanwhile is replaced as ever. */
static void
test_lost (Fixture *self, gconstpointer data)
{
  uint32_t former;

  talk (self);
  node_stage_run (self->stage, 11 * TIME_SECOND);
  g_assert_cmpuint (self->checked[0], ==, 1);
  former = leg_of (self, 0)->link;
  node_link_down (node_stage_node (self->stage, 0), former, LINK_END_LOST);
  node_stage_run (self->stage, 5 * TIME_SECOND);
  g_assert_cmpuint (leg_of (self, 0)->link, !=, former);
  g_assert_true (leg_of (self, 0)->is_link_up);
  g_assert_true (leg_of (self, 1)->is_link_up);
  for (unsigned i = 0; i < PHONES; i++)
    node_link_silent (node_stage_node (self->stage, i), leg_of (self, i)->link, false);
  node_stage_run (self->stage, 10 * TIME_SECOND);
  g_assert_cmpuint (self->checked[0], ==, 2);
  g_assert_cmpuint (self->checked[1], ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, test) g_test_add (path, Fixture, NULL, setup, test, teardown)
#define ADD_FOR(path, test, phone) \
  g_test_add (path, Fixture, GUINT_TO_POINTER (phone), setup, test, teardown)
  ADD ("/node-upgrade/a-direct-path-is-found-without-a-new-link", test_taken);
  ADD ("/node-upgrade/without-one-it-is-sought-more-and-more-rarely", test_schedule);
  ADD ("/node-upgrade/who-talks-directly-seeks-nothing", test_direct);
  ADD ("/node-upgrade/an-eaten-direct-path-is-not-tried-again", test_eaten);
  ADD ("/node-upgrade/nor-is-one-that-a-relay-was-forced-for", test_ate_before);
  ADD_FOR ("/node-upgrade/who-always-relays-does-not-seek", test_always_relayed, 0);
  ADD_FOR ("/node-upgrade/who-always-relays-is-not-led-out", test_always_relayed, 1);
  ADD_FOR ("/node-upgrade/who-has-called-and-moved-seeks-at-once", test_moved, 0);
  ADD_FOR ("/node-upgrade/who-was-called-and-moved-seeks-at-once", test_moved, 1);
  ADD ("/node-upgrade/on-hold-nothing-is-sought", test_hold);
  ADD ("/node-upgrade/who-does-not-name-the-association-is-not-asked", test_unnamed);
  ADD ("/node-upgrade/who-has-no-way-does-not-offer-it", test_nowhere);
  ADD ("/node-upgrade/a-link-lost-meanwhile-is-replaced", test_lost);
  return g_test_run ();
}
