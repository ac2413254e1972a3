/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/relay-connection.h"

#include "core/base/limits.h"
#include "tests/unit/fake-node.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Bare connections; those inside TLS are shown by relay-desk, with coturn's client. */

typedef struct Fixture {
  Loop *loop;
  RelayConnection *connection;
  int client;
  unsigned messages;
  unsigned down;
  uint8_t message[2048]; /* the last one */
  size_t message_size;
  bool is_closing; /* at the next message */
} Fixture;

static void
on_message (void *owner, RelayConnection *connection, Bytes message)
{
  Fixture *self = owner;

  self->messages++;
  g_assert_cmpuint (message.size, <=, sizeof self->message);
  memcpy (self->message, message.data, message.size);
  self->message_size = message.size;
  if (self->is_closing)
    relay_connection_close (connection);
}

static void
on_down (void *owner, RelayConnection *connection)
{
  ((Fixture *) owner)->down++;
}

static const RelayConnectionEvents events = { on_message, on_down };

static void
setup (Fixture *self, gconstpointer data)
{
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), ==, 0);
  self->loop = loop_new ();
  self->client = fds[1];
  self->connection = relay_connection_new (self->loop, fds[0], &events, self);
}

static void
teardown (Fixture *self, gconstpointer data)
{
  relay_connection_free (self->connection);
  loop_free (self->loop);
  close (self->client);
}

static void
say (Fixture *self, const char *hex)
{
  uint8_t bytes[256];
  size_t size = strlen (hex) / 2;

  g_assert_true (bytes_from_hex (hex, bytes, size));
  g_assert_cmpint (send (self->client, bytes, size, MSG_NOSIGNAL), ==, (ssize_t) size);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

#define BINDING "000100002112a442000102030405060708090a0b"

static void
test_pieces (Fixture *self, gconstpointer data)
{
  say (self, "00");
  say (self, "0100002112a44200010203");
  g_assert_cmpuint (self->messages, ==, 0);
  say (self, "0405060708090a0b4001");
  g_assert_cmpuint (self->messages, ==, 1);
  g_assert_cmpuint (self->message_size, ==, 20);
  say (self, "00036162");
  g_assert_cmpuint (self->messages, ==, 1);
  say (self, "6300");
  g_assert_cmpuint (self->messages, ==, 2);
  g_assert_cmpuint (self->message_size, ==, 8);
  g_assert_cmpint (memcmp (self->message, "\x40\x01\0\3abc", 8), ==, 0);
  say (self, BINDING BINDING "40010000" BINDING);
  g_assert_cmpuint (self->messages, ==, 6);
  g_assert_cmpuint (self->down, ==, 0);
}

static void
test_nonsense (Fixture *self, gconstpointer data)
{
  say (self, BINDING "474554202f" BINDING);
  g_assert_cmpuint (self->messages, ==, 1);
  g_assert_cmpuint (self->down, ==, 1);
}

static void
test_gone (Fixture *self, gconstpointer data)
{
  shutdown (self->client, SHUT_RDWR);
  while (self->down == 0)
    g_main_context_iteration (NULL, TRUE);
  relay_connection_send (self->connection, bytes_of_text ("late"));
  g_assert_cmpuint (self->down, ==, 1);
}

/* Its owner may close it from inside a message; the rest of what was said is not heard. */
static void
test_closed_inside (Fixture *self, gconstpointer data)
{
  self->is_closing = true;
  say (self, BINDING BINDING);
  g_assert_cmpuint (self->messages, ==, 1);
  g_assert_cmpuint (self->down, ==, 0);
}

/* Reads everything that has come through, and says how much. */
static size_t
drain (Fixture *self)
{
  uint8_t piece[16384];
  size_t total = 0;
  ssize_t size;

  do {
    while ((size = recv (self->client, piece, sizeof piece, 0)) > 0)
      total += (size_t) size;
  } while (g_main_context_iteration (NULL, FALSE));
  return total;
}

static void
test_slow (Fixture *self, gconstpointer data)
{
  static const uint8_t datagram[1200];
  const size_t offered = 4000;

  g_assert_false (relay_connection_is_stuck (self->connection));
  for (size_t i = 0; i < offered; i++)
    relay_connection_send (self->connection, (Bytes){ datagram, sizeof datagram });
  g_assert_false (relay_connection_is_stuck (self->connection)); /* that waits since now */
  g_assert_true (relay_connection_is_stuck (self->connection));
  size_t arrived = drain (self);
  g_assert_cmpuint (arrived % sizeof datagram, ==, 0); /* dropped are whole messages */
  g_assert_cmpuint (arrived, <, offered * sizeof datagram / 2);
  g_assert_cmpuint (arrived, >=, LIMIT_RELAY_QUEUE / 2);
  g_assert_false (relay_connection_is_stuck (self->connection));
  relay_connection_send (self->connection, (Bytes){ datagram, sizeof datagram });
  g_assert_cmpuint (drain (self), ==, sizeof datagram); /* and it is as good as new */
  g_assert_cmpuint (self->down, ==, 0);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, setup, func, teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/relay/connection/messages-come-whole", test_pieces);
  ADD ("/relay/connection/threat-4.6-what-is-no-message-ends-it", test_nonsense);
  ADD ("/relay/connection/who-is-gone-is-noticed", test_gone);
  ADD ("/relay/connection/may-be-closed-from-inside", test_closed_inside);
  ADD ("/relay/connection/threat-4.6-a-slow-reader-loses-and-is-noticed", test_slow);
  return g_test_run ();
}
