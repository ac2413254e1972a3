/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/world.h"

#include <string.h>

/* A running overlay takes newer documents (RFC 6940, 6.3.2.1 and 6.5.4). */

enum { PEERS = 50 };

typedef struct Count {
  unsigned adopted[PEERS];
  unsigned unsupported;
} Count;

static void
on_event (SimPeer *peer, const NodeEvent *event, void *user_data)
{
  Count *count = user_data;

  if (event->type == NODE_EVENT_CONFIGURATION)
    count->adopted[peer->index]++;
}

static bool
all_ready (SimWorld *world, void *user_data)
{
  for (unsigned i = 0; i < PEERS; i++)
    if (sim_world_peer (world, i)->state != NODE_READY)
      return false;
  return true;
}

typedef struct Wish {
  const Count *count;
  unsigned documents;
} Wish;

static bool
all_adopted (SimWorld *world, void *user_data)
{
  const Wish *wish = user_data;

  for (unsigned i = 0; i < PEERS; i++)
    if (wish->count->adopted[i] < wish->documents)
      return false;
  return true;
}

/* The first document under another number and with another initial-ttl than 40, signed by the one
 * who made it. */
static Configuration *
document (SimWorld *world, unsigned sequence, unsigned ttl)
{
  Bytes first = sim_world_configuration (world)->document;
  g_autofree char *text = g_strndup ((const char *) first.data, first.size);
  g_autofree char *number = g_strdup_printf ("sequence=\"%u\"", sequence);
  g_autofree char *hops = g_strdup_printf ("<initial-ttl>%u<", ttl);
  g_autoptr (GRegex) signatures =
    g_regex_new ("<(kind-)?signature>[^<]*</(kind-)?signature>", 0, 0, NULL);
  g_autofree char *bare = g_regex_replace_literal (signatures, text, -1, 0, "", 0, NULL);
  g_autoptr (GString) next = g_string_new (bare);

  g_assert_cmpuint (g_string_replace (next, "sequence=\"1\"", number, 0), ==, 1);
  g_assert_cmpuint (g_string_replace (next, "<initial-ttl>40<", hops, 0), ==, 1);
  return configuration_sign (bytes_of_text (next->str), &sim_world_peer (world, 0)->signer);
}

static SimWorld *
world_of_peers (Count *count)
{
  SimWorld *world = sim_world_new (
    &(SimOptions){ .peers = PEERS, .seed = 5, .latency_ms = 10, .jitter_ms = 20, .loss = 0.02 });
  unsigned first = 0;

  sim_world_set_event_func (world, on_event, count);
  for (unsigned i = 0; i < PEERS; i++) {
    sim_peer_start (sim_world_peer (world, i), &first, i > 0);
    sim_world_run (world, 200 * TIME_MS);
  }
  g_assert_true (sim_world_run_until (world, all_ready, NULL, 2 * TIME_MINUTE));
  return world;
}

static void
test_spread (void)
{
  Count count = { { 0 } };
  g_autoptr (SimWorld) world = world_of_peers (&count);
  g_autoptr (Configuration) second = document (world, 2, 40);
  g_autoptr (Configuration) third = document (world, 3, 40);
  uint64_t start = sim_world_now (world);

  g_assert_true (node_update_configuration (sim_world_peer (world, 7)->node, second->document));
  g_assert_true (sim_world_run_until (world, all_adopted, &(Wish){ &count, 1 }, TIME_MINUTE));
  g_test_message ("the second document was everywhere after %.1f s",
                  (double) (sim_world_now (world) - start) / TIME_SECOND);
  /* Again at once, from the other side of the ring, one peer away meanwhile. */
  sim_peer_stop (sim_world_peer (world, 30));
  g_assert_true (node_update_configuration (sim_world_peer (world, 20)->node, third->document));
  sim_world_run (world, 20 * TIME_SECOND);
  sim_peer_start (sim_world_peer (world, 30), (const unsigned[]){ 3 }, 1);
  g_assert_true (sim_world_run_until (world, all_adopted, &(Wish){ &count, 2 }, TIME_MINUTE));
  g_assert_true (sim_world_run_until (world, all_ready, NULL, TIME_MINUTE));
  for (unsigned i = 0; i < PEERS; i++)
    g_assert_cmpuint (count.adopted[i], ==, 2);
}

/* While a document spreads, those who have it and those who have not allow different numbers of
 * hops, and must hear each other all the same. */
static void
test_ttl (void)
{
  static const unsigned ttls[] = { 12, 90 };
  Count count = { { 0 } };
  g_autoptr (SimWorld) world = world_of_peers (&count);

  for (unsigned i = 0; i < G_N_ELEMENTS (ttls); i++) {
    g_autoptr (Configuration) next = document (world, i + 2, ttls[i]);

    g_assert_true (node_update_configuration (sim_world_peer (world, 7 + i)->node, next->document));
    g_assert_true (sim_world_run_until (world, all_adopted, &(Wish){ &count, i + 1 }, TIME_MINUTE));
  }
  g_assert_true (sim_world_run_until (world, all_ready, NULL, TIME_MINUTE));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/configuration/rfc6940-6.5.4-1-a-new-document-reaches-all-fifty", test_spread);
  g_test_add_func ("/configuration/rfc6940-6.3.2-8-another-ttl-parts-nobody", test_ttl);
  return g_test_run ();
}
