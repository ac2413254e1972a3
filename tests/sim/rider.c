/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/rider.h"

#include "core/node-private.h"
#include "core/overlay/chord-private.h"

/* A rider is the phone's own core, told at its start that it could not be reached. (That it looks
 * after ten minutes whether this is still so is later than any run here.) A light one looks
 * somebody up as often as everybody else. A greedy one does so all the time, stores its
 * registration ten times a second, gets itself links to more and more peers, and pings random
 * places over each of them. */

#define COMING (5 * TIME_SECOND)

enum {
  HINTS = 3,
  GREEDY_LOOKUPS = 1, /* in a step, of each */
  GREEDY_PINGS = 5,   /* the same, over each link */
  GREEDY_LINKS = 12,
};

/* A step of a light one: one in ten seconds, as of the rest. */
#define LIGHT_LOOKUPS 0.01

Riders *
riders_new (SimWorld *world, double share, bool is_greedy)
{
  Riders *self = g_new0 (Riders, 1);
  unsigned size = sim_world_size (world);
  unsigned wanted = MIN ((unsigned) (share * size), size - 1);

  self->world = world;
  self->all = g_ptr_array_new ();
  self->is_greedy = is_greedy;
  while (self->all->len < wanted) {
    SimPeer *peer = sim_world_peer (world, 1 + sim_world_random (world, size - 1));
    if (peer->is_rider)
      continue;
    peer->is_rider = true;
    g_ptr_array_add (self->all, peer);
  }
  return self;
}

void
riders_free (Riders *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->all);
  g_free (self);
}

static SimPeer *
at (const Riders *self, guint i)
{
  return g_ptr_array_index (self->all, i);
}

static Overlay *
overlay_of (const SimPeer *rider)
{
  return rider->node->overlay;
}

/* One of the rest whose listener others get to: the first is. */
static unsigned
hint (Riders *self)
{
  unsigned i = sim_world_random (self->world, sim_world_size (self->world));

  while (sim_world_peer (self->world, i)->is_rider ||
         !sim_peer_is_open (sim_world_peer (self->world, i)))
    i--;
  return i;
}

void
riders_start (Riders *self)
{
  for (guint i = 0; i < self->all->len; i++) {
    unsigned hints[HINTS];
    for (unsigned k = 0; k < HINTS; k++)
      hints[k] = hint (self);
    sim_peer_start (at (self, i), hints, HINTS);
    chord_client_begin (overlay_of (at (self, i))->topology.self);
    sim_world_run (self->world, COMING / self->all->len);
  }
}

static NodeId
anywhere (Riders *self)
{
  NodeId id;

  for (unsigned i = 0; i < NODE_ID_SIZE; i++)
    id.bytes[i] = (uint8_t) sim_world_random (self->world, 256);
  return id;
}

static void
look_up (Riders *self, SimPeer *rider)
{
  unsigned target = sim_world_random (self->world, sim_world_size (self->world));

  node_lookup (rider->node, sim_world_peer (self->world, target)->user);
  self->asked++;
}

static void
on_pinged (void *owner, const Answer *answer)
{
}

static void
on_attached (void *owner, const NodeId *target, Connection *connection, ReloadCode code)
{
}

static void
ping_over (Riders *self, SimPeer *rider, const Connection *connection)
{
  static const PingReq ping;
  NodeId place = anywhere (self);
  Destination to = destination_of_resource (node_id_bytes (&place));

  transport_request (overlay_of (rider)->transport, &(Request){
                                                      .code = MESSAGE_PING_REQ,
                                                      .body = &ping,
                                                      .destinations = &to,
                                                      .destination_count = 1,
                                                      .hop = { .connection = connection->number },
                                                      .is_for_anyone = true,
                                                      .tries = 1,
                                                      .answered = on_pinged,
                                                      .owner = self,
                                                    });
}

static void
get_link (Riders *self, SimPeer *rider)
{
  NodeId place = anywhere (self);
  Destination to = destination_of_resource (node_id_bytes (&place));

  attach_start (overlay_of (rider)->attaches, &(AttachOptions){
                                                .destinations = &to,
                                                .destination_count = 1,
                                                .done = on_attached,
                                                .owner = self,
                                              });
}

/* One that has lost all its links makes no ring of its own. */
static void
stay_client (SimPeer *rider)
{
  Chord *chord = overlay_of (rider)->topology.self;

  timer_stop (&chord->alone_timer);
}

static void
be_greedy (Riders *self, SimPeer *rider)
{
  Overlay *overlay = overlay_of (rider);
  unsigned links = 0;

  for (unsigned i = 0; i < GREEDY_LOOKUPS; i++)
    look_up (self, rider);
  registration_usage_refresh (overlay->registration_usage);
  connection_table_for_each (overlay->connections, connection)
  {
    if (!connection->is_up || connection->is_closed)
      continue;
    links++;
    for (unsigned i = 0; i < GREEDY_PINGS; i++)
      ping_over (self, rider, connection);
  }
  if (links < GREEDY_LINKS && sim_world_random (self->world, 10) == 0)
    get_link (self, rider);
}

void
riders_step (Riders *self)
{
  unsigned count = self->all->len;

  for (guint i = 0; i < count; i++) {
    stay_client (at (self, i));
    if (self->is_greedy)
      be_greedy (self, at (self, i));
  }
  if (self->is_greedy)
    return;
  for (self->asking += LIGHT_LOOKUPS * count; self->asking >= 1; self->asking--)
    look_up (self, at (self, sim_world_random (self->world, count)));
}

void
riders_stop (Riders *self)
{
  for (guint i = 0; i < self->all->len; i++)
    sim_peer_kill (at (self, i));
}

uint64_t
riders_refused (const Riders *self)
{
  uint64_t refused = 0;

  for (unsigned i = 0; i < sim_world_size (self->world); i++) {
    const SimPeer *peer = sim_world_peer (self->world, i);
    refused += peer->is_rider ? 0 : peer->node->overlay->counters.over_rate;
  }
  return refused;
}
