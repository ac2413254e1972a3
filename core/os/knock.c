/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/knock.h"

#include "core/base/limits.h"
#include "core/os/private-file.h"
#include "core/os/socket.h"
#include "core/os/stun.h"
#include "core/os/tls-stream.h"

#include <sys/socket.h>
#include <unistd.h>

/* By UDP a Binding request, by TCP the handshake of a newcomer (ALPN peal-invite): what every
 * listener of ours answers to strangers. Both come from sockets made for it, so that no firewall
 * takes them for answers to something. A few small datagrams and one connection are all that
 * whoever listens there gets to see. */

enum { REQUESTS = 3 };

static const uint64_t REQUEST_EVERY = 600 * TIME_MS;

struct Knock {
  Loop *loop;
  int udp;
  GSource *readable;
  TlsStream *stream; /* NULL when there was no way to begin */
  uint8_t id[STUN_ID_SIZE];
  unsigned requests;
  Timer again;
  Timer end;
  bool is_udp_over;
  bool is_tcp_over;
  uint8_t ways;
  KnockFunc func;
  void *owner;
};

static void
knock_over (Knock *self, bool *is_over, uint8_t way)
{
  *is_over = true;
  self->ways |= way;
  if (self->is_udp_over && self->is_tcp_over)
    timer_start (&self->end, loop_timers (self->loop), 0);
}

static void
on_end (Timer *timer, void *owner)
{
  Knock *self = owner;

  self->func (self->ways, self->owner);
}

/* ---- UDP ---- */

static void
on_again (Timer *timer, void *owner)
{
  Knock *self = owner;
  uint8_t bytes[STUN_REPLY_SIZE];
  Bytes request = stun_ask_binding (self->id, bytes);

  if (self->is_udp_over || self->requests == REQUESTS)
    return;
  self->requests++;
  timer_start (timer, loop_timers (self->loop), REQUEST_EVERY);
  send (self->udp, request.data, request.size, MSG_NOSIGNAL); /* what fails counts as lost */
}

static gboolean
on_readable (int fd, GIOCondition condition, void *user_data)
{
  Knock *self = user_data;
  uint8_t bytes[STUN_REPLY_SIZE];
  ssize_t size = recv (fd, bytes, sizeof bytes, 0);
  Address seen;

  if (size > 0 && !self->is_udp_over &&
      stun_read_binding ((Bytes){ bytes, (size_t) size }, self->id, &seen))
    knock_over (self, &self->is_udp_over, KNOCK_UDP);
  return G_SOURCE_CONTINUE;
}

static void
knock_begin_udp (Knock *self, const Address *at, const Address *from)
{
  private_random (self->id, sizeof self->id);
  self->udp = socket_connect (SOCK_DGRAM, at, from);
  if (self->udp < 0) {
    knock_over (self, &self->is_udp_over, 0);
    return;
  }
  self->readable = loop_watch (self->loop, self->udp, G_IO_IN, on_readable, self);
  timer_start (&self->again, loop_timers (self->loop), 0);
}

/* ---- TCP ---- */

static void
on_stream_up (void *owner)
{
  Knock *self = owner;

  tls_stream_close (self->stream);
  knock_over (self, &self->is_tcp_over, KNOCK_TCP);
}

static void
on_stream_receive (void *owner, Bytes bytes)
{
}

static void
on_stream_down (void *owner, LinkEnd end)
{
  Knock *self = owner;

  knock_over (self, &self->is_tcp_over, 0);
}

static const TlsStreamEvents stream_events = { on_stream_up, on_stream_receive, on_stream_down };

static void
knock_begin_tcp (Knock *self, const Address *at, const Address *from)
{
  int fd = socket_connect (SOCK_STREAM, at, from);

  if (fd >= 0)
    self->stream =
      tls_stream_new (self->loop, fd, NULL, tls_newcomer_connection (), &stream_events, self);
  else
    knock_over (self, &self->is_tcp_over, 0);
}

/* ---- Both ---- */

Knock *
knock_new (Loop *loop, const Address *at, const Address *from, KnockFunc func, void *owner)
{
  Knock *self = g_new0 (Knock, 1);

  self->loop = loop;
  self->func = func;
  self->owner = owner;
  timer_init (&self->again, on_again, self);
  timer_init (&self->end, on_end, self);
  timer_start (&self->end, loop_timers (loop), LIMIT_KNOCK_MS * TIME_MS);
  knock_begin_udp (self, at, from);
  knock_begin_tcp (self, at, from);
  return self;
}

void
knock_free (Knock *self)
{
  if (self == NULL)
    return;
  timer_stop (&self->again);
  timer_stop (&self->end);
  loop_unwatch (&self->readable);
  if (self->udp >= 0)
    close (self->udp);
  tls_stream_free (self->stream);
  g_free (self);
}
