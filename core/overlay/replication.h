/* SPDX-License-Identifier: GPL-3.0-or-later */
/* replication.h: three copies of everything, wherever the ring moves (RFC 6940, 10.4 and 10.7.3).
 */
#pragma once
#include "core/overlay/routing-table.h"

struct Overlay;

typedef struct Replication Replication;

Replication *replication_new (struct Overlay *overlay);
void replication_free (Replication *self);

/* An original Store succeeded: copies go to the replica set now. */
void replication_stored (Replication *self, const NodeId *resource);

/* Neighbors changed. New members of the replica set get copies, at once when they came closer, and
 * after the hold-down time when somebody was lost; what is no longer ours goes to whom it belongs.
 */
void replication_topology_changed (Replication *self, RoutingChange change);

/* A peer has said good-bye: its copies are surely gone, and need not be waited for. */
void replication_skip_hold_down (Replication *self);

/* Everything a joining peer will be responsible for, or keep copies of (10.5, step 6). */
void replication_hand_over (Replication *self, const NodeId *joining);

/* Before leaving: what only we are responsible for goes to the successor. */
void replication_hand_over_all (Replication *self);
