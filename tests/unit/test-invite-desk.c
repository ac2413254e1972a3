/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/invite-desk.h"

#include "core/os/invite-message.h"
#include "core/os/socket.h"
#include "core/os/tls-stream.h"
#include "tests/unit/fake-node.h"

#include <string.h>
#include <sys/socket.h>

/* A newcomer who says what the test wants. */
typedef struct Newcomer {
  TlsStream *stream;
  unsigned up;
  unsigned down;
  unsigned received;
} Newcomer;

static void
on_up (void *owner)
{
  ((Newcomer *) owner)->up++;
}

static void
on_receive (void *owner, Bytes bytes)
{
  ((Newcomer *) owner)->received += (unsigned) bytes.size;
}

static void
on_down (void *owner, LinkEnd end)
{
  ((Newcomer *) owner)->down++;
}

static const TlsStreamEvents events = { on_up, on_receive, on_down };

static void
newcomer_open (Newcomer *self, Loop *loop, const Address *to)
{
  int fd = socket_connect (SOCK_STREAM, to, NULL);

  *self = (Newcomer){ 0 };
  self->stream = tls_stream_new (loop, fd, NULL, tls_newcomer_connection (), &events, self);
}

static unsigned asked;

static void
on_asked (uint32_t request,
          const Address *from,
          const char *user_name,
          const char *computer_name,
          void *user_data)
{
  asked++;
}

static void
ask (Newcomer *self)
{
  const InviteMessage question = { .user_name = "eve", .computer_name = "x" };
  g_autoptr (GByteArray) bytes = invite_message_encode (&question);

  tls_stream_send (self->stream, (Bytes){ bytes->data, bytes->len });
}

static void
test_crowd (void)
{
  enum { COUNT = LIMIT_NEWCOMERS + 4 };

  g_autoptr (Peer) bob = peer_member ();
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Loop) loop = loop_new ();
  Newcomer crowd[COUNT];
  unsigned turned_away = 0;

  asked = 0;
  world_set_invite_func (bob->world, on_asked, NULL);
  for (unsigned i = 0; i < COUNT; i++) {
    newcomer_open (&crowd[i], loop, &bob->address);
    wait_for (&crowd[i].up, 1);
    ask (&crowd[i]);
  }
  wait_for (&asked, LIMIT_NEWCOMERS);
  while (turned_away < COUNT - LIMIT_NEWCOMERS) {
    turned_away = 0;
    for (unsigned i = 0; i < COUNT; i++)
      turned_away += crowd[i].down;
    g_main_context_iteration (NULL, FALSE);
  }
  g_assert_cmpuint (asked, ==, LIMIT_NEWCOMERS);
  /* However many wait, members come in. */
  alice->ports->link_connect (alice->ports->world, 1, LINK_TRANSPORT_TLS, &bob->address);
  wait_for (&peer_heard (bob, peer_incoming (bob, COUNT))->up, 1);
  for (unsigned i = 0; i < COUNT; i++)
    tls_stream_free (crowd[i].stream);
}

/* Chatter, and a second question. */
static void
test_rude (void)
{
  g_autoptr (Peer) bob = peer_member ();
  g_autoptr (Loop) loop = loop_new ();
  Newcomer newcomer;

  asked = 0;
  world_set_invite_func (bob->world, on_asked, NULL);
  newcomer_open (&newcomer, loop, &bob->address);
  wait_for (&newcomer.up, 1);
  tls_stream_send (newcomer.stream, bytes_of_text ("GET / HTTP/1.1\r\n\r\n"));
  wait_for (&newcomer.down, 1);
  g_assert_cmpuint (asked, ==, 0);
  tls_stream_free (newcomer.stream);

  newcomer_open (&newcomer, loop, &bob->address);
  wait_for (&newcomer.up, 1);
  ask (&newcomer);
  wait_for (&asked, 1);
  ask (&newcomer);
  wait_for (&newcomer.down, 1);
  g_assert_cmpuint (asked, ==, 1);
  tls_stream_free (newcomer.stream);
}

/* Who asks nothing within the time of a handshake has to go. */
static void
test_silent (void)
{
  g_autoptr (Peer) bob = peer_member ();
  g_autoptr (Loop) loop = loop_new ();
  Timers *timers = bob->ports->timers;
  Newcomer newcomer;

  world_set_invite_func (bob->world, on_asked, NULL);
  newcomer_open (&newcomer, loop, &bob->address);
  wait_for (&newcomer.up, 1);
  wait_ms (20);
  timers_advance (timers, timers_now (timers) + LIMIT_HANDSHAKE_S * TIME_SECOND, SIZE_MAX);
  wait_for (&newcomer.down, 1);
  tls_stream_free (newcomer.stream);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/invite-desk/crowd", test_crowd);
  g_test_add_func ("/invite-desk/rude-newcomer", test_rude);
  g_test_add_func ("/invite-desk/silent-newcomer", test_silent);
  return g_test_run ();
}
