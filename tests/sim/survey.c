/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/survey.h"

#include "core/overlay/hash.h"
#include "tests/sim/census.h"

#include <string.h>

#define LAST_ANSWERS (15 * TIME_SECOND)

static uint64_t
key_of (const SimPeer *peer, uint32_t lookup)
{
  return (uint64_t) peer->index << 32 | lookup;
}

static bool
has_device (const NodeEvent *event, const NodeId *id)
{
  for (size_t i = 0; i < event->lookup.device_count; i++)
    if (node_id_equal (&event->lookup.devices[i].node_id, id))
      return true;
  return false;
}

/* Since before it was looked for, where look-ups lead to: what lies elsewhere, left over from
 * another ring, is nothing that anybody should find. */
static bool
is_held (const SimPeer *target, uint64_t duration)
{
  NodeId place = resource_id_of (bytes_of_text (target->user));

  return census_owner_holds (target->world, &place, duration);
}

static bool
is_unheard (const Survey *self, const SimPeer *target)
{
  return self->unheard != NULL && g_hash_table_contains (self->unheard, target);
}

/* NULL when it is neither by nor for the victim, or cannot be found. */
static SurveyPart *
part_of (Survey *self, const SimPeer *asker, const SimPeer *target)
{
  if (self->victim == NULL || is_unheard (self, target))
    return NULL;
  if (asker == self->victim)
    return &self->by;
  return target == self->victim ? &self->of : NULL;
}

static void
on_found (Survey *self, SurveyPart *part, const NodeEvent *event)
{
  self->found++;
  if (part != NULL)
    part->found++;
  self->first_try += event->lookup.duration_ms < 1000;
  self->within_4 += event->lookup.duration_ms < 4000;
  self->hops[MIN (event->lookup.hops, SURVEY_HOPS - 1u)]++;
  self->durations[MIN (event->lookup.duration_ms / SURVEY_STEP_MS, SURVEY_STEPS - 1u)]++;
}

static void
on_event (SimPeer *peer, const NodeEvent *event, void *user_data)
{
  Survey *self = user_data;
  uint64_t key;
  SimPeer *target;

  if (event->type != NODE_EVENT_LOOKUP)
    return;
  if (peer->is_rider) {
    self->ridden += event->lookup.device_count > 0;
    return;
  }
  key = key_of (peer, event->lookup.lookup);
  target = g_hash_table_lookup (self->open, &key);
  if (target == NULL) {
    self->repeated++;
    return;
  }
  g_hash_table_remove (self->open, &key);
  if (has_device (event, sim_peer_id (target)))
    on_found (self, part_of (self, peer, target), event);
  else if (event->lookup.end == NODE_CALL_END_NOT_CONNECTED)
    self->lost++;
  else if (target->state != NODE_READY)
    self->asked--; /* it left meanwhile */
  else if (is_unheard (self, target))
    self->unheld++;
  else if (is_held (target, event->lookup.duration_ms * TIME_MS + TIME_MS))
    self->wrong++;
  else
    self->unheld++;
}

static SimPeer *
random_peer (Survey *self, uint64_t settled, bool may_be_bare)
{
  unsigned size = sim_world_size (self->world);
  unsigned at = sim_world_random (self->world, size);

  for (unsigned i = 0; i < size; i++) {
    SimPeer *peer = sim_world_peer (self->world, (at + i) % size);
    if (peer->node != NULL && peer->state == NODE_READY && !peer->is_rider &&
        (may_be_bare || !peer->is_bare) && peer->ready_at + settled <= sim_world_now (self->world))
      return peer;
  }
  return NULL;
}

bool
survey_ask (Survey *self, uint64_t settled)
{
  unsigned turn = self->victim != NULL ? self->turn++ % 3 : 2;
  SimPeer *asker = turn == 0 ? self->victim : random_peer (self, 0, false);
  SimPeer *target = turn == 1 ? self->victim : random_peer (self, settled, true);
  SurveyPart *part;
  uint64_t *key;

  if (asker == NULL || asker->node == NULL || target == NULL || asker == target)
    return false;
  key = g_new (uint64_t, 1);
  *key = key_of (asker, node_lookup (asker->node, target->user));
  g_hash_table_insert (self->open, key, target);
  self->asked++;
  self->asked_unheard += is_unheard (self, target);
  part = part_of (self, asker, target);
  if (part != NULL)
    part->asked++;
  return true;
}

void
survey_run (Survey *self, unsigned count, uint64_t pause)
{
  for (unsigned i = 0; i < count; i++) {
    survey_ask (self, 0);
    sim_world_run (self->world, pause);
  }
  sim_world_run (self->world, LAST_ANSWERS);
}

void
survey_reset (Survey *self)
{
  g_hash_table_remove_all (self->open);
  self->asked = self->asked_unheard = self->found = self->first_try = self->within_4 = self->wrong =
    self->unheld = self->lost = 0;
  self->by = self->of = (SurveyPart){ 0, 0 };
  memset (self->hops, 0, sizeof self->hops);
  memset (self->durations, 0, sizeof self->durations);
}

unsigned
survey_ended (const Survey *self)
{
  return self->asked - g_hash_table_size (self->open);
}

double
survey_hops_mean (const Survey *self)
{
  uint64_t sum = 0;

  for (unsigned i = 0; i < SURVEY_HOPS; i++)
    sum += (uint64_t) i * self->hops[i];
  return self->found > 0 ? (double) sum / self->found : 0;
}

static unsigned
quantile (const unsigned *counts, unsigned size, double wanted)
{
  for (unsigned i = 0; i < size; i++) {
    wanted -= counts[i];
    if (wanted <= 0)
      return i;
  }
  return size;
}

unsigned
survey_hops_quantile (const Survey *self, double share)
{
  return quantile (self->hops, SURVEY_HOPS, share * self->found);
}

unsigned
survey_ms_quantile (const Survey *self, double share)
{
  return quantile (self->durations, SURVEY_STEPS, share * self->found) * SURVEY_STEP_MS;
}

Survey *
survey_new (SimWorld *world)
{
  Survey *self = g_new0 (Survey, 1);

  self->world = world;
  self->open = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  sim_world_set_event_func (world, on_event, self);
  return self;
}

void
survey_free (Survey *self)
{
  if (self == NULL)
    return;
  sim_world_set_event_func (self->world, NULL, NULL);
  g_hash_table_unref (self->open);
  g_free (self);
}
