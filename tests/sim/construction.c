/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/construction.h"

#include "core/node-private.h"
#include "core/overlay/chord-private.h"
#include "tests/sim/census.h"

/* Joining costs messages: a newcomer among n peers changes sixteen tables, of which each is told to
 * everybody who has a link there. Large rings are therefore made: the peers are put in order, the
 * lists are what comes next in that order, a finger is the first peer of its range, and links are
 * wired for both. */

#define AGE (24 * TIME_HOUR)

#define STORING         (5 * TIME_SECOND) /* until everybody has begun to */
#define STORING_OF_MANY (20 * TIME_SECOND)

/* Of so many peers what all do at once would be a good part of the memory. */
enum { PLACES = 8, STEPS = 100, MANY = 20000 };

static Chord *
chord_of (const SimPeer *peer)
{
  return peer->node->overlay->topology.self;
}

static SimPeer *
at (const GPtrArray *ring, guint place)
{
  return g_ptr_array_index (ring, place % ring->len);
}

static Connection *
open_link (SimPeer *peer, SimPeer *to, bool is_ours)
{
  Connection *connection =
    connection_table_open (peer->node->overlay->connections, CONNECTION_OVERLAY, sim_peer_id (to));

  connection->is_ours = is_ours;
  connection->is_requested = is_ours;
  connection->is_peer = true;
  return connection;
}

/* `peer` has asked `to` for a link, unless there is one. */
static void
need_link (SimPeer *peer, SimPeer *to)
{
  if (chord_link_to (chord_of (peer), sim_peer_id (to)) == NULL)
    sim_world_wire (peer, open_link (peer, to, true)->number, to,
                    open_link (to, peer, false)->number);
}

/* The estimates of a peer that has seen nobody come or go. */
static void
tune (SimPeer *peer, unsigned size)
{
  Chord *self = chord_of (peer);

  peer->node->overlay->started_at = 0;
  self_tuning_start (self->tuning, 0);
  if (!chord_is_tuned (self))
    return;
  self_tuning_update (self->tuning, size, NULL, 0, sim_world_now (peer->world));
  routing_table_resize (self->table, self_tuning_neighbors (self->tuning),
                        self_tuning_fingers (self->tuning));
}

/* Both lists, those whose neighbor we are told of it. */
static void
fill_lists (const GPtrArray *ring, guint place)
{
  SimPeer *peer = at (ring, place);
  RoutingTable *table = chord_of (peer)->table;
  guint depth = MIN ((guint) routing_table_capacity (table), ring->len - 1);

  for (guint i = 1; i <= depth; i++) {
    SimPeer *after = at (ring, place + i);
    need_link (peer, after);
    routing_table_add (table, sim_peer_id (after), true);
    routing_table_add (table, sim_peer_id (at (ring, place + ring->len - i)), true);
    chord_link_to (chord_of (after), sim_peer_id (peer))->names_us = true;
  }
}

static void
fill_fingers (const GPtrArray *ring, guint place)
{
  SimPeer *peer = at (ring, place);
  RoutingTable *table = chord_of (peer)->table;
  unsigned index = 0;

  while ((index = routing_table_missing_finger (table, index)) != 0) {
    NodeId first, last;
    SimPeer *finger;
    routing_table_finger_range (table, index, &first, &last);
    finger = census_owner_in (ring, &first);
    if (finger != peer && routing_table_set_finger (table, index, sim_peer_id (finger)))
      need_link (peer, finger);
  }
}

/* Everybody knows its tables already: nothing of them is news. */
static void
enter_ring (SimPeer *peer)
{
  Chord *self = chord_of (peer);

  timer_stop (&self->alone_timer);
  chord_repair_begin_rounds (self);
  chord_fingers_start (self, chord_tuning_interval (self));
  self->overlay->was_in_ring = true; /* so that nothing is stored yet */
  chord_set_state (self, TOPOLOGY_JOINED);
  chord_changed (self, ROUTING_NEIGHBORS | ROUTING_SUCCESSOR | ROUTING_PREDECESSOR | ROUTING_RANGE |
                         ROUTING_REPLICAS);
  timer_stop (&self->update_timer);
  connection_table_for_each (self->overlay->connections, connection)
  {
    connection->told = self->version;
  }
}

/* How long ago, within `period`, something came over the link between those two: the same for both
 * of them, and another for each link. Node-IDs of neighbors begin alike. */
static uint64_t
silence_of (const NodeId *one, const NodeId *other, uint64_t period)
{
  uint64_t part = 0;

  for (size_t i = NODE_ID_SIZE - sizeof (uint32_t); i < NODE_ID_SIZE; i++)
    part = part << 8 | (one->bytes[i] ^ other->bytes[i]);
  return part * period >> 32;
}

/* All links are made at one moment, but have not been silent since then: or all of them would ask
 * for a sign of life at one moment as well. */
static void
age_links (SimPeer *peer)
{
  connection_table_for_each (peer->node->overlay->connections, connection)
  {
    Link *link = &connection->link;
    uint64_t period = link->probe_period;
    link->last_heard -= silence_of (sim_peer_id (peer), &connection->peer, period);
    link_set_probe (link, 0);
    link_set_probe (link, period);
  }
}

void
construction_build (SimWorld *world)
{
  g_autoptr (GPtrArray) ring = NULL;
  unsigned count;

  sim_world_run (world, AGE);
  for (unsigned i = 0; i < sim_world_size (world); i++)
    if (!sim_world_peer (world, i)->is_rider)
      sim_peer_start (sim_world_peer (world, i), NULL, 0);
  ring = census_ring (world);
  count = ring->len;
  for (guint i = 0; i < count; i++)
    tune (at (ring, i), count);
  for (guint i = 0; i < count; i++)
    fill_lists (ring, i);
  for (guint i = 0; i < count; i++)
    fill_fingers (ring, i);
  for (guint i = 0; i < count; i++)
    enter_ring (at (ring, i));
  for (guint i = 0; i < count && count > MANY; i++)
    age_links (at (ring, i));
}

void
construction_store (SimWorld *world)
{
  unsigned count = sim_world_size (world);
  uint64_t length = count > MANY ? STORING_OF_MANY : STORING;

  for (unsigned step = 0, i = 0; step < STEPS; step++) {
    for (; i < (uint64_t) count * (step + 1) / STEPS; i++) {
      const SimPeer *peer = sim_world_peer (world, i);
      if (peer->node == NULL)
        continue;
      peer->node->overlay->was_in_ring = false;
      overlay_topology_changed (peer->node->overlay);
    }
    sim_world_run (world, length / STEPS);
  }
}

static void
note (SimPeer *peer, const SimPeer *other)
{
  const Overlay *theirs = other->node->overlay;

  bootstrap_note_listening (peer->node->overlay->bootstrap, sim_peer_id (other), theirs->listening,
                            theirs->listening_count);
}

/* Nobody calls one behind a router: it comes back by those whom it had links to, so they are on its
 * disk. */
static void
keep_neighbors (const GPtrArray *ring, SimPeer *peer)
{
  Overlay *overlay = peer->node->overlay;

  connection_table_for_each (overlay->connections, connection)
  {
    note (peer, census_owner_in (ring, &connection->peer));
    bootstrap_on_up (overlay->bootstrap, connection);
  }
}

void
construction_note_places (SimWorld *world)
{
  g_autoptr (GPtrArray) ring = census_ring (world);

  for (guint i = 0; i < ring->len; i++) {
    SimPeer *peer = at (ring, i);
    guint places = 0;
    for (guint k = 1; places < PLACES && k < ring->len; k++) {
      const SimPeer *after = at (ring, i + k);
      places += after->node->overlay->listening_count > 0;
      note (peer, after);
    }
    if (!sim_peer_is_open (peer))
      keep_neighbors (ring, peer);
  }
}
