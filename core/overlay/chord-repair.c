/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "chord"
#include "core/base/log.h"
#include "core/overlay/chord-private.h"

#include <string.h>

/* Stabilization (RFC 6940, 10.7.4): Updates to neighbors every chord-update-interval, a look-up of
 * our own id + 1 when a list is short, and a look through strangers for another ring of this
 * overlay.
 *
 * After anything that may have left our place wrong (a join, a lost neighbor) the same is done
 * sooner, with growing pauses: what is short is looked up, predecessors that have not named us are
 * asked, and when any of that was needed, strangers are met again; and in any case one after the
 * other of those known from earlier runs: who was taken in by a ring of attackers is not to wait
 * for the next look for strangers (threats 2.7). Where nothing has happened for long, strangers are
 * met more seldom, and one at a time: each is asked to find our successor, all the way round. */

#define REPAIR_FIRST (1 * TIME_SECOND)
#define REPAIR_WRONG (8 * TIME_SECOND)
#define REPAIR_LAST  (32 * TIME_SECOND)

enum { SHORT_LIST_PATHS = 2, ASKED = 2, STRANGERS = 4, SEARCH_DOUBLINGS = 3 };

/* Behind a neighbor that was lost stands one whom the others name in their Updates: a list that
 * lacks no more is not short. */
enum { COMES_BY_ITSELF = 1 };

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
  chord_repair_wake (self);
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

bool
chord_repair_is_short (Chord *self)
{
  size_t successors, predecessors;

  routing_table_successors (self->table, &successors);
  routing_table_predecessors (self->table, &predecessors);
  return successors + COMES_BY_ITSELF < routing_table_capacity (self->table) ||
         predecessors + COMES_BY_ITSELF < routing_table_capacity (self->table);
}

static uint64_t
next_round (Chord *self)
{
  const NodePorts *ports = self->overlay->ports;
  uint32_t interval_ms = self->overlay->configuration->chord_update_interval_s * 1000;

  return (interval_ms * 4 / 5 + ports->random_below (ports->world, interval_ms * 2 / 5 + 1)) *
         TIME_MS;
}

/* Predecessors that have not said that we succeed them: they hear of us, and we hear from them. */
static bool
ask_predecessors (Chord *self)
{
  size_t count;
  const NodeId *before = routing_table_predecessors (self->table, &count);
  NodeId candidates[ASKED];
  bool is_asked = false;

  count = MIN (count, (size_t) ASKED);
  memcpy (candidates, before, count * sizeof *before);
  for (size_t i = 0; i < count; i++) {
    Connection *connection = chord_link_to (self, &candidates[i]);
    if (connection != NULL && connection->names_us)
      break;
    if (connection == NULL)
      continue;
    chord_update_send (self, connection, CHORD_UPDATE_NEIGHBORS);
    chord_update_ask (self, connection);
    is_asked = true;
  }
  return is_asked;
}

/* Of whom we do not know that they are of our ring. */
static bool
is_stranger (Chord *self, const Connection *connection)
{
  return (connection->kind == CONNECTION_BOOTSTRAP || connection->kind == CONNECTION_INCOMING) &&
         connection->is_up && chord_link_to (self, &connection->peer) == connection &&
         !routing_table_is_neighbor (self->table, &connection->peer) &&
         !routing_table_is_finger (self->table, &connection->peer);
}

/* So many, behind the first `skipped`; returns how many there are. */
static unsigned
meet_strangers (Chord *self, unsigned skipped, unsigned wanted)
{
  unsigned count = 0;

  connection_table_for_each (self->overlay->connections, connection)
  {
    if (!is_stranger (self, connection))
      continue;
    if (count >= skipped && count < skipped + wanted)
      chord_join_meet (self, connection);
    count++;
  }
  return count;
}

static void
on_repair (Timer *timer, void *owner)
{
  Chord *self = owner;
  bool is_wrong = self->state == TOPOLOGY_ALONE || self->state == TOPOLOGY_LOOKING;

  if (is_wrong)
    chord_join_again (self);
  if (self->state == TOPOLOGY_JOINED) {
    bool is_short = chord_repair_is_short (self);
    is_wrong = ask_predecessors (self);
    if (is_short)
      chord_repair_short_list (self);
    if (is_short || is_wrong)
      meet_strangers (self, 0, STRANGERS);
    bootstrap_look_for_known (self->overlay->bootstrap);
  }
  self->repair_pause = MIN (2 * self->repair_pause, is_wrong ? REPAIR_WRONG : REPAIR_LAST);
  if (self->repair_pause < REPAIR_LAST)
    timer_start (timer, self->overlay->ports->timers, self->repair_pause);
}

/* As if it had never been in vain. */
static void
search_more_often (Chord *self)
{
  Timers *timers = self->overlay->ports->timers;

  if (self->searches_in_vain == 0)
    return;
  self->searches_in_vain = 0;
  timer_start (&self->search_timer, timers,
               MIN (timer_left (&self->search_timer, timers), next_round (self)));
}

void
chord_repair_wake (Chord *self)
{
  self->repair_pause = REPAIR_FIRST;
  if (timer_left (&self->repair_timer, self->overlay->ports->timers) > REPAIR_FIRST)
    timer_start (&self->repair_timer, self->overlay->ports->timers, REPAIR_FIRST);
  search_more_often (self);
}

static void
on_stabilize (Timer *timer, void *owner)
{
  Chord *self = owner;
  bool is_tuned = chord_is_tuned (self);

  if (self->state == TOPOLOGY_JOINED) {
    if (is_tuned) {
      chord_tuning_round (self);
    } else {
      chord_update_neighbors (self);
      ask_predecessors (self);
    }
    if (chord_repair_is_short (self))
      chord_repair_short_list (self);
  }
  timer_start (timer, self->overlay->ports->timers,
               is_tuned ? chord_tuning_interval (self) : next_round (self));
}

/* In a quiet ring one at a time, each time another. */
static void
meet_in_turn (Chord *self)
{
  unsigned count = meet_strangers (self, 0, self->searches_in_vain == 0 ? STRANGERS : 0);

  if (self->searches_in_vain > 0 && count > 0)
    meet_strangers (self, (unsigned) (overlay_now (self->overlay) / TIME_MINUTE % count), 1);
}

/* Another ring may turn up however quiet ours is. */
static void
on_search (Timer *timer, void *owner)
{
  Chord *self = owner;

  if (self->state == TOPOLOGY_JOINED) {
    meet_in_turn (self);
    bootstrap_look_for_strangers (self->overlay->bootstrap);
    self->searches_in_vain = MIN (self->searches_in_vain + 1, (unsigned) SEARCH_DOUBLINGS);
  }
  timer_start (timer, self->overlay->ports->timers, next_round (self) << self->searches_in_vain);
}

void
chord_repair_begin_rounds (Chord *self)
{
  Timers *timers = self->overlay->ports->timers;

  timer_start (&self->stabilize_timer, timers,
               chord_is_tuned (self) ? chord_tuning_interval (self) : next_round (self));
  timer_start (&self->search_timer, timers, next_round (self));
}

void
chord_repair_start (Chord *self)
{
  chord_repair_begin_rounds (self);
  chord_repair_wake (self);
}

void
chord_repair_init (Chord *self)
{
  timer_init (&self->stabilize_timer, on_stabilize, self);
  timer_init (&self->search_timer, on_search, self);
  timer_init (&self->repair_timer, on_repair, self);
}
