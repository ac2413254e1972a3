/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/relay-book.h"

#include "core/base/limits.h"
#include "core/os/signer.h"
#include "tests/unit/fake-node.h"

#include <string.h>

/* Members of one overlay, some of which relay; what is asked goes over real TLS. */

typedef struct Fixture {
  Peer *alice;
  Loop *loop;
  Tls *tls;
  RelayBook *book;
} Fixture;

static void
setup (Fixture *self, gconstpointer data)
{
  self->alice = peer_member ();
  self->loop = loop_new ();
  self->tls = tls_new (self->alice->signer, signer_private_key (self->alice->signer),
                       signer_x509 (self->alice->signer));
  self->book = relay_book_new (self->loop, self->tls);
}

static void
teardown (Fixture *self, gconstpointer data)
{
  relay_book_free (self->book);
  tls_free (self->tls);
  loop_free (self->loop);
  peer_free (self->alice);
}

static size_t
good (const Fixture *self)
{
  RelayPlace places[LIMIT_RELAYS_KNOWN];

  return relay_book_choose (self->book, false, places, LIMIT_RELAYS_KNOWN);
}

static void
advance (Fixture *self, uint64_t time)
{
  Timers *timers = loop_timers (self->loop);

  timers_advance (timers, timers_now (timers) + time, SIZE_MAX);
}

/* A clock that was turned ahead goes on only by hand. */
static void
wait_for_good (Fixture *self, size_t count)
{
  g_autoptr (GTimer) timer = g_timer_new ();

  while (good (self) != count) {
    wait_ms (1);
    advance (self, 0);
    g_assert_cmpfloat (g_timer_elapsed (timer, NULL), <, 20);
  }
}

static Peer *
relay_new_member (void)
{
  Peer *peer = peer_member ();
  Address address;

  g_assert_true (world_open_relay (peer->world, true, &address));
  g_assert_true (address_equal (&address, &peer->address));
  return peer;
}

static void
test_relay (Fixture *self, gconstpointer data)
{
  g_autoptr (Peer) bob = relay_new_member ();
  RelayPlace place;
  char hex[33];

  relay_book_add (self->book, &bob->address, false);
  relay_book_add (self->book, &bob->address, false);
  g_assert_cmpuint (good (self), ==, 0);
  wait_for_good (self, 1);
  g_assert_cmpuint (relay_book_choose (self->book, false, &place, 1), ==, 1);
  g_assert_true (address_equal (&place.address, &bob->address));
  node_id_to_hex (&self->alice->signer->own->node_ids[0], hex);
  g_assert_true (g_str_has_prefix (place.credential.user, hex));
}

static void
wait_for_files (Fixture *self, unsigned count)
{
  g_autoptr (GTimer) timer = g_timer_new ();

  while (open_files () > count) {
    wait_ms (1);
    advance (self, 0);
    g_assert_cmpfloat (g_timer_elapsed (timer, NULL), <, 20);
  }
}

/* The time of the relay's own clock does not matter. */
static void
test_renewed (Fixture *self, gconstpointer data)
{
  g_autoptr (Peer) bob = relay_new_member ();
  unsigned files = open_files ();

  relay_book_add (self->book, &bob->address, false);
  wait_for_good (self, 1);
  wait_for_files (self, files);
  advance (self, LIMIT_RELAY_CREDENTIAL_S * 2 / 3 * TIME_SECOND);
  g_assert_cmpuint (open_files (), >, files);
  wait_for_files (self, files);
  advance (self, LIMIT_RELAY_CREDENTIAL_S / 2 * TIME_SECOND);
  g_assert_cmpuint (good (self), ==, 1);
}

static void
test_ended (Fixture *self, gconstpointer data)
{
  g_autoptr (Peer) bob = relay_new_member ();

  relay_book_add (self->book, &bob->address, false);
  wait_for_good (self, 1);
  world_set_node (bob->world, NULL); /* it takes no handshake any more */
  advance (self, (LIMIT_RELAY_CREDENTIAL_S - 30) * TIME_SECOND);
  g_assert_cmpuint (good (self), ==, 0);
}

static void
test_moved (Fixture *self, gconstpointer data)
{
  g_autoptr (Peer) bob = relay_new_member ();
  unsigned files = open_files ();

  relay_book_moved (self->book);
  relay_book_add (self->book, &bob->address, false);
  wait_for_good (self, 1);
  wait_for_files (self, files);
  relay_book_moved (self->book);
  relay_book_moved (self->book); /* once is enough */
  g_assert_cmpuint (open_files (), ==, files + 1);
  wait_for_files (self, files);
  g_assert_cmpuint (good (self), ==, 1);
  relay_book_moved (self->book); /* and again soon, when there is more to tell */
  advance (self, TIME_SECOND);
  g_assert_cmpuint (open_files (), ==, files + 1);
  wait_for_files (self, files);
  world_set_node (bob->world, NULL); /* it takes no handshake any more */
  advance (self, 10 * TIME_SECOND);
  relay_book_moved (self->book);
  wait_for_files (self, files);
  g_assert_cmpuint (good (self), ==, 1);
}

/* Gathering would wait for it. */
static void
test_doubtful (Fixture *self, gconstpointer data)
{
  g_autoptr (Peer) first = relay_new_member ();
  g_autoptr (Peer) second = relay_new_member ();
  RelayPlace place;

  relay_book_add (self->book, &first->address, false);
  relay_book_add (self->book, &second->address, false);
  wait_for_good (self, 2);
  world_set_node (first->world, NULL);
  relay_book_moved (self->book);
  wait_for_good (self, 1);
  relay_book_choose (self->book, false, &place, 1);
  g_assert_true (address_equal (&place.address, &second->address));
  g_assert_true (relay_book_has (self->book, &first->address));
  world_set_node (second->world, NULL);
  advance (self, 6 * TIME_SECOND);
  relay_book_moved (self->book);
  wait_for_good (self, 2);
}

static void
test_no_relay (Fixture *self, gconstpointer data)
{
  g_autoptr (Peer) bob = peer_member ();
  unsigned files = open_files ();
  Address address;

  relay_book_add (self->book, &bob->address, false);
  advance (self, 0);
  g_assert_cmpuint (open_files (), >, files);
  wait_for_files (self, files);
  g_assert_cmpuint (good (self), ==, 0);
  g_assert_false (world_open_relay (bob->world, false, &address));
  g_assert_true (world_open_relay (bob->world, true, &address));
  advance (self, 10 * TIME_MINUTE);
  wait_for_good (self, 1);
}

static void
test_stranger (Fixture *self, gconstpointer data)
{
  g_autoptr (Peer) mallory = peer_new ("home-abcd2345.peal.alt", "guessed", "127.0.0.1:0");
  Address address;

  g_assert_true (world_open_relay (mallory->world, true, &address));
  relay_book_add (self->book, &mallory->address, false);
  wait_ms (300);
  g_assert_cmpuint (good (self), ==, 0);
}

static void
test_replaced (Fixture *self, gconstpointer data)
{
  g_autoptr (Peer) first = relay_new_member ();
  g_autoptr (Peer) second = relay_new_member ();
  g_autoptr (Peer) third = relay_new_member ();

  relay_book_add (self->book, &first->address, false);
  relay_book_add (self->book, &second->address, false);
  wait_for_good (self, 2);
  relay_book_add (self->book, &third->address, false);
  wait_ms (200);
  g_assert_cmpuint (good (self), ==, 2); /* two are enough */
  relay_book_remove (self->book, &first->address);
  g_assert_cmpuint (good (self), ==, 1);
  wait_for_good (self, 2);
}

static void
test_bounded (Fixture *self, gconstpointer data)
{
  Address address = { .family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 1 } };

  for (uint16_t i = 0; i < 2 * LIMIT_RELAYS_KNOWN; i++) {
    address.port = (uint16_t) (1 + i); /* where nobody listens */
    relay_book_add (self->book, &address, false);
  }
  wait_ms (50);
  g_assert_cmpuint (good (self), ==, 0);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, setup, func, teardown)

static void
test_stream (Fixture *self, gconstpointer data)
{
  g_autoptr (Peer) bob = relay_new_member ();
  RelayPlace place;

  relay_book_add (self->book, &bob->address, true);
  while (relay_book_choose (self->book, true, &place, 1) == 0)
    wait_ms (1);
  g_assert_true (place.is_stream);
  g_assert_cmpuint (good (self), ==, 0);
  relay_book_remove (self->book, &bob->address); /* datagrams never came through */
  g_assert_cmpuint (relay_book_choose (self->book, true, &place, 1), ==, 1);
  relay_book_add (self->book, &bob->address, false); /* but now they do */
  g_assert_cmpuint (relay_book_choose (self->book, true, &place, 1), ==, 0);
  g_assert_cmpuint (good (self), ==, 1);
}

static void
test_forgotten_streams (Fixture *self, gconstpointer data)
{
  g_autoptr (Peer) bob = relay_new_member ();
  g_autoptr (Peer) carol = relay_new_member ();
  RelayPlace place;

  relay_book_add (self->book, &bob->address, true);
  relay_book_add (self->book, &carol->address, false);
  while (relay_book_choose (self->book, true, &place, 1) == 0)
    wait_ms (1);
  wait_for_good (self, 1);
  relay_book_forget_streams (self->book);
  g_assert_cmpuint (relay_book_choose (self->book, true, &place, 1), ==, 0);
  g_assert_cmpuint (good (self), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/relay/book/a-relay-lets-members-in", test_relay);
  ADD ("/relay/book/credentials-are-renewed", test_renewed);
  ADD ("/relay/book/credentials-end", test_ended);
  ADD ("/relay/book/a-change-of-networks-is-told-at-once", test_moved);
  ADD ("/relay/book/who-cannot-be-visited-is-left-out-while-another-works", test_doubtful);
  ADD ("/relay/book/who-does-not-relay-is-asked-again-later", test_no_relay);
  ADD ("/relay/book/threat-4.6-strangers-are-no-relays", test_stranger);
  ADD ("/relay/book/two-are-kept-and-replaced", test_replaced);
  ADD ("/relay/book/threat-4.6-few-are-known", test_bounded);
  ADD ("/relay/book/one-over-tcp-may-turn-out-to-take-datagrams", test_stream);
  ADD ("/relay/book/another-network-forgets-those-over-tcp", test_forgotten_streams);
  return g_test_run ();
}
