/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "chord"
#include "core/base/log.h"
#include "core/overlay/chord-private.h"

/* Fingers (RFC 6940, 10.7.4.2): one missing entry at a time, a random ID of its range is looked up
 * over four first hops. Of the answers the nearest after the target counts, if it is no farther
 * from it than three mean spacings of our neighbors, and it becomes a finger when a direct link has
 * shown its certificate (threats 2.3). */

#define BETWEEN_SEARCHES (200 * TIME_MS)

enum { OTHER_WAYS = 2 };

#define SPACINGS_MAX 3.0

static void
on_finger_attached (void *owner, const NodeId *target, Connection *connection, ReloadCode code)
{
  Chord *self = owner;
  unsigned index = self->search.index;

  self->search.index = 0;
  chord_fingers_start (self, BETWEEN_SEARCHES);
  if (connection == NULL || self->state != TOPOLOGY_JOINED || index == 0)
    return;
  connection->is_ours = true;
  connection->is_peer = true;
  if (routing_table_set_finger (self->table, index, &connection->peer)) {
    chord_update_send (self, connection, CHORD_UPDATE_PEER_READY);
    chord_tuning_new_finger (self, &connection->peer);
  }
}

static bool
is_plausible (Chord *self, const NodeId *id)
{
  NodeId distance = node_id_distance (&self->search.target, id);

  if (self->overlay->is_plain)
    return true;
  return node_id_fraction (&distance) <= SPACINGS_MAX * routing_table_spacing (self->table);
}

static void
conclude (Chord *self)
{
  FingerSearch *search = &self->search;
  Destination to = destination_of_node (&search->best);
  AttachOptions options = {
    .destinations = &to,
    .destination_count = 1,
    .done = on_finger_attached,
    .owner = self,
  };

  if (!search->has_best || !is_plausible (self, &search->best) ||
      attach_is_pending (self->overlay->attaches, &search->best, 0)) {
    self->overlay->counters.fingers_refused += search->has_best;
    search->index = 0;
  } else if (chord_link_to (self, &search->best) != NULL) {
    if (routing_table_set_finger (self->table, search->index, &search->best))
      chord_tuning_new_finger (self, &search->best);
    search->index = 0;
    chord_fingers_start (self, BETWEEN_SEARCHES);
  } else {
    attach_start (self->overlay->attaches, &options);
  }
}

static void
on_candidate (void *owner, const Answer *answer)
{
  Chord *self = owner;
  FingerSearch *search = &self->search;

  if (search->index == 0 || search->waiting == 0)
    return;
  if (answer->code == RELOAD_OK && !node_id_equal (&answer->responder, &self->overlay->id)) {
    NodeId distance = node_id_distance (&search->target, &answer->responder);
    NodeId best = node_id_distance (&search->target, &search->best);
    if (!search->has_best || node_id_compare (&distance, &best) < 0)
      search->best = answer->responder;
    search->has_best = true;
  }
  if (--search->waiting == 0)
    conclude (self);
}

static void
ping_target (Chord *self, FirstHop hop)
{
  PingReq body = { .padding = { NULL, 0 } };
  Destination to = destination_of_resource (node_id_bytes (&self->search.target));

  self->search.waiting++;
  transport_request (self->overlay->transport, &(Request){
                                                 .code = MESSAGE_PING_REQ,
                                                 .body = &body,
                                                 .destinations = &to,
                                                 .destination_count = 1,
                                                 .hop = hop,
                                                 .tries = 3,
                                                 .answered = on_candidate,
                                                 .owner = self,
                                               });
}

/* Besides the best first hop, the next best, and some that are none: whoever leads astray what
 * comes by must sit on every way. */
static void
ping_by_others (Chord *self, const NodeId *best)
{
  const Topology *topology = &self->overlay->topology;
  NodeId other = *best;

  ping_target (self, (FirstHop){ .exclude = best });
  for (unsigned i = 0; i < OTHER_WAYS; i++) {
    const Connection *connection = topology->plugin->random_peer (topology->self, &other, &other)
                                     ? chord_link_to (self, &other)
                                     : NULL;
    if (connection != NULL && connection->is_up)
      ping_target (self, (FirstHop){ .connection = connection->number });
  }
}

/* Of the missing entries the first, or with half a chance the next, and so on: the nearer to half
 * the ring an entry is, the more it shortens the way (10.7.4.2). */
static unsigned
choose_missing (Chord *self)
{
  const NodePorts *ports = self->overlay->ports;
  unsigned index = routing_table_missing_finger (self->table, 0);
  unsigned next;

  while (index != 0 && ports->random_below (ports->world, 2) == 1 &&
         (next = routing_table_missing_finger (self->table, index)) != 0)
    index = next;
  return index;
}

/* A random ID of the finger's range: us, plus 2^(128-i), plus any number below that. */
static NodeId
random_target (Chord *self, unsigned index)
{
  const NodePorts *ports = self->overlay->ports;
  static const NodeId zero;
  NodeId first, last, random, minus;

  routing_table_finger_range (self->table, index, &first, &last);
  ports->random_bytes (ports->world, random.bytes, NODE_ID_SIZE);
  for (unsigned bit = 0; bit < index; bit++)
    random.bytes[bit / 8] &= (uint8_t) ~(0x80 >> (bit % 8));
  minus = node_id_distance (&random, &zero);
  return node_id_distance (&minus, &first);
}

static void
on_finger_timer (Timer *timer, void *owner)
{
  Chord *self = owner;
  uint64_t interval = self->overlay->configuration->chord_ping_interval_s * TIME_SECOND;
  NodeId first_hop;
  unsigned index;

  if (chord_is_tuned (self))
    interval = chord_tuning_interval (self);
  timer_start (timer, self->overlay->ports->timers, interval);
  if (self->state != TOPOLOGY_JOINED || self->search.index != 0)
    return;
  index = choose_missing (self);
  if (index == 0)
    return;
  self->search = (FingerSearch){ .index = index, .target = random_target (self, index) };
  ping_target (self, (FirstHop){ .connection = 0 });
  if (!self->overlay->is_plain && chord_next_hop (self, &self->search.target, NULL, &first_hop))
    ping_by_others (self, &first_hop);
}

void
chord_fingers_start (Chord *self, uint64_t delay)
{
  timer_start (&self->finger_timer, self->overlay->ports->timers, delay);
}

void
chord_fingers_init (Chord *self)
{
  timer_init (&self->finger_timer, on_finger_timer, self);
}
