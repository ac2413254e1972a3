/* SPDX-License-Identifier: GPL-3.0-or-later */
/* routing-table.h: neighbors and fingers of a Chord peer: pure arithmetic on the ring
 * (RFC 6940, 10.1 and 10.3). */
#pragma once
#include "core/base/limits.h"
#include "core/base/node-id.h"

typedef struct RoutingTable RoutingTable;

RoutingTable *routing_table_new (const NodeId *own);
void routing_table_free (RoutingTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RoutingTable, routing_table_free)

/* What a change touched; a set. */
typedef enum RoutingChange {
  ROUTING_UNCHANGED = 0,
  ROUTING_NEIGHBORS = 1 << 0,   /* some entry of the Neighbor Table */
  ROUTING_SUCCESSOR = 1 << 1,   /* the first successor */
  ROUTING_PREDECESSOR = 1 << 2, /* the first predecessor, confirmed or not */
  ROUTING_RANGE = 1 << 3,       /* the range of responsible IDs */
  ROUTING_REPLICAS = 1 << 4,    /* the first two successors: the replica set */
} RoutingChange;

/* A live, directly connected peer. One that `is_confirmed` has itself named us as its successor, or
 * joined through us, or was named as our predecessor by the admitting peer: we answer for nothing
 * before there is one. Confirming an entry is a change of its own. */
RoutingChange routing_table_add (RoutingTable *self, const NodeId *id, bool is_confirmed);

/* How many peers each list may have, and how many finger entries there are. */
RoutingChange routing_table_resize (RoutingTable *self, unsigned neighbors, unsigned fingers);
size_t routing_table_capacity (const RoutingTable *self);

/* Forgets everybody. */
RoutingChange routing_table_clear (RoutingTable *self);

/* Takes a peer out of neighbors and fingers. */
RoutingChange routing_table_remove (RoutingTable *self, const NodeId *id);

/* Whether a peer of that Node-ID would be a neighbor. False for those that are. */
bool routing_table_wants (const RoutingTable *self, const NodeId *id);

/* Which of `ids` would become neighbors if all of them came. */
void
routing_table_choose (const RoutingTable *self, const NodeId *ids, size_t count, bool *ret_wanted);
bool routing_table_is_neighbor (const RoutingTable *self, const NodeId *id);

/* Whether we know every peer around `id`: it lies among our neighbors, or they are all there are.
 */
bool routing_table_is_near (const RoutingTable *self, const NodeId *id);

/* Nearest first. */
const NodeId *routing_table_successors (const RoutingTable *self, size_t *ret_count);
const NodeId *routing_table_predecessors (const RoutingTable *self, size_t *ret_count);

/* (predecessor, own]. A peer that knows no other is responsible for everything, one without a
 * confirmed predecessor for nothing. */
bool routing_table_is_responsible (const RoutingTable *self, const NodeId *id);

/* The first predecessor; false when none at all is confirmed. */
bool routing_table_range_start (const RoutingTable *self, NodeId *ret_predecessor);

/* Whether `id` is a replica of ours: one of the nearest three peers before it, ourselves not
 * counted, starts a range that holds it (10.7.3). */
bool routing_table_is_replica (const RoutingTable *self, const NodeId *id);

/* Where to send what is meant for `id` (10.3), leaving out `exclude` (may be NULL). False when
 * there is nobody to send to. */
bool routing_table_next_hop (const RoutingTable *self,
                             const NodeId *id,
                             const NodeId *exclude,
                             NodeId *ret_next);

typedef enum RoutingSide { ROUTING_BEFORE, ROUTING_BEHIND } RoutingSide;

/* Of all entries those that come next before `id`, or at and behind it, the nearest first, into the
 * caller's array of LIMIT_VICINITY. */
size_t routing_table_nearest (const RoutingTable *self,
                              const NodeId *id,
                              RoutingSide side,
                              NodeId *ret_ids);

/* ---- Fingers. Entry i, from 1, belongs to [own + 2^(128-i), own + 2^(128-i+1)). ---- */

/* The first entry without a peer whose range starts beyond the last successor, at or after
 * `after` + 1; 0 when there is none up to the largest useful one. */
unsigned routing_table_missing_finger (const RoutingTable *self, unsigned after);

/* Where the range of finger i starts, and its last ID. */
void routing_table_finger_range (const RoutingTable *self,
                                 unsigned i,
                                 NodeId *ret_first,
                                 NodeId *ret_last);

/* Enters a directly connected peer as finger i when it lies in that range; false otherwise. */
bool routing_table_set_finger (RoutingTable *self, unsigned i, const NodeId *id);

/* All fingers in ascending order of Node-ID into the caller's array of LIMIT_FINGERS. */
size_t routing_table_fingers (const RoutingTable *self, NodeId *ret_fingers);
bool routing_table_is_finger (const RoutingTable *self, const NodeId *id);

/* How many peers it has, neighbors and fingers, each counted once. */
unsigned routing_table_size (const RoutingTable *self);

/* The mean spacing of the neighbors as a fraction of the ring; 1 when alone. The overlay then has
 * about 1 / spacing peers. */
double routing_table_spacing (const RoutingTable *self);
