/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/mirrors.h"

#include "core/base/limits.h"
#include "core/os/stun.h"

#include <string.h>

/* Each peer is asked by a Binding request when it is added. One of each group of those who see us
 * at the same address is then asked every ROUND, which shows that our address has changed and keeps
 * our socket's mapping in a NAT alive; so is everybody whom somebody relies on. The rest of a group
 * would only say the same again, and is asked every RESTS rounds. Who leaves TRIES requests
 * unanswered is lost and forgotten. When the one of a group is lost, or sees us elsewhere, its
 * whole group is asked at once, and the next who answers takes its place by itself, since groups
 * are formed only when somebody looks.
 *
 *   added --ask--> waiting --answer--> known --round--> waiting ...
 *                     |--TRIES_SILENT--> it is told        '--TRIES--> gone
 *
 * The oldest come first: who has proved good stays the one of its group. */

enum { TRIES = 4, TRIES_SILENT = 2, RESTS = 12 };

static const uint64_t ROUND = 25 * TIME_SECOND;
static const uint64_t PATIENCE = 500 * TIME_MS; /* after the first request; then doubled */

typedef struct Place {
  Mirrors *all;
  Mirror mirror; /* `seen` of family ADDRESS_NONE until it has answered */
  uint8_t id[STUN_ID_SIZE];
  unsigned tries; /* unanswered ones */
  unsigned rests; /* rounds since it has answered */
  Timer patience;
} Place;

struct Mirrors {
  Timers *timers;
  const MirrorPorts *ports;
  void *owner;
  Place *places[LIMIT_MIRRORS];
  size_t count;
  Timer round;
};

static void
place_free (Place *place)
{
  timer_stop (&place->patience);
  g_free (place);
}

static bool
sees_same_host (const Mirror *a, const Mirror *b)
{
  return a->seen.family == b->seen.family &&
         memcmp (a->seen.bytes, b->seen.bytes, sizeof a->seen.bytes) == 0;
}

static void
place_ask (Place *place)
{
  Mirrors *self = place->all;
  uint8_t request[STUN_REPLY_SIZE];

  if (place->tries == 0)
    self->ports->random_bytes (self->owner, place->id, sizeof place->id);
  timer_start (&place->patience, self->timers, PATIENCE << place->tries);
  place->tries++;
  self->ports->send (self->owner, &place->mirror.peer, stun_ask_binding (place->id, request));
}

static void
ask_group (Mirrors *self, const Mirror *like)
{
  for (size_t i = 0; i < self->count; i++)
    if (self->places[i]->tries == 0 && sees_same_host (&self->places[i]->mirror, like))
      place_ask (self->places[i]);
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
on_patience (Timer *timer, void *owner)
{
  Place *place = owner;
  Mirrors *self = place->all;
  Mirror mirror = place->mirror;

  if (place->tries < TRIES) {
    bool is_silent = place->mirror.seen.family == ADDRESS_NONE && place->tries == TRIES_SILENT;
    place_ask (place);
    if (is_silent)
      self->ports->silent (self->owner, &mirror.peer);
    return;
  }
  mirrors_drop (self, place);
  if (mirror.seen.family != ADDRESS_NONE)
    ask_group (self, &mirror);
  self->ports->lost (self->owner, &mirror.peer);
}

static bool
is_first (const Mirrors *self, size_t at)
{
  for (size_t i = 0; i < at; i++)
    if (sees_same_host (&self->places[i]->mirror, &self->places[at]->mirror))
      return false;
  return true;
}

static void
on_round (Timer *timer, void *owner)
{
  Mirrors *self = owner;

  for (size_t i = 0; i < self->count; i++) {
    Place *place = self->places[i];
    if (place->tries == 0 && (is_first (self, i) || ++place->rests >= RESTS ||
                              self->ports->relies_on (self->owner, &place->mirror.peer)))
      place_ask (place);
  }
  if (self->count > 0)
    timer_start (timer, self->timers, ROUND);
}

/* When there are many, one that says nothing but what an earlier one says. */
static Place *
find_needless (Mirrors *self)
{
  for (size_t i = self->count; i-- > 1;)
    if (!is_first (self, i) && !self->ports->relies_on (self->owner, &self->places[i]->mirror.peer))
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
  timer_init (&self->round, on_round, self);
  return self;
}

void
mirrors_free (Mirrors *self)
{
  if (self == NULL)
    return;
  for (size_t i = 0; i < self->count; i++)
    place_free (self->places[i]);
  timer_stop (&self->round);
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
  timer_init (&place->patience, on_patience, place);
  self->places[self->count++] = place;
  place_ask (place);
  if (!timer_is_set (&self->round))
    timer_start (&self->round, self->timers, ROUND);
}

bool
mirrors_hear (Mirrors *self, const Address *from, Bytes answer, Address *ret_seen)
{
  for (size_t i = 0; i < self->count; i++) {
    Place *place = self->places[i];
    Mirror before = place->mirror;
    Address seen;
    if (place->tries == 0 || !address_equal (&place->mirror.peer, from) ||
        !stun_read_binding (answer, place->id, &seen) || seen.family != from->family)
      continue;
    place->mirror.seen = seen;
    place->tries = 0;
    place->rests = 0;
    timer_stop (&place->patience);
    if (before.seen.family != ADDRESS_NONE && !sees_same_host (&before, &place->mirror))
      ask_group (self, &before);
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
mirrors_known (const Mirrors *self, Mirror *ret_mirrors, size_t size)
{
  size_t count = 0;

  for (size_t i = 0; i < self->count && count < size; i++)
    if (self->places[i]->mirror.seen.family != ADDRESS_NONE)
      ret_mirrors[count++] = self->places[i]->mirror;
  return count;
}

size_t
mirrors_choose (const Mirrors *self, Mirror *ret_mirrors, size_t size)
{
  const Place *chosen[LIMIT_MIRRORS];
  size_t count = 0;

  for (size_t i = 0; i < self->count; i++) {
    const Place *place = self->places[i];
    size_t at = 0;
    if (place->mirror.seen.family == ADDRESS_NONE)
      continue;
    while (at < count && !sees_same_host (&chosen[at]->mirror, &place->mirror))
      at++;
    if (at == count)
      chosen[count++] = place;
    else if (chosen[at]->tries > 1 && place->tries <= 1)
      chosen[at] = place;
  }
  count = MIN (count, size);
  for (size_t i = 0; i < count; i++)
    ret_mirrors[i] = chosen[i]->mirror;
  return count;
}
