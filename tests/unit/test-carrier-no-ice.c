/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/carrier.h"

#include "core/os/socket.h"
#include "tests/unit/fake-node.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Links without ICE (RFC 6940, 6.5.1.11), by each transport and by whichever comes up first. Alice
 * asks and so is the server, Bob answers and is the client. */

enum { LINK = 7, EITHER = LINK_TRANSPORT_DTLS | LINK_TRANSPORT_TLS };

static const Bytes none = { NULL, 0 };

static LinkSetup
setup_for (unsigned transports, bool is_server, const Peer *peer)
{
  LinkSetup setup = {
    .purpose = LINK_PURPOSE_OVERLAY,
    .is_controlling = is_server,
    .is_server = is_server,
    .no_ice = (uint8_t) transports,
  };

  if (peer != NULL)
    setup.peer = peer->signer->own->node_ids[0];
  return setup;
}

static void
gather (const Peer *peer, unsigned transports, bool is_server)
{
  const LinkSetup setup = setup_for (transports, is_server, NULL);

  peer->ports->link_gather (peer->ports->world, LINK, &setup);
}

static void
check (const Peer *peer, const IceDescription *remote, const LinkSetup *setup)
{
  peer->ports->link_check (peer->ports->world, LINK, remote, setup, none);
}

static void
await (const Peer *self, const Peer *other, unsigned transports)
{
  const LinkSetup setup = setup_for (transports, true, other);

  check (self, &peer_heard (other, LINK)->local, &setup);
}

static void
seek (const Peer *self, const Peer *other, unsigned transports)
{
  const LinkSetup setup = setup_for (transports, false, other);

  check (self, &peer_heard (other, LINK)->local, &setup);
}

static void
gather_both (const Peer *alice, const Peer *bob, unsigned transports)
{
  gather (alice, transports, true);
  gather (bob, transports, false);
  wait_for (&peer_heard (alice, LINK)->gathered, 1);
  wait_for (&peer_heard (bob, LINK)->gathered, 1);
}

static void
say (const Peer *peer, const char *text)
{
  peer->ports->link_send (peer->ports->world, LINK, bytes_of_text (text));
}

static void
assert_heard (const Peer *peer, const char *text)
{
  const Heard *heard = peer_heard (peer, LINK);

  wait_for (&heard->received->len, (unsigned) strlen (text));
  g_assert_cmpmem (heard->received->data, heard->received->len, text, strlen (text));
}

static void
assert_up (const Peer *self, const Peer *other)
{
  wait_for (&peer_heard (self, LINK)->up, 1);
  g_assert_true (bytes_equal (peer_heard (self, LINK)->peer->der, other->signer->own->der));
}

static void
assert_talking (const Peer *alice, const Peer *bob)
{
  assert_up (alice, bob);
  assert_up (bob, alice);
  say (bob, "hello");
  assert_heard (alice, "hello");
  say (alice, "good day");
  assert_heard (bob, "good day");
}

static void
test_link (gconstpointer data)
{
  unsigned transports = GPOINTER_TO_UINT (data);
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Peer) bob = peer_member ();

  gather_both (alice, bob, transports);
  await (alice, bob, transports);
  seek (bob, alice, transports);
  g_assert_cmpuint (peer_heard (alice, LINK)->up, ==, 0);
  assert_talking (alice, bob);
  g_assert_true (peer_heard (alice, LINK)->traits.is_stream ==
                 ((transports & LINK_TRANSPORT_TLS) != 0));
  g_assert_true (peer_heard (bob, LINK)->traits.is_stream ==
                 peer_heard (alice, LINK)->traits.is_stream);
  g_assert_cmpuint (peer_incoming_up (alice), ==, 0);
  bob->ports->link_close (bob->ports->world, LINK);
  wait_for (&peer_heard (alice, LINK)->down, 1);
  g_assert_cmpint (peer_heard (alice, LINK)->end, ==, LINK_END_CLOSED);
}

/* Two links of the same two peers at once are not mistaken for each other, nor for the listener's;
 * the side that is sought tells addresses too. */
static void
test_candidates (void)
{
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Peer) bob = peer_member ();
  const IceDescription *server, *client;

  gather_both (alice, bob, EITHER);
  server = &peer_heard (alice, LINK)->local;
  client = &peer_heard (bob, LINK)->local;
  g_assert_true (server->is_no_ice && client->is_no_ice);
  g_assert_cmpuint (server->candidate_count, ==, 2);
  g_assert_cmpuint (client->candidate_count, ==, 2);
  g_assert_true (server->candidates[0].is_stream && !server->candidates[1].is_stream);
  g_assert_cmpuint (server->candidates[0].priority, >, server->candidates[1].priority);
  g_assert_cmpuint (server->candidates[0].address.port, !=, alice->address.port);
  g_assert_true (address_equal (&client->candidates[0].address, &bob->address));
  g_assert_cmpstr (server->ufrag, ==, "");
}

/* The one who comes before we know whom we talk to is kept, with all that it says. */
static void
test_early (gconstpointer data)
{
  unsigned transports = GPOINTER_TO_UINT (data);
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Peer) bob = peer_member ();

  gather_both (alice, bob, transports);
  seek (bob, alice, transports);
  assert_up (bob, alice);
  if (transports == LINK_TRANSPORT_TLS)
    say (bob, "early");
  wait_ms (50);
  g_assert_cmpuint (peer_heard (alice, LINK)->up, ==, 0);
  await (alice, bob, transports);
  assert_up (alice, bob);
  if (transports != LINK_TRANSPORT_TLS)
    say (bob, "early"); /* frames on datagrams are sent again: link.c sees to it */
  assert_heard (alice, "early");
}

/* A member who learned where we wait. */
static void
test_somebody_else (gconstpointer data)
{
  unsigned transports = GPOINTER_TO_UINT (data);
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Peer) bob = peer_member ();
  g_autoptr (Peer) mallory = peer_member ();

  gather_both (alice, bob, transports);
  gather (mallory, transports, false);
  wait_for (&peer_heard (mallory, LINK)->gathered, 1);
  await (alice, bob, transports);
  seek (mallory, alice, transports);
  wait_for (&peer_heard (mallory, LINK)->down, 1);
  g_assert_cmpuint (peer_heard (alice, LINK)->up, ==, 0);
  g_assert_cmpuint (peer_heard (alice, LINK)->down, ==, 0);
  seek (bob, alice, transports);
  assert_talking (alice, bob);
}

/* We were told an address at which somebody else listens. */
static void
test_wrong_server (gconstpointer data)
{
  unsigned transports = GPOINTER_TO_UINT (data);
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Peer) bob = peer_member ();
  const LinkSetup setup = setup_for (transports, false, bob);

  gather_both (alice, bob, transports);
  check (bob, &peer_heard (alice, LINK)->local, &setup); /* Bob wants Bob */
  wait_for (&peer_heard (bob, LINK)->down, 1);
  g_assert_cmpint (peer_heard (bob, LINK)->end, ==, LINK_END_CERTIFICATE);
  g_assert_cmpuint (peer_heard (bob, LINK)->up, ==, 0);
}

static Address
closed_port (int type)
{
  Address address = { .family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 1 } };
  int fd = socket_bind (type, &address, false);

  address = socket_address (fd);
  close (fd);
  return address;
}

/* The same with addresses of IPv6. */
static void
test_ipv6 (void)
{
  const Address loopback = { .family = ADDRESS_IPV6, .bytes = { [15] = 1 } };
  int fd = socket_bind (SOCK_STREAM, &loopback, false);
  g_autoptr (Peer) alice = NULL;
  g_autoptr (Peer) bob = NULL;

  if (fd < 0) {
    g_test_skip ("no IPv6 here");
    return;
  }
  close (fd);
  alice = peer_new ("home-abcd2345.peal.alt", "secret", "[::1]:0");
  bob = peer_new ("home-abcd2345.peal.alt", "secret", "[::1]:0");
  gather_both (alice, bob, EITHER);
  g_assert_cmpint (peer_heard (alice, LINK)->local.candidates[0].address.family, ==, ADDRESS_IPV6);
  await (alice, bob, EITHER);
  seek (bob, alice, EITHER);
  assert_talking (alice, bob);
}

/* What does not answer is passed by. */
static void
test_next_candidate (void)
{
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Peer) bob = peer_member ();
  const LinkSetup setup = setup_for (EITHER, false, alice);
  IceDescription remote;

  gather_both (alice, bob, EITHER);
  await (alice, bob, EITHER);
  remote = peer_heard (alice, LINK)->local;
  remote.candidates[0].address = closed_port (SOCK_STREAM);
  check (bob, &remote, &setup);
  assert_talking (alice, bob);
  g_assert_false (peer_heard (bob, LINK)->traits.is_stream);
}

/* Nobody answers at either address: what comes to the second finds the first tried. */
static void
test_tls_first (void)
{
  const Address loopback = { .family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 1 } };
  g_autoptr (Peer) bob = peer_member ();
  const LinkSetup setup = setup_for (EITHER, false, bob);
  int tcp = socket_bind (SOCK_STREAM, &loopback, false);
  int udp = socket_bind (SOCK_DGRAM, &loopback, false);
  IceDescription remote;
  uint8_t hello;
  Address from;
  int first;

  gather (bob, EITHER, false);
  wait_for (&peer_heard (bob, LINK)->gathered, 1);
  remote = peer_heard (bob, LINK)->local;
  g_assert_cmpuint (remote.candidate_count, ==, 2);
  for (size_t i = 0; i < 2; i++)
    remote.candidates[i].address = socket_address (remote.candidates[i].is_stream ? tcp : udp);
  check (bob, &remote, &setup);
  while (recv (udp, &hello, 1, MSG_DONTWAIT) < 0)
    g_main_context_iteration (NULL, TRUE);
  first = socket_accept (tcp, &from);
  g_assert_cmpint (first, >=, 0);
  close (first);
  close (tcp);
  close (udp);
}

static void
test_nobody (void)
{
  g_autoptr (Peer) bob = peer_member ();
  const LinkSetup setup = setup_for (EITHER, false, bob);
  IceDescription remote = { .is_no_ice = true, .candidate_count = 1 };

  remote.candidates[0].is_stream = true;
  remote.candidates[0].address = closed_port (SOCK_STREAM);
  gather (bob, EITHER, false);
  wait_for (&peer_heard (bob, LINK)->gathered, 1);
  check (bob, &remote, &setup);
  g_assert_cmpuint (peer_heard (bob, LINK)->down, ==, 0);
  wait_for (&peer_heard (bob, LINK)->down, 1);
  g_assert_cmpint (peer_heard (bob, LINK)->end, ==, LINK_END_REFUSED);
}

static void
test_no_candidates (void)
{
  g_autoptr (Peer) bob = peer_member ();
  const LinkSetup setup = setup_for (LINK_TRANSPORT_TLS, false, bob);
  IceDescription remote = { .is_no_ice = true, .candidate_count = 1 };

  gather (bob, LINK_TRANSPORT_TLS, false);
  wait_for (&peer_heard (bob, LINK)->gathered, 1);
  check (bob, &remote, &setup); /* DTLS, which is not permitted */
  wait_for (&peer_heard (bob, LINK)->down, 1);
  g_assert_cmpint (peer_heard (bob, LINK)->end, ==, LINK_END_UNREACHABLE);
}

/* Closes the link, or frees both worlds, after 0, 1, 2 … turns of the loop. */
static void
tear_down_after (unsigned turns, unsigned transports, bool is_closing)
{
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Peer) bob = peer_member ();
  bool is_checked = false;

  gather (alice, transports, true);
  gather (bob, transports, false);
  for (unsigned i = 0; i < turns; i++) {
    if (!is_checked && peer_heard (alice, LINK)->gathered && peer_heard (bob, LINK)->gathered) {
      is_checked = true;
      seek (bob, alice, transports);
      await (alice, bob, transports);
    }
    g_main_context_iteration (NULL, FALSE);
    if (turns > 20)
      wait_ms (1);
  }
  if (is_closing) {
    alice->ports->link_close (alice->ports->world, LINK);
    g_main_context_iteration (NULL, FALSE);
  }
}

static void
test_teardown (gconstpointer data)
{
  unsigned before = open_files ();

  for (unsigned turns = 0; turns < 60; turns += turns < 20 ? 1 : 8) {
    tear_down_after (turns, GPOINTER_TO_UINT (data), false);
    tear_down_after (turns, GPOINTER_TO_UINT (data), true);
  }
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpuint (open_files (), ==, before);
}

static void
add_for_all (const char *name, GTestDataFunc func)
{
  static const struct {
    const char *name;
    unsigned transports;
  } sets[] = { { "dtls", LINK_TRANSPORT_DTLS },
               { "tls", LINK_TRANSPORT_TLS },
               { "either", EITHER } };

  for (size_t i = 0; i < G_N_ELEMENTS (sets); i++) {
    g_autofree char *path = g_strdup_printf ("/carrier/no-ice/%s/%s", name, sets[i].name);
    g_test_add_data_func (path, GUINT_TO_POINTER (sets[i].transports), func);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_for_all ("rfc6940-6.5.1.13-1-who-asked-is-the-server", test_link);
  add_for_all ("rfc6940-6.5.1.14-1-who-comes-early-is-heard", test_early);
  add_for_all ("rfc6940-6.5.1.11-1-somebody-else-is-not-taken", test_somebody_else);
  add_for_all ("rfc6940-6.5.1.13-4-a-wrong-server-is-left", test_wrong_server);
  add_for_all ("teardown-at-every-step", test_teardown);
  g_test_add_func ("/carrier/no-ice/rfc6940-6.6.5-4-candidates-are-passive", test_candidates);
  g_test_add_func ("/carrier/no-ice/rfc6940-6.5.1.6-1-tls-goes-first", test_tls_first);
  g_test_add_func ("/carrier/no-ice/ipv6", test_ipv6);
  g_test_add_func ("/carrier/no-ice/what-does-not-answer-is-passed-by", test_next_candidate);
  g_test_add_func ("/carrier/no-ice/nobody-there", test_nobody);
  g_test_add_func ("/carrier/no-ice/nothing-that-is-permitted", test_no_candidates);
  return g_test_run ();
}
