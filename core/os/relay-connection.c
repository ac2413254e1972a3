/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/relay-connection.h"

#include "core/base/limits.h"
#include "core/os/relay-frame.h"
#include "core/os/socket.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What is carried are datagrams, most of them voice: what does not fit into the queue is lost at
 * once, rather than late. One read of the socket a turn, as with all streams, and one write: many
 * may have come for the client since the last.
 *
 * What was read and is no whole message yet stays in `heard`, which holds the longest one. */

enum { PIECE = 16384, SEND_BUFFER = 64 * 1024 };

struct RelayConnection {
  Loop *loop;
  const RelayConnectionEvents *events;
  void *owner;
  int fd; /* -1 inside TLS */
  GSource *readable;
  GSource *writable; /* NULL while the socket takes what it is given */
  GByteArray *queue;
  Timer gather;      /* set while what is queued may become more in this turn */
  TlsStream *stream; /* owned; NULL when bare */
  Address local;
  uint8_t heard[RELAY_FRAME_SIZE];
  size_t heard_size;
  size_t waited; /* bytes, when that was asked last */
  bool is_over;
};

static void
quiet (RelayConnection *self)
{
  self->is_over = true;
  timer_stop (&self->gather);
  loop_unwatch (&self->readable);
  loop_unwatch (&self->writable);
}

static void
end (RelayConnection *self)
{
  if (self->is_over)
    return;
  quiet (self);
  self->events->down (self->owner, self);
}

/* Takes no more than what completes the message that has begun, or its header; false when that is
 * no message. */
static bool
take (RelayConnection *self, Bytes *rest)
{
  size_t wanted = RELAY_FRAME_HEADER;
  Bytes heard = { self->heard, self->heard_size };
  RelayFrameReading reading = relay_frame_read (heard, &wanted);
  size_t more = MIN (wanted - self->heard_size, rest->size);

  memcpy (self->heard + self->heard_size, rest->data, more);
  self->heard_size += more;
  *rest = (Bytes){ rest->data + more, rest->size - more };
  heard.size = self->heard_size;
  reading = relay_frame_read (heard, &wanted);
  if (reading == RELAY_FRAME_DONE) {
    self->heard_size = 0;
    self->events->message (self->owner, self, heard);
  }
  return reading != RELAY_FRAME_BAD;
}

static void
hear (RelayConnection *self, Bytes bytes)
{
  while (bytes.size > 0 && !self->is_over)
    if (!take (self, &bytes)) {
      end (self);
      return;
    }
}

/* ---- Bare ---- */

static gboolean
on_readable (int fd, GIOCondition condition, void *user_data)
{
  RelayConnection *self = user_data;
  uint8_t piece[PIECE];
  ssize_t size = socket_read (fd, piece, sizeof piece);

  if (size < 0)
    end (self);
  else
    hear (self, (Bytes){ piece, (size_t) size });
  return G_SOURCE_CONTINUE;
}

static gboolean on_writable (int fd, GIOCondition condition, void *user_data);

/* What cannot be sent now waits; a connection that is gone is noticed by who reads. */
static void
flush (RelayConnection *self)
{
  while (self->queue->len > 0) {
    ssize_t size = send (self->fd, self->queue->data, self->queue->len, MSG_NOSIGNAL);
    if (size <= 0)
      break;
    g_byte_array_remove_range (self->queue, 0, (unsigned) size);
  }
  if (self->queue->len == 0)
    loop_unwatch (&self->writable);
  else if (self->writable == NULL)
    self->writable = loop_watch (self->loop, self->fd, G_IO_OUT, on_writable, self);
}

static gboolean
on_writable (int fd, GIOCondition condition, void *user_data)
{
  flush (user_data);
  return G_SOURCE_CONTINUE;
}

static void
on_gathered (Timer *timer, void *owner)
{
  flush (owner);
}

/* ---- Inside TLS ---- */

static void
on_stream_up (void *owner)
{
}

static void
on_stream_receive (void *owner, Bytes bytes)
{
  hear (owner, bytes);
}

static void
on_stream_down (void *owner, LinkEnd reason)
{
  end (owner);
}

static const TlsStreamEvents stream_events = { on_stream_up, on_stream_receive, on_stream_down };

/* ---- Both ---- */

static RelayConnection *
connection_new (Loop *loop, const RelayConnectionEvents *events, void *owner)
{
  RelayConnection *self = g_new0 (RelayConnection, 1);

  self->loop = loop;
  self->events = events;
  self->owner = owner;
  self->fd = -1;
  return self;
}

RelayConnection *
relay_connection_new (Loop *loop, int fd, const RelayConnectionEvents *events, void *owner)
{
  RelayConnection *self = connection_new (loop, events, owner);
  int buffer = SEND_BUFFER;

  setsockopt (fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
  self->fd = fd;
  self->local = socket_address (fd);
  self->queue = g_byte_array_new ();
  timer_init (&self->gather, on_gathered, self);
  self->readable = loop_watch (loop, fd, G_IO_IN, on_readable, self);
  return self;
}

RelayConnection *
relay_connection_new_tls (Loop *loop,
                          TlsStream *stream,
                          const RelayConnectionEvents *events,
                          void *owner)
{
  RelayConnection *self = connection_new (loop, events, owner);

  self->stream = stream;
  self->local = tls_stream_local (stream);
  tls_stream_hand_over (stream, &stream_events, self);
  return self;
}

void
relay_connection_free (RelayConnection *self)
{
  if (self == NULL)
    return;
  timer_stop (&self->gather);
  loop_unwatch (&self->readable);
  loop_unwatch (&self->writable);
  if (self->fd >= 0)
    close (self->fd);
  g_clear_pointer (&self->queue, g_byte_array_unref);
  tls_stream_free (self->stream);
  g_free (self);
}

Address
relay_connection_local (const RelayConnection *self)
{
  return self->local;
}

static size_t
waiting (const RelayConnection *self)
{
  return self->stream != NULL ? tls_stream_waiting (self->stream) : self->queue->len;
}

void
relay_connection_send (RelayConnection *self, Bytes message)
{
  if (self->is_over || waiting (self) + message.size > LIMIT_RELAY_QUEUE)
    return;
  if (self->stream != NULL) {
    tls_stream_send (self->stream, message);
    return;
  }
  g_byte_array_append (self->queue, message.data, (unsigned) message.size);
  if (self->writable == NULL && !timer_is_set (&self->gather))
    timer_start (&self->gather, loop_timers (self->loop), 0);
}

void
relay_connection_close (RelayConnection *self)
{
  if (self->is_over)
    return;
  quiet (self);
  if (self->stream != NULL)
    tls_stream_close (self->stream);
}

bool
relay_connection_is_stuck (RelayConnection *self)
{
  size_t waited = self->waited;

  self->waited = waiting (self);
  return waited > 0 && self->waited >= waited;
}
