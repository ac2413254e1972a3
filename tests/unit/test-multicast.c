/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/multicast.h"

#include "tests/unit/fake-node.h"

#include <errno.h>
#include <string.h>

static const Address loopback = { .family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 1 } };

/* Other tests may be talking in the group. */
static bool
has_heard (Multicast *group, Bytes wanted)
{
  uint8_t bytes[64];
  Address from;
  ssize_t size;

  while ((size = multicast_receive (group, ADDRESS_IPV4, bytes, sizeof bytes, &from)) >= 0) {
    if (bytes_equal ((Bytes){ bytes, (size_t) size }, wanted)) {
      g_assert_true (address_is_loopback (&from));
      return true;
    }
  }
  g_assert_cmpint (errno, ==, EAGAIN);
  return false;
}

static void
test_group (void)
{
  g_autoptr (Multicast) a = multicast_new (&loopback);
  g_autoptr (Multicast) b = multicast_new (&loopback);
  g_autofree char *text = g_strdup_printf ("%08x", g_random_int ());
  Bytes datagram = bytes_of_text (text);

  g_assert_nonnull (a);
  g_assert_nonnull (b);
  multicast_send (a, datagram);
  while (!has_heard (b, datagram))
    continue;
  while (!has_heard (a, datagram))
    continue;
  multicast_refresh (b);
  multicast_send (a, datagram);
  while (!has_heard (b, datagram))
    continue;
}

/* The listener may have the group's port at the same time, and keeps its datagrams. */
static void
test_beside_listener (void)
{
  g_autoptr (Multicast) group = multicast_new (&loopback);
  g_autoptr (Peer) bob = NULL;
  g_autoptr (Peer) alice = peer_member ();

  g_assert_nonnull (group);
  bob = peer_new ("home-abcd2345.peal.alt", "open sesame", "127.0.0.1:0");
  alice->ports->link_connect (alice->ports->world, 1, LINK_TRANSPORT_DTLS, &bob->address);
  wait_for (&peer_heard (alice, 1)->up, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/multicast/everybody-hears", test_group);
  g_test_add_func ("/multicast/beside-a-listener", test_beside_listener);
  return g_test_run ();
}
