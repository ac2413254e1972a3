/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/world.h"

#include <stdlib.h>
#include <string.h>

/* Somebody comes back after a long absence, with nothing but what the disk has kept of those met
 * earlier, and most of these are not there any more. A call to where nobody listens is answered by
 * silence for ten seconds, as by a computer that is off. */

enum { HOSTS = 64, RUNS = 10, SILENCE_MS = 10000, VALUE_SIZE = 25 };

/* As if they had been met one after the other. */
static void
remember (SimPeer *visitor, const SimPeer *host)
{
  Address address = sim_peer_listener (host);
  uint8_t value[VALUE_SIZE] = { LINK_TRANSPORT_DTLS, (uint8_t) address.family };
  uint32_t seen_s = 1780000000 + sim_world_random (visitor->world, 1000000);

  memcpy (value + 2, address.bytes, 16);
  value[18] = (uint8_t) (address.port >> 8);
  value[19] = (uint8_t) address.port;
  for (unsigned i = 0; i < 4; i++)
    value[20 + i] = (uint8_t) (seen_s >> (24 - 8 * i));
  if (visitor->disk == NULL)
    visitor->disk = sim_disk_new ();
  sim_disk_keep (visitor->disk, KEEP_HOST, node_id_bytes (sim_peer_id (host)),
                 (Bytes){ value, sizeof value });
}

/* Somebody not there yet. */
static unsigned
choose_host (SimWorld *world)
{
  unsigned index;

  do
    index = sim_world_random (world, HOSTS);
  while (sim_world_peer (world, index)->node != NULL);
  return index;
}

static bool
is_back (SimWorld *world, void *user_data)
{
  return ((SimPeer *) user_data)->state == NODE_READY;
}

/* How long it takes to be on the air with others, when so many of all are. */
static uint64_t
come_back (uint64_t seed, unsigned running, bool is_walled)
{
  SimOptions options = {
    .peers = HOSTS + 1, .seed = seed, .latency_ms = 20, .jitter_ms = 80, .silence_ms = SILENCE_MS
  };
  g_autoptr (SimWorld) world = sim_world_new (&options);
  SimPeer *visitor = sim_world_peer (world, HOSTS);
  unsigned first = choose_host (world);
  uint64_t began;

  for (unsigned i = 0; i < HOSTS; i++)
    remember (visitor, sim_world_peer (world, i));
  sim_peer_start (sim_world_peer (world, first), NULL, 0);
  for (unsigned i = 1; i < running; i++) {
    sim_world_run (world, TIME_SECOND);
    sim_peer_start (sim_world_peer (world, choose_host (world)), &first, 1);
  }
  sim_world_run (world, TIME_MINUTE);
  visitor->is_walled = is_walled;
  began = sim_world_now (world);
  sim_peer_start (visitor, NULL, 0);
  g_assert_true (sim_world_run_until (world, is_back, visitor, TIME_MINUTE));
  return visitor->ready_at - began;
}

static int
compare (const void *a, const void *b)
{
  const uint64_t *left = a, *right = b;

  return (*left > *right) - (*left < *right);
}

static void
expect_back (unsigned running, bool is_walled, uint64_t limit)
{
  uint64_t took[RUNS];

  for (unsigned i = 0; i < RUNS; i++)
    took[i] = come_back (i + 1, running, is_walled);
  qsort (took, RUNS, sizeof took[0], compare);
  g_test_message ("%u of %u are there: back after %.1f s, at most %.1f s", running, HOSTS,
                  (double) took[RUNS / 2] / TIME_SECOND, (double) took[RUNS - 1] / TIME_SECOND);
  g_assert_cmpuint (took[RUNS - 1], <, limit);
}

static void
test_all_there (void)
{
  expect_back (HOSTS, false, 10 * TIME_SECOND);
}

static void
test_most_gone (void)
{
  expect_back (HOSTS / 10, false, 20 * TIME_SECOND);
}

static void
test_one_left (void)
{
  expect_back (1, false, 30 * TIME_SECOND);
}

/* The same behind a firewall that lets no datagram out. */
static void
test_most_gone_walled (void)
{
  expect_back (HOSTS / 10, true, 20 * TIME_SECOND);
}

static void
test_all_there_walled (void)
{
  expect_back (HOSTS, true, 10 * TIME_SECOND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/return/in-ten-seconds-when-all-are-there", test_all_there);
  g_test_add_func ("/sim/return/in-twenty-seconds-when-nine-tenths-are-gone", test_most_gone);
  g_test_add_func ("/sim/return/in-ten-seconds-without-udp-when-all-are-there",
                   test_all_there_walled);
  g_test_add_func ("/sim/return/in-twenty-seconds-without-udp-when-nine-tenths-are-gone",
                   test_most_gone_walled);
  g_test_add_func ("/sim/return/in-thirty-seconds-when-one-is-left", test_one_left);
  return g_test_run ();
}
