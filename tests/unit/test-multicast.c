/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/multicast.h"

#include "tests/unit/fake-node.h"

static const Address loopback = { .family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 1 } };

typedef struct Ear {
  Multicast *group;
  Bytes wanted;
  unsigned heard;
} Ear;

/* Other tests may be talking in the group. */
static void
on_datagram (const Address *from, Bytes datagram, void *user_data)
{
  Ear *self = user_data;

  if (bytes_equal (datagram, self->wanted)) {
    g_assert_true (address_is_loopback (from));
    self->heard++;
  }
}

static void
test_group (void)
{
  g_autoptr (Loop) loop = loop_new ();
  g_autofree char *text = g_strdup_printf ("%08x", g_random_int ());
  Ear a = { .wanted = bytes_of_text (text) };
  Ear b = a;
  unsigned before;

  a.group = multicast_new (loop, &loopback, on_datagram, &a);
  b.group = multicast_new (loop, &loopback, on_datagram, &b);
  g_assert_nonnull (a.group);
  g_assert_nonnull (b.group);
  multicast_send (a.group, a.wanted);
  wait_for (&a.heard, 1);
  wait_for (&b.heard, 1);
  before = open_files ();
  multicast_refresh (b.group);
  g_assert_cmpuint (open_files (), ==, before);
  multicast_send (a.group, a.wanted);
  wait_for (&b.heard, 2);
  multicast_free (a.group);
  multicast_free (b.group);
}

static void
test_oversize (void)
{
  g_autoptr (Loop) loop = loop_new ();
  uint8_t much[LIMIT_DISCOVERY_SIZE + 1] = { 0 };
  Ear ear = { .wanted = { much, sizeof much } };

  ear.group = multicast_new (loop, &loopback, on_datagram, &ear);
  multicast_send (ear.group, ear.wanted);
  wait_ms (20);
  g_assert_cmpuint (ear.heard, ==, 0);
  multicast_free (ear.group);
}

/* The listener may have the group's port at the same time, and keeps its datagrams. */
static void
test_beside_listener (void)
{
  g_autoptr (Loop) loop = loop_new ();
  Ear ear = { 0 };
  g_autoptr (Multicast) group = multicast_new (loop, &loopback, on_datagram, &ear);
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
  g_test_add_func ("/multicast/oversize-is-not-heard", test_oversize);
  g_test_add_func ("/multicast/beside-a-listener", test_beside_listener);
  return g_test_run ();
}
