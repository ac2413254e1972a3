/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/stun-desk.h"

#include "core/base/limits.h"
#include "core/base/token-bucket.h"
#include "core/os/private-file.h"
#include "core/os/socket.h"
#include "core/os/stun.h"

#include <string.h>

/* Every peer answers Binding requests, of anybody: that is how the first two peers behind NATs
 * learn their addresses. The answer is hardly longer than the question, and there are only so many
 * of them, so a liar about his address gains nothing. */

enum { OWN_ADDRESSES_MAX = 64 };

struct StunDesk {
  Loop *loop;
  Listener *listener;
  Mirrors *mirrors;
  TokenBucket answers;
  const StunDeskEvents *events;
  void *owner;
};

static void
on_mirror_send (void *owner, const Address *to, Bytes request)
{
  StunDesk *self = owner;
  const Path path = { .peer = *to };

  listener_send (self->listener, &path, request);
}

static void
on_mirror_random (void *owner, uint8_t *ret_bytes, size_t size)
{
  private_random (ret_bytes, size);
}

static bool
on_mirror_relies_on (void *owner, const Address *peer)
{
  StunDesk *self = owner;

  return self->events->relies_on (self->owner, peer);
}

static void
on_mirror_lost (void *owner, const Address *peer)
{
  StunDesk *self = owner;

  self->events->lost (self->owner, peer);
}

static void
on_mirror_silent (void *owner, const Address *peer)
{
  StunDesk *self = owner;

  self->events->silent (self->owner, peer);
}

static const MirrorPorts mirror_ports = { on_mirror_send, on_mirror_random, on_mirror_relies_on,
                                          on_mirror_silent, on_mirror_lost };

StunDesk *
stun_desk_new (Loop *loop, Listener *listener, const StunDeskEvents *events, void *owner)
{
  StunDesk *self = g_new0 (StunDesk, 1);

  self->loop = loop;
  self->listener = listener;
  self->events = events;
  self->owner = owner;
  self->mirrors = mirrors_new (loop_timers (loop), &mirror_ports, self);
  return self;
}

void
stun_desk_free (StunDesk *self)
{
  if (self == NULL)
    return;
  mirrors_free (self->mirrors);
  g_free (self);
}

static bool
is_own (const Address *seen)
{
  Address own[OWN_ADDRESSES_MAX];
  size_t count = socket_own_addresses (own, OWN_ADDRESSES_MAX);

  for (size_t i = 0; i < count; i++)
    if (own[i].family == seen->family &&
        memcmp (own[i].bytes, seen->bytes, sizeof seen->bytes) == 0)
      return true;
  return false;
}

void
stun_desk_hear (StunDesk *self, const Path *from, Bytes datagram)
{
  uint8_t reply[STUN_REPLY_SIZE];
  uint64_t now = timers_now (loop_timers (self->loop));
  Address seen;
  size_t size;

  if (mirrors_hear (self->mirrors, &from->peer, datagram, &seen)) {
    self->events->heard (self->owner, &from->peer, !is_own (&seen));
    return;
  }
  if (!token_bucket_take (&self->answers, now, LIMIT_STUN_PER_S, LIMIT_STUN_BURST))
    return;
  size = stun_answer_binding (datagram, &from->peer, reply);
  if (size > 0)
    listener_send (self->listener, from, (Bytes){ reply, size });
}

void
stun_desk_add_peer (StunDesk *self, const Address *peer)
{
  mirrors_add (self->mirrors, peer);
}

void
stun_desk_network_changed (StunDesk *self)
{
  mirrors_ask_again (self->mirrors);
}

size_t
stun_desk_mirrors (const StunDesk *self, Mirror *ret_mirrors, size_t size)
{
  return mirrors_known (self->mirrors, ret_mirrors, size);
}

bool
stun_desk_reaches_out (const StunDesk *self)
{
  Mirror mirrors[LIMIT_MIRRORS];
  size_t count = mirrors_choose (self->mirrors, mirrors, LIMIT_MIRRORS);

  for (size_t i = 0; i < count; i++)
    if (!address_is_private (&mirrors[i].peer) || !is_own (&mirrors[i].seen))
      return true;
  return false;
}

/* libnice asks one server: of several, the one outermost of all NATs is wanted. */
bool
stun_desk_server (const StunDesk *self, Address *ret_server)
{
  Mirror mirrors[LIMIT_MIRRORS];
  size_t count = mirrors_choose (self->mirrors, mirrors, LIMIT_MIRRORS);
  const Mirror *best = NULL;

  for (size_t i = 0; i < count; i++) {
    if (is_own (&mirrors[i].seen))
      continue;
    if (best == NULL ||
        (address_is_private (&best->seen) && !address_is_private (&mirrors[i].seen)))
      best = &mirrors[i];
  }
  if (best != NULL)
    *ret_server = best->peer;
  return best != NULL;
}
