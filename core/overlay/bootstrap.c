/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "bootstrap"
#include "core/overlay/bootstrap.h"

#include "core/base/log.h"
#include "core/overlay/overlay-private.h"
#include "core/overlay/place.h"

/* A list of places, each with when it may be tried next. While we have no ring, up to four are
 * tried at once, the promising first, each with growing pauses. Whoever is dead says so only after
 * ten seconds, if ever: so a place that has not had its turn yet does not wait for that, but has it
 * a quarter of a second after the one before, while not too many are under way. In a ring, a place
 * is tried only when nothing tells us that its peer is of our ring already: soon after discovery
 * names it, else one a minute, and after a join some of those whom we knew before it: they tell
 * whether it is the ring that we were in. A turn is a race of the ways to that place (race.c).
 *
 * Of each peer that was really attached one place is kept for the next start (place.c).
 *
 * Where a stream led out of this network, and no datagrams have, a wall is in between. The first
 * time that is believed when the third datagram must have been heard; when it was so the last time,
 * soon. */

#define FIRST_PAUSE   (1 * TIME_SECOND)
#define LONGEST_PAUSE TIME_MINUTE
#define TICK          (500 * TIME_MS)
#define PACE          (250 * TIME_MS)
#define ALONE_TICK    (2 * TIME_SECOND)
#define FRESH         (30 * TIME_SECOND)
#define WALL_NEW      (3500 * TIME_MS) /* DTLS resends after 1 s, then after 2 s */
#define WALL_KNOWN    TIME_SECOND

enum {
  PARALLEL = 4,
  PARALLEL_FIRST = 32, /* with those that have their first turn */
  CALLED_AGAIN = 2,
};

struct Bootstrap {
  Overlay *overlay;
  ListLink places; /* the least useful first */
  unsigned count;
  bool is_running;
  uint64_t tried_at; /* while we have no ring: when a place had its turn last */
  Timer timer;
  Timer race_timer;

  /* Of this network. */
  bool has_datagrams;       /* a link of datagrams led out of it */
  bool was_walled;          /* the last time that we were there, too */
  uint64_t datagrams_since; /* first sent to where only a stream led; 0: there is no such place */
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
  race_free (place->race);
  g_free (place);
}

static void
keep_place (Bootstrap *self, const Place *place)
{
  const NodePorts *ports = self->overlay->ports;
  uint8_t value[PLACE_VALUE_SIZE];

  place_write (place, value);
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
    if (place->race != NULL)
      continue;
    if (least == NULL || (least->is_kept && !place->is_kept) ||
        (least->is_kept && place->is_kept && place_is_better (least, place)))
      least = place;
  }
  return least;
}

static Place *
need_place (Bootstrap *self, Way way, const Address *address)
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
  place->way = way;
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
  Place kept = { 0 };
  Place *place;

  if (!node_id_from_bytes (key, &kept.peer) || !place_read (&kept, value))
    return;
  place = need_place (self, kept.way, &kept.address);
  place->has_peer = true;
  place->peer = kept.peer;
  place->is_kept = true;
  place->is_restored = true;
  place->seen_s = kept.seen_s;
  place->failures = kept.failures;
}

/* ---- Trying ---- */

static unsigned
count_trying (const Bootstrap *self)
{
  unsigned count = 0;

  list_for_each (&self->places, l) count += list_element (l, Place, all)->race != NULL;
  return count;
}

/* Comes again when another way of some race begins. */
static void
run_races (Bootstrap *self)
{
  uint64_t now = now_of (self);
  uint64_t next = UINT64_MAX;

  list_for_each (&self->places, l)
  {
    Place *place = list_element (l, Place, all);
    uint64_t at = place->race != NULL ? race_run (place->race) : UINT64_MAX;
    next = MIN (next, at);
  }
  if (next != UINT64_MAX)
    timer_start (&self->race_timer, self->overlay->ports->timers, next - now);
}

static void
on_race_timer (Timer *timer, void *owner)
{
  run_races (owner);
}

static void
try_place (Bootstrap *self, Place *place)
{
  place->race = race_new (self->overlay, &place->address, place->way);
  place->had_turn = true;
  run_races (self);
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
  return place->race == NULL && place->next_try <= now_of (self) && !is_linked (self, place) &&
         !is_own (self, &place->address);
}

typedef enum Choice {
  CHOICE_ANY,
  CHOICE_FRESH, /* named lately */
  CHOICE_FIRST, /* that had no turn yet */
  CHOICE_KNOWN, /* of these, whose peer was there in an earlier run, not in this one */
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
        (choice >= CHOICE_FIRST && place->had_turn) ||
        (choice == CHOICE_KNOWN && !place->is_restored))
      continue;
    if (best == NULL || place_is_better (place, best))
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
  place = need_place (self, transport == LINK_TRANSPORT_TLS ? WAY_STREAM : WAY_DATAGRAMS, address);
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

/* Whether there is an address of ours from which we could go there, as far as we know ours. */
static bool
is_of_our_family (const Bootstrap *self, const Address *address)
{
  const Overlay *overlay = self->overlay;

  for (size_t i = 0; i < overlay->listening_count; i++)
    if (overlay->listening[i].family == address->family)
      return true;
  return overlay->listening_count == 0;
}

void
bootstrap_note_listening (Bootstrap *self,
                          const NodeId *peer,
                          const Address *addresses,
                          size_t count)
{
  bool has_told = false, has_public = false;

  for (size_t i = 0; i < count; i++) {
    bool is_public = !address_is_private (&addresses[i]);
    if (is_own (self, &addresses[i]) || is_unclear (&addresses[i]))
      continue;
    set_peer (self, need_place (self, WAY_DATAGRAMS, &addresses[i]), peer);
    /* The first it means most, and one that others may use who are elsewhere. */
    if (!is_of_our_family (self, &addresses[i]) || (has_told && (has_public || !is_public)))
      continue;
    overlay_report_listening (self->overlay, peer, &addresses[i], LINK_TRANSPORT_DTLS);
    has_told = true;
    has_public |= is_public;
  }
}

void
bootstrap_wake (Bootstrap *self)
{
  self->has_datagrams = false;
  self->datagrams_since = 0;
  list_for_each (&self->places, l)
  {
    Place *place = list_element (l, Place, all);
    place->next_try = 0;
    place->tries = 0;
    place->had_turn = place->race != NULL;
  }
  run_soon (self);
}

void
bootstrap_try_peer (Bootstrap *self, const NodeId *peer)
{
  list_for_each (&self->places, l)
  {
    Place *place = list_element (l, Place, all);
    if (place->has_peer && place->race == NULL && node_id_equal (&place->peer, peer)) {
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
    if (place->race == NULL && place->seen_s != 0 && is_linked (self, place) &&
        !is_own (self, &place->address) && (best == NULL || place_is_better (place, best)))
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

void
bootstrap_look_for_known (Bootstrap *self)
{
  Place *place = best_place (self, CHOICE_KNOWN);

  if (place != NULL && count_trying (self) < PARALLEL)
    try_place (self, place);
}

static Place *
by_number (Bootstrap *self, uint32_t number)
{
  list_for_each (&self->places, l)
  {
    Place *place = list_element (l, Place, all);
    if (place->race != NULL && race_way_of (place->race, number) != 0)
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
  place->is_restored = false;
  place->seen_s = (uint32_t) (ports->wall_clock_ms (ports->world) / 1000);
  place->failures = 0;
  place->tries = 0;
  place->next_try = now_of (self) + FIRST_PAUSE;
}

/* The one of that peer's places that is good for the next start; NULL when none is. */
static Place *
place_to_keep (Bootstrap *self, const NodeId *peer)
{
  Place *best = NULL;

  list_for_each (&self->places, l)
  {
    Place *place = list_element (l, Place, all);
    if (!place_is_of (place, peer) || place->address.scope != 0)
      continue;
    if (best == NULL || (!best->is_kept && (place->is_kept || place_is_better (place, best))))
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
    if (place_is_of (place, &kept->peer))
      place->is_kept = place == kept;
  }
  keep_place (self, kept);
}

/* By that way. */
static void
note_reached (Bootstrap *self, Place *place, const Connection *connection)
{
  Way way = race_way_of (place->race, connection->number);

  if (way != WAY_DATAGRAMS && !connection->is_near && self->datagrams_since == 0) {
    self->datagrams_since = race_datagrams_since (place->race);
    self->was_walled = place->way == way;
  }
  place->way = way;
  set_peer (self, place, &connection->peer);
  race_note_up (place->race, connection->number);
  if (race_is_over (place->race))
    g_clear_pointer (&place->race, race_free);
  overlay_report_listening (self->overlay, &connection->peer, &place->address,
                            way == WAY_DATAGRAMS ? LINK_TRANSPORT_DTLS : LINK_TRANSPORT_TLS);
}

uint64_t
bootstrap_walled_at (const Bootstrap *self)
{
  if (self->has_datagrams || self->datagrams_since == 0)
    return UINT64_MAX;
  return self->datagrams_since + (self->was_walled ? WALL_KNOWN : WALL_NEW);
}

void
bootstrap_note_link (Bootstrap *self, const Connection *connection)
{
  const Topology *topology = &self->overlay->topology;
  bool was_walled = bootstrap_walled_at (self) <= now_of (self);

  if (connection->link.is_stream || connection->is_near)
    return;
  self->has_datagrams = true;
  if (was_walled)
    topology->plugin->network_changed (topology->self);
}

void
bootstrap_on_up (Bootstrap *self, Connection *connection)
{
  const NodeId *peer = &connection->peer;
  Place *reached = by_number (self, connection->number);
  Place *kept;

  if (connection->kind != CONNECTION_OVERLAY)
    bootstrap_note_link (self, connection);
  if (reached != NULL)
    note_reached (self, reached, connection);
  list_for_each (&self->places, l)
  {
    Place *place = list_element (l, Place, all);
    if (place_is_of (place, peer))
      note_success (self, place, peer);
  }
  kept = reached != NULL && reached->address.scope == 0 ? reached : place_to_keep (self, peer);
  if (kept != NULL)
    keep_only (self, kept);
}

/* Its turn was in vain. */
static void
note_failure (Bootstrap *self, Place *place)
{
  const NodePorts *ports = self->overlay->ports;
  uint64_t pause;

  place->tries++;
  if (place->failures < PLACE_FAILURES_MAX) {
    place->failures++;
    if (place->is_kept)
      keep_place (self, place);
  }
  pause = MIN (FIRST_PAUSE << MIN (place->tries, 6), LONGEST_PAUSE);
  place->next_try =
    now_of (self) + pause / 2 + ports->random_below (ports->world, (uint32_t) (pause / 2)) + 1;
}

void
bootstrap_on_down (Bootstrap *self, Connection *connection)
{
  Place *place = by_number (self, connection->number);

  if (place == NULL)
    return;
  race_note_down (place->race, connection->number);
  run_races (self);
  if (!race_is_over (place->race))
    return;
  if (!race_is_won (place->race))
    note_failure (self, place);
  g_clear_pointer (&place->race, race_free);
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
  timer_stop (&self->race_timer);
  list_for_each (&self->places, l) g_clear_pointer (&list_element (l, Place, all)->race, race_free);
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
  timer_init (&self->race_timer, on_race_timer, self);
  return self;
}

void
bootstrap_free (Bootstrap *self)
{
  if (self == NULL)
    return;
  bootstrap_stop (self);
  list_for_each (&self->places, l) drop_place (self, list_element (l, Place, all));
  g_free (self);
}
