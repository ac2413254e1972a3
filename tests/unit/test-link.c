/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/link.h"

#include "tests/unit/fake-node.h"

#include <string.h>

static void
say (const Peer *peer, uint32_t link, const char *text)
{
  peer->ports->link_send (peer->ports->world, link, bytes_of_text (text));
}

static void
hang_up (const Peer *peer, uint32_t link)
{
  peer->ports->link_close (peer->ports->world, link);
}

static void
assert_heard (const Peer *peer, uint32_t link, const char *text)
{
  const Heard *heard = peer_heard (peer, link);

  wait_for (&heard->received->len, (unsigned) strlen (text));
  g_assert_cmpmem (heard->received->data, heard->received->len, text, strlen (text));
}

/* ---- Connecting to a listener ---- */

static void
test_connect (gconstpointer data)
{
  LinkTransport transport = GPOINTER_TO_INT (data);
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Peer) bob = peer_member ();
  uint32_t incoming = peer_incoming (bob, 0);

  alice->ports->link_connect (alice->ports->world, 1, transport, &bob->address);
  g_assert_cmpuint (peer_heard (alice, 1)->up, ==, 0);
  wait_for (&peer_heard (alice, 1)->up, 1);
  wait_for (&peer_heard (bob, incoming)->up, 1);
  g_assert_true (peer_heard (alice, 1)->is_stream == (transport == LINK_TRANSPORT_TLS));
  g_assert_true (bytes_equal (peer_heard (alice, 1)->peer->der, bob->signer->own->der));
  g_assert_true (bytes_equal (peer_heard (bob, incoming)->peer->der, alice->signer->own->der));
  say (alice, 1, "hello");
  assert_heard (bob, incoming, "hello");
  say (bob, incoming, "good day");
  assert_heard (alice, 1, "good day");
  hang_up (alice, 1);
  wait_for (&peer_heard (bob, incoming)->down, 1);
  g_assert_cmpint (peer_heard (bob, incoming)->end, ==, LINK_END_CLOSED);
  wait_ms (20);
  g_assert_cmpuint (peer_heard (alice, 1)->down, ==, 0);
}

/* ---- ICE ---- */

static void
connect_by_ice (
  const Peer *alice, const Peer *bob, uint32_t link, LinkPurpose purpose, Bytes a, Bytes b)
{
  const LinkSetup caller = { purpose, true, true };
  const LinkSetup callee = { purpose, false, false };

  alice->ports->link_gather (alice->ports->world, link, &caller);
  bob->ports->link_gather (bob->ports->world, link, &callee);
  wait_for (&peer_heard (alice, link)->gathered, 1);
  wait_for (&peer_heard (bob, link)->gathered, 1);
  alice->ports->link_check (alice->ports->world, link, &peer_heard (bob, link)->local, &caller, b);
  bob->ports->link_check (bob->ports->world, link, &peer_heard (alice, link)->local, &callee, a);
}

static void
test_ice (void)
{
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Peer) bob = peer_member ();
  Bytes none = { NULL, 0 };

  connect_by_ice (alice, bob, 7, LINK_PURPOSE_OVERLAY, none, none);
  wait_for (&peer_heard (alice, 7)->up, 1);
  wait_for (&peer_heard (bob, 7)->up, 1);
  g_assert_true (bytes_equal (peer_heard (alice, 7)->peer->der, bob->signer->own->der));
  say (alice, 7, "hello");
  assert_heard (bob, 7, "hello");
  hang_up (bob, 7);
  wait_for (&peer_heard (alice, 7)->down, 1);
  g_assert_cmpint (peer_heard (alice, 7)->end, ==, LINK_END_CLOSED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/link/connect/dtls", GINT_TO_POINTER (LINK_TRANSPORT_DTLS), test_connect);
  g_test_add_data_func ("/link/connect/tls", GINT_TO_POINTER (LINK_TRANSPORT_TLS), test_connect);
  g_test_add_func ("/link/ice", test_ice);
  return g_test_run ();
}
