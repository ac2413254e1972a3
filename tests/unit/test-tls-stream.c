/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/tls-stream.h"

#include "core/base/limits.h"
#include "core/os/signer.h"
#include "tests/unit/fake-node.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* One end of a connection, on a main context of its own, so that it can stand still. */
typedef struct End {
  GMainContext *context;
  Peer *peer;
  Tls *tls;
  Loop *loop;
  TlsStream *stream;
  unsigned up;
  unsigned down;
  LinkEnd end;
  unsigned received;
} End;

static void
on_up (void *owner)
{
  ((End *) owner)->up++;
}

static void
on_receive (void *owner, Bytes bytes)
{
  ((End *) owner)->received += (unsigned) bytes.size;
}

static void
on_down (void *owner, LinkEnd end)
{
  End *self = owner;

  self->down++;
  self->end = end;
}

static const TlsStreamEvents events = { on_up, on_receive, on_down };

static void
end_open (End *self, int fd, bool is_server)
{
  const Signer *signer;

  self->context = g_main_context_new ();
  g_main_context_push_thread_default (self->context);
  self->peer = peer_member ();
  signer = self->peer->signer;
  self->tls = tls_new (signer, signer_private_key (signer), signer_x509 (signer));
  self->loop = loop_new ();
  self->stream =
    tls_stream_new (self->loop, fd, self->tls,
                    tls_connection (self->tls, TLS_USE_STREAM, is_server), &events, self);
  g_main_context_pop_thread_default (self->context);
}

static void
end_close (End *self)
{
  tls_stream_free (self->stream);
  loop_free (self->loop);
  tls_free (self->tls);
  peer_free (self->peer);
  g_main_context_unref (self->context);
}

typedef struct Fixture {
  End client;
  End server;
} Fixture;

static void
turn (Fixture *self)
{
  g_main_context_iteration (self->client.context, FALSE);
  g_main_context_iteration (self->server.context, FALSE);
}

static void
setup (Fixture *self, gconstpointer data)
{
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), ==, 0);
  end_open (&self->client, fds[0], false);
  end_open (&self->server, fds[1], true);
  while (self->client.up == 0 || self->server.up == 0)
    turn (self);
}

static void
teardown (Fixture *self, gconstpointer data)
{
  end_close (&self->client);
  end_close (&self->server);
}

static void
test_much (Fixture *self, gconstpointer data)
{
  g_autofree uint8_t *much = g_malloc0 (200000);

  tls_stream_send (self->client.stream, (Bytes){ much, 200000 });
  while (self->server.received < 200000)
    turn (self);
  g_assert_cmpuint (self->server.received, ==, 200000);
  g_assert_cmpuint (self->client.down, ==, 0);
}

/* The other side takes nothing. */
static void
test_stalled (Fixture *self, gconstpointer data)
{
  g_autofree uint8_t *piece = g_malloc0 (16384);

  for (unsigned sent = 0; sent < 8 * LIMIT_LINK_QUEUE && self->client.down == 0; sent += 16384) {
    tls_stream_send (self->client.stream, (Bytes){ piece, 16384 });
    g_assert_cmpuint (self->client.down, ==, 0); /* not from inside */
    g_main_context_iteration (self->client.context, FALSE);
  }
  g_assert_cmpuint (self->client.down, ==, 1);
  g_assert_cmpint (self->client.end, ==, LINK_END_LOST);
}

static void
test_goodbye (Fixture *self, gconstpointer data)
{
  tls_stream_send (self->client.stream, bytes_of_text ("last words"));
  tls_stream_close (self->client.stream);
  while (self->server.down == 0)
    turn (self);
  g_assert_cmpint (self->server.end, ==, LINK_END_CLOSED);
  g_assert_cmpuint (self->server.received, ==, 10);
  g_assert_cmpuint (self->client.down, ==, 0);
}

/* Cut without close_notify: somebody may have cut it. */
static void
test_cut (Fixture *self, gconstpointer data)
{
  g_clear_pointer (&self->client.stream, tls_stream_free);
  while (self->server.down == 0)
    turn (self);
  g_assert_cmpint (self->server.end, ==, LINK_END_LOST);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, setup, func, teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/tls-stream/much-arrives", test_much);
  ADD ("/tls-stream/threat-5.9-stalled-peer-is-cut-off", test_stalled);
  ADD ("/tls-stream/goodbye", test_goodbye);
  ADD ("/tls-stream/cut-is-no-goodbye", test_cut);
  return g_test_run ();
}
