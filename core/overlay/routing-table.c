/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/routing-table.h"

#include <string.h>

/* Two lists sorted by distance from us, clockwise and counter-clockwise. In a small ring a peer
 * stands in both. Fingers are a short list sorted by their index. */

typedef struct Finger {
  unsigned index;
  NodeId id;
} Finger;

typedef struct Side {
  NodeId *ids; /* owned; room for `capacity` of them */
  size_t count;
  bool is_confirmed[LIMIT_NEIGHBORS_TUNED]; /* means nothing for successors */
} Side;

/* What others are told of when it changes. */
typedef struct Outline {
  NodeId successors[2];
  size_t successor_count;
  NodeId predecessor;
  size_t predecessor_count;
  bool has_start;
  NodeId start;
} Outline;

struct RoutingTable {
  NodeId own;
  size_t capacity;      /* of a side */
  unsigned finger_last; /* index of the last entry */
  Side successors;
  Side predecessors;
  size_t finger_count;
  Finger *fingers; /* owned; NULL before the first */
};

RoutingTable *
routing_table_new (const NodeId *own)
{
  RoutingTable *self = g_new0 (RoutingTable, 1);

  self->own = *own;
  self->capacity = LIMIT_NEIGHBORS;
  self->finger_last = LIMIT_FINGERS;
  self->successors.ids = g_new (NodeId, self->capacity);
  self->predecessors.ids = g_new (NodeId, self->capacity);
  return self;
}

void
routing_table_free (RoutingTable *self)
{
  if (self == NULL)
    return;
  g_free (self->successors.ids);
  g_free (self->predecessors.ids);
  g_free (self->fingers);
  g_free (self);
}

/* How far `id` is from us on that side. */
static NodeId
distance (const RoutingTable *self, const Side *side, const NodeId *id)
{
  return side == &self->successors ? node_id_distance (&self->own, id)
                                   : node_id_distance (id, &self->own);
}

/* Where `id` stands or would stand: the first place not nearer than it. */
static size_t
place_of (const RoutingTable *self, const Side *side, const NodeId *id)
{
  NodeId wanted = distance (self, side, id);
  size_t i = 0;

  for (; i < side->count; i++) {
    NodeId there = distance (self, side, &side->ids[i]);
    if (node_id_compare (&there, &wanted) >= 0)
      break;
  }
  return i;
}

static bool
holds (const Side *side, size_t place, const NodeId *id)
{
  return place < side->count && node_id_equal (&side->ids[place], id);
}

static bool
side_add (const RoutingTable *self, Side *side, const NodeId *id, bool is_confirmed)
{
  size_t i = place_of (self, side, id);
  size_t tail;

  if (holds (side, i, id)) {
    bool was_confirmed = side->is_confirmed[i];
    side->is_confirmed[i] = was_confirmed || is_confirmed;
    return !was_confirmed && is_confirmed;
  }
  if (i == self->capacity)
    return false;
  tail = MIN (side->count, self->capacity - 1) - i;
  memmove (&side->ids[i + 1], &side->ids[i], tail * sizeof side->ids[0]);
  memmove (&side->is_confirmed[i + 1], &side->is_confirmed[i], tail * sizeof (bool));
  side->ids[i] = *id;
  side->is_confirmed[i] = is_confirmed;
  side->count = MIN (side->count + 1, self->capacity);
  return true;
}

static void
side_resize (Side *side, size_t capacity)
{
  side->ids = g_renew (NodeId, side->ids, capacity);
  side->count = MIN (side->count, capacity);
}

static bool
side_remove (const RoutingTable *self, Side *side, const NodeId *id)
{
  size_t i = place_of (self, side, id);

  if (!holds (side, i, id))
    return false;
  side->count--;
  memmove (&side->ids[i], &side->ids[i + 1], (side->count - i) * sizeof side->ids[0]);
  memmove (&side->is_confirmed[i], &side->is_confirmed[i + 1], (side->count - i) * sizeof (bool));
  return true;
}

static Outline
outline_of (const RoutingTable *self)
{
  Outline outline = {
    .successor_count = self->successors.count,
    .predecessor_count = self->predecessors.count,
  };

  for (size_t i = 0; i < MIN (self->successors.count, G_N_ELEMENTS (outline.successors)); i++)
    outline.successors[i] = self->successors.ids[i];
  if (self->predecessors.count > 0)
    outline.predecessor = self->predecessors.ids[0];
  outline.has_start = routing_table_range_start (self, &outline.start);
  return outline;
}

static bool
first_differs (const NodeId *a, size_t a_count, const NodeId *b, size_t b_count, size_t depth)
{
  for (size_t i = 0; i < depth; i++) {
    if ((i < a_count) != (i < b_count))
      return true;
    if (i < a_count && !node_id_equal (&a[i], &b[i]))
      return true;
  }
  return false;
}

static bool
successors_differ (const Outline *a, const Outline *b, size_t depth)
{
  return first_differs (a->successors, a->successor_count, b->successors, b->successor_count,
                        depth);
}

/* What the step from `before` to now amounts to. */
static RoutingChange
compare (const RoutingTable *self, const Outline *before, bool is_changed)
{
  RoutingChange change = is_changed ? ROUTING_NEIGHBORS : ROUTING_UNCHANGED;
  Outline now = outline_of (self);

  if (successors_differ (&now, before, 1))
    change |= ROUTING_SUCCESSOR;
  if (successors_differ (&now, before, 2))
    change |= ROUTING_REPLICAS;
  if (first_differs (&now.predecessor, now.predecessor_count, &before->predecessor,
                     before->predecessor_count, 1))
    change |= ROUTING_PREDECESSOR;
  if (now.has_start != before->has_start ||
      (now.has_start && !node_id_equal (&now.start, &before->start)))
    change |= ROUTING_RANGE;
  return change;
}

RoutingChange
routing_table_add (RoutingTable *self, const NodeId *id, bool is_confirmed)
{
  Outline before = outline_of (self);
  bool is_changed;

  if (node_id_equal (id, &self->own))
    return ROUTING_UNCHANGED;
  is_changed = side_add (self, &self->successors, id, true);
  is_changed = side_add (self, &self->predecessors, id, is_confirmed) || is_changed;
  return compare (self, &before, is_changed);
}

static void
remove_finger (RoutingTable *self, const NodeId *id)
{
  size_t kept = 0;

  for (size_t i = 0; i < self->finger_count; i++)
    if (!node_id_equal (&self->fingers[i].id, id))
      self->fingers[kept++] = self->fingers[i];
  self->finger_count = kept;
}

RoutingChange
routing_table_resize (RoutingTable *self, unsigned neighbors, unsigned fingers)
{
  Outline before = outline_of (self);

  g_assert (neighbors > 0 && neighbors <= LIMIT_NEIGHBORS_TUNED && fingers <= LIMIT_FINGERS);
  self->capacity = neighbors;
  self->finger_last = fingers;
  side_resize (&self->successors, neighbors);
  side_resize (&self->predecessors, neighbors);
  return compare (self, &before,
                  before.successor_count > neighbors || before.predecessor_count > neighbors);
}

size_t
routing_table_capacity (const RoutingTable *self)
{
  return self->capacity;
}

RoutingChange
routing_table_clear (RoutingTable *self)
{
  Outline before = outline_of (self);

  self->successors.count = 0;
  self->predecessors.count = 0;
  self->finger_count = 0;
  return compare (self, &before, before.successor_count > 0 || before.predecessor_count > 0);
}

RoutingChange
routing_table_remove (RoutingTable *self, const NodeId *id)
{
  Outline before = outline_of (self);
  bool is_changed = side_remove (self, &self->successors, id);

  is_changed = side_remove (self, &self->predecessors, id) || is_changed;
  remove_finger (self, id);
  return compare (self, &before, is_changed);
}

static bool
side_wants (const RoutingTable *self, const Side *side, const NodeId *id)
{
  size_t i = place_of (self, side, id);

  return i < self->capacity && !holds (side, i, id);
}

bool
routing_table_wants (const RoutingTable *self, const NodeId *id)
{
  return !node_id_equal (id, &self->own) &&
         (side_wants (self, &self->successors, id) || side_wants (self, &self->predecessors, id));
}

void
routing_table_choose (const RoutingTable *self, const NodeId *ids, size_t count, bool *ret_wanted)
{
  NodeId after[LIMIT_NEIGHBORS_TUNED];
  NodeId before[LIMIT_NEIGHBORS_TUNED];
  RoutingTable all = *self;

  all.successors.ids = memcpy (after, self->successors.ids, self->successors.count * sizeof *after);
  all.predecessors.ids =
    memcpy (before, self->predecessors.ids, self->predecessors.count * sizeof *before);
  for (size_t i = 0; i < count; i++)
    if (!node_id_equal (&ids[i], &self->own)) {
      side_add (&all, &all.successors, &ids[i], false);
      side_add (&all, &all.predecessors, &ids[i], false);
    }
  for (size_t i = 0; i < count; i++)
    ret_wanted[i] =
      routing_table_wants (self, &ids[i]) && routing_table_is_neighbor (&all, &ids[i]);
}

bool
routing_table_is_neighbor (const RoutingTable *self, const NodeId *id)
{
  return holds (&self->successors, place_of (self, &self->successors, id), id) ||
         holds (&self->predecessors, place_of (self, &self->predecessors, id), id);
}

/* How many of the predecessors are successors too: then the lists overlap, and the ring is known
 * whole. */
static size_t
count_common (const RoutingTable *self)
{
  size_t common = 0;

  for (size_t i = 0; i < self->predecessors.count; i++)
    for (size_t k = 0; k < self->successors.count; k++)
      common += node_id_equal (&self->predecessors.ids[i], &self->successors.ids[k]);
  return common;
}

bool
routing_table_is_near (const RoutingTable *self, const NodeId *id)
{
  const Side *after = &self->successors;
  const Side *before = &self->predecessors;

  if (after->count < self->capacity || before->count < self->capacity || count_common (self) > 0)
    return true;
  return node_id_in_arc (id, &before->ids[before->count - 1], &after->ids[after->count - 1]);
}

const NodeId *
routing_table_successors (const RoutingTable *self, size_t *ret_count)
{
  *ret_count = self->successors.count;
  return self->successors.ids;
}

const NodeId *
routing_table_predecessors (const RoutingTable *self, size_t *ret_count)
{
  *ret_count = self->predecessors.count;
  return self->predecessors.ids;
}

/* When many have died, one whose successor we are may be far behind, while those of the living who
 * are nearer have yet to name us: we are in the ring, but what lies before these is not ours
 * (threats 2.4). Who has died without our notice leaves a gap until his link fails; to answer there
 * for somebody who lives would be worse. */
bool
routing_table_range_start (const RoutingTable *self, NodeId *ret_predecessor)
{
  for (size_t i = 0; i < self->predecessors.count; i++)
    if (self->predecessors.is_confirmed[i]) {
      *ret_predecessor = self->predecessors.ids[0];
      return true;
    }
  return false;
}

bool
routing_table_is_responsible (const RoutingTable *self, const NodeId *id)
{
  NodeId start;

  if (self->successors.count == 0 && self->predecessors.count == 0)
    return true;
  return routing_table_range_start (self, &start) && node_id_in_arc (id, &start, &self->own);
}

bool
routing_table_is_replica (const RoutingTable *self, const NodeId *id)
{
  const Side *side = &self->predecessors;

  /* Fewer than four peers: everybody holds everything. */
  if (side->count < 3)
    return true;
  return node_id_in_arc (id, &side->ids[2], &self->own);
}

/* Keeps in *best the candidate nearest before `id`. */
static void
consider (const RoutingTable *self,
          const NodeId *candidate,
          const NodeId *id,
          const NodeId *exclude,
          bool *has_best,
          NodeId *best)
{
  if (exclude != NULL && node_id_equal (candidate, exclude))
    return;
  if (!node_id_in_arc (candidate, &self->own, id))
    return;
  if (*has_best && (node_id_equal (best, id) || !node_id_in_arc (candidate, best, id)))
    return;
  *best = *candidate;
  *has_best = true;
}

bool
routing_table_next_hop (const RoutingTable *self,
                        const NodeId *id,
                        const NodeId *exclude,
                        NodeId *ret_next)
{
  bool has_best = false;
  NodeId best;

  for (size_t i = 0; i < self->successors.count; i++)
    consider (self, &self->successors.ids[i], id, exclude, &has_best, &best);
  for (size_t i = 0; i < self->predecessors.count; i++)
    consider (self, &self->predecessors.ids[i], id, exclude, &has_best, &best);
  for (size_t i = 0; i < self->finger_count; i++)
    consider (self, &self->fingers[i].id, id, exclude, &has_best, &best);
  for (size_t i = 0; !has_best && i < self->successors.count; i++)
    if (exclude == NULL || !node_id_equal (&self->successors.ids[i], exclude)) {
      best = self->successors.ids[i];
      has_best = true;
    }
  if (has_best)
    *ret_next = best;
  return has_best;
}

static NodeId
gap (const NodeId *id, RoutingSide side, const NodeId *entry)
{
  return side == ROUTING_BEHIND ? node_id_distance (id, entry) : node_id_distance (entry, id);
}

/* Keeps the list in order, and each in it once. */
static size_t
insert_nearest (const NodeId *id, RoutingSide side, const NodeId *entry, NodeId *ids, size_t count)
{
  NodeId wanted = gap (id, side, entry);
  size_t i = count;

  if (side == ROUTING_BEFORE && node_id_equal (entry, id))
    return count;
  for (; i > 0; i--) {
    NodeId there = gap (id, side, &ids[i - 1]);
    int order = node_id_compare (&there, &wanted);
    if (order == 0)
      return count;
    if (order < 0)
      break;
  }
  if (i == LIMIT_VICINITY)
    return count;
  count = MIN (count + 1, (size_t) LIMIT_VICINITY);
  memmove (&ids[i + 1], &ids[i], (count - 1 - i) * sizeof *ids);
  ids[i] = *entry;
  return count;
}

size_t
routing_table_nearest (const RoutingTable *self,
                       const NodeId *id,
                       RoutingSide side,
                       NodeId *ret_ids)
{
  size_t count = 0;

  for (size_t i = 0; i < self->successors.count; i++)
    count = insert_nearest (id, side, &self->successors.ids[i], ret_ids, count);
  for (size_t i = 0; i < self->predecessors.count; i++)
    count = insert_nearest (id, side, &self->predecessors.ids[i], ret_ids, count);
  for (size_t i = 0; i < self->finger_count; i++)
    count = insert_nearest (id, side, &self->fingers[i].id, ret_ids, count);
  return count;
}

static bool
has_finger (const RoutingTable *self, unsigned i)
{
  for (size_t f = 0; f < self->finger_count; f++)
    if (self->fingers[f].index == i)
      return true;
  return false;
}

unsigned
routing_table_missing_finger (const RoutingTable *self, unsigned after)
{
  const Side *side = &self->successors;

  if (side->count < self->capacity)
    return 0;
  for (unsigned i = after + 1; i <= self->finger_last; i++) {
    NodeId first, last;
    routing_table_finger_range (self, i, &first, &last);
    if (node_id_in_arc (&last, &self->own, &side->ids[side->count - 1]))
      return 0;
    if (!has_finger (self, i))
      return i;
  }
  return 0;
}

void
routing_table_finger_range (const RoutingTable *self,
                            unsigned i,
                            NodeId *ret_first,
                            NodeId *ret_last)
{
  NodeId end;
  static const NodeId one = { .bytes = { [NODE_ID_SIZE - 1] = 1 } };

  g_assert (i >= 1 && i <= LIMIT_FINGERS);
  *ret_first = node_id_add_power (&self->own, 128 - i);
  end = node_id_add_power (ret_first, 128 - i);
  *ret_last = node_id_distance (&one, &end);
}

bool
routing_table_set_finger (RoutingTable *self, unsigned i, const NodeId *id)
{
  NodeId first, last, before;
  static const NodeId one = { .bytes = { [NODE_ID_SIZE - 1] = 1 } };
  size_t f = 0;

  routing_table_finger_range (self, i, &first, &last);
  before = node_id_distance (&one, &first);
  if (!node_id_in_arc (id, &before, &last) || node_id_equal (id, &self->own))
    return false;
  while (f < self->finger_count && self->fingers[f].index != i)
    f++;
  if (f == self->finger_count)
    self->fingers = g_renew (Finger, self->fingers, ++self->finger_count);
  self->fingers[f] = (Finger){ i, *id };
  return true;
}

size_t
routing_table_fingers (const RoutingTable *self, NodeId *ret_fingers)
{
  size_t count = 0;

  for (size_t f = 0; f < self->finger_count; f++) {
    size_t i = count++;
    for (; i > 0 && node_id_compare (&ret_fingers[i - 1], &self->fingers[f].id) > 0; i--)
      ret_fingers[i] = ret_fingers[i - 1];
    ret_fingers[i] = self->fingers[f].id;
  }
  return count;
}

bool
routing_table_is_finger (const RoutingTable *self, const NodeId *id)
{
  for (size_t f = 0; f < self->finger_count; f++)
    if (node_id_equal (&self->fingers[f].id, id))
      return true;
  return false;
}

unsigned
routing_table_size (const RoutingTable *self)
{
  size_t size = self->successors.count + self->predecessors.count - count_common (self);

  for (size_t f = 0; f < self->finger_count; f++) {
    bool is_counted = routing_table_is_neighbor (self, &self->fingers[f].id);
    for (size_t earlier = 0; earlier < f; earlier++)
      is_counted = is_counted || node_id_equal (&self->fingers[earlier].id, &self->fingers[f].id);
    size += !is_counted;
  }
  return (unsigned) size;
}

double
routing_table_spacing (const RoutingTable *self)
{
  const Side *after = &self->successors;
  const Side *before = &self->predecessors;
  size_t common = count_common (self);
  NodeId ahead, behind;

  if (after->count == 0 || before->count == 0)
    return 1;
  if (common > 0)
    return 1.0 / (double) (after->count + before->count - common + 1);
  ahead = node_id_distance (&self->own, &after->ids[after->count - 1]);
  behind = node_id_distance (&before->ids[before->count - 1], &self->own);
  return (node_id_fraction (&ahead) + node_id_fraction (&behind)) /
         (double) (after->count + before->count);
}
