/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/stun-desk.h"

#include "core/base/limits.h"
#include "core/os/signer.h"
#include "core/os/socket.h"
#include "core/os/stun.h"
#include "tests/unit/fake-mirror.h"
#include "tests/unit/fake-node.h"

#include <sys/socket.h>
#include <unistd.h>

static const uint8_t id[STUN_ID_SIZE] = { 7 };

/* Turns the main loop until something has come. */
static size_t
receive (int fd, uint8_t *ret_bytes, size_t size)
{
  g_autoptr (GTimer) timer = g_timer_new ();
  ssize_t received;

  while ((received = recv (fd, ret_bytes, size, 0)) < 0) {
    g_main_context_iteration (NULL, FALSE);
    g_assert_cmpfloat (g_timer_elapsed (timer, NULL), <, 20);
  }
  return (size_t) received;
}

static void
ask (int fd)
{
  uint8_t bytes[STUN_REPLY_SIZE];
  Bytes request = stun_ask_binding (id, bytes);

  g_assert_cmpint (send (fd, request.data, request.size, 0), ==, (ssize_t) request.size);
}

/* On the port of the overlay's listener, and beside its DTLS from the same address. */
static void
test_answers (void)
{
  g_autoptr (Peer) bob = peer_member ();
  int fd = socket_connect (SOCK_DGRAM, &bob->address, NULL);
  Address own = socket_address (fd);
  uint8_t answer[STUN_REPLY_SIZE];
  Address seen;

  ask (fd);
  g_assert_true (
    stun_read_binding ((Bytes){ answer, receive (fd, answer, sizeof answer) }, id, &seen));
  g_assert_true (address_equal (&seen, &own));
  close (fd);
}

typedef struct Judgement {
  char *said;
  unsigned is_over;
} Judgement;

static void
on_judged (GObject *tool, GAsyncResult *result, gpointer user_data)
{
  Judgement *self = user_data;

  g_subprocess_communicate_utf8_finish (G_SUBPROCESS (tool), result, &self->said, NULL, NULL);
  self->is_over = 1;
}

/* There is no router on the way: it is seen as what it is. */
static void
test_coturn (void)
{
  g_autofree char *tool = g_find_program_in_path ("turnutils_natdiscovery");
  g_autoptr (Peer) bob = peer_member ();
  g_autofree char *port = g_strdup_printf ("%u", bob->address.port);
  g_autoptr (GSubprocess) run = NULL;
  Judgement judgement = { 0 };

  if (tool == NULL) {
    g_test_skip ("coturn's tools are not installed");
    return;
  }
  run = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE, NULL,
                          tool, "-m", "-p", port, "127.0.0.1", NULL);
  g_assert_nonnull (run);
  g_subprocess_communicate_utf8_async (run, NULL, NULL, on_judged, &judgement);
  wait_for (&judgement.is_over, 1);
  g_test_message ("%s", judgement.said);
  g_assert_true (g_regex_match_simple (
    "(?s)UDP reflexive addr: 127\\.0\\.0\\.1:(\\d+)\n.*Local addr: : 0\\.0\\.0\\.0:\\1\n",
    judgement.said, 0, 0));
  g_free (judgement.said);
}

static void
test_flood (void)
{
  g_autoptr (Peer) bob = peer_member ();
  int fd = socket_connect (SOCK_DGRAM, &bob->address, NULL);
  g_autoptr (GTimer) timer = g_timer_new ();
  unsigned answers = 0;
  double allowed;
  uint8_t answer[STUN_REPLY_SIZE];

  for (unsigned i = 0; i < 2 * LIMIT_STUN_BURST; i++) {
    ask (fd);
    if (i % 16 == 0)
      while (g_main_context_iteration (NULL, FALSE))
        continue;
    while (recv (fd, answer, sizeof answer, 0) > 0)
      answers++;
  }
  g_assert_cmpuint (answers, >, 0);
  allowed = LIMIT_STUN_BURST + 1 + LIMIT_STUN_PER_S * g_timer_elapsed (timer, NULL);
  g_assert_cmpfloat (answers, <=, allowed);
  close (fd);
}

typedef struct Desk {
  unsigned beyond;
  Peer *peer; /* whose keys the listener shows */
  Loop *loop;
  Tls *tls;
  Listener *listener;
  StunDesk *desk;
} Desk;

static void
on_stun (void *owner, const Path *from, Bytes datagram)
{
  stun_desk_hear (((Desk *) owner)->desk, from, datagram);
}

static void
on_heard (void *owner, const Address *peer, bool is_beyond)
{
  ((Desk *) owner)->beyond += is_beyond;
}

static bool
on_relies_on (void *owner, const Address *peer)
{
  return false;
}

static void
on_lost (void *owner, const Address *peer)
{
}

static const StunDeskEvents desk_events = { on_heard, on_relies_on, on_lost, on_lost };
static const ListenerEvents listener_events = { .stun = on_stun };

static void
desk_open (Desk *self)
{
  self->peer = peer_member ();
  self->loop = loop_new ();
  self->tls = tls_new (self->peer->signer, signer_private_key (self->peer->signer),
                       signer_x509 (self->peer->signer));
  self->listener =
    listener_new (self->loop, self->tls, "127.0.0.1:0", &listener_events, self, NULL);
  self->desk = stun_desk_new (self->loop, self->listener, &desk_events, self);
}

static void
desk_close (Desk *self)
{
  stun_desk_free (self->desk);
  listener_free (self->listener);
  tls_free (self->tls);
  loop_free (self->loop);
  peer_free (self->peer);
}

static void
desk_add (Desk *self, const FakeMirror *mirror)
{
  Address address = fake_mirror_address (mirror);

  stun_desk_add_peer (self->desk, &address);
  wait_for (fake_mirror_asked (mirror), 1);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

/* Of those beyond NATs the outermost is asked; one that sees what we know already is not. */
static void
test_server (void)
{
  static const Address own = { .family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 1 }, .port = 9 };
  static const Address inner = { .family = ADDRESS_IPV4, .bytes = { 100, 64, 0, 9 }, .port = 9 };
  static const Address outer = { .family = ADDRESS_IPV4, .bytes = { 203, 0, 113, 9 }, .port = 9 };
  Desk desk = { 0 };
  Address server;
  Address expected;
  FakeMirror *near, *middle, *far;

  desk_open (&desk);
  near = fake_mirror_new (desk.loop, &own);
  middle = fake_mirror_new (desk.loop, &inner);
  far = fake_mirror_new (desk.loop, &outer);
  desk_add (&desk, near);
  g_assert_false (stun_desk_server (desk.desk, &server));
  g_assert_cmpuint (desk.beyond, ==, 0);
  desk_add (&desk, middle);
  g_assert_cmpuint (desk.beyond, ==, 1);
  g_assert_true (stun_desk_server (desk.desk, &server));
  expected = fake_mirror_address (middle);
  g_assert_true (address_equal (&server, &expected));
  desk_add (&desk, far);
  g_assert_true (stun_desk_server (desk.desk, &server));
  expected = fake_mirror_address (far);
  g_assert_true (address_equal (&server, &expected));
  stun_desk_network_changed (desk.desk);
  g_assert_false (stun_desk_server (desk.desk, &server));
  fake_mirror_free (near);
  fake_mirror_free (middle);
  fake_mirror_free (far);
  desk_close (&desk);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stun-desk/every-peer-answers-binding", test_answers);
  g_test_add_func ("/stun-desk/coturn-sees-itself-by-a-peer", test_coturn);
  g_test_add_func ("/stun-desk/threat-4.5-answers-are-limited", test_flood);
  g_test_add_func ("/stun-desk/rfc6940-6.5.1.4-1-the-outermost-is-asked", test_server);
  return g_test_run ();
}
