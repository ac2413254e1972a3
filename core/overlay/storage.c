/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/storage-private.h"

#include "core/base/big-endian.h"
#include "core/overlay/overlay-private.h"

#include <string.h>

/* Resource-ID -> Kinds -> values. A Store is judged whole before anything is changed (7.4.1.1:
 * atomic). Everything that can grow is counted: bytes in all, values in all, bytes by signer. What
 * is kept is also written through the port `keep`, under Resource-ID || Kind || index || key. */

#define SWEEP TIME_MINUTE

enum { CERTIFICATE_HEAD = 8 }; /* of a GenericCertificate, at most */

static guint
id_hash (gconstpointer key)
{
  guint hash;

  memcpy (&hash, key, sizeof hash);
  return hash;
}

static gboolean
id_equal (gconstpointer a, gconstpointer b)
{
  return node_id_equal (a, b);
}

static void
kind_clear (StoredKind *kind)
{
  while (kind->first != NULL) {
    StoredValue *value = kind->first;
    kind->first = value->next;
    stored_value_free (value);
  }
}

static void
resource_free (void *data)
{
  StoredResource *resource = data;

  for (size_t i = 0; i < resource->kind_count; i++)
    kind_clear (&resource->kinds[i]);
  g_free (resource);
}

uint64_t
storage_now (const Storage *self)
{
  return overlay_now (self->overlay);
}

StoredResource *
storage_find_resource (Storage *self, const NodeId *id)
{
  return g_hash_table_lookup (self->resources, id);
}

StoredKind *
storage_find_kind (StoredResource *resource, uint32_t id)
{
  for (size_t i = 0; resource != NULL && i < resource->kind_count; i++)
    if (resource->kinds[i].id == id)
      return &resource->kinds[i];
  return NULL;
}

static bool
is_at (const StoredValue *value, DataModel model, uint32_t index, Bytes key)
{
  return model == DATA_MODEL_SINGLE || (model == DATA_MODEL_ARRAY && value->index == index) ||
         (model == DATA_MODEL_DICTIONARY && bytes_equal (stored_value_key (value), key));
}

/* The value that one with this index or key would replace. */
StoredValue *
storage_find_value (const StoredKind *kind, DataModel model, uint32_t index, Bytes key)
{
  stored_kind_for_each (kind, value)
  {
    if (is_at (value, model, index, key))
      return value;
  }
  return NULL;
}

unsigned
storage_kind_size (const StoredKind *kind)
{
  unsigned size = 0;

  stored_kind_for_each (kind, value)
  {
    size++;
  }
  return size;
}

/* ---- Disk ---- */

static GByteArray *
disk_key (const NodeId *resource, uint32_t kind, uint32_t index, Bytes key)
{
  GByteArray *bytes = g_byte_array_new ();

  g_byte_array_append (bytes, resource->bytes, NODE_ID_SIZE);
  big_endian_append (bytes, 4, kind);
  big_endian_append (bytes, 4, index);
  g_byte_array_append (bytes, key.data, (guint) key.size);
  return bytes;
}

static void
write_through (Storage *self, const NodeId *id, const StoredKind *kind, const StoredValue *value)
{
  const NodePorts *ports = self->overlay->ports;
  g_autoptr (GByteArray) key = disk_key (id, kind->id, value->index, stored_value_key (value));
  g_autoptr (GByteArray) bytes =
    stored_value_to_disk (value, kind->generation, ports->wall_clock_ms (ports->world));

  ports->keep (ports->world, KEEP_RESOURCE, (Bytes){ key->data, key->len },
               (Bytes){ bytes->data, bytes->len });
}

static void
erase (Storage *self, const NodeId *id, const StoredKind *kind, const StoredValue *value)
{
  const NodePorts *ports = self->overlay->ports;
  g_autoptr (GByteArray) key = disk_key (id, kind->id, value->index, stored_value_key (value));

  ports->keep (ports->world, KEEP_RESOURCE, (Bytes){ key->data, key->len }, (Bytes){ NULL, 0 });
}

/* ---- Accounts ---- */

/* The first bytes of the place of their registration: nobody finds another of that number whose
 * account he might fill. */
static void *
account_of (const char *user)
{
  NodeId place = resource_id_of (bytes_of_text (user));
  size_t number;

  memcpy (&number, place.bytes, sizeof number);
  return GSIZE_TO_POINTER (number);
}

size_t
storage_bytes_of_signer (Storage *self, const char *user)
{
  return GPOINTER_TO_SIZE (g_hash_table_lookup (self->by_signer, account_of (user)));
}

static void
account (Storage *self, const StoredValue *value, bool is_added)
{
  size_t bytes = storage_bytes_of_signer (self, value->certificate->user);

  bytes = is_added ? bytes + value->size : bytes - value->size;
  self->bytes = is_added ? self->bytes + value->size : self->bytes - value->size;
  self->value_count = is_added ? self->value_count + 1 : self->value_count - 1;
  if (bytes > 0)
    g_hash_table_insert (self->by_signer, account_of (value->certificate->user),
                         GSIZE_TO_POINTER (bytes));
  else
    g_hash_table_remove (self->by_signer, account_of (value->certificate->user));
}

/* The value that `link` leads to. */
static void
remove_value (Storage *self, const NodeId *id, const StoredKind *kind, StoredValue **link)
{
  StoredValue *value = *link;

  erase (self, id, kind, value);
  account (self, value, false);
  *link = value->next;
  stored_value_free (value);
}

static StoredResource *
with_room (StoredResource *resource, size_t kinds)
{
  return g_realloc (resource, sizeof *resource + kinds * sizeof resource->kinds[0]);
}

/* `resource` may move; NULL when there is nothing at `id` yet. */
static StoredKind *
add_kind (Storage *self, StoredResource *resource, const NodeId *id)
{
  if (resource != NULL) {
    g_hash_table_steal (self->resources, resource);
    resource = with_room (resource, resource->kind_count + 1);
  } else {
    resource = with_room (NULL, 1);
    *resource = (StoredResource){ .id = *id };
  }
  g_hash_table_add (self->resources, resource);
  return &resource->kinds[resource->kind_count++];
}

StoredKind *
storage_need_kind (Storage *self, const NodeId *id, uint32_t kind_id, DataModel model)
{
  StoredResource *resource = storage_find_resource (self, id);
  StoredKind *kind = storage_find_kind (resource, kind_id);

  if (kind == NULL) {
    kind = add_kind (self, resource, id);
    *kind = (StoredKind){ .id = kind_id, .model = model };
  }
  return kind;
}

/* In the place of what it replaces, or behind all others. */
static void
put (Storage *self, StoredKind *kind, StoredValue *value)
{
  StoredValue **link = &kind->first;
  StoredValue *old;

  while (*link != NULL && !is_at (*link, kind->model, value->index, stored_value_key (value)))
    link = &(*link)->next;
  old = *link;
  *link = value;
  if (old != NULL) {
    value->next = old->next;
    account (self, old, false);
    stored_value_free (old);
  }
  account (self, value, true);
}

void
storage_put_value (Storage *self, const NodeId *id, StoredKind *kind, StoredValue *value)
{
  put (self, kind, value);
  write_through (self, id, kind, value);
}

/* ---- Expiry ---- */

/* A Kind that the configuration has no more, or has otherwise, goes with all its values (11.1). */
static bool
is_known (const Storage *self, const StoredKind *kind)
{
  const ConfigurationKind *known = configuration_kind (self->overlay->configuration, kind->id);

  return known != NULL && known->data_model == kind->model;
}

static void
sweep_kind (Storage *self, const NodeId *id, StoredKind *kind)
{
  bool stays = is_known (self, kind);

  for (StoredValue **link = &kind->first; *link != NULL;)
    if (!stays || stored_value_lifetime_left (*link, storage_now (self)) == 0)
      remove_value (self, id, kind, link);
    else
      link = &(*link)->next;
}

static bool
sweep_resource (Storage *self, StoredResource *resource)
{
  bool is_empty = true;

  for (size_t i = 0; i < resource->kind_count; i++) {
    sweep_kind (self, &resource->id, &resource->kinds[i]);
    is_empty = is_empty && resource->kinds[i].first == NULL;
  }
  return is_empty;
}

void
storage_sweep (Storage *self)
{
  GHashTableIter iter;
  void *resource;

  g_hash_table_iter_init (&iter, self->resources);
  while (g_hash_table_iter_next (&iter, NULL, &resource))
    if (sweep_resource (self, resource))
      g_hash_table_iter_remove (&iter);
}

static void
on_sweep (Timer *timer, void *owner)
{
  Storage *self = owner;

  storage_sweep (self);
  timer_start (timer, self->overlay->ports->timers, SWEEP);
}

/* ---- For replication, disk and facts ---- */

bool
storage_has (Storage *self, const NodeId *resource)
{
  return storage_find_resource (self, resource) != NULL;
}

unsigned
storage_resource_count (const Storage *self)
{
  return g_hash_table_size (self->resources);
}

unsigned
storage_value_count (const Storage *self)
{
  return self->value_count;
}

unsigned
storage_count_of_kind (const Storage *self, uint32_t kind)
{
  GHashTableIter iter;
  gpointer resource;
  unsigned count = 0;

  g_hash_table_iter_init (&iter, self->resources);
  while (g_hash_table_iter_next (&iter, NULL, &resource))
    count += storage_kind_size (storage_find_kind (resource, kind));
  return count;
}

size_t
storage_bytes (const Storage *self)
{
  return self->bytes;
}

static int
compare_resources (gconstpointer a, gconstpointer b)
{
  const StoredResource *const *left = a;
  const StoredResource *const *right = b;

  return node_id_compare (&(*left)->id, &(*right)->id);
}

void
storage_for_each (Storage *self, StorageFunc func, void *user_data)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  GHashTableIter iter;
  void *resource;

  g_hash_table_iter_init (&iter, self->resources);
  while (g_hash_table_iter_next (&iter, NULL, &resource))
    g_ptr_array_add (all, resource);
  /* The order of a hash table is nobody's business (same seed, same run). */
  g_ptr_array_sort (all, compare_resources);
  for (guint i = 0; i < all->len; i++) {
    NodeId id = ((StoredResource *) g_ptr_array_index (all, i))->id;
    func (user_data, &id);
  }
}

void
storage_add_certificate (GPtrArray *certificates, Certificate *certificate)
{
  if (!g_ptr_array_find (certificates, certificate, NULL))
    g_ptr_array_add (certificates, certificate_ref (certificate));
}

static bool
is_copied (Storage *self, const StoredValue *value, const StorageCut *cut)
{
  return value->stored_at >= cut->since &&
         stored_value_lifetime_left (value, storage_now (self)) > 0;
}

/* Whether the value goes into the same message as those before it; then its place is taken. */
static bool
take_room (StorageCut *cut, const StoredValue *value, GPtrArray *certificates)
{
  bool is_known = g_ptr_array_find (certificates, value->certificate, NULL);
  size_t size = value->size + (is_known ? 0 : value->certificate->der.size + CERTIFICATE_HEAD);
  bool is_full = size > cut->room || (!is_known && certificates->len >= LIMIT_CERTIFICATES - 1);

  if (is_full && certificates->len > 0)
    return false;
  cut->room -= MIN (size, cut->room);
  storage_add_certificate (certificates, value->certificate);
  return true;
}

/* `place` counts the values of the whole resource. */
static StoredDataList
copy_values (Storage *self,
             const StoredKind *kind,
             StorageCut *cut,
             size_t *place,
             Arena *arena,
             GPtrArray *certificates)
{
  StoredDataList list = { arena_new_array (arena, StoredData, storage_kind_size (kind)), 0 };

  stored_kind_for_each (kind, value)
  {
    bool is_due = *place >= cut->first && is_copied (self, value, cut);
    if (is_due && !take_room (cut, value, certificates)) {
      cut->next = *place;
      break;
    }
    if (is_due)
      list.items[list.count++] =
        stored_value_to_wire (value, kind->model, storage_now (self), arena);
    ++*place;
  }
  return list;
}

StoreKindDataList
storage_copy (
  Storage *self, const NodeId *id, StorageCut *cut, Arena *arena, GPtrArray *certificates)
{
  StoredResource *resource = storage_find_resource (self, id);
  StoreKindDataList list = { NULL, 0 };
  size_t place = 0;

  cut->next = 0;
  if (resource == NULL)
    return list;
  list.items = arena_new_array (arena, StoreKindData, resource->kind_count);
  for (size_t i = 0; i < resource->kind_count && cut->next == 0; i++) {
    const StoredKind *kind = &resource->kinds[i];
    StoredDataList values = copy_values (self, kind, cut, &place, arena, certificates);
    if (values.count > 0)
      list.items[list.count++] = (StoreKindData){ kind->id, kind->generation, values };
  }
  return list;
}

void
storage_drop (Storage *self, const NodeId *id)
{
  StoredResource *resource = storage_find_resource (self, id);

  for (size_t i = 0; resource != NULL && i < resource->kind_count; i++)
    while (resource->kinds[i].first != NULL)
      remove_value (self, id, &resource->kinds[i], &resource->kinds[i].first);
  g_hash_table_remove (self->resources, id);
}

bool
storage_restore (Storage *self, Bytes key, Bytes bytes)
{
  const NodePorts *ports = self->overlay->ports;
  const ConfigurationKind *known;
  uint64_t generation;
  StoredKind *kind;
  StoredValue *value;
  NodeId id;
  uint32_t kind_id;

  if (key.size < NODE_ID_SIZE + 8)
    return false;
  memcpy (id.bytes, key.data, NODE_ID_SIZE);
  kind_id = (uint32_t) big_endian_read (key.data + NODE_ID_SIZE, 4);
  known = configuration_kind (self->overlay->configuration, kind_id);
  if (known == NULL)
    return false;
  value = stored_value_from_disk (bytes, known->data_model, ports->signer, storage_now (self),
                                  ports->wall_clock_ms (ports->world), &generation);
  if (value == NULL)
    return false;
  /* What was stored at "the end" has found its place. */
  value->index = (uint32_t) big_endian_read (key.data + NODE_ID_SIZE + 4, 4);
  certificate_cache_add (self->overlay->certificates, value->certificate);
  kind = storage_need_kind (self, &id, kind_id, known->data_model);
  kind->generation = MAX (kind->generation, generation);
  put (self, kind, value);
  return true;
}

Storage *
storage_new (Overlay *overlay)
{
  Storage *self = g_new0 (Storage, 1);

  self->overlay = overlay;
  self->resources = g_hash_table_new_full (id_hash, id_equal, resource_free, NULL);
  self->by_signer = g_hash_table_new (NULL, NULL);
  timer_init (&self->sweep_timer, on_sweep, self);
  timer_start (&self->sweep_timer, overlay->ports->timers, SWEEP);
  return self;
}

void
storage_free (Storage *self)
{
  if (self == NULL)
    return;
  timer_stop (&self->sweep_timer);
  g_hash_table_unref (self->resources);
  g_hash_table_unref (self->by_signer);
  g_free (self);
}
