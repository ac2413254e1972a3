/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/node-private.h"
#include "core/overlay/overlay-private.h"
#include "tests/unit/node-stage.h"

static const uint64_t HALF_SECOND = 500 * TIME_MS;

enum { HALF_SECONDS_OF_PATIENCE = 16, GATHERINGS = 32 };

/* Alice calls Bob. What she gathers is written down, and relays may let her in or not. */
typedef struct Fixture {
  NodeStage *stage;
  uint32_t call;
  StageCall *ends[2];
  void (*gather) (void *world, uint32_t link, const LinkSetup *setup);
  LinkExposure gathered[GATHERINGS]; /* of media links */
  unsigned count;
  bool has_no_relay;
} Fixture;

static Fixture *fixture; /* of the running test: the port's `world` is the simulator's */

typedef struct Refusal {
  Timer timer;
  Node *node;
  uint32_t link;
} Refusal;

/* As the world does it when there is nothing to tell. */
static void
on_refusal (Timer *timer, void *owner)
{
  Refusal *refusal = owner;

  node_link_down (refusal->node, refusal->link, LINK_END_LOCAL);
  g_free (refusal);
}

static void
gather (void *world, uint32_t link, const LinkSetup *setup)
{
  Fixture *self = fixture;
  Node *node = node_stage_node (self->stage, 0);

  if (setup->purpose == LINK_PURPOSE_MEDIA) {
    g_assert_cmpuint (self->count, <, GATHERINGS);
    self->gathered[self->count++] = setup->exposure;
  }
  if (setup->exposure == LINK_EXPOSURE_RELAYED && self->has_no_relay) {
    Refusal *refusal = g_new0 (Refusal, 1);
    *refusal = (Refusal){ .node = node, .link = link };
    timer_init (&refusal->timer, on_refusal, refusal);
    timer_start (&refusal->timer, node->ports->timers, TIME_MS);
    return;
  }
  self->gather (world, link, setup);
}

static void
setup (Fixture *self, gconstpointer data)
{
  SimPeer *alice;

  fixture = self;
  self->stage = node_stage_new (2);
  alice = sim_world_peer (self->stage->world, 0);
  self->gather = alice->ports.link_gather;
  alice->ports.link_gather = gather;
  node_stage_start (self->stage);
}

static void
teardown (Fixture *self, gconstpointer data)
{
  node_stage_free (self->stage);
  fixture = NULL;
}

static void
talk (Fixture *self)
{
  self->call = node_stage_talk (self->stage);
  self->ends[0] = node_stage_seen (self->stage, 0, self->call);
  self->ends[1] = node_stage_incoming (self->stage, 1);
}

/* Of the link that the sound of that phone takes now, whichever it is. */
static void
be_silent (Fixture *self, unsigned phone, unsigned times)
{
  for (unsigned i = 0; i < times; i++) {
    node_link_silent (node_stage_node (self->stage, phone), self->ends[phone]->link, true);
    node_stage_run (self->stage, HALF_SECOND);
  }
}

/* So long after the answer. */
static uint64_t
time_after (const Fixture *self, uint64_t after)
{
  const Call *call = list_element (node_stage_node (self->stage, 0)->calls.next, Call, all);

  return call->path_due + after;
}

static void
be_silent_until (Fixture *self, unsigned phone, uint64_t after)
{
  uint64_t until = time_after (self, after);

  while (sim_world_now (self->stage->world) < until)
    be_silent (self, phone, 1);
}

static void
run_until (Fixture *self, uint64_t after)
{
  node_stage_run (self->stage, time_after (self, after) - sim_world_now (self->stage->world));
}

static void
sound (Fixture *self, unsigned phone)
{
  node_link_silent (node_stage_node (self->stage, phone), self->ends[phone]->link, false);
}

static unsigned
forced (const Fixture *self)
{
  unsigned count = 0;

  for (unsigned i = 0; i < self->count; i++)
    count += self->gathered[i] == LINK_EXPOSURE_RELAYED;
  return count;
}

static void
test_force (Fixture *self, gconstpointer data)
{
  talk (self);
  be_silent_until (self, 0, 7 * TIME_SECOND);
  g_assert_cmpuint (forced (self), ==, 0);
  be_silent_until (self, 0, 9 * TIME_SECOND);
  g_assert_cmpuint (forced (self), ==, 1);
  node_stage_run (self->stage, TIME_SECOND);
  sound (self, 0);
  g_assert_cmpint (self->ends[0]->story[strlen (self->ends[0]->story) - 1], ==, 'U');
  node_stage_run (self->stage, TIME_MINUTE);
  g_assert_cmpint (self->ends[0]->end, ==, NODE_CALL_END_NONE);
  g_assert_cmpuint (forced (self), ==, 1);
  g_assert_cmpuint (node_stage_media_links (self->stage, 0), ==, 1);
}

static void
test_named (Fixture *self, gconstpointer data)
{
  talk (self);
  be_silent_until (self, 0, 15 * TIME_SECOND);
  g_assert_cmpint (self->ends[0]->end, ==, NODE_CALL_END_NONE);
  node_stage_run (self->stage, 3 * TIME_SECOND);
  g_assert_cmpint (self->ends[0]->end, ==, NODE_CALL_END_NO_MEDIA_PATH);
  g_assert_cmpuint (forced (self), ==, 1);
}

/* Whose hanging up ends it learns as much. */
static void
test_named_to_both (Fixture *self, gconstpointer data)
{
  talk (self);
  for (unsigned i = 0; i < 2 * HALF_SECONDS_OF_PATIENCE; i++) {
    node_link_silent (node_stage_node (self->stage, 1), self->ends[1]->link, true);
    be_silent (self, 0, 1);
  }
  node_stage_run (self->stage, 2 * TIME_SECOND);
  g_assert_cmpint (self->ends[0]->end, ==, NODE_CALL_END_NO_MEDIA_PATH);
  g_assert_cmpint (self->ends[1]->end, ==, NODE_CALL_END_NO_MEDIA_PATH);
}

/* It is asked for one again and again: the first time begins the search. */
static void
test_relay_comes_late (Fixture *self, gconstpointer data)
{
  talk (self);
  self->has_no_relay = true;
  be_silent_until (self, 0, 11 * TIME_SECOND);
  g_assert_cmpuint (forced (self), >=, 2);
  self->has_no_relay = false;
  node_stage_run (self->stage, 2 * TIME_SECOND);
  sound (self, 0);
  node_stage_run (self->stage, TIME_MINUTE);
  g_assert_cmpint (self->ends[0]->end, ==, NODE_CALL_END_NONE);
  g_assert_cmpint (self->ends[0]->story[strlen (self->ends[0]->story) - 1], ==, 'U');
}

/* Alice's reports of what Bob hears of her. */
static void
be_reported (Fixture *self, bool is_heard)
{
  node_link_heard (node_stage_node (self->stage, 0), self->ends[0]->link, is_heard);
}

static void
test_one_way (Fixture *self, gconstpointer data)
{
  talk (self);
  sound (self, 0);
  run_until (self, 4 * TIME_SECOND);
  be_reported (self, false);
  g_assert_cmpstr (self->ends[0]->story, ==, "LCRUX");
  run_until (self, 7 * TIME_SECOND);
  g_assert_cmpuint (forced (self), ==, 0);
  run_until (self, 9 * TIME_SECOND);
  g_assert_cmpuint (forced (self), ==, 1);
  be_reported (self, true);
  node_stage_run (self->stage, TIME_MINUTE);
  g_assert_cmpuint (forced (self), ==, 1);
  g_assert_cmpstr (self->ends[0]->story, ==, "LCRUXU");
}

/* Each says what it knows, and what it knows is not the same. */
static void
test_one_way_in_vain (Fixture *self, gconstpointer data)
{
  talk (self);
  sound (self, 0);
  for (unsigned i = 0; i < 2 * HALF_SECONDS_OF_PATIENCE; i++) {
    node_link_silent (node_stage_node (self->stage, 1), self->ends[1]->link, true);
    be_reported (self, false);
    node_stage_run (self->stage, HALF_SECOND);
  }
  node_stage_run (self->stage, 2 * TIME_SECOND);
  g_assert_cmpint (self->ends[0]->end, ==, NODE_CALL_END_NO_MEDIA_PATH);
  g_assert_cmpint (self->ends[1]->end, ==, NODE_CALL_END_NO_MEDIA_PATH);
}

/* The path is sought as from when it was lost, which is before the reports show it. */
static void
test_one_way_later (Fixture *self, gconstpointer data)
{
  talk (self);
  sound (self, 0);
  be_reported (self, true);
  node_stage_run (self->stage, TIME_MINUTE);
  be_reported (self, false);
  g_assert_cmpstr (self->ends[0]->story, ==, "LCRUX");
  g_assert_cmpuint (self->ends[0]->left_s, ==, 0);
  node_stage_run (self->stage, 6 * TIME_SECOND);
  g_assert_cmpuint (forced (self), ==, 1);
  node_stage_run (self->stage, TIME_MINUTE);
  g_assert_cmpint (self->ends[0]->end, ==, NODE_CALL_END_NONE);
  g_assert_cmpstr (self->ends[0]->story, ==, "LCRUXU");
}

/* It may be their microphone: it was not the path that never worked. */
static void
test_once_heard (Fixture *self, gconstpointer data)
{
  talk (self);
  sound (self, 0);
  be_silent (self, 0, 3 * HALF_SECONDS_OF_PATIENCE);
  g_assert_cmpuint (forced (self), ==, 1);
  g_assert_cmpint (self->ends[0]->end, ==, NODE_CALL_END_NONE);
  g_assert_cmpint (self->ends[0]->story[strlen (self->ends[0]->story) - 1], ==, 'U');
}

static void
test_hold (Fixture *self, gconstpointer data)
{
  talk (self);
  node_call_hold (node_stage_node (self->stage, 0), self->call, true);
  node_stage_run (self->stage, TIME_SECOND);
  be_silent (self, 0, 4 * HALF_SECONDS_OF_PATIENCE);
  g_assert_cmpuint (forced (self), ==, 0);
  node_call_hold (node_stage_node (self->stage, 0), self->call, false);
  node_stage_run (self->stage, TIME_SECOND);
  be_silent (self, 0, 8);
  g_assert_cmpuint (forced (self), ==, 0);
  g_assert_cmpint (self->ends[0]->end, ==, NODE_CALL_END_NONE);
}

/* A pulled cable is no strict router. */
static void
test_no_network (Fixture *self, gconstpointer data)
{
  Node *node;

  talk (self);
  sound (self, 0);
  node = node_stage_node (self->stage, 0);
  sim_peer_kill (sim_world_peer (self->stage->world, 1));
  for (unsigned i = 0; i < 2 * HALF_SECONDS_OF_PATIENCE; i++) {
    node_link_silent (node, self->ends[0]->link, true);
    node_stage_run (self->stage, HALF_SECOND);
  }
  g_assert_cmpuint (forced (self), ==, 0);
  node_stage_run (self->stage, 2 * TIME_MINUTE);
  g_assert_cmpint (self->ends[0]->end, ==, NODE_CALL_END_LOST);
}

/* Bob's phone is quick, since they are buddies; and no pair of candidates works. */
static void
fail_early (Fixture *self)
{
  Node *alice = node_stage_node (self->stage, 0);
  Node *bob = node_stage_node (self->stage, 1);

  node_accept (bob, node_stage_address (self->stage, 0), node_stage_key (self->stage, 0),
               NODE_ACCEPTANCE_ACCEPTED);
  self->call = node_stage_ring (self->stage);
  self->ends[0] = node_stage_seen (self->stage, 0, self->call);
  self->ends[1] = node_stage_incoming (self->stage, 1);
  node_link_down (alice, list_element (alice->calls.next, Call, all)->legs[0].link,
                  LINK_END_UNREACHABLE);
  node_link_down (bob, list_element (bob->calls.next, Call, all)->legs[0].link,
                  LINK_END_UNREACHABLE);
}

static void
test_early (Fixture *self, gconstpointer data)
{
  fail_early (self);
  node_stage_run (self->stage, 20 * TIME_SECOND);
  g_assert_cmpuint (forced (self), ==, 1);
  g_assert_cmpuint (node_stage_media_links (self->stage, 0), ==, 0);
  g_assert_cmpstr (self->ends[1]->story, ==, "R");
  node_call_answer (node_stage_node (self->stage, 1), self->ends[1]->number);
  node_stage_run (self->stage, 3 * TIME_SECOND);
  g_assert_cmpuint (forced (self), ==, 2);
  g_assert_cmpuint (self->ends[0]->media, ==, 1);
  g_assert_cmpuint (self->ends[1]->media, ==, 1);
  g_assert_cmpint (self->ends[0]->story[strlen (self->ends[0]->story) - 1], ==, 'U');
}

/* Nobody shall answer in vain. */
static void
test_early_in_vain (Fixture *self, gconstpointer data)
{
  self->has_no_relay = true;
  fail_early (self);
  node_stage_run (self->stage, 10 * TIME_SECOND);
  g_assert_cmpstr (self->ends[0]->story, ==, "LCRE");
  g_assert_cmpint (self->ends[0]->end, ==, NODE_CALL_END_NO_MEDIA_PATH);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, test) g_test_add (path, Fixture, NULL, setup, test, teardown)
  ADD ("/node-path/without-one-for-eight-seconds-relays-are-forced", test_force);
  ADD ("/node-path/who-never-had-one-learns-that-sound-has-none", test_named);
  ADD ("/node-path/both-sides-learn-it", test_named_to_both);
  ADD ("/node-path/a-relay-that-is-found-late-is-used", test_relay_comes_late);
  ADD ("/node-path/one-that-goes-only-one-way-is-none", test_one_way);
  ADD ("/node-path/one-way-alone-in-vain-both-sides-learn-it", test_one_way_in_vain);
  ADD ("/node-path/one-way-alone-after-a-while-relays-are-forced-and-it-goes-on",
       test_one_way_later);
  ADD ("/node-path/a-call-that-was-heard-goes-on", test_once_heard);
  ADD ("/node-path/on-hold-none-is-needed", test_hold);
  ADD ("/node-path/without-the-other-side-no-relay-is-blamed", test_no_network);
  ADD ("/node-path/one-that-fails-while-it-rings-is-replaced-by-a-relay", test_early);
  ADD ("/node-path/without-path-and-relay-it-rings-no-longer", test_early_in_vain);
  return g_test_run ();
}
