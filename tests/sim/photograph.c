/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/photograph.h"

#include "core/node-private.h"
#include "core/overlay/chord-private.h"
#include "core/overlay/storage-private.h"

/* Everything becomes text, a line for each thing: texts are compared, and are what a person wants
 * to see when they differ. */

typedef struct Picture {
  char *table;        /* neighbors, range, configuration */
  GHashTable *values; /* place (text) -> Value */
} Picture;

typedef struct Value {
  NodeId resource;
  uint64_t storage_time;
  uint64_t ends_at; /* on the world's clock */
  char *content;
} Value;

struct Photograph {
  SimWorld *world;
  Picture *pictures; /* of each peer; nothing of one that is off */
  uint64_t *wall_ms; /* of each peer */
};

static void
value_free (void *data)
{
  Value *value = data;

  g_free (value->content);
  g_free (value);
}

static void
picture_clear (Picture *picture)
{
  g_clear_pointer (&picture->table, g_free);
  g_clear_pointer (&picture->values, g_hash_table_unref);
}

static void
append_ids (GString *text, const char *name, const NodeId *ids, size_t count)
{
  char hex[33];

  g_string_append_printf (text, "%s", name);
  for (size_t i = 0; i < count; i++)
    g_string_append_printf (text, " %.8s", node_id_to_hex (&ids[i], hex));
  g_string_append_c (text, '\n');
}

static char *
table_of (const Overlay *overlay)
{
  const Chord *chord = overlay->topology.self;
  GString *text = g_string_new (NULL);
  NodeId start = { { 0 } };
  size_t count;
  const NodeId *ids = routing_table_successors (chord->table, &count);

  append_ids (text, "successors", ids, count);
  ids = routing_table_predecessors (chord->table, &count);
  append_ids (text, "predecessors", ids, count);
  routing_table_range_start (chord->table, &start);
  append_ids (text, "range", &start, 1);
  g_string_append_printf (text, "state %d, configuration %u\n", chord->state,
                          overlay->configuration->sequence);
  return g_string_free (text, FALSE);
}

static char *
place_of (const StoredResource *resource, const StoredKind *kind, const StoredValue *value)
{
  g_autoptr (GString) key = g_string_new (NULL);
  Bytes bytes = stored_value_key (value);
  char hex[33];

  for (size_t i = 0; i < bytes.size; i++)
    g_string_append_printf (key, "%02x", bytes.data[i]);
  return g_strdup_printf ("%s kind %x index %u key %s", node_id_to_hex (&resource->id, hex),
                          kind->id, value->index, key->str);
}

static void
add_resource (GHashTable *values, const StoredResource *resource)
{
  for (size_t i = 0; i < resource->kind_count; i++) {
    const StoredKind *kind = &resource->kinds[i];
    stored_kind_for_each (kind, value)
    {
      Bytes content = stored_value_content (value);
      Value *copy = g_new0 (Value, 1);
      copy->resource = resource->id;
      copy->storage_time = value->storage_time;
      copy->ends_at = value->stored_at + value->lifetime * TIME_SECOND;
      copy->content = g_compute_checksum_for_data (G_CHECKSUM_SHA256, content.data, content.size);
      g_hash_table_insert (values, place_of (resource, kind, value), copy);
    }
  }
}

static Picture
picture_of (const Overlay *overlay)
{
  Picture picture = { .table = table_of (overlay) };
  GHashTableIter iter;
  void *resource;

  picture.values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, value_free);
  g_hash_table_iter_init (&iter, overlay->storage->resources);
  while (g_hash_table_iter_next (&iter, NULL, &resource))
    add_resource (picture.values, resource);
  return picture;
}

Photograph *
photograph_new (SimWorld *world)
{
  Photograph *self = g_new0 (Photograph, 1);

  self->world = world;
  self->pictures = g_new0 (Picture, sim_world_size (world));
  self->wall_ms = g_new0 (uint64_t, sim_world_size (world));
  for (unsigned i = 0; i < sim_world_size (world); i++) {
    SimPeer *peer = sim_world_peer (world, i);
    self->wall_ms[i] = peer->ports.wall_clock_ms (peer);
    if (peer->node != NULL)
      self->pictures[i] = picture_of (peer->node->overlay);
  }
  return self;
}

void
photograph_free (Photograph *self)
{
  if (self == NULL)
    return;
  for (unsigned i = 0; i < sim_world_size (self->world); i++)
    picture_clear (&self->pictures[i]);
  g_free (self->pictures);
  g_free (self->wall_ms);
  g_free (self);
}

/* Whether the peer may have done without it: it has ended, or belongs to others. */
static bool
may_go (const Photograph *self, unsigned index, const Value *value)
{
  const Topology *topology = &sim_world_peer (self->world, index)->node->overlay->topology;

  return value->ends_at <= sim_world_now (self->world) ||
         !(topology->plugin->is_responsible (topology->self, &value->resource) ||
           topology->plugin->is_replica (topology->self, &value->resource));
}

/* What is there now was there then, or has been signed since. */
static void
expect_values (const Photograph *self, unsigned index, GHashTable *now)
{
  GHashTable *then = self->pictures[index].values;
  GHashTableIter iter;
  void *place, *data;

  g_hash_table_iter_init (&iter, now);
  while (g_hash_table_iter_next (&iter, &place, &data)) {
    const Value *value = data;
    const Value *old = g_hash_table_lookup (then, place);
    if (value->storage_time >= self->wall_ms[index])
      continue;
    if (old == NULL || old->storage_time != value->storage_time ||
        !g_str_equal (old->content, value->content))
      g_test_message ("peer %u: %s of %" G_GUINT64_FORMAT " was %s", index, (char *) place,
                      value->storage_time, old == NULL ? "not there" : "another");
    g_assert_true (old != NULL && old->storage_time == value->storage_time);
    g_assert_cmpstr (old->content, ==, value->content);
    g_assert_cmpuint (value->ends_at, <=, old->ends_at);
  }
  g_hash_table_iter_init (&iter, then);
  while (g_hash_table_iter_next (&iter, &place, &data)) {
    const Value *value = data;
    bool is_good = g_hash_table_contains (now, place) || may_go (self, index, value);
    if (!is_good)
      g_test_message ("peer %u: %s of %" G_GUINT64_FORMAT " is not there any more", index,
                      (char *) place, value->storage_time);
    g_assert_true (is_good);
  }
}

static bool
is_running (SimWorld *world, const NodeId *id)
{
  for (unsigned i = 0; i < sim_world_size (world); i++) {
    SimPeer *peer = sim_world_peer (world, i);
    if (peer->node != NULL && node_id_equal (sim_peer_id (peer), id))
      return true;
  }
  return false;
}

static void
expect_fingers (SimWorld *world, const Overlay *overlay)
{
  const Chord *chord = overlay->topology.self;
  NodeId fingers[LIMIT_FINGERS];
  size_t count = routing_table_fingers (chord->table, fingers);

  for (size_t i = 0; i < count; i++)
    g_assert_true (is_running (world, &fingers[i]));
}

void
photograph_expect_unchanged (const Photograph *self)
{
  for (unsigned i = 0; i < sim_world_size (self->world); i++) {
    SimPeer *peer = sim_world_peer (self->world, i);
    Picture now;
    if (self->pictures[i].table == NULL)
      continue;
    g_assert_nonnull (peer->node);
    now = picture_of (peer->node->overlay);
    g_assert_cmpstr (now.table, ==, self->pictures[i].table);
    expect_values (self, i, now.values);
    expect_fingers (self->world, peer->node->overlay);
    picture_clear (&now);
  }
}

unsigned
photograph_values (const Photograph *self)
{
  unsigned count = 0;

  for (unsigned i = 0; i < sim_world_size (self->world); i++)
    if (self->pictures[i].values != NULL)
      count += g_hash_table_size (self->pictures[i].values);
  return count;
}
