/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/mirrors.h"

#include "core/base/limits.h"
#include "core/os/stun.h"

#include <string.h>

/* Each peer is asked by a Binding request when it is added, and again every PERIOD, which also
 * keeps our socket's mapping in a NAT alive. One that leaves TRIES of them unanswered is lost and
 * forgotten; another of its group then takes its place by itself, since groups are formed only when
 * somebody chooses.
 *
 *   added --ask--> waiting --answer--> known --PERIOD--> waiting ...
 *                     |                                     '--TRIES--> gone
 *
 * The oldest come first: who has proved good stays the one of its group. */

enum { TRIES = 4 };

static const uint64_t PERIOD = 25 * TIME_SECOND;
static const uint64_t PATIENCE = 500 * TIME_MS; /* after the first request; then doubled */

typedef struct Place {
  Mirrors *all;
  Mirror mirror; /* `seen` of family ADDRESS_NONE until it has answered */
  uint8_t id[STUN_ID_SIZE];
  unsigned tries; /* unanswered ones */
  Timer timer;
} Place;

struct Mirrors {
  Timers *timers;
  const MirrorPorts *ports;
  void *owner;
  Place *places[LIMIT_MIRRORS];
  size_t count;
};

static void
place_free (Place *place)
{
  timer_stop (&place->timer);
  g_free (place);
}

static bool
sees_same_host (const Mirror *a, const Mirror *b)
{
  return a->seen.family == b->seen.family &&
         memcmp (a->seen.bytes, b->seen.bytes, sizeof a->seen.bytes) == 0;
}

static void
mirrors_drop (Mirrors *self, Place *place)
{
  size_t at = 0;

  while (self->places[at] != place)
    at++;
  self->count--;
  memmove (&self->places[at], &self->places[at + 1], (self->count - at) * sizeof self->places[0]);
  place_free (place);
}

static void
place_ask (Place *place)
{
  Mirrors *self = place->all;
  uint8_t request[STUN_REPLY_SIZE];

  if (place->tries == 0)
    self->ports->random_bytes (self->owner, place->id, sizeof place->id);
  timer_start (&place->timer, self->timers, PATIENCE << place->tries);
  place->tries++;
  self->ports->send (self->owner, &place->mirror.peer, stun_ask_binding (place->id, request));
}

static void
on_timer (Timer *timer, void *owner)
{
  Place *place = owner;
  Mirrors *self = place->all;
  Address peer = place->mirror.peer;

  if (place->tries < TRIES) {
    place_ask (place);
    return;
  }
  mirrors_drop (self, place);
  self->ports->lost (self->owner, &peer);
}

/* When there are many, one that says nothing but what an earlier one says. */
static Place *
find_needless (Mirrors *self)
{
  for (size_t i = self->count; i-- > 1;)
    for (size_t j = 0; j < i; j++)
      if (sees_same_host (&self->places[i]->mirror, &self->places[j]->mirror))
        return self->places[i];
  return NULL;
}

Mirrors *
mirrors_new (Timers *timers, const MirrorPorts *ports, void *owner)
{
  Mirrors *self = g_new0 (Mirrors, 1);

  self->timers = timers;
  self->ports = ports;
  self->owner = owner;
  return self;
}

void
mirrors_free (Mirrors *self)
{
  if (self == NULL)
    return;
  for (size_t i = 0; i < self->count; i++)
    place_free (self->places[i]);
  g_free (self);
}

void
mirrors_add (Mirrors *self, const Address *peer)
{
  Place *place = NULL;

  for (size_t i = 0; i < self->count; i++)
    if (address_equal (&self->places[i]->mirror.peer, peer))
      return;
  if (self->count == LIMIT_MIRRORS && (place = find_needless (self)) == NULL)
    return;
  if (place != NULL)
    mirrors_drop (self, place);
  place = g_new0 (Place, 1);
  place->all = self;
  place->mirror.peer = *peer;
  timer_init (&place->timer, on_timer, place);
  self->places[self->count++] = place;
  place_ask (place);
}

bool
mirrors_hear (Mirrors *self, const Address *from, Bytes answer, Address *ret_seen)
{
  for (size_t i = 0; i < self->count; i++) {
    Place *place = self->places[i];
    Address seen;
    if (place->tries == 0 || !address_equal (&place->mirror.peer, from) ||
        !stun_read_binding (answer, place->id, &seen) || seen.family != from->family)
      continue;
    place->mirror.seen = seen;
    place->tries = 0;
    timer_start (&place->timer, self->timers, PERIOD);
    *ret_seen = seen;
    return true;
  }
  return false;
}

void
mirrors_ask_again (Mirrors *self)
{
  for (size_t i = 0; i < self->count; i++) {
    Place *place = self->places[i];
    place->mirror.seen = (Address){ 0 };
    place->tries = 0;
    place_ask (place);
  }
}

size_t
mirrors_choose (const Mirrors *self, Mirror *ret_mirrors, size_t size)
{
  size_t count = 0;

  for (size_t i = 0; i < self->count && count < size; i++) {
    const Mirror *mirror = &self->places[i]->mirror;
    bool is_new = mirror->seen.family != ADDRESS_NONE;
    for (size_t j = 0; j < count; j++)
      is_new = is_new && !sees_same_host (&ret_mirrors[j], mirror);
    if (is_new)
      ret_mirrors[count++] = *mirror;
  }
  return count;
}
