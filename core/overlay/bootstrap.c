/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "bootstrap"
#include "core/overlay/bootstrap.h"

#include "core/base/log.h"
#include "core/overlay/overlay-private.h"

#include <string.h>

/* A list of places, each with when it may be tried next. While we have no ring, up to four are
 * tried at once, the promising first, each with growing pauses. Whoever is dead says so only after
 * ten seconds, if ever: so a place that has not had its turn yet does not wait for that, but has it
 * a quarter of a second after the one before, while not too many are under way. In a ring, a place
 * is tried only when nothing tells us that its peer is of our ring already: soon after discovery
 * names it, else one a minute.
 *
 * Of each peer that was really attached one place is kept for the next start, with how often it was
 * tried in vain since, and when its peer was there last: that is the order in which they are tried.
 * One that is reached from everywhere counts as if it had answered a week later: a laptop finds it
 * on other networks too. */

#define FIRST_PAUSE   (1 * TIME_SECOND)
#define LONGEST_PAUSE TIME_MINUTE
#define TICK          (500 * TIME_MS)
#define PACE          (250 * TIME_MS)
#define ALONE_TICK    (2 * TIME_SECOND)
#define FRESH         (30 * TIME_SECOND)

enum {
  PARALLEL = 4,
  PARALLEL_FIRST = 32, /* with those that have their first turn */
  CALLED_AGAIN = 2,
  FAILURES_MAX = 15, /* that are counted */
  PUBLIC_BONUS_S = 7 * 24 * 3600,
  PLACE_SIZE = 1 + 1 + 16 + 2,
  KEPT_VALUE_SIZE = PLACE_SIZE + 4 + 1,
};

typedef struct Place {
  ListLink all;
  LinkTransport transport;
  Address address;
  bool has_peer;
  bool is_kept; /* attached once: written to disk */
  NodeId peer;
  unsigned failures; /* since its peer was there, in this life or earlier ones */
  uint32_t seen_s;   /* when it was there, in Unix seconds; 0: never */
  unsigned tries;    /* in vain, on this network */
  bool had_turn;     /* on this network */
  bool is_web;       /* TLS is to be tried at the port of the web */
  uint64_t next_try;
  uint64_t heard_at; /* discovery or an invitation named it */
  uint32_t number;   /* of the connection being tried; 0: none */
} Place;

struct Bootstrap {
  Overlay *overlay;
  ListLink places; /* the least useful first */
  unsigned count;
  bool is_running;
  uint64_t tried_at; /* while we have no ring: when a place had its turn last */
  Timer timer;
};

static uint64_t
now_of (const Bootstrap *self)
{
  return overlay_now (self->overlay);
}

static Place *
find_place (Bootstrap *self, const Address *address)
{
  list_for_each (&self->places, l)
  {
    Place *place = list_element (l, Place, all);
    if (address_equal (&place->address, address))
      return place;
  }
  return NULL;
}

static bool
is_own (const Bootstrap *self, const Address *address)
{
  const Overlay *overlay = self->overlay;

  for (size_t i = 0; i < overlay->listening_count; i++)
    if (address_equal (&overlay->listening[i], address))
      return true;
  return false;
}

static void
drop_place (Bootstrap *self, Place *place)
{
  list_remove (&place->all);
  self->count--;
  g_free (place);
}

/* ---- Disk: Node-ID -> transport, family, address, port, seen_s, failures ----
 *
 * Earlier releases wrote neither of the last two. */

static void
keep_place (Bootstrap *self, const Place *place)
{
  const NodePorts *ports = self->overlay->ports;
  uint8_t value[KEPT_VALUE_SIZE] = { (uint8_t) place->transport, (uint8_t) place->address.family };

  memcpy (value + 2, place->address.bytes, 16);
  value[18] = (uint8_t) (place->address.port >> 8);
  value[19] = (uint8_t) place->address.port;
  for (unsigned i = 0; i < 4; i++)
    value[PLACE_SIZE + i] = (uint8_t) (place->seen_s >> (24 - 8 * i));
  value[PLACE_SIZE + 4] = (uint8_t) place->failures;
  ports->keep (ports->world, KEEP_HOST, node_id_bytes (&place->peer),
               (Bytes){ value, sizeof value });
}

/* The disk holds no more than we do. */
static void
forget_kept (Bootstrap *self, Place *place)
{
  const NodePorts *ports = self->overlay->ports;
  bool is_needed = false;

  list_for_each (&self->places, l)
  {
    const Place *other = list_element (l, Place, all);
    is_needed =
      is_needed || (other != place && other->is_kept && node_id_equal (&other->peer, &place->peer));
  }
  if (place->is_kept && !is_needed)
    ports->keep (ports->world, KEEP_HOST, node_id_bytes (&place->peer), (Bytes){ NULL, 0 });
  place->is_kept = false;
}

/* ---- Places ---- */

static uint32_t
promise_of (const Place *place)
{
  bool is_private = address_is_private (&place->address);

  return place->seen_s == 0 || is_private ? place->seen_s
                                          : MAX (place->seen_s, place->seen_s + PUBLIC_BONUS_S);
}

static bool
is_better (const Place *a, const Place *b)
{
  if (a->failures != b->failures)
    return a->failures < b->failures;
  if (a->heard_at != b->heard_at)
    return a->heard_at > b->heard_at;
  return promise_of (a) > promise_of (b);
}

/* Whom one was attached to stays longer than what is only said: somebody who names many addresses
 * does not make us forget the peers of earlier runs (threats 2.7). */
static Place *
least_useful (Bootstrap *self)
{
  Place *least = NULL;

  list_for_each (&self->places, l)
  {
    Place *place = list_element (l, Place, all);
    if (place->number != 0)
      continue;
    if (least == NULL || (least->is_kept && !place->is_kept) ||
        (least->is_kept && place->is_kept && is_better (least, place)))
      least = place;
  }
  return least;
}

static Place *
need_place (Bootstrap *self, LinkTransport transport, const Address *address)
{
  Place *place = find_place (self, address);
  Place *least;

  if (place != NULL)
    return place;
  if (self->count >= LIMIT_HOSTS && (least = least_useful (self)) != NULL) {
    forget_kept (self, least);
    drop_place (self, least);
  }
  place = g_new0 (Place, 1);
  place->transport = transport;
  place->address = *address;
  list_append (&self->places, &place->all);
  self->count++;
  return place;
}

/* It is that peer's now. */
static void
set_peer (Bootstrap *self, Place *place, const NodeId *peer)
{
  if (place->has_peer && !node_id_equal (&place->peer, peer))
    forget_kept (self, place);
  place->has_peer = true;
  place->peer = *peer;
}

void
bootstrap_restore (Bootstrap *self, Bytes key, Bytes value)
{
  bool has_score = value.size == KEPT_VALUE_SIZE;
  Address address = { 0 };
  NodeId peer;
  Place *place;

  if ((value.size != PLACE_SIZE && !has_score) || !node_id_from_bytes (key, &peer) ||
      (value.data[0] != LINK_TRANSPORT_DTLS && value.data[0] != LINK_TRANSPORT_TLS) ||
      (value.data[1] != ADDRESS_IPV4 && value.data[1] != ADDRESS_IPV6))
    return;
  address.family = (AddressFamily) value.data[1];
  memcpy (address.bytes, value.data + 2, 16);
  address.port = (uint16_t) (value.data[18] << 8 | value.data[19]);
  place = need_place (self, (LinkTransport) value.data[0], &address);
  place->has_peer = true;
  place->peer = peer;
  place->is_kept = true;
  for (unsigned i = 0; has_score && i < 4; i++)
    place->seen_s = place->seen_s << 8 | value.data[PLACE_SIZE + i];
  place->failures = has_score ? MIN (value.data[PLACE_SIZE + 4], FAILURES_MAX) : 0;
}

/* ---- Trying ---- */

static unsigned
count_trying (const Bootstrap *self)
{
  unsigned count = 0;

  list_for_each (&self->places, l) count += list_element (l, Place, all)->number != 0;
  return count;
}

static void
try_place (Bootstrap *self, Place *place)
{
  const NodePorts *ports = self->overlay->ports;
  Connection *connection =
    connection_table_open (self->overlay->connections, CONNECTION_BOOTSTRAP, NULL);
  Address to = place->address;

  place->number = connection->number;
  place->had_turn = true;
  connection->is_ours = true;
  if (place->is_web)
    to.port = PORT_WEB;
  ports->link_connect (ports->world, connection->number, place->transport, &to);
}

/* By a link that is not about to end. */
static bool
is_linked (Bootstrap *self, const Place *place)
{
  const Connection *connection =
    place->has_peer ? connection_table_find (self->overlay->connections, &place->peer) : NULL;

  return connection != NULL && !link_is_suspected (&connection->link);
}

static bool
is_fresh (const Bootstrap *self, const Place *place)
{
  return place->heard_at != 0 && place->heard_at + FRESH >= now_of (self);
}

static bool
is_due (Bootstrap *self, const Place *place)
{
  return place->number == 0 && place->next_try <= now_of (self) && !is_linked (self, place) &&
         !is_own (self, &place->address);
}

typedef enum Choice {
  CHOICE_ANY,
  CHOICE_FRESH, /* named lately */
  CHOICE_FIRST, /* that had no turn yet */
} Choice;

/* The place to try next: due, not ours, without a link, failed least. */
static Place *
best_place (Bootstrap *self, Choice choice)
{
  Place *best = NULL;

  list_for_each (&self->places, l)
  {
    Place *place = list_element (l, Place, all);
    if (!is_due (self, place) || (choice == CHOICE_FRESH && !is_fresh (self, place)) ||
        (choice == CHOICE_FIRST && place->had_turn))
      continue;
    if (best == NULL || is_better (place, best))
      best = place;
  }
  return best;
}

static TopologyState
state_of (const Bootstrap *self)
{
  const Topology *topology = &self->overlay->topology;

  return topology->plugin->state (topology->self);
}

static void
tick_joined (Bootstrap *self)
{
  Place *place = best_place (self, CHOICE_FRESH);

  if (place != NULL && count_trying (self) == 0)
    try_place (self, place);
}

/* Gives how long to wait. */
static uint64_t
tick_outside (Bootstrap *self, TopologyState state)
{
  uint64_t now = now_of (self);
  bool is_looking = state == TOPOLOGY_LOOKING || state == TOPOLOGY_ALONE;
  Place *place;

  while (count_trying (self) < PARALLEL && (place = best_place (self, CHOICE_ANY)) != NULL) {
    try_place (self, place);
    self->tried_at = now;
  }
  place = is_looking ? best_place (self, CHOICE_FIRST) : NULL;
  if (place == NULL)
    return state == TOPOLOGY_ALONE ? ALONE_TICK : TICK;
  if (now >= self->tried_at + PACE && count_trying (self) < PARALLEL_FIRST) {
    try_place (self, place);
    self->tried_at = now;
  }
  return PACE;
}

static void
on_tick (Timer *timer, void *owner)
{
  Bootstrap *self = owner;
  TopologyState state = state_of (self);

  if (state == TOPOLOGY_JOINED || state == TOPOLOGY_CLIENT)
    tick_joined (self);
  else
    timer_start (timer, self->overlay->ports->timers, tick_outside (self, state));
}

static void
run_soon (Bootstrap *self)
{
  if (self->is_running && !timer_is_set (&self->timer))
    timer_start (&self->timer, self->overlay->ports->timers, 0);
}

void
bootstrap_add (Bootstrap *self, LinkTransport transport, const Address *address)
{
  Place *place;

  if (address->family == ADDRESS_NONE || address->port == 0 || is_own (self, address))
    return;
  place = need_place (self, transport, address);
  if (place->heard_at == 0 && !place->had_turn)
    place->failures = 0; /* of earlier lives: now somebody says that it is there */
  place->heard_at = MAX (now_of (self), 1);
  run_soon (self);
}

/* Which of our networks is meant is known only to who hears something there. */
static bool
is_unclear (const Address *address)
{
  return address->family == ADDRESS_IPV6 && address_is_link_local (address) && address->scope == 0;
}

void
bootstrap_note_listening (Bootstrap *self,
                          const NodeId *peer,
                          const Address *addresses,
                          size_t count)
{
  bool has_public = false;

  for (size_t i = 0; i < count; i++) {
    Place *place;
    if (is_own (self, &addresses[i]) || is_unclear (&addresses[i]))
      continue;
    place = need_place (self, LINK_TRANSPORT_DTLS, &addresses[i]);
    set_peer (self, place, peer);
    /* The first it means most, and one that others may use who are elsewhere. */
    if (i == 0 || (!has_public && !address_is_private (&addresses[i])))
      overlay_report_listening (self->overlay, peer, &addresses[i], LINK_TRANSPORT_DTLS);
    has_public |= !address_is_private (&addresses[i]);
  }
}

void
bootstrap_wake (Bootstrap *self)
{
  list_for_each (&self->places, l)
  {
    Place *place = list_element (l, Place, all);
    place->next_try = 0;
    place->tries = 0;
    place->had_turn = place->number != 0;
  }
  run_soon (self);
}

void
bootstrap_try_peer (Bootstrap *self, const NodeId *peer)
{
  list_for_each (&self->places, l)
  {
    Place *place = list_element (l, Place, all);
    if (place->has_peer && place->number == 0 && node_id_equal (&place->peer, peer)) {
      try_place (self, place);
      return;
    }
  }
}

/* The most promising of those whose peer has been there and has a link. */
static Place *
best_linked (Bootstrap *self)
{
  Place *best = NULL;

  list_for_each (&self->places, l)
  {
    Place *place = list_element (l, Place, all);
    if (place->number == 0 && place->seen_s != 0 && is_linked (self, place) &&
        !is_own (self, &place->address) && (best == NULL || is_better (place, best)))
      best = place;
  }
  return best;
}

void
bootstrap_call_again (Bootstrap *self)
{
  for (unsigned i = 0; i < CALLED_AGAIN && count_trying (self) < PARALLEL; i++) {
    Place *place = best_linked (self);
    if (place != NULL)
      try_place (self, place);
  }
}

void
bootstrap_look_for_strangers (Bootstrap *self)
{
  Place *place = best_place (self, CHOICE_ANY);

  if (place != NULL && count_trying (self) == 0)
    try_place (self, place);
}

static Place *
by_number (Bootstrap *self, uint32_t number)
{
  list_for_each (&self->places, l)
  {
    Place *place = list_element (l, Place, all);
    if (place->number == number)
      return place;
  }
  return NULL;
}

/* Its peer is there. */
static void
note_success (Bootstrap *self, Place *place, const NodeId *peer)
{
  const NodePorts *ports = self->overlay->ports;

  set_peer (self, place, peer);
  place->seen_s = (uint32_t) (ports->wall_clock_ms (ports->world) / 1000);
  place->failures = 0;
  place->tries = 0;
  place->next_try = now_of (self) + FIRST_PAUSE;
}

static bool
is_of_peer (const Place *place, const NodeId *peer)
{
  return place->has_peer && node_id_equal (&place->peer, peer);
}

/* The one of that peer's places that is good for the next start; NULL when none is. */
static Place *
place_to_keep (Bootstrap *self, const NodeId *peer)
{
  Place *best = NULL;

  list_for_each (&self->places, l)
  {
    Place *place = list_element (l, Place, all);
    if (!is_of_peer (place, peer) || place->address.scope != 0)
      continue;
    if (best == NULL || (!best->is_kept && (place->is_kept || is_better (place, best))))
      best = place;
  }
  return best;
}

static void
keep_only (Bootstrap *self, Place *kept)
{
  list_for_each (&self->places, l)
  {
    Place *place = list_element (l, Place, all);
    if (is_of_peer (place, &kept->peer))
      place->is_kept = place == kept;
  }
  keep_place (self, kept);
}

void
bootstrap_on_up (Bootstrap *self, Connection *connection)
{
  const NodeId *peer = &connection->peer;
  Place *reached = by_number (self, connection->number);
  Place *kept;

  if (reached != NULL) {
    reached->number = 0;
    set_peer (self, reached, peer);
    overlay_report_listening (self->overlay, peer, &reached->address, reached->transport);
  }
  list_for_each (&self->places, l)
  {
    Place *place = list_element (l, Place, all);
    if (is_of_peer (place, peer))
      note_success (self, place, peer);
  }
  kept = reached != NULL && reached->address.scope == 0 ? reached : place_to_keep (self, peer);
  if (kept != NULL)
    keep_only (self, kept);
}

/* A listener has one port for both; where UDP does not pass, TCP may, and where that does not, the
 * way that is open to all. Whoever is there may be at the port of the web too. */
static void
try_otherwise (Place *place)
{
  if (place->transport == LINK_TRANSPORT_DTLS) {
    place->transport = LINK_TRANSPORT_TLS;
  } else if (!place->is_web && !address_is_private (&place->address)) {
    place->is_web = true;
  } else {
    place->transport = LINK_TRANSPORT_DTLS;
    place->is_web = false;
  }
}

void
bootstrap_on_down (Bootstrap *self, Connection *connection)
{
  Place *place = by_number (self, connection->number);
  const NodePorts *ports = self->overlay->ports;
  uint64_t pause;

  if (place == NULL)
    return;
  place->number = 0;
  place->tries++;
  if (place->failures < FAILURES_MAX) {
    place->failures++;
    if (place->is_kept)
      keep_place (self, place);
  }
  if (!connection->is_up)
    try_otherwise (place);
  pause = MIN (FIRST_PAUSE << MIN (place->tries, 6), LONGEST_PAUSE);
  place->next_try =
    now_of (self) + pause / 2 + ports->random_below (ports->world, (uint32_t) (pause / 2)) + 1;
  run_soon (self);
}

void
bootstrap_start (Bootstrap *self)
{
  self->is_running = true;
  run_soon (self);
}

void
bootstrap_stop (Bootstrap *self)
{
  self->is_running = false;
  timer_stop (&self->timer);
}

unsigned
bootstrap_trying (const Bootstrap *self)
{
  return count_trying (self);
}

Bootstrap *
bootstrap_new (Overlay *overlay)
{
  Bootstrap *self = g_new0 (Bootstrap, 1);

  self->overlay = overlay;
  list_init (&self->places);
  timer_init (&self->timer, on_tick, self);
  return self;
}

void
bootstrap_free (Bootstrap *self)
{
  if (self == NULL)
    return;
  timer_stop (&self->timer);
  list_for_each (&self->places, l) drop_place (self, list_element (l, Place, all));
  g_free (self);
}
