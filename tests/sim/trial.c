/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/trial.h"

#include "core/node-private.h"
#include "core/overlay/hash.h"
#include "core/overlay/overlay-private.h"
#include "tests/sim/census.h"
#include "tests/sim/churn.h"
#include "tests/sim/construction.h"
#include "tests/sim/heap.h"

#include <malloc.h>

/* Peers join one after another, or all stand there at once; then there is one look-up a second for
 * every ten peers. What is checked afterwards must hold for every plan without malicious peers:
 * nothing depends on luck, for the ring has had its quiet. */

#define STEP        (100 * TIME_MS)
#define SETTLED     (10 * TIME_SECOND)
#define SETTLED_FAR (30 * TIME_SECOND) /* a ring of which each link takes eight ways to be made */

enum { RELEARNED = 40 }; /* fingers of a peer */

#define QUIET (2 * TIME_MINUTE)

/* As if its document said so. */
static void
give_second_places (Configuration *configuration)
{
  configuration->has_second_places = true;
  for (size_t i = 0; i < configuration->kind_count; i++)
    configuration->kinds[i].has_second_place =
      configuration->kinds[i].access_policy == ACCESS_POLICY_USER_NODE_MATCH;
}

Trial *
trial_new (const Plan *plan)
{
  Trial *self = g_new0 (Trial, 1);
  SimOptions options = {
    .peers = (unsigned) plan->peers,
    .seed = (uint64_t) plan->seed,
    .loss = plan->loss,
    .trouble = plan->trouble,
    .latency_ms = 10,
    .jitter_ms = 40,
    .init_signer = plan->init_signer,
    .signer_data = plan->signer_data,
    .is_internet = plan->is_internet,
    .fixed_s = (unsigned) plan->fixed,
    .is_diskless = plan->median_session == 0,
  };

  self->plan = *plan;
  self->world = sim_world_new (&options);
  for (int i = 1; plan->secluded > 0 && i < plan->peers; i++)
    sim_world_peer (self->world, (unsigned) i)->is_secluded =
      sim_world_random (self->world, 1000000) < plan->secluded * 1000000;
  self->survey = survey_new (self->world);
  if (plan->riders > 0)
    self->riders = riders_new (self->world, plan->riders, plan->is_greedy);
  if (plan->has_second_places)
    give_second_places (sim_world_configuration (self->world));
  if (plan->tap != NULL)
    sim_world_set_tap (self->world, plan->tap, plan->tap_data);
  return self;
}

void
trial_free (Trial *self)
{
  if (self == NULL)
    return;
  fault_free (self->fault);
  ledger_free (self->ledger);
  watch_free (self->watch);
  survey_free (self->survey);
  gang_free (self->gang);
  g_clear_pointer (&self->unheard, g_hash_table_unref);
  riders_free (self->riders);
  roll_free (self->roll);
  sim_world_free (self->world);
  g_free (self);
}

static bool
is_at (double seconds, uint64_t at)
{
  return at == (uint64_t) (seconds * TIME_SECOND) / STEP * STEP;
}

static void
befall (Trial *self, uint64_t at)
{
  const Plan *plan = &self->plan;

  if (plan->kill_half_at > 0 && is_at (plan->kill_half_at, at))
    churn_kill (self->world, 0.5);
  if (plan->cut_to > 0 && is_at (plan->cut_from, at))
    sim_world_cut (self->world, (unsigned) plan->peers / 2);
  if (plan->cut_to > 0 && is_at (plan->cut_to, at))
    sim_world_cut (self->world, 0);
}

/* Without what riders send. */
static void
count_traffic (const Trial *self, uint64_t *ret_messages, uint64_t *ret_bytes)
{
  *ret_messages = 0;
  *ret_bytes = sim_world_bytes_sent (self->world);
  for (unsigned i = 0; i < sim_world_size (self->world); i++) {
    const SimPeer *peer = sim_world_peer (self->world, i);
    *ret_messages += peer->is_rider ? 0 : peer->messages_sent;
    *ret_bytes -= peer->is_rider ? peer->bytes_sent : 0;
  }
}

/* Nothing but the construction can be wrong before time starts. */
static void
construct (const Plan *plan, SimWorld *world)
{
  unsigned size;

  construction_build (world);
  size = sim_world_running (world);
  if (!census_is_one_ring (world, NULL) || census_right_tables (world) != size)
    g_error ("%u of %u tables are right", census_right_tables (world), size);
  if (plan->median_session > 0 || plan->cut_to > 0) /* what those who joined remember */
    construction_note_places (world);
  construction_store (world);
}

static void
ask (Trial *self, TrialProgressFunc progress)
{
  uint64_t length = (uint64_t) (self->plan.minutes * TIME_MINUTE);
  g_autoptr (Churn) churn = NULL;
  double asking = 0;

  if (self->plan.median_session > 0) {
    churn =
      churn_new (self->world, self->plan.is_heavy_tailed ? CHURN_HEAVY_TAILED : CHURN_EXPONENTIAL,
                 (uint64_t) (self->plan.median_session * TIME_MINUTE));
    self->roll = roll_new (self->world);
  }
  for (uint64_t at = 0; at < length; at += STEP) {
    befall (self, at);
    for (asking += trial_rest (self) / 100.0; asking >= 1; asking--)
      survey_ask (self->survey, SETTLED);
    if (churn != NULL)
      churn_step (churn);
    if (self->roll != NULL)
      roll_step (self->roll);
    if (self->gang != NULL)
      gang_step (self->gang);
    if (self->riders != NULL && !self->plan.is_alone)
      riders_step (self->riders);
    sim_world_run (self->world, STEP);
    if (progress != NULL)
      progress ((double) at / (double) length);
  }
}

/* There when the address sanitizer's allocator stands in for the C library's. */
extern size_t __sanitizer_get_current_allocated_bytes (void) __attribute__ ((weak));

static size_t
allocated (void)
{
  if (__sanitizer_get_current_allocated_bytes != NULL)
    return __sanitizer_get_current_allocated_bytes ();
  return mallinfo2 ().uordblks + (heap_bytes != NULL ? heap_bytes () : 0);
}

/* What riders that have gone have stored is still there. */
static size_t
memory_of_peer (const Trial *self)
{
  unsigned count = self->riders != NULL && !self->plan.is_alone ? (unsigned) self->plan.peers
                                                                : sim_world_running (self->world);

  return allocated () / MAX (count, 1);
}

/* What befell a peer may leave it with what one that has just joined holds, which is more than one
 * that never had to; but not with more and more. */
static size_t
memory_max (const Trial *self)
{
  return self->memory_before * (self->plan.is_constructed ? 4 : 2);
}

static void
go_plain (SimWorld *world)
{
  for (unsigned i = 0; i < sim_world_size (world); i++)
    if (sim_world_peer (world, i)->node != NULL)
      sim_world_peer (world, i)->node->overlay->is_plain = true;
}

/* The rest looks up, and has tables. */
static void
go_bare (SimWorld *world, double share)
{
  for (unsigned i = 0; i < sim_world_size (world); i++) {
    SimPeer *peer = sim_world_peer (world, i);
    peer->is_bare = peer->node != NULL && sim_world_random (world, 1000000) < share * 1000000;
    if (peer->is_bare)
      peer->node->overlay->is_plain = true;
  }
}

static bool
is_bare (const SimPeer *peer, void *user_data)
{
  return peer->is_bare;
}

static bool
wants_fingers (AttackKind kind)
{
  return kind == ATTACK_POISON || kind == ATTACK_CONJURE;
}

/* Poisoned tables show when they are filled: everybody else looks for each finger some five times.
 */
static void
relearn (Trial *self)
{
  for (unsigned i = 0; i < RELEARNED && wants_fingers (self->gang->kind); i++) {
    gang_take_fingers (self->gang);
    sim_world_run (self->world, 2 * TIME_SECOND);
  }
  if (self->plan.bare > 0)
    self->bare_share = gang_share_of_fingers (self->gang, is_bare, NULL);
  self->finger_share = gang_finger_share (self->gang);
}

static void
turn (Trial *self)
{
  self->gang = gang_new (self->world, self->plan.attack, self->plan.malicious);
  self->survey->victim = self->gang->victim;
  self->unheard = gang_unheard (self->gang, self->plan.has_second_places ? 2 : 1);
  self->survey->unheard = self->unheard;
}

/* Riders come, and have had what they can get at once when the look-ups begin. */
static void
settle (Trial *self)
{
  uint64_t length = self->plan.is_internet ? SETTLED_FAR : SETTLED;

  if (self->riders != NULL && !self->plan.is_alone)
    riders_start (self->riders);
  for (uint64_t at = 0; at < length; at += STEP) {
    if (self->riders != NULL && !self->plan.is_alone)
      riders_step (self->riders);
    sim_world_run (self->world, STEP);
  }
}

void
trial_run (Trial *self, TrialProgressFunc progress)
{
  int64_t started = g_get_monotonic_time ();
  uint64_t began = sim_world_now (self->world);
  uint64_t messages, bytes, asking, fetched;

  if (self->plan.is_constructed)
    construct (&self->plan, self->world);
  else
    churn_join (self->world, 0, (unsigned) self->plan.peers, STEP);
  settle (self);
  count_traffic (self, &messages, &bytes);
  self->memory_before = memory_of_peer (self);
  if (self->plan.has_ledger)
    self->ledger = ledger_new (self->world);
  else if (self->plan.tap == NULL)
    self->watch = watch_new (self->world);
  self->fault = fault_new (self->world, self->plan.fault);
  if (self->plan.malicious > 0)
    turn (self);
  if (self->plan.is_plain)
    go_plain (self->world);
  if (self->plan.bare > 0)
    go_bare (self->world, self->plan.bare);
  asking = self->watch != NULL ? self->watch->asking : 0;
  fetched = self->watch != NULL ? self->watch->fetched : 0;
  ask (self, progress);
  count_traffic (self, &self->messages, &self->bytes);
  if (self->watch != NULL && self->survey->asked > 0)
    self->messages_of_lookup = (double) (self->watch->asking - asking) / self->survey->asked;
  self->bytes_of_lookups = self->watch != NULL ? self->watch->fetched - fetched : 0;
  self->wall_us = (uint64_t) (g_get_monotonic_time () - started);
  self->virtual_us = sim_world_now (self->world) - began;
  self->memory = allocated ();
  self->messages_asking = self->messages - messages;
  self->bytes_asking = self->bytes - bytes;
  if (self->gang != NULL)
    relearn (self);
}

unsigned
trial_records_lost (Trial *self)
{
  g_autoptr (GHashTable) held = census_held (self->world);
  unsigned lost = 0;

  for (unsigned i = 0; i < sim_world_size (self->world); i++) {
    SimPeer *peer = sim_world_peer (self->world, i);
    NodeId at = resource_id_of (bytes_of_text (peer->user));
    lost += peer->node != NULL && peer->state == NODE_READY &&
            peer->ready_at + SETTLED <= sim_world_now (self->world) &&
            !g_hash_table_contains (held, &at);
  }
  return lost;
}

unsigned
trial_rest (const Trial *self)
{
  return (unsigned) self->plan.peers - (self->riders != NULL ? self->riders->all->len : 0);
}

unsigned
trial_peers (const Trial *self)
{
  bool has_clients = self->plan.secluded > 0 || self->plan.riders > 0;

  return has_clients ? census_peers (self->world) : sim_world_running (self->world);
}

static bool
is_everybody_found (SimWorld *world, void *user_data)
{
  unsigned peers = trial_peers (user_data);

  return census_right_successors (world) == peers && census_right_owners (world) == peers &&
         census_unheld (world, SETTLED) == 0;
}

/* Look-ups of those who went meanwhile never end. */
static unsigned
count_unanswered (const Trial *self)
{
  return self->plan.median_session == 0 && self->plan.kill_half_at == 0
           ? g_hash_table_size (self->survey->open)
           : 0;
}

/* Whoever misroutes sends messages to where they have been. */
static bool
leads_round (const Trial *self)
{
  return self->gang != NULL && self->gang->kind == ATTACK_MISROUTE;
}

/* What went over links, and what has come to lie in storages. */
static char *
judge_watch (const Trial *self)
{
  const Watch *watch = self->watch;
  unsigned unlawful = watch != NULL ? watch_unlawful (watch) : 0;

  if (watch != NULL && watch->unspent + (leads_round (self) ? 0 : watch->loops) > 0)
    return g_strdup_printf ("of %" G_GUINT64_FORMAT " messages %" G_GUINT64_FORMAT
                            " went on with a ttl that was not less, and %" G_GUINT64_FORMAT
                            " came where they had been",
                            watch->messages, watch->unspent, watch->loops);
  if (unlawful > 0)
    return g_strdup_printf ("%u values lie where their signers may not write", unlawful);
  return NULL;
}

char *
trial_judge (Trial *self)
{
  SimWorld *world = self->world;
  SimTraffic traffic;
  bool is_whole;

  sim_world_cut (world, 0);
  if (self->riders != NULL && !self->plan.is_alone)
    riders_stop (self->riders);
  sim_world_run (world, (self->plan.has_second_places ? 4 : 2) * SETTLED); /* the last answers */
  is_whole = sim_world_run_until (world, is_everybody_found, self, QUIET);
  traffic = sim_world_traffic (world);
  if (traffic.sent != traffic.delivered + traffic.dropped + traffic.in_flight)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " frames were sent, %" G_GUINT64_FORMAT
                            " delivered, %" G_GUINT64_FORMAT " dropped, %" G_GUINT64_FORMAT
                            " are on their way",
                            traffic.sent, traffic.delivered, traffic.dropped, traffic.in_flight);
  if (self->survey->repeated > 0 || count_unanswered (self) > 0)
    return g_strdup_printf ("%u look-ups ended twice, %u never", self->survey->repeated,
                            count_unanswered (self));
  if (!is_whole && self->plan.malicious == 0)
    return g_strdup_printf ("of %u peers %u have the right successor and %u the right range, and "
                            "%u registrations are not where they belong",
                            trial_peers (self), census_right_successors (world),
                            census_right_owners (world), census_unheld (world, SETTLED));
  if (memory_of_peer (self) > memory_max (self))
    return g_strdup_printf ("a peer holds %zu bytes in quiet, after %zu when all had come",
                            memory_of_peer (self), self->memory_before);
  return judge_watch (self);
}
