/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/knock-desk.h"

#include "core/base/limits.h"
#include "core/os/knock-message.h"
#include "core/os/signer.h"
#include "core/os/socket.h"
#include "core/os/tls-stream.h"
#include "tests/unit/fake-node.h"

#include <string.h>
#include <sys/socket.h>

/* Alice, who asks over a real connection, and bob, who knocks. */

typedef struct Asking {
  Peer *peer;
  Loop *loop;
  Tls *tls;
  TlsStream *stream;
  Bytes question;
  unsigned up;
  unsigned down;
  unsigned heard;
  uint8_t answer[64];
} Asking;

static void
on_up (void *owner)
{
  Asking *self = owner;

  self->up++;
  tls_stream_send (self->stream, self->question);
}

static void
on_receive (void *owner, Bytes bytes)
{
  Asking *self = owner;

  g_assert_cmpuint (self->heard + bytes.size, <=, sizeof self->answer);
  memcpy (self->answer + self->heard, bytes.data, bytes.size);
  self->heard += (unsigned) bytes.size;
}

static void
on_down (void *owner, LinkEnd end)
{
  ((Asking *) owner)->down++;
}

static const TlsStreamEvents stream_events = { on_up, on_receive, on_down };

static void
asking_begin (Asking *self, Peer *peer, const Peer *whom, Bytes question)
{
  int fd = socket_connect (SOCK_STREAM, &whom->address, NULL);
  SSL *ssl;

  *self = (Asking){ .peer = peer, .loop = loop_new (), .question = question };
  self->tls = tls_new (peer->signer, signer_private_key (peer->signer), signer_x509 (peer->signer));
  ssl = tls_knock_connection (self->tls);
  self->stream = tls_stream_new (self->loop, fd, self->tls, ssl, &stream_events, self);
}

static void
asking_end (Asking *self)
{
  tls_stream_free (self->stream);
  tls_free (self->tls);
  loop_free (self->loop);
}

/* What bob answers alice who asks for that port. */
static KnockAnswer
ask (Peer *alice, const Peer *bob, uint16_t port)
{
  uint8_t question[KNOCK_QUESTION_SIZE];
  KnockAnswer answer = { 0 };
  Asking asking;

  knock_question_encode (port, question);
  asking_begin (&asking, alice, bob, (Bytes){ question, sizeof question });
  wait_for (&asking.heard, KNOCK_ANSWER_SIZE);
  g_assert_true (knock_answer_decode ((Bytes){ asking.answer, asking.heard }, &answer));
  asking_end (&asking);
  return answer;
}

static void
test_open (void)
{
  g_autoptr (Peer) bob = peer_member ();
  g_autoptr (Peer) alice = peer_member ();
  KnockAnswer answer = ask (alice, bob, alice->address.port);

  g_assert_cmpuint (answer.ways, ==, KNOCK_UDP | KNOCK_TCP);
  answer.address.port = alice->address.port;
  g_assert_true (address_equal (&answer.address, &alice->address));
  g_assert_cmpuint (world_knock_report (bob->world).done, ==, 1);
}

static void
test_pause (void)
{
  g_autoptr (Peer) bob = peer_member ();
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Peer) carol = peer_member ();

  g_assert_cmpuint (ask (alice, bob, alice->address.port).ways & KNOCK_REFUSED, ==, 0);
  g_assert_cmpuint (ask (alice, bob, alice->address.port).ways, ==, KNOCK_REFUSED);
  g_assert_cmpuint (ask (carol, bob, carol->address.port).ways & KNOCK_REFUSED, ==, 0);
  g_assert_cmpuint (world_knock_report (bob->world).refused, ==, 1);
  g_assert_cmpuint (world_knock_report (bob->world).done, ==, 2);
}

static void
test_services (void)
{
  g_autoptr (Peer) bob = peer_member ();
  g_autoptr (Peer) alice = peer_member ();

  g_assert_cmpuint (ask (alice, bob, 25).ways, ==, KNOCK_REFUSED);
  g_assert_cmpuint (world_knock_report (bob->world).done, ==, 0);
}

/* Of another overlay. */
static void
test_strangers (void)
{
  g_autoptr (Peer) bob = peer_member ();
  g_autoptr (Peer) eve = peer_new ("club-abcd2345.peal.alt", "secret", "127.0.0.1:0");
  uint8_t question[KNOCK_QUESTION_SIZE];
  Asking asking;

  knock_question_encode (eve->address.port, question);
  asking_begin (&asking, eve, bob, (Bytes){ question, sizeof question });
  wait_for (&asking.down, 1);
  g_assert_cmpuint (asking.heard, ==, 0);
  g_assert_cmpuint (world_knock_report (bob->world).done, ==, 0);
  asking_end (&asking);
}

/* More than may be there at once: the others are sent away before they have said a word. */
static void
test_crowd (void)
{
  g_autoptr (Peer) bob = peer_member ();
  g_autoptr (Peer) alice = peer_member ();
  Asking askings[LIMIT_KNOCKS + 2];
  unsigned answered = 0;

  for (size_t i = 0; i < G_N_ELEMENTS (askings); i++)
    asking_begin (&askings[i], alice, bob, (Bytes){ NULL, 0 });
  for (size_t i = 0; i < G_N_ELEMENTS (askings); i++)
    wait_for (&askings[i].up, 1);
  while (world_knock_report (bob->world).refused < 2)
    g_main_context_iteration (NULL, TRUE);
  for (unsigned i = 0; i < 2000 && answered < 2; i++) {
    wait_ms (10);
    answered = 0;
    for (size_t j = 0; j < G_N_ELEMENTS (askings); j++)
      answered += askings[j].heard == KNOCK_ANSWER_SIZE;
  }
  g_assert_cmpuint (answered, ==, 2);
  for (size_t i = 0; i < G_N_ELEMENTS (askings); i++)
    asking_end (&askings[i]);
}

static void
test_teardown (void)
{
  for (unsigned turns = 0; turns < 30; turns += 3) {
    Peer *bob = peer_member ();
    Peer *alice = peer_member ();
    uint8_t question[KNOCK_QUESTION_SIZE];
    Asking asking;
    knock_question_encode (alice->address.port, question);
    asking_begin (&asking, alice, bob, (Bytes){ question, sizeof question });
    for (unsigned i = 0; i < turns; i++)
      g_main_context_iteration (NULL, FALSE);
    peer_free (bob);
    asking_end (&asking);
    peer_free (alice);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/knock-desk/who-can-be-reached-hears-so", test_open);
  g_test_add_func ("/knock-desk/threat-3.5-a-member-asks-now-and-then", test_pause);
  g_test_add_func ("/knock-desk/threat-4.6-no-search-for-services", test_services);
  g_test_add_func ("/knock-desk/threat-4.6-strangers-are-not-served", test_strangers);
  g_test_add_func ("/knock-desk/threat-3.5-few-at-once", test_crowd);
  g_test_add_func ("/knock-desk/freed-at-every-step", test_teardown);
  return g_test_run ();
}
