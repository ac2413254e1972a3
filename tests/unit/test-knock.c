/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/knock.h"

#include "core/base/limits.h"
#include "core/os/socket.h"
#include "tests/unit/fake-node.h"

#include <sys/socket.h>
#include <unistd.h>

/* At listeners of members, at others' sockets, and where nobody is. */

typedef struct Told {
  Loop *loop;
  unsigned times;
  uint8_t ways;
} Told;

static void
on_knocked (uint8_t ways, void *owner)
{
  Told *told = owner;

  told->times++;
  told->ways = ways;
}

static uint8_t
knock_at (const Address *at)
{
  Told told = { .loop = loop_new () };
  Knock *knock = knock_new (told.loop, at, NULL, on_knocked, &told);

  wait_for (&told.times, 1);
  knock_free (knock);
  loop_free (told.loop);
  g_assert_cmpuint (told.times, ==, 1);
  return told.ways;
}

static void
test_open (void)
{
  g_autoptr (Peer) bob = peer_member ();

  g_assert_cmpuint (knock_at (&bob->address), ==, KNOCK_UDP | KNOCK_TCP);
  g_assert_cmpuint (*peer_refused (bob), ==, 0);
  g_assert_cmpuint (peer_incoming_up (bob), ==, 0);
}

static void
test_nobody (void)
{
  Address address = { .family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 1 } };
  int fd = socket_bind (SOCK_STREAM, &address, false);

  address = socket_address (fd);
  close (fd);
  g_assert_cmpuint (knock_at (&address), ==, 0);
}

/* Sockets that take everything and say nothing. */
static void
test_others (void)
{
  Address address = { .family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 1 } };
  int tcp = socket_bind (SOCK_STREAM, &address, false);
  int udp;
  uint8_t bytes[1500];
  unsigned datagrams = 0;

  address = socket_address (tcp);
  udp = socket_bind (SOCK_DGRAM, &address, false);
  g_assert_cmpint (udp, >=, 0);
  g_assert_cmpuint (knock_at (&address), ==, 0);
  while (recv (udp, bytes, sizeof bytes, 0) > 0)
    datagrams++;
  g_assert_cmpuint (datagrams, >=, 1);
  g_assert_cmpuint (datagrams, <=, 3);
  close (tcp);
  close (udp);
}

static void
test_freed (void)
{
  g_autoptr (Peer) bob = peer_member ();
  unsigned files = open_files ();

  for (unsigned turns = 0; turns < 12; turns++) {
    Told told = { .loop = loop_new () };
    Knock *knock = knock_new (told.loop, &bob->address, NULL, on_knocked, &told);
    for (unsigned i = 0; i < turns; i++)
      g_main_context_iteration (NULL, FALSE);
    knock_free (knock);
    loop_free (told.loop);
  }
  for (unsigned i = 0; i < 2000 && open_files () > files; i++)
    wait_ms (10);
  g_assert_cmpuint (open_files (), <=, files);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/knock/a-listener-is-open-both-ways", test_open);
  g_test_add_func ("/knock/where-nobody-listens", test_nobody);
  g_test_add_func ("/knock/threat-4.6-others-are-left-alone", test_others);
  g_test_add_func ("/knock/freed-at-every-step", test_freed);
  return g_test_run ();
}
