/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/census.h"

#include "core/node-private.h"
#include "core/overlay/chord-private.h"
#include "core/overlay/storage-private.h"

#include <string.h>

static int
compare_peers (gconstpointer a, gconstpointer b)
{
  const SimPeer *const *left = a;
  const SimPeer *const *right = b;

  return node_id_compare (sim_peer_id (*left), sim_peer_id (*right));
}

GPtrArray *
census_ring (SimWorld *world)
{
  GPtrArray *ring = g_ptr_array_new ();

  for (unsigned i = 0; i < sim_world_size (world); i++)
    if (sim_world_peer (world, i)->node != NULL &&
        !node_is_client (sim_world_peer (world, i)->node))
      g_ptr_array_add (ring, sim_world_peer (world, i));
  g_ptr_array_sort (ring, compare_peers);
  return ring;
}

unsigned
census_peers (SimWorld *world)
{
  g_autoptr (GPtrArray) ring = census_ring (world);

  return ring->len;
}

static SimPeer *
at (const GPtrArray *ring, guint place)
{
  return g_ptr_array_index (ring, place % ring->len);
}

static bool
answers_for (const SimPeer *peer, const NodeId *id)
{
  const Topology *topology = &peer->node->overlay->topology;

  return topology->plugin->is_responsible (topology->self, id);
}

static bool
is_successor_right (const GPtrArray *ring, guint place)
{
  const Topology *topology = &at (ring, place)->node->overlay->topology;
  NodeId first;

  if (ring->len == 1)
    return topology->plugin->replicas (topology->self, &first, 1) == 0;
  return topology->plugin->replicas (topology->self, &first, 1) == 1 &&
         node_id_equal (&first, sim_peer_id (at (ring, place + 1)));
}

static bool
is_range_right (const GPtrArray *ring, guint place)
{
  const SimPeer *peer = at (ring, place);
  const NodeId *before = sim_peer_id (at (ring, place + ring->len - 1));
  NodeId first = node_id_add_power (before, 0);

  return answers_for (peer, sim_peer_id (peer)) && answers_for (peer, &first) &&
         (ring->len == 1 || !answers_for (peer, before));
}

/* Whether that list, as long as it may be, is what comes next in the ring, `step` places at a
 * time. */
static bool
is_list_right (
  const GPtrArray *ring, guint place, guint step, const NodeId *ids, size_t count, size_t capacity)
{
  if (count != MIN (capacity, ring->len - 1u))
    return false;
  for (size_t i = 0; i < count; i++)
    if (!node_id_equal (&ids[i], sim_peer_id (at (ring, place + (guint) (i + 1) * step))))
      return false;
  return true;
}

/* Both lists, and a link to everybody in a table. */
static bool
is_table_right (const GPtrArray *ring, guint place)
{
  Chord *chord = at (ring, place)->node->overlay->topology.self;
  size_t capacity = routing_table_capacity (chord->table);
  size_t successors, predecessors;
  const NodeId *after = routing_table_successors (chord->table, &successors);
  const NodeId *before = routing_table_predecessors (chord->table, &predecessors);
  NodeId fingers[LIMIT_FINGERS];
  size_t finger_count = routing_table_fingers (chord->table, fingers);

  if (!is_list_right (ring, place, 1, after, successors, capacity) ||
      !is_list_right (ring, place, ring->len - 1, before, predecessors, capacity))
    return false;
  for (size_t i = 0; i < finger_count; i++)
    if (chord_link_to (chord, &fingers[i]) == NULL)
      return false;
  return true;
}

static unsigned
count_right (SimWorld *world, bool (*is_right) (const GPtrArray *ring, guint place))
{
  g_autoptr (GPtrArray) ring = census_ring (world);
  unsigned right = 0;

  for (guint i = 0; i < ring->len; i++)
    right += is_right (ring, i);
  return right;
}

unsigned
census_right_tables (SimWorld *world)
{
  return count_right (world, is_table_right);
}

unsigned
census_right_successors (SimWorld *world)
{
  return count_right (world, is_successor_right);
}

unsigned
census_right_owners (SimWorld *world)
{
  return count_right (world, is_range_right);
}

/* How much of the ring a peer answers for that belongs to others. */
static double
claimed_of_others (const GPtrArray *ring, guint place)
{
  const SimPeer *peer = at (ring, place);
  const NodeId *before = sim_peer_id (at (ring, place + ring->len - 1));
  const Topology *topology = &peer->node->overlay->topology;
  NodeId start, distance;

  if (ring->len == 1 || !answers_for (peer, before))
    return 0;
  if (!topology->plugin->range_start (topology->self, &start))
    start = *sim_peer_id (peer);
  distance = node_id_distance (&start, before);
  return node_id_fraction (&distance);
}

double
census_wrong_claims (SimWorld *world)
{
  g_autoptr (GPtrArray) ring = census_ring (world);
  double share = 0;

  for (guint i = 0; i < ring->len; i++)
    share += claimed_of_others (ring, i);
  return share;
}

bool
census_is_one_ring (SimWorld *world, void *user_data)
{
  return census_right_successors (world) == sim_world_running (world) &&
         census_right_owners (world) == sim_world_running (world);
}

SimPeer *
census_owner_in (const GPtrArray *ring, const NodeId *id)
{
  guint low = 0;
  guint high = ring->len;

  while (low < high) {
    guint middle = (low + high) / 2;
    if (node_id_compare (sim_peer_id (at (ring, middle)), id) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return ring->len > 0 ? at (ring, low) : NULL;
}

SimPeer *
census_owner_of (SimWorld *world, const NodeId *id)
{
  g_autoptr (GPtrArray) ring = census_ring (world);

  return census_owner_in (ring, id);
}

/* Whether what it has of `id` has been there for `age` microseconds. */
static bool
holds (const SimPeer *peer, const NodeId *id, uint64_t age)
{
  Storage *storage = peer != NULL && peer->node != NULL ? peer->node->overlay->storage : NULL;
  StoredResource *resource = storage != NULL ? storage_find_resource (storage, id) : NULL;

  for (size_t i = 0; resource != NULL && i < resource->kind_count; i++)
    stored_kind_for_each (&resource->kinds[i], value)
    {
      if (value->stored_at + age <= storage_now (storage))
        return true;
    }
  return false;
}

bool
census_holds (const SimPeer *peer, const NodeId *id)
{
  return holds (peer, id, 0);
}

unsigned
census_unheld (SimWorld *world, uint64_t settled)
{
  g_autoptr (GPtrArray) ring = census_ring (world);
  unsigned unheld = 0;

  for (guint i = 0; i < ring->len; i++) {
    const SimPeer *peer = at (ring, i);
    NodeId place = resource_id_of (bytes_of_text (peer->user));
    if (peer->state == NODE_READY && peer->ready_at + settled <= sim_world_now (world))
      unheld += !holds (census_owner_in (ring, &place), &place, 0);
  }
  return unheld;
}

unsigned
census_holders (SimWorld *world, const NodeId *id)
{
  unsigned count = 0;

  for (unsigned i = 0; i < sim_world_size (world); i++)
    count += holds (sim_world_peer (world, i), id, 0);
  return count;
}

bool
census_owner_holds (SimWorld *world, const NodeId *id, uint64_t age)
{
  return holds (census_owner_of (world, id), id, age);
}

static guint
place_hash (gconstpointer key)
{
  guint hash;

  memcpy (&hash, key, sizeof hash);
  return hash;
}

static gboolean
place_equal (gconstpointer a, gconstpointer b)
{
  return node_id_equal (a, b);
}

static void
note_resource (void *user_data, const NodeId *resource)
{
  GHashTable *held = user_data;

  if (!g_hash_table_contains (held, resource))
    g_hash_table_add (held, g_memdup2 (resource, sizeof *resource));
}

GHashTable *
census_held (SimWorld *world)
{
  GHashTable *held = g_hash_table_new_full (place_hash, place_equal, g_free, NULL);

  for (unsigned i = 0; i < sim_world_size (world); i++) {
    SimPeer *peer = sim_world_peer (world, i);
    if (peer->node != NULL)
      storage_for_each (peer->node->overlay->storage, note_resource, held);
  }
  return held;
}

static void
on_peer (const NodeId *id, const char *role, double rtt_ms, void *user_data)
{
  g_printerr (" %02x%02x=%s", id->bytes[0], id->bytes[1], role);
}

void
census_print (SimWorld *world)
{
  g_autoptr (GPtrArray) ring = census_ring (world);

  for (guint i = 0; i < ring->len; i++) {
    SimPeer *peer = at (ring, i);
    const NodeId *id = sim_peer_id (peer);
    if (is_successor_right (ring, i) && is_range_right (ring, i))
      continue;
    g_printerr ("# place %u, peer %u (%02x%02x), state %d:%s%s", i, peer->index, id->bytes[0],
                id->bytes[1], node_state (peer->node),
                is_successor_right (ring, i) ? "" : " wrong successor",
                is_range_right (ring, i) ? "" : " wrong range");
    node_peers (peer->node, on_peer, NULL);
    g_printerr ("\n");
  }
}
