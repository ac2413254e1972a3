/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "chord"
#include "core/base/log.h"
#include "core/overlay/chord-private.h"

/* Stabilization (RFC 6940, 10.7.4): Updates to neighbors every chord-update-interval, a look-up of
 * our own id + 1 when a list is short, one of the peers that went away tried again each minute, and
 * a look through strangers for another ring of this overlay. */

#define GONE_RETRY TIME_MINUTE

enum { SHORT_LIST_PATHS = 2 };

static Destination
beyond_us (Chord *self, NodeId *id)
{
  *id = node_id_add_power (&self->overlay->id, 0);
  return destination_of_resource (node_id_bytes (id));
}

static void
on_found_attached (void *owner, const NodeId *target, Connection *connection, ReloadCode code)
{
  Chord *self = owner;

  if (connection == NULL || self->state != TOPOLOGY_JOINED)
    return;
  connection->is_ours = true;
  chord_add_neighbor (self, &connection->peer, false);
  chord_update_send (self, connection, CHORD_UPDATE_NEIGHBORS);
}

/* Attaches to a peer that answered, the way its answer came. */
static void
attach_found (Chord *self, const NodeId *id, const NodeId *via)
{
  Destination path[2] = { destination_of_node (via), destination_of_node (id) };
  bool is_direct = node_id_equal (id, via);
  AttachOptions options = {
    .destinations = is_direct ? path + 1 : path,
    .destination_count = is_direct ? 1 : 2,
    .done = on_found_attached,
    .owner = self,
  };

  if (!attach_is_pending (self->overlay->attaches, id, 0))
    attach_start (self->overlay->attaches, &options);
}

static void
on_neighbor_found (void *owner, const Answer *answer)
{
  Chord *self = owner;

  if (answer->code == RELOAD_REQUEST_TIMEOUT || self->state != TOPOLOGY_JOINED ||
      !routing_table_wants (self->table, &answer->responder))
    return;
  if (chord_link_to (self, &answer->responder) != NULL)
    chord_add_neighbor (self, &answer->responder, false);
  else
    attach_found (self, &answer->responder, &answer->first_hop);
}

void
chord_repair_short_list (Chord *self)
{
  NodeId id, peer, last = { { 0 } };
  Destination to = beyond_us (self, &id);
  PingReq body = { .padding = { NULL, 0 } };
  bool has_last = false;

  for (unsigned i = 0; i < SHORT_LIST_PATHS; i++) {
    Connection *connection;
    const TopologyPlugin *plugin = self->overlay->topology.plugin;
    if (!plugin->random_peer (self, has_last ? &last : NULL, &peer))
      return;
    last = peer;
    has_last = true;
    connection = chord_link_to (self, &peer);
    if (connection == NULL)
      continue;
    transport_request (self->overlay->transport, &(Request){
                                                   .code = MESSAGE_PING_REQ,
                                                   .body = &body,
                                                   .destinations = &to,
                                                   .destination_count = 1,
                                                   .hop = { .connection = connection->number },
                                                   .is_for_anyone = true,
                                                   .tries = 2,
                                                   .answered = on_neighbor_found,
                                                   .owner = self,
                                                 });
  }
}

/* S' of 10.7.4.4: who succeeds us in the ring behind a stranger. */
static void
on_stranger_answered (void *owner, const Answer *answer)
{
  Chord *self = owner;
  Connection *connection;

  if (answer->code != RELOAD_OK || self->state != TOPOLOGY_JOINED ||
      node_id_equal (&answer->responder, &self->overlay->id))
    return;
  if (routing_table_is_neighbor (self->table, &answer->responder))
    return;
  connection = chord_link_to (self, &answer->responder);
  if (connection == NULL) {
    attach_found (self, &answer->responder, &answer->first_hop);
    return;
  }
  chord_add_neighbor (self, &answer->responder, false);
  chord_update_send (self, connection, CHORD_UPDATE_NEIGHBORS);
}

void
chord_repair_check_partition (Chord *self, Connection *connection)
{
  NodeId id;
  Destination to = beyond_us (self, &id);
  PingReq body = { .padding = { NULL, 0 } };

  if (routing_table_is_neighbor (self->table, &connection->peer))
    return;
  log_debug (self->overlay->ports, "asking a stranger for our successor");
  transport_request (self->overlay->transport, &(Request){
                                                 .code = MESSAGE_PING_REQ,
                                                 .body = &body,
                                                 .destinations = &to,
                                                 .destination_count = 1,
                                                 .hop = { .connection = connection->number },
                                                 .is_for_anyone = true,
                                                 .answered = on_stranger_answered,
                                                 .owner = self,
                                               });
}

/* One of those that went away, by the address it listened on. */
static void
retry_gone (Chord *self)
{
  const NodePorts *ports = self->overlay->ports;
  unsigned count = MIN (self->gone_count, (unsigned) LIMIT_GONE_PEERS);
  unsigned i;

  if (count == 0)
    return;
  i = ports->random_below (ports->world, count);
  if (!node_id_is_zero (&self->gone[i].id) && chord_link_to (self, &self->gone[i].id) == NULL)
    bootstrap_try_peer (self->overlay->bootstrap, &self->gone[i].id);
}

static bool
is_short (Chord *self)
{
  size_t successors, predecessors;

  routing_table_successors (self->table, &successors);
  routing_table_predecessors (self->table, &predecessors);
  return successors < LIMIT_NEIGHBORS || predecessors < LIMIT_NEIGHBORS;
}

static uint64_t
next_round (Chord *self)
{
  const NodePorts *ports = self->overlay->ports;
  uint32_t interval_ms = self->overlay->configuration->chord_update_interval_s * 1000;

  return (interval_ms * 4 / 5 + ports->random_below (ports->world, interval_ms * 2 / 5 + 1)) *
         TIME_MS;
}

static void
on_stabilize (Timer *timer, void *owner)
{
  Chord *self = owner;
  NodeId start;

  if (self->state == TOPOLOGY_JOINED) {
    chord_update_neighbors (self);
    if (is_short (self) || !routing_table_range_start (self->table, &start))
      chord_repair_short_list (self);
    retry_gone (self);
    bootstrap_look_for_strangers (self->overlay->bootstrap);
  }
  timer_start (timer, self->overlay->ports->timers, MIN (next_round (self), 10 * GONE_RETRY));
}

void
chord_repair_start (Chord *self)
{
  timer_start (&self->stabilize_timer, self->overlay->ports->timers, next_round (self));
}

void
chord_repair_init (Chord *self)
{
  timer_init (&self->stabilize_timer, on_stabilize, self);
}
