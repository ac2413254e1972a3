/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "bootstrap"
#include "core/overlay/bootstrap.h"

#include "core/base/log.h"
#include "core/overlay/overlay-private.h"

#include <string.h>

/* A list of places, each with when it may be tried next. While we have no ring, up to four are
 * tried at once, the promising first, each with growing pauses. In a ring, a place is tried only
 * when nothing tells us that its peer is of our ring already: soon after discovery names it, else
 * one a minute. Places of peers that were really attached are kept for the next start. */

#define FIRST_PAUSE   (1 * TIME_SECOND)
#define LONGEST_PAUSE TIME_MINUTE
#define TICK          (500 * TIME_MS)
#define ALONE_TICK    (2 * TIME_SECOND)
#define FRESH         (30 * TIME_SECOND)

enum { PARALLEL = 4, KEPT_VALUE_SIZE = 1 + 1 + 16 + 2 };

typedef struct Place {
  ListLink all;
  LinkTransport transport;
  Address address;
  bool has_peer;
  bool is_kept; /* attached once: written to disk */
  NodeId peer;
  unsigned failures;
  uint64_t next_try;
  uint64_t heard_at; /* discovery or an invitation named it */
  uint32_t number;   /* of the connection being tried; 0: none */
} Place;

struct Bootstrap {
  Overlay *overlay;
  ListLink places; /* the least useful first */
  unsigned count;
  bool is_running;
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

/* ---- Disk: Node-ID -> transport, family, address, port ---- */

static void
keep_place (Bootstrap *self, const Place *place)
{
  const NodePorts *ports = self->overlay->ports;
  uint8_t value[KEPT_VALUE_SIZE] = { (uint8_t) place->transport, (uint8_t) place->address.family };

  memcpy (value + 2, place->address.bytes, 16);
  value[18] = (uint8_t) (place->address.port >> 8);
  value[19] = (uint8_t) place->address.port;
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

/* Whom one was attached to stays longer than what is only said: somebody who names many addresses
 * does not make us forget the peers of earlier runs (threats 2.7). */
static Place *
least_useful (Bootstrap *self)
{
  Place *least = NULL;

  list_for_each (&self->places, l)
  {
    Place *place = list_element (l, Place, all);
    if (place->number == 0 && (least == NULL || (least->is_kept && !place->is_kept)))
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
  Address address = { 0 };
  NodeId peer;
  Place *place;

  if (value.size != KEPT_VALUE_SIZE || !node_id_from_bytes (key, &peer) ||
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

  place->number = connection->number;
  connection->is_ours = true;
  ports->link_connect (ports->world, connection->number, place->transport, &place->address);
}

/* By a link that is not about to end. */
static bool
is_linked (Bootstrap *self, const Place *place)
{
  const Connection *connection =
    place->has_peer ? connection_table_find (self->overlay->connections, &place->peer) : NULL;

  return connection != NULL && !link_is_suspected (connection->link);
}

/* The place to try next: due, not ours, without a link, failed least. */
static Place *
best_place (Bootstrap *self, bool only_fresh)
{
  Place *best = NULL;

  list_for_each (&self->places, l)
  {
    Place *place = list_element (l, Place, all);
    if (place->number != 0 || place->next_try > now_of (self) || is_linked (self, place) ||
        is_own (self, &place->address) ||
        (only_fresh && (place->heard_at == 0 || place->heard_at + FRESH < now_of (self))))
      continue;
    if (best == NULL || place->failures < best->failures ||
        (place->failures == best->failures && place->heard_at > best->heard_at))
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
on_tick (Timer *timer, void *owner)
{
  Bootstrap *self = owner;
  TopologyState state = state_of (self);
  bool is_joined = state == TOPOLOGY_JOINED || state == TOPOLOGY_CLIENT;
  unsigned parallel = is_joined ? 1 : PARALLEL;
  Place *place;

  while (count_trying (self) < parallel && (place = best_place (self, is_joined)) != NULL)
    try_place (self, place);
  if (!is_joined)
    timer_start (timer, self->overlay->ports->timers, state == TOPOLOGY_ALONE ? ALONE_TICK : TICK);
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
  place->heard_at = MAX (now_of (self), 1);
  run_soon (self);
}

void
bootstrap_note_listening (Bootstrap *self,
                          const NodeId *peer,
                          const Address *addresses,
                          size_t count)
{
  for (size_t i = 0; i < count; i++) {
    Place *place;
    if (is_own (self, &addresses[i]))
      continue;
    place = need_place (self, LINK_TRANSPORT_DTLS, &addresses[i]);
    set_peer (self, place, peer);
    if (i == 0)
      overlay_report_listening (self->overlay, peer, &addresses[0], LINK_TRANSPORT_DTLS);
  }
}

void
bootstrap_wake (Bootstrap *self)
{
  list_for_each (&self->places, l) list_element (l, Place, all)->next_try = 0;
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

void
bootstrap_look_for_strangers (Bootstrap *self)
{
  Place *place = best_place (self, false);

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

void
bootstrap_on_up (Bootstrap *self, Connection *connection)
{
  list_for_each (&self->places, l)
  {
    Place *place = list_element (l, Place, all);
    bool is_this = place->number == connection->number;
    if (!is_this && !(place->has_peer && node_id_equal (&place->peer, &connection->peer)))
      continue;
    place->number = is_this ? 0 : place->number;
    set_peer (self, place, &connection->peer);
    place->failures = 0;
    place->next_try = now_of (self) + FIRST_PAUSE;
    if (!place->is_kept || is_this) {
      place->is_kept = true;
      keep_place (self, place);
    }
    if (is_this)
      overlay_report_listening (self->overlay, &connection->peer, &place->address,
                                place->transport);
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
  place->failures++;
  /* A listener has one port for both; where UDP does not pass, TCP may. */
  if (connection->link == NULL)
    place->transport =
      place->transport == LINK_TRANSPORT_DTLS ? LINK_TRANSPORT_TLS : LINK_TRANSPORT_DTLS;
  pause = MIN (FIRST_PAUSE << MIN (place->failures, 6), LONGEST_PAUSE);
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
