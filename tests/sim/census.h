/* SPDX-License-Identifier: GPL-3.0-or-later */
/* census.h: what a simulated world looks like to somebody who sees all of it. */
#pragma once
#include "tests/sim/world.h"

/* The running peers in the order of the ring; clients are none. */
GPtrArray *census_ring (SimWorld *world);

/* How many they are. */
unsigned census_peers (SimWorld *world);

/* How many running nodes have the right first successor in the ring of all running nodes. */
unsigned census_right_successors (SimWorld *world);

/* How many of them answer for exactly what lies between their true predecessor and themselves. */
unsigned census_right_owners (SimWorld *world);

/* How many of them have exactly their true neighbors in both lists, and links to all they know. */
unsigned census_right_tables (SimWorld *world);

/* How much of the ring, 0..1, is answered for by peers that do not own it. */
double census_wrong_claims (SimWorld *world);

/* One ring of all running nodes; the form of a condition of sim_world_run_until(). */
bool census_is_one_ring (SimWorld *world, void *user_data);

/* Who, of the running nodes, should answer for what is stored at `id`. */
SimPeer *census_owner_of (SimWorld *world, const NodeId *id);
SimPeer *census_owner_in (const GPtrArray *ring, const NodeId *id);

/* Whether that peer, which may be NULL, has something there. */
bool census_holds (const SimPeer *peer, const NodeId *id);

/* How many peers that have been on the air for `settled` microseconds would not be found: who owns
 * the place of their registration does not hold it. */
unsigned census_unheld (SimWorld *world, uint64_t settled);

/* How many of the running nodes hold something at `id`. */
unsigned census_holders (SimWorld *world, const NodeId *id);

/* Whether the one whom look-ups lead to has it, and has had it for `age` microseconds. */
bool census_owner_holds (SimWorld *world, const NodeId *id, uint64_t age);

/* The places at which any running node holds something: a set of NodeId, owned by the caller. */
GHashTable *census_held (SimWorld *world);

/* One line for each running node whose place in the ring is wrong, for people who look. */
void census_print (SimWorld *world);
