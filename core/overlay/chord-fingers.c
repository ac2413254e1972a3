/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "chord"
#include "core/base/log.h"
#include "core/overlay/chord-private.h"

/* Fingers (RFC 6940, 10.7.4.2): one missing entry at a time, a random ID of its range is looked up
 * over three first hops, and who answers tells whom it knows around that place. Whoever says that a
 * place is its own when it is not has others between itself and it, whom it does not name
 * (threats 2.3):
 *
 *   density       those named are as close to each other as our own neighbors are, or that word
 *                 does not count
 *   confirmation  one of the nearer of them, as chance has it, is asked the same: nobody answers
 *                 for a peer that was made up. It stands beside the place, and knows fewer on its
 *                 other side: only the nearest that it names are looked at
 *
 * Peers of RFC 6940 alone name nobody. When no way led to anybody else, the nearest of them serves.
 *
 * Of all that such answers name the nearest behind the place becomes a finger, when a direct link
 * has shown its certificate. */

#define BETWEEN_SEARCHES (200 * TIME_MS)

/* Half of all may have died: the ring is mended first, and who is asked for fingers may be as lost
 * as we are. */
#define SHAKEN_LEAST (15 * TIME_SECOND)
#define SHAKEN_MORE  (30 * TIME_SECOND)
#define IN_VAIN_MOST (10 * TIME_MINUTE)

enum {
  OTHER_WAYS = 1,
  WAY_TRIES = 2,
  CONFIRMATION_TRIES = 3,
  BESIDE = LIMIT_VICINITY / 2,
  DOUBLINGS = 6
};

/* The nearest is refused when it is farther behind; a list, when its mean spacing is larger. */
#define SPACINGS_MAX 3.0
#define SPACING_MAX  2.0

static uint64_t
between_searches (Chord *self)
{
  const NodePorts *ports = self->overlay->ports;

  if (!chord_is_shaken (self))
    return BETWEEN_SEARCHES;
  return SHAKEN_LEAST +
         ports->random_below (ports->world, (uint32_t) (SHAKEN_MORE / TIME_MS)) * TIME_MS;
}

static void
on_finger_attached (void *owner, const NodeId *target, Connection *connection, ReloadCode code)
{
  Chord *self = owner;
  unsigned index = self->search.index;

  self->search.index = 0;
  chord_fingers_start (self, between_searches (self));
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

  if (!search->has_best || !search->is_confirmed || !is_plausible (self, &search->best) ||
      attach_is_pending (self->overlay->attaches, &search->best, 0)) {
    self->overlay->counters.fingers_refused += search->has_best;
    search->index = 0;
  } else if (chord_link_to (self, &search->best) != NULL) {
    if (routing_table_set_finger (self->table, search->index, &search->best))
      chord_tuning_new_finger (self, &search->best);
    search->index = 0;
    chord_fingers_start (self, between_searches (self));
  } else {
    attach_start (self->overlay->attaches, &options);
  }
}

/* Takes the place of one that is farther behind the target. */
static void
consider (Chord *self, const NodeId *id, bool *has_best, NodeId *best)
{
  NodeId distance = node_id_distance (&self->search.target, id);
  NodeId there = node_id_distance (&self->search.target, best);

  if (node_id_equal (id, &self->overlay->id) ||
      (*has_best && node_id_compare (&distance, &there) >= 0))
    return;
  *best = *id;
  *has_best = true;
}

static void
consider_best (Chord *self, const NodeId *id)
{
  consider (self, id, &self->search.has_best, &self->search.best);
}

/* Whether its sender knows as many peers on both sides of the place as there must be; so many on
 * each side, the nearest, are looked at. */
static bool
is_dense (const Chord *self, const ChordVicinity *vicinity, size_t nearest)
{
  const NodeIdList *before = &vicinity->before;
  const NodeIdList *behind = &vicinity->behind;
  size_t ahead = MIN (before->count, nearest);
  size_t beyond = MIN (behind->count, nearest);
  NodeId span;

  if (ahead == 0 || beyond == 0 || before->count + behind->count > 2 * LIMIT_VICINITY)
    return false;
  span = node_id_distance (&before->items[ahead - 1], &behind->items[beyond - 1]);
  return node_id_fraction (&span) <=
         SPACING_MAX * (double) (ahead + beyond) * routing_table_spacing (self->table);
}

static bool
read_vicinity (const Answer *answer, ChordVicinity *ret_vicinity)
{
  for (size_t i = 0; i < answer->extensions.count; i++)
    if (answer->extensions.items[i].type == MESSAGE_EXTENSION_VICINITY &&
        chord_vicinity_decode (answer->extensions.items[i].extension_contents, answer->arena,
                               ret_vicinity, NULL))
      return true;
  return false;
}

/* Who is asked for confirmation is one of those named, but not the one that is to be confirmed. */
static void
draw_sample (Chord *self, const ChordVicinity *vicinity)
{
  const NodePorts *ports = self->overlay->ports;
  const NodeIdList *before = &vicinity->before;
  uint32_t place =
    ports->random_below (ports->world, (uint32_t) MIN (before->count, (size_t) BESIDE));

  self->search.sample = before->items[place];
}

/* Returns whether that word counts. */
static bool
hear (Chord *self, const Answer *answer, size_t nearest)
{
  FingerSearch *search = &self->search;
  ChordVicinity vicinity;

  if (answer->code != RELOAD_OK)
    return false;
  if (self->overlay->is_plain) {
    consider_best (self, &answer->responder);
    return true;
  }
  if (!read_vicinity (answer, &vicinity)) {
    consider (self, &answer->responder, &search->has_bare, &search->bare);
    return false;
  }
  if (!is_dense (self, &vicinity, nearest))
    return false;
  consider_best (self, &answer->responder);
  for (size_t i = 0; i < vicinity.behind.count; i++)
    consider_best (self, &vicinity.behind.items[i]);
  draw_sample (self, &vicinity);
  return true;
}

static void
ask_around (Chord *self, const Destination *to, FirstHop hop, unsigned tries, AnswerFunc answered)
{
  static const uint8_t nobody[] = { 0, 0, 0, 0 }; /* before, and behind */
  MessageExtension vicinity = { .type = MESSAGE_EXTENSION_VICINITY,
                                .extension_contents = { nobody, sizeof nobody } };
  RouteQueryReq body = {
    .destination = destination_of_resource (node_id_bytes (&self->search.target)),
  };

  transport_request (self->overlay->transport, &(Request){
                                                 .code = MESSAGE_ROUTE_QUERY_REQ,
                                                 .body = &body,
                                                 .destinations = to,
                                                 .destination_count = 1,
                                                 .hop = hop,
                                                 .tries = tries,
                                                 .extensions = { &vicinity, 1 },
                                                 .answered = answered,
                                                 .owner = self,
                                               });
}

/* It is there; more is only told by those who know what they are asked. */
static void
on_confirmed (void *owner, const Answer *answer)
{
  Chord *self = owner;
  ChordVicinity vicinity;

  if (self->search.index == 0)
    return;
  self->search.is_confirmed = hear (self, answer, BESIDE) ||
                              (answer->code == RELOAD_OK && !read_vicinity (answer, &vicinity));
  conclude (self);
}

/* Nobody whose word counts was heard on any way. Who has answered is there. */
static void
settle_for_bare (FingerSearch *search)
{
  search->best = search->bare;
  search->has_best = search->is_confirmed = search->has_bare;
}

static void
on_way_answered (void *owner, const Answer *answer)
{
  Chord *self = owner;
  FingerSearch *search = &self->search;
  Destination sample;

  if (search->index == 0 || search->waiting == 0)
    return;
  search->is_confirmed = hear (self, answer, LIMIT_VICINITY) && self->overlay->is_plain;
  if (--search->waiting > 0)
    return;
  if (!search->has_best)
    settle_for_bare (search);
  sample = destination_of_node (&search->sample);
  if (!search->has_best || search->is_confirmed)
    conclude (self);
  else
    ask_around (self, &sample, (FirstHop){ .connection = 0 }, CONFIRMATION_TRIES, on_confirmed);
}

static void
ask_way (Chord *self, FirstHop hop)
{
  Destination to = destination_of_resource (node_id_bytes (&self->search.target));

  self->search.waiting++;
  ask_around (self, &to, hop, WAY_TRIES, on_way_answered);
}

/* Besides the best first hop, the next best, and one that is none: whoever leads astray what comes
 * by must sit on every way. */
static void
ask_by_others (Chord *self, const NodeId *best)
{
  const Topology *topology = &self->overlay->topology;
  NodeId other = *best;

  ask_way (self, (FirstHop){ .exclude = best });
  for (unsigned i = 0; i < OTHER_WAYS; i++) {
    const Connection *connection = topology->plugin->random_peer (topology->self, &other, &other)
                                     ? chord_link_to (self, &other)
                                     : NULL;
    if (connection != NULL && connection->is_up)
      ask_way (self, (FirstHop){ .connection = connection->number });
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

/* Longer each time that nobody was found: an entry of a small ring may have hardly anybody in its
 * range. */
static uint64_t
pause_after_search (Chord *self)
{
  uint64_t interval = self->overlay->configuration->chord_ping_interval_s * TIME_SECOND;

  if (chord_is_tuned (self))
    interval = chord_tuning_interval (self);
  return MAX (interval, MIN (interval << self->fingers_in_vain, IN_VAIN_MOST));
}

static void
on_finger_timer (Timer *timer, void *owner)
{
  Chord *self = owner;
  NodeId first_hop;
  unsigned index;

  timer_start (timer, self->overlay->ports->timers, pause_after_search (self));
  if (self->state != TOPOLOGY_JOINED || self->search.index != 0)
    return;
  index = choose_missing (self);
  if (index == 0)
    return;
  self->fingers_in_vain = MIN (self->fingers_in_vain + 1, (unsigned) DOUBLINGS);
  self->search = (FingerSearch){ .index = index, .target = random_target (self, index) };
  ask_way (self, (FirstHop){ .connection = 0 });
  if (!self->overlay->is_plain && chord_next_hop (self, &self->search.target, NULL, &first_hop))
    ask_by_others (self, &first_hop);
}

void
chord_fingers_start (Chord *self, uint64_t delay)
{
  self->fingers_in_vain = 0;
  timer_start (&self->finger_timer, self->overlay->ports->timers, delay);
}

void
chord_fingers_lost (Chord *self)
{
  chord_fingers_start (self, MAX (TIME_SECOND, between_searches (self)));
}

void
chord_fingers_init (Chord *self)
{
  timer_init (&self->finger_timer, on_finger_timer, self);
}
