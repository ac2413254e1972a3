/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/walk-map.h"

#include "core/overlay/overlay-private.h"

#include <string.h>

/* No step may name more holders: it may lie. */
enum { NAMED = 8 };

/* What a way costs, in questions that may be needed. */
#define UNTRIED 0.5 /* through a peer that has not shown yet that it passes messages on */
#define PENDING 2.0 /* for each question on trial through such a peer */
#define LOST    4.0 /* for each that was lost there */

/* So many peers, as far as spacing tells, have three among them in 98 of 100 cases. */
#define HOLDERS_WITHIN 8.0

G_STATIC_ASSERT (LIMIT_WALK_PEERS <= 64);
G_STATIC_ASSERT (LIMIT_WALK_PATH <= LIMIT_DESTINATIONS);

double
walk_map_peers_between (const WalkMap *self, const NodeId *from, const NodeId *to)
{
  const Topology *topology = &self->overlay->topology;
  NodeId distance = node_id_distance (from, to);

  return node_id_fraction (&distance) * topology->plugin->estimate (topology->self);
}

/* How many peers lie between a step and the target. One behind the target knows of it only what
 * its own neighbors are. */
double
walk_map_rank (const WalkMap *self, const NodeId *id)
{
  double before = walk_map_peers_between (self, id, &self->target);
  double behind = walk_map_peers_between (self, &self->target, id);

  return behind < LIMIT_NEIGHBORS / 2 ? MIN (before, behind) : before;
}

unsigned
walk_map_hops (const WalkMap *self, const NodeId *id)
{
  return (unsigned) g_bit_storage ((gulong) walk_map_rank (self, id));
}

int
walk_map_find (const WalkMap *self, const NodeId *id)
{
  for (int i = 0; i < self->step_count; i++)
    if (node_id_equal (&self->steps[i].id, id))
      return i;
  return WALK_NOBODY;
}

/* Through it nothing came back yet, and something was lost. */
bool
walk_step_is_bad (const WalkStep *step)
{
  return step->state == WALK_STEP_FAILED || step->is_liar || (step->losses > 0 && !step->passes);
}

/* The less the better. */
double
walk_step_toll (const WalkStep *step)
{
  if (step->is_liar)
    return LOST;
  if (step->passes)
    return 0;
  return UNTRIED + PENDING * step->pending + LOST * step->losses;
}

/* Of the way through a step; nothing for WALK_NOBODY. */
double
walk_map_toll (const WalkMap *self, int step)
{
  double toll = 0;

  for (int i = step; i != WALK_NOBODY; i = self->steps[i].before)
    toll += walk_step_toll (&self->steps[i]);
  return toll;
}

bool
walk_map_leads_through (const WalkMap *self, int step, const NodeId *id)
{
  for (int i = step; i != WALK_NOBODY; i = self->steps[i].before)
    if (node_id_equal (&self->steps[i].id, id))
      return true;
  return false;
}

/* The path to a step; returns its length. */
size_t
walk_map_path (const WalkMap *self, int step, Destination *ret_path)
{
  size_t depth = self->steps[step].depth;

  for (int i = step; i != WALK_NOBODY; i = self->steps[i].before)
    ret_path[self->steps[i].depth - 1] = destination_of_node (&self->steps[i].id);
  return depth;
}

/* Known already, but not reached: by this way perhaps. */
void
walk_map_lead_to (WalkMap *self, int step, int before)
{
  WalkStep *known = &self->steps[step];
  bool is_better = walk_map_toll (self, before) < walk_map_toll (self, known->before);

  if (known->before == WALK_NOBODY || known->before == before || known->state == WALK_STEP_ASKED ||
      known->state == WALK_STEP_ANSWERED || (known->state == WALK_STEP_WAITING && !is_better))
    return;
  known->before = before;
  known->depth = self->steps[before].depth + 1;
  known->state = WALK_STEP_WAITING;
}

void
walk_map_add_step (WalkMap *self, const NodeId *id, int before)
{
  size_t depth = before == WALK_NOBODY ? 1 : self->steps[before].depth + 1;
  int i = walk_map_find (self, id);

  if (depth >= LIMIT_WALK_PATH || node_id_equal (id, &self->overlay->id) ||
      (before != WALK_NOBODY && walk_map_leads_through (self, before, id)))
    return;
  if (i == WALK_NOBODY && self->step_count < LIMIT_WALK_PEERS)
    self->steps[self->step_count++] = (WalkStep){
      .id = *id,
      .before = before,
      .depth = depth,
      .named_last = WALK_NOBODY,
      .losses = doubts_has (&self->overlay->doubts, id, overlay_now (self->overlay)),
    };
  else if (i != WALK_NOBODY && before != WALK_NOBODY)
    walk_map_lead_to (self, i, before);
}

static bool
was_heard (const WalkMap *self, const NodeId *id)
{
  for (unsigned i = 0; i < MIN (self->heard_count, (unsigned) WALK_HOLDERS); i++)
    if (node_id_equal (&self->heard[i], id))
      return true;
  return false;
}

void
walk_map_add_holder (WalkMap *self, int namer, const NodeId *id)
{
  NodeId distance = node_id_distance (&self->target, id);
  uint64_t by = UINT64_C (1) << namer;
  size_t place = 0;

  self->steps[namer].has_named = true;
  for (; place < self->holder_count; place++) {
    NodeId there = node_id_distance (&self->target, &self->holders[place].id);
    int order = node_id_compare (&distance, &there);
    if (order == 0)
      self->holders[place].named_by |= by;
    if (order == 0)
      return;
    if (order < 0)
      break;
  }
  if (node_id_equal (id, &self->overlay->id) || self->steps[namer].named == NAMED ||
      place == WALK_HOLDERS)
    return;
  self->steps[namer].named++;
  self->holder_count = MIN (self->holder_count + 1, (size_t) WALK_HOLDERS);
  memmove (&self->holders[place + 1], &self->holders[place],
           (self->holder_count - place - 1) * sizeof self->holders[0]);
  self->holders[place] =
    (WalkHolder){ .id = *id, .named_by = by, .is_heard = was_heard (self, id) };
}

void
walk_map_hear (WalkMap *self, const NodeId *id)
{
  self->heard[self->heard_count++ % WALK_HOLDERS] = *id;
  for (size_t i = 0; i < self->holder_count; i++)
    self->holders[i].is_heard =
      self->holders[i].is_heard || node_id_equal (&self->holders[i].id, id);
}

void
walk_map_miss (WalkMap *self, const NodeId *id)
{
  for (size_t i = 0; i < self->holder_count; i++)
    self->holders[i].is_silent =
      self->holders[i].is_silent || node_id_equal (&self->holders[i].id, id);
}

bool
walk_map_is_passed (const WalkMap *self, const NodeId *id)
{
  for (size_t i = 0; i < self->holder_count; i++)
    if (node_id_equal (&self->holders[i].id, id))
      return self->holders[i].is_heard || self->holders[i].is_silent;
  return false;
}

bool
walk_map_is_spent (const WalkMap *self, int step)
{
  for (size_t i = 0; i < self->holder_count; i++) {
    const WalkHolder *holder = &self->holders[i];
    if ((holder->named_by & UINT64_C (1) << step) != 0 && !holder->is_heard && !holder->is_silent)
      return false;
  }
  return self->steps[step].has_named;
}

static unsigned
count_bits (uint64_t set)
{
  unsigned count = 0;

  for (; set != 0; set &= set - 1)
    count++;
  return count;
}

bool
walk_map_is_heard (const WalkMap *self, size_t count, unsigned witnesses)
{
  if (self->holder_count < count ||
      walk_map_peers_between (self, &self->target, &self->holders[count - 1].id) > HOLDERS_WITHIN)
    return false;
  for (size_t i = 0; i < count; i++)
    if (!self->holders[i].is_heard)
      return false;
  return count_bits (self->holders[0].named_by) >= witnesses;
}

bool
walk_map_has_holder (const WalkMap *self, const NodeId *id)
{
  for (size_t i = 0; i < self->holder_count; i++)
    if (node_id_equal (&self->holders[i].id, id))
      return true;
  return false;
}
