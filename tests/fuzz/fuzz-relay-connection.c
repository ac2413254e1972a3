/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/relay-connection.h"
#include "core/os/relay-frame.h"
#include "tests/fuzz/driver.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A client's stream, in pieces of any size, gives the messages that it has as a whole, and ends
 * with the first thing that is none. */

enum { PIECE = 7 };

typedef struct Play {
  Bytes stream;
  size_t taken; /* of the stream */
  unsigned messages;
  unsigned ends;
} Play;

static void
on_message (void *owner, RelayConnection *connection, Bytes message)
{
  Play *self = owner;

  g_assert (self->ends == 0);
  g_assert (message.size >= RELAY_FRAME_HEADER && message.size <= RELAY_FRAME_SIZE);
  g_assert (self->taken + message.size <= self->stream.size);
  g_assert (memcmp (message.data, self->stream.data + self->taken, message.size) == 0);
  self->taken += message.size;
  self->messages++;
}

static void
on_down (void *owner, RelayConnection *connection)
{
  ((Play *) owner)->ends++;
}

static const RelayConnectionEvents events = { on_message, on_down };

/* How many there are, and whether what follows them is none. */
static unsigned
count_messages (Bytes stream, bool *ret_is_bad)
{
  RelayFrameReading reading;
  unsigned count = 0;
  size_t size = 0;

  while ((reading = relay_frame_read (stream, &size)) == RELAY_FRAME_DONE) {
    g_assert (size <= stream.size);
    stream = (Bytes){ stream.data + size, stream.size - size };
    count++;
  }
  *ret_is_bad = reading == RELAY_FRAME_BAD;
  return count;
}

static void
play (Play *self, int fd)
{
  for (size_t at = 0; at < self->stream.size; at += PIECE) {
    size_t size = MIN (PIECE, self->stream.size - at);
    g_assert (send (fd, self->stream.data + at, size, MSG_NOSIGNAL) == (ssize_t) size ||
              self->ends > 0);
    while (g_main_context_iteration (NULL, FALSE))
      ;
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Play self = { .stream = { data, MIN (size, (size_t) 8192) } };
  RelayConnection *connection;
  Loop *loop;
  bool is_bad;
  int fds[2];
  int made;

  if (size == 0)
    return 0;
  made = socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds);
  g_assert (made == 0);
  loop = loop_new ();
  connection = relay_connection_new (loop, fds[0], &events, &self);
  play (&self, fds[1]);
  g_assert (self.messages == count_messages (self.stream, &is_bad));
  g_assert (self.ends == (is_bad ? 1 : 0));
  relay_connection_free (connection);
  loop_free (loop);
  close (fds[1]);
  return 0;
}
