/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/churn.h"

#include <string.h>

/* A tenth of the peers provides a service, and everybody looks for it (RFC 7374). How the searches
 * spread over the providers is printed; what must hold is that each finds the provider after its
 * key, and that a provider that came or went is one within the lifetime of its records. */

#define SERVICE "voice-mail"
#define ENTERED (20 * TIME_SECOND)
#define EXPIRED (11 * TIME_MINUTE)

enum { PEERS_MAX = 100, SEARCHES = 5 };

typedef struct Services {
  SimWorld *world;
  unsigned peers;
  bool provides[PEERS_MAX];
  GHashTable *keys; /* (peer, search) -> its key */
  unsigned load[PEERS_MAX];
  unsigned asked;
  unsigned found;
  unsigned exact;    /* of a key that somebody comes after: the one that comes next */
  unsigned in_reach; /* how many keys those are */
  unsigned fetches;
} Services;

static const NodeId *
provider_after (Services *self, const NodeId *key)
{
  const NodeId *best = NULL;

  for (unsigned i = 0; i < self->peers; i++) {
    const NodeId *id = sim_peer_id (sim_world_peer (self->world, i));
    if (self->provides[i] && node_id_compare (id, key) >= 0 &&
        (best == NULL || node_id_compare (id, best) < 0))
      best = id;
  }
  return best;
}

static uint64_t
name_of (const SimPeer *peer, uint32_t search)
{
  return (uint64_t) peer->index << 32 | search;
}

static void
on_event (SimPeer *peer, const NodeEvent *event, void *user_data)
{
  Services *self = user_data;
  uint64_t name;
  const NodeId *key, *expected;

  if (event->type != NODE_EVENT_SERVICE)
    return;
  name = name_of (peer, event->service.search);
  key = g_hash_table_lookup (self->keys, &name);
  expected = provider_after (self, key);
  self->fetches += event->service.found->fetches;
  self->in_reach += expected != NULL;
  for (unsigned i = 0; i < self->peers && event->service.found->is_found; i++)
    if (node_id_equal (&event->service.found->provider,
                       sim_peer_id (sim_world_peer (self->world, i)))) {
      self->found += self->provides[i];
      self->load[i]++;
    }
  self->exact += expected != NULL && node_id_equal (expected, &event->service.found->provider);
}

static void
ask (Services *self, SimPeer *peer)
{
  NodeId key;
  uint64_t *name = g_new (uint64_t, 1);

  for (unsigned i = 0; i < NODE_ID_SIZE; i++)
    key.bytes[i] = (uint8_t) sim_world_random (self->world, 256);
  *name = name_of (peer, node_service_find (peer->node, SERVICE, &key));
  g_hash_table_insert (self->keys, name, g_memdup2 (&key, sizeof key));
  self->asked++;
}

/* Everybody who runs searches, a few times, and everybody must be served. */
static void
search (Services *self, const char *when)
{
  unsigned most = 0, providers = 0;

  self->asked = self->found = self->exact = self->in_reach = self->fetches = 0;
  memset (self->load, 0, sizeof self->load);
  for (unsigned round = 0; round < SEARCHES; round++) {
    for (unsigned i = 0; i < self->peers; i++)
      if (sim_world_peer (self->world, i)->node != NULL)
        ask (self, sim_world_peer (self->world, i));
    sim_world_run (self->world, 5 * TIME_SECOND);
  }
  sim_world_run (self->world, 20 * TIME_SECOND);
  for (unsigned i = 0; i < self->peers; i++) {
    providers += self->provides[i];
    most = MAX (most, self->load[i]);
  }
  g_test_message (
    "%s: %u searches, %u found, %u of %u the next one, %.2f fetches each, the busiest "
    "of %u providers has %.2f of the mean",
    when, self->asked, self->found, self->exact, self->in_reach,
    (double) self->fetches / self->asked, providers, (double) most * providers / self->asked);
  g_assert_cmpuint (self->found, ==, self->asked);
  g_assert_cmpuint (self->exact, ==, self->in_reach);
}

static void
provide (Services *self, unsigned first, unsigned count)
{
  for (unsigned i = first; i < first + count; i++) {
    node_service_register (sim_world_peer (self->world, i)->node, SERVICE);
    self->provides[i] = true;
  }
  sim_world_run (self->world, ENTERED);
}

static void
services_init (Services *self, unsigned peers)
{
  SimOptions options = { .peers = peers, .seed = 7374, .latency_ms = 10, .jitter_ms = 20 };

  *self = (Services){ .peers = peers };
  self->world = sim_world_new (&options);
  self->keys = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  sim_world_set_event_func (self->world, on_event, self);
  churn_join (self->world, 0, peers, TIME_SECOND / 2);
  sim_world_run (self->world, 40 * TIME_SECOND);
}

static void
services_clear (Services *self)
{
  sim_world_free (self->world);
  g_hash_table_unref (self->keys);
}

static void
test_spread (void)
{
  Services self;

  services_init (&self, PEERS_MAX);
  provide (&self, 0, 10);
  search (&self, "ten of a hundred");
  provide (&self, 10, 10);
  search (&self, "twenty of a hundred");
  services_clear (&self);
}

static void
test_churn (void)
{
  enum { PEERS = 30, PROVIDERS = 8 };

  Services self;

  services_init (&self, PEERS);
  provide (&self, 0, PROVIDERS);
  for (unsigned i = 0; i < PROVIDERS; i += 2) {
    sim_peer_kill (sim_world_peer (self.world, i));
    self.provides[i] = false;
  }
  provide (&self, PROVIDERS, 2);
  sim_world_run (self.world, EXPIRED);
  search (&self, "half of the first eight dead, two more");
  for (unsigned i = 1; i < PROVIDERS; i += 4) {
    sim_peer_stop (sim_world_peer (self.world, i));
    self.provides[i] = false;
  }
  sim_world_run (self.world, 40 * TIME_SECOND);
  search (&self, "two gone in good order");
  services_clear (&self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/services/searches-spread-over-the-providers", test_spread);
  g_test_add_func ("/services/providers-come-and-go", test_churn);
  return g_test_run ();
}
