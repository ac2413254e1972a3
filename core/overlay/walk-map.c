/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/walk-map.h"

#include "core/overlay/overlay-private.h"

#include <string.h>

/* What a way costs, in questions that may be needed. */
#define UNTRIED 0.5 /* through a peer that has not shown yet that it passes messages on */
#define PENDING 2.0 /* for each question on trial through such a peer */
#define LOST    4.0 /* for each that was lost there */
#define DROPPED 1.0 /* for each request that came to nothing: the holder may be at fault */

/* So many peers, as far as spacing tells, have three among them in 98 of 100 cases, and so many
 * nearly always. */
#define HOLDERS_WITHIN 8.0
#define HOLDERS_EVER   24.0

/* Of those that should be around the target at least so many have answered when all that count are
 * known: of places without an attacker one in a hundred has fewer, and a third of all in league can
 * show as many at about as few. */
#define AROUND 24.0
#define DENSE  0.55

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
  return step->state == WALK_STEP_FAILED || (step->losses > 0 && !step->passes);
}

static double
toll_of (const WalkStep *step)
{
  return step->passes ? 0 : UNTRIED + PENDING * step->pending + LOST * step->losses;
}

double
walk_map_toll (const WalkMap *self, int step)
{
  double toll = 0;

  for (int i = step; i != WALK_NOBODY; i = self->steps[i].before)
    toll += toll_of (&self->steps[i]);
  return toll;
}

double
walk_map_request_toll (const WalkMap *self, int step)
{
  double toll = walk_map_toll (self, step);

  for (int i = step; i != WALK_NOBODY; i = self->steps[i].before)
    toll += DROPPED * self->steps[i].drops;
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
static void
lead_to (WalkMap *self, int step, int before)
{
  WalkStep *known = &self->steps[step];
  bool is_better = walk_map_toll (self, before) < walk_map_toll (self, known->before);

  if (known->before == WALK_NOBODY || known->before == before || known->state == WALK_STEP_ASKED ||
      known->state == WALK_STEP_ANSWERED || (known->state == WALK_STEP_WAITING && !is_better) ||
      self->steps[before].depth + 1 >= LIMIT_WALK_PATH)
    return;
  known->before = before;
  known->depth = self->steps[before].depth + 1;
  known->state = WALK_STEP_WAITING;
}

/* NULL when there is none that `id` is nearer than. */
static WalkStep *
place_for (WalkMap *self, const NodeId *id)
{
  WalkStep *farthest = NULL;
  double rank = walk_map_rank (self, id);

  if (self->step_count < LIMIT_WALK_PEERS)
    return &self->steps[self->step_count++];
  for (int i = 0; i < self->step_count; i++) {
    WalkStep *step = &self->steps[i];
    double there = walk_map_rank (self, &step->id);
    if (step->asked == 0 && there > rank) {
      farthest = step;
      rank = there;
    }
  }
  return farthest;
}

bool
walk_map_add_step (WalkMap *self, const NodeId *id, int before)
{
  size_t depth = before == WALK_NOBODY ? 1 : self->steps[before].depth + 1;
  uint64_t by = before == WALK_NOBODY ? 0 : UINT64_C (1) << before;
  int i = walk_map_find (self, id);
  WalkStep *step;

  if (depth >= LIMIT_WALK_PATH || node_id_equal (id, &self->overlay->id) ||
      (before != WALK_NOBODY && walk_map_leads_through (self, before, id)))
    return false;
  if (i != WALK_NOBODY) {
    self->steps[i].named_by |= by;
    if (before != WALK_NOBODY)
      lead_to (self, i, before);
    return false;
  }
  step = place_for (self, id);
  if (step == NULL)
    return false;
  *step = (WalkStep){
    .id = *id,
    .before = before,
    .named_by = by,
    .depth = depth,
    .losses = doubts_has (&self->overlay->doubts, id, overlay_now (self->overlay)),
  };
  return true;
}

void
walk_map_find_another_way (WalkMap *self, int step)
{
  const WalkStep *lost = &self->steps[step];
  int best = WALK_NOBODY;

  for (int i = 0; i < self->step_count; i++)
    if ((lost->named_by & UINT64_C (1) << i) != 0 && !walk_step_is_bad (&self->steps[i]) &&
        !walk_map_leads_through (self, i, &lost->id) &&
        (best == WALK_NOBODY || walk_map_toll (self, i) < walk_map_toll (self, best)))
      best = i;
  if (best != WALK_NOBODY)
    lead_to (self, step, best);
}

static bool
was_heard (const WalkMap *self, const NodeId *id)
{
  for (unsigned i = 0; i < MIN (self->heard_count, (unsigned) WALK_HOLDERS); i++)
    if (node_id_equal (&self->heard[i], id))
      return true;
  return false;
}

static unsigned
count_bits (uint64_t set)
{
  unsigned count = 0;

  for (; set != 0; set &= set - 1)
    count++;
  return count;
}

static bool
is_behind (const WalkMap *self, const NodeId *id, double within)
{
  double behind = walk_map_peers_between (self, &self->target, id);

  return behind <= within && behind <= walk_map_peers_between (self, id, &self->target);
}

bool
walk_map_may_hold (const WalkMap *self, const NodeId *id)
{
  return is_behind (self, id, HOLDERS_EVER);
}

/* Of those that have not answered the one that the fewest know of: whoever says what is not may say
 * much. The farthest of such, or of all. */
static size_t
least_known (const WalkMap *self)
{
  size_t least = self->holder_count - 1;

  for (size_t i = self->holder_count; i-- > 0;) {
    const WalkHolder *holder = &self->holders[i];
    const WalkHolder *there = &self->holders[least];
    if (!holder->is_reached &&
        (there->is_reached || count_bits (holder->named_by) < count_bits (there->named_by)))
      least = i;
  }
  return least;
}

static void
remove_holder (WalkMap *self, size_t place)
{
  self->holder_count--;
  memmove (&self->holders[place], &self->holders[place + 1],
           (self->holder_count - place) * sizeof self->holders[0]);
}

bool
walk_map_add_holder (WalkMap *self, int namer, const NodeId *id)
{
  NodeId distance = node_id_distance (&self->target, id);
  uint64_t by = UINT64_C (1) << namer;
  size_t place = 0;

  if (node_id_equal (id, &self->overlay->id))
    return false;
  for (size_t i = 0; i < self->holder_count; i++)
    if (node_id_equal (&self->holders[i].id, id)) {
      self->holders[i].named_by |= by;
      return false;
    }
  if (self->holder_count == WALK_HOLDERS)
    remove_holder (self, least_known (self));
  for (; place < self->holder_count; place++) {
    NodeId there = node_id_distance (&self->target, &self->holders[place].id);
    if (node_id_compare (&distance, &there) < 0)
      break;
  }
  memmove (&self->holders[place + 1], &self->holders[place],
           (self->holder_count - place) * sizeof self->holders[0]);
  self->holder_count++;
  self->holders[place] =
    (WalkHolder){ .id = *id, .named_by = by, .is_heard = was_heard (self, id) };
  return true;
}

void
walk_map_reach (WalkMap *self, const NodeId *id)
{
  for (size_t i = 0; i < self->holder_count; i++)
    self->holders[i].is_reached =
      self->holders[i].is_reached || node_id_equal (&self->holders[i].id, id);
}

size_t
walk_map_worth (const WalkMap *self, size_t copies)
{
  size_t reached = 0;
  size_t count = 0;

  while (count < self->holder_count &&
         (reached < copies || is_behind (self, &self->holders[count].id, HOLDERS_WITHIN)))
    reached += self->holders[count++].is_reached;
  return count;
}

const WalkHolder *
walk_map_find_holder (const WalkMap *self, const NodeId *id)
{
  for (size_t i = 0; i < self->holder_count; i++)
    if (node_id_equal (&self->holders[i].id, id))
      return &self->holders[i];
  return NULL;
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
walk_map_is_in_vain (const WalkMap *self)
{
  return self->holder_count > 0 && (self->holders[0].is_heard || self->holders[0].is_silent);
}

/* Those who have answered where `among` peers should be, half of them before the target. */
static unsigned
count_around (const WalkMap *self, double among)
{
  unsigned count = 0;

  for (int i = 0; i < self->step_count; i++) {
    const WalkStep *step = &self->steps[i];
    count += step->state == WALK_STEP_ANSWERED &&
             (walk_map_peers_between (self, &step->id, &self->target) <= among / 2 ||
              walk_map_peers_between (self, &self->target, &step->id) <= among / 2);
  }
  return count;
}

bool
walk_map_is_heard (const WalkMap *self, size_t count, unsigned witnesses)
{
  if (self->holder_count < count ||
      !is_behind (self, &self->holders[count - 1].id, HOLDERS_WITHIN) ||
      count_bits (self->holders[0].named_by) < witnesses)
    return false;
  for (size_t i = 0; i < count; i++)
    if (!self->holders[i].is_heard)
      return false;
  return count_around (self, AROUND) >= DENSE * AROUND;
}
