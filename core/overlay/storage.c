/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "storage"
#include "core/overlay/storage.h"

#include "core/base/log.h"
#include "core/overlay/access.h"
#include "core/overlay/overlay-private.h"
#include "core/overlay/stored-value.h"
#include "core/wire/fetch.h"

#include <openssl/sha.h>
#include <string.h>

/* Resource-ID -> Kinds -> values. A Store is judged whole before anything is changed (7.4.1.1:
 * atomic). Everything that can grow is counted: bytes in all, values in all, bytes by signer. What
 * is kept is also written through the port `keep`, under Resource-ID || Kind || index || key. */

#define SWEEP TIME_MINUTE

typedef struct StoredKind {
  uint32_t id;
  DataModel model;
  uint64_t generation;
  GPtrArray *values; /* of StoredValue, owned */
} StoredKind;

typedef struct Resource {
  NodeId id;
  GPtrArray *kinds; /* of StoredKind, owned */
} Resource;

struct Storage {
  Overlay *overlay;
  GHashTable *resources; /* NodeId -> Resource, owned */
  GHashTable *by_signer; /* user (text) -> bytes, as pointers */
  size_t bytes;
  unsigned value_count;
  Timer sweep_timer;
};

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
kind_free (void *data)
{
  StoredKind *kind = data;

  g_ptr_array_unref (kind->values);
  g_free (kind);
}

static void
resource_free (void *data)
{
  Resource *resource = data;

  g_ptr_array_unref (resource->kinds);
  g_free (resource);
}

static uint64_t
now_of (const Storage *self)
{
  return overlay_now (self->overlay);
}

static Resource *
find_resource (Storage *self, const NodeId *id)
{
  return g_hash_table_lookup (self->resources, id);
}

static StoredKind *
find_kind (const Resource *resource, uint32_t id)
{
  for (guint i = 0; resource != NULL && i < resource->kinds->len; i++) {
    StoredKind *kind = g_ptr_array_index (resource->kinds, i);
    if (kind->id == id)
      return kind;
  }
  return NULL;
}

static StoredValue *
value_at (const StoredKind *kind, guint i)
{
  return g_ptr_array_index (kind->values, i);
}

/* The value that one with this index or key would replace. */
static StoredValue *
find_value (const StoredKind *kind, DataModel model, uint32_t index, Bytes key)
{
  for (guint i = 0; kind != NULL && i < kind->values->len; i++) {
    StoredValue *value = value_at (kind, i);
    if (model == DATA_MODEL_SINGLE || (model == DATA_MODEL_ARRAY && value->index == index) ||
        (model == DATA_MODEL_DICTIONARY && bytes_equal (value->key, key)))
      return value;
  }
  return NULL;
}

/* ---- Disk ---- */

static GByteArray *
disk_key (const NodeId *resource, uint32_t kind, uint32_t index, Bytes key)
{
  GByteArray *bytes = g_byte_array_new ();
  uint8_t numbers[8] = {
    (uint8_t) (kind >> 24),  (uint8_t) (kind >> 16),  (uint8_t) (kind >> 8),  (uint8_t) kind,
    (uint8_t) (index >> 24), (uint8_t) (index >> 16), (uint8_t) (index >> 8), (uint8_t) index,
  };

  g_byte_array_append (bytes, resource->bytes, NODE_ID_SIZE);
  g_byte_array_append (bytes, numbers, sizeof numbers);
  g_byte_array_append (bytes, key.data, (guint) key.size);
  return bytes;
}

static void
write_through (Storage *self, const NodeId *id, const StoredKind *kind, const StoredValue *value)
{
  const NodePorts *ports = self->overlay->ports;
  g_autoptr (GByteArray) key = disk_key (id, kind->id, value->index, value->key);
  g_autoptr (GByteArray) bytes =
    stored_value_to_disk (value, kind->generation, ports->wall_clock_ms (ports->world));

  ports->keep (ports->world, KEEP_RESOURCE, (Bytes){ key->data, key->len },
               (Bytes){ bytes->data, bytes->len });
}

static void
erase (Storage *self, const NodeId *id, const StoredKind *kind, const StoredValue *value)
{
  const NodePorts *ports = self->overlay->ports;
  g_autoptr (GByteArray) key = disk_key (id, kind->id, value->index, value->key);

  ports->keep (ports->world, KEEP_RESOURCE, (Bytes){ key->data, key->len }, (Bytes){ NULL, 0 });
}

/* ---- Accounts ---- */

static size_t
bytes_of_signer (Storage *self, const char *user)
{
  return GPOINTER_TO_SIZE (g_hash_table_lookup (self->by_signer, user));
}

static void
account (Storage *self, const StoredValue *value, bool is_added)
{
  size_t bytes = bytes_of_signer (self, value->certificate->user);

  bytes = is_added ? bytes + value->data.size : bytes - value->data.size;
  self->bytes = is_added ? self->bytes + value->data.size : self->bytes - value->data.size;
  self->value_count = is_added ? self->value_count + 1 : self->value_count - 1;
  if (bytes > 0)
    g_hash_table_insert (self->by_signer, g_strdup (value->certificate->user),
                         GSIZE_TO_POINTER (bytes));
  else
    g_hash_table_remove (self->by_signer, value->certificate->user);
}

static void
remove_value (Storage *self, const NodeId *id, StoredKind *kind, StoredValue *value)
{
  erase (self, id, kind, value);
  account (self, value, false);
  g_ptr_array_remove_fast (kind->values, value);
}

static StoredKind *
need_kind (Storage *self, const NodeId *id, uint32_t kind_id, DataModel model)
{
  Resource *resource = find_resource (self, id);
  StoredKind *kind = find_kind (resource, kind_id);

  if (resource == NULL) {
    resource = g_new0 (Resource, 1);
    resource->id = *id;
    resource->kinds = g_ptr_array_new_with_free_func (kind_free);
    g_hash_table_insert (self->resources, &resource->id, resource);
  }
  if (kind == NULL) {
    kind = g_new0 (StoredKind, 1);
    kind->id = kind_id;
    kind->model = model;
    kind->values = g_ptr_array_new_with_free_func ((GDestroyNotify) stored_value_free);
    g_ptr_array_add (resource->kinds, kind);
  }
  return kind;
}

static void
put_value (Storage *self, const NodeId *id, StoredKind *kind, StoredValue *value)
{
  StoredValue *old = find_value (kind, kind->model, value->index, value->key);

  if (old != NULL) {
    account (self, old, false);
    g_ptr_array_remove_fast (kind->values, old);
  }
  g_ptr_array_add (kind->values, value);
  account (self, value, true);
  write_through (self, id, kind, value);
}

/* ---- Expiry ---- */

static void
sweep_kind (Storage *self, const NodeId *id, StoredKind *kind)
{
  for (guint i = kind->values->len; i > 0; i--) {
    StoredValue *value = value_at (kind, i - 1);
    if (stored_value_lifetime_left (value, now_of (self)) == 0)
      remove_value (self, id, kind, value);
  }
}

static bool
sweep_resource (Storage *self, Resource *resource)
{
  bool is_empty = true;

  for (guint i = 0; i < resource->kinds->len; i++) {
    StoredKind *kind = g_ptr_array_index (resource->kinds, i);
    sweep_kind (self, &resource->id, kind);
    is_empty = is_empty && kind->values->len == 0;
  }
  return is_empty;
}

static void
on_sweep (Timer *timer, void *owner)
{
  Storage *self = owner;
  GHashTableIter iter;
  void *resource;

  g_hash_table_iter_init (&iter, self->resources);
  while (g_hash_table_iter_next (&iter, NULL, &resource))
    if (sweep_resource (self, resource))
      g_hash_table_iter_remove (&iter);
  timer_start (timer, self->overlay->ports->timers, SWEEP);
}

/* ---- Store ---- */

static ReloadCode
check_limits (Storage *self,
              const ConfigurationKind *kind,
              const StoredKind *held,
              const StoredData *data,
              const StoredValue *old,
              const Certificate *signer)
{
  size_t size = data->value.value.value.size;

  if (size > kind->max_size || data->lifetime > LIMIT_LIFETIME_S)
    return RELOAD_DATA_TOO_LARGE;
  if (old == NULL && held != NULL && held->values->len >= kind->max_count)
    return RELOAD_DATA_TOO_LARGE;
  if (data->value.model == DATA_MODEL_ARRAY && data->value.index != ARRAY_INDEX_LAST &&
      data->value.index >= kind->max_count)
    return RELOAD_DATA_TOO_LARGE;
  if (bytes_of_signer (self, signer->user) + size > LIMIT_STORED_BYTES_SIGNER ||
      self->bytes + size > LIMIT_STORED_BYTES || self->value_count >= LIMIT_STORED_VALUES)
    return RELOAD_DATA_TOO_LARGE;
  return RELOAD_OK;
}

static ReloadCode
check_time (Storage *self, const StoredData *data, const StoredValue *old, bool is_replica)
{
  const NodePorts *ports = self->overlay->ports;
  uint64_t wall_ms = ports->wall_clock_ms (ports->world);

  if (data->storage_time > wall_ms + LIMIT_STORE_AHEAD_S * UINT64_C (1000))
    return RELOAD_FORBIDDEN;
  if (old == NULL || data->storage_time > old->storage_time)
    return RELOAD_OK;
  /* A copy that we hold already is no fault of the peer that sends it. */
  return is_replica && data->storage_time == old->storage_time ? RELOAD_OK : RELOAD_DATA_TOO_OLD;
}

/* The signature of one value, and whether its signer may write it here (7.4.1.1). */
static ReloadCode
check_signature (Storage *self,
                 const ConfigurationKind *kind,
                 const StoreReq *request,
                 const NodeId *resource,
                 const StoredData *data,
                 Certificate **ret_signer)
{
  g_autoptr (GByteArray) input = g_byte_array_new ();
  Certificate *signer;
  NodeId node_id;

  if (signature_is_none (&data->signature))
    return RELOAD_FORBIDDEN;
  stored_data_signature_input (data, request->resource, kind->id, input);
  signer = certificate_cache_verify (self->overlay->certificates, &data->signature,
                                     (Bytes){ input->data, input->len }, &node_id);
  if (signer == NULL) {
    self->overlay->counters.bad_value_signature++;
    return RELOAD_FORBIDDEN;
  }
  if (!access_is_allowed (kind, signer, &node_id, resource, &data->value)) {
    self->overlay->counters.access_refused++;
    return RELOAD_FORBIDDEN;
  }
  *ret_signer = signer;
  return RELOAD_OK;
}

static ReloadCode
check_value (Storage *self,
             const ConfigurationKind *kind,
             const StoreReq *request,
             const NodeId *resource,
             const StoredData *data,
             Certificate **ret_signer)
{
  StoredKind *held = find_kind (find_resource (self, resource), kind->id);
  StoredValue *old = find_value (held, kind->data_model, data->value.index, data->value.key);
  ReloadCode code = check_signature (self, kind, request, resource, data, ret_signer);

  if (code == RELOAD_OK)
    code = check_time (self, data, old, request->replica_number > 0);
  if (code == RELOAD_OK)
    code = check_limits (self, kind, held, data, old, *ret_signer);
  return code;
}

static ReloadCode
check_kind (Storage *self,
            Incoming *incoming,
            const StoreReq *request,
            const NodeId *resource,
            const StoreKindData *data,
            GPtrArray *signers)
{
  const ConfigurationKind *kind = configuration_kind (self->overlay->configuration, data->kind);
  StoredKind *held = find_kind (find_resource (self, resource), data->kind);

  if (kind == NULL)
    return RELOAD_UNKNOWN_KIND;
  if (request->replica_number == 0 &&
      !access_is_allowed (kind, incoming->signer, &incoming->from, resource, NULL)) {
    self->overlay->counters.access_refused++;
    return RELOAD_FORBIDDEN;
  }
  if (request->replica_number > 0 && data->generation_counter == 0)
    return RELOAD_FORBIDDEN;
  if (request->replica_number == 0 && data->generation_counter != 0 &&
      data->generation_counter != (held != NULL ? held->generation : 0))
    return RELOAD_GENERATION_COUNTER_TOO_LOW;
  for (size_t i = 0; i < data->values.count; i++) {
    Certificate *signer = NULL;
    ReloadCode code = check_value (self, kind, request, resource, &data->values.items[i], &signer);
    if (code != RELOAD_OK)
      return code;
    g_ptr_array_add (signers, certificate_ref (signer));
  }
  return RELOAD_OK;
}

static bool
names_a_kind_twice (const StoreReq *request)
{
  for (size_t i = 0; i < request->kind_data.count; i++)
    for (size_t k = 0; k < i; k++)
      if (request->kind_data.items[i].kind == request->kind_data.items[k].kind)
        return true;
  return false;
}

static ReloadCode
check_store (Storage *self,
             Incoming *incoming,
             const StoreReq *request,
             const NodeId *resource,
             GPtrArray *signers)
{
  Topology *topology = &self->overlay->topology;

  if (request->replica_number == 0
        ? !topology->plugin->is_responsible (topology->self, resource)
        : !topology->plugin->may_replicate (topology->self, resource, &incoming->from)) {
    self->overlay->counters.misplaced_store++;
    return RELOAD_FORBIDDEN;
  }
  if (names_a_kind_twice (request))
    return RELOAD_INVALID_MESSAGE;
  for (size_t i = 0; i < request->kind_data.count; i++) {
    ReloadCode code =
      check_kind (self, incoming, request, resource, &request->kind_data.items[i], signers);
    if (code != RELOAD_OK)
      return code;
  }
  return RELOAD_OK;
}

/* "At the end, regardless of the length" (7.4.1.1). */
static uint32_t
next_index (const StoredKind *kind)
{
  uint32_t next = 0;

  for (guint i = 0; i < kind->values->len; i++)
    next = MAX (next, value_at (kind, i)->index + 1);
  return next;
}

static void
apply_kind (Storage *self,
            const NodeId *resource,
            const StoreReq *request,
            const StoreKindData *data,
            GPtrArray *signers,
            guint *at)
{
  const ConfigurationKind *known = configuration_kind (self->overlay->configuration, data->kind);
  StoredKind *kind = need_kind (self, resource, data->kind, known->data_model);

  kind->generation = request->replica_number > 0 ? MAX (data->generation_counter, kind->generation)
                                                 : kind->generation + 1;
  for (size_t i = 0; i < data->values.count; i++) {
    StoredValue *value = stored_value_new (&data->values.items[i],
                                           g_ptr_array_index (signers, (*at)++), now_of (self));
    if (kind->model == DATA_MODEL_ARRAY && value->index == ARRAY_INDEX_LAST)
      value->index = next_index (kind);
    put_value (self, resource, kind, value);
  }
}

static StoreAns
describe_store (Storage *self, const StoreReq *request, const NodeId *resource, Arena *arena)
{
  Topology *topology = &self->overlay->topology;
  StoreKindResponse *items = arena_new_array (arena, StoreKindResponse, request->kind_data.count);
  NodeId *replicas = arena_new_array (arena, NodeId, 2);
  size_t count =
    request->replica_number == 0 ? topology->plugin->replicas (topology->self, replicas, 2) : 0;

  for (size_t i = 0; i < request->kind_data.count; i++) {
    StoredKind *kind = find_kind (find_resource (self, resource), request->kind_data.items[i].kind);
    items[i] = (StoreKindResponse){
      .kind = request->kind_data.items[i].kind,
      .generation_counter = kind != NULL ? kind->generation : 0,
      .replicas = { replicas, count },
    };
  }
  return (StoreAns){ { items, request->kind_data.count } };
}

static void
refuse_store (Storage *self,
              Incoming *incoming,
              const StoreReq *request,
              const NodeId *resource,
              ReloadCode code)
{
  g_autoptr (GByteArray) info = g_byte_array_new ();

  if (code == RELOAD_GENERATION_COUNTER_TOO_LOW) {
    StoreAns answer = describe_store (self, request, resource, incoming->arena);
    for (size_t i = 0; i < answer.kind_responses.count; i++)
      answer.kind_responses.items[i].replicas.count = 0;
    store_ans_encode (&answer, info);
  } else if (code == RELOAD_UNKNOWN_KIND) {
    KindId *ids = arena_new_array (incoming->arena, KindId, request->kind_data.count);
    UnknownKinds unknown = { { ids, 0 } };
    for (size_t i = 0; i < request->kind_data.count && i < 32; i++)
      if (configuration_kind (self->overlay->configuration, request->kind_data.items[i].kind) ==
          NULL)
        ids[unknown.unknown_kinds.count++] = request->kind_data.items[i].kind;
    unknown_kinds_encode (&unknown, info);
  }
  incoming_refuse (incoming, code, (Bytes){ info->data, info->len });
}

void
storage_handle_store (Storage *self, Incoming *incoming)
{
  g_autoptr (GPtrArray) signers =
    g_ptr_array_new_with_free_func ((GDestroyNotify) certificate_unref);
  StoreReq request;
  StoreAns answer;
  NodeId resource;
  ReloadCode code;
  guint at = 0;
  bool is_original;

  if (!incoming_decode (incoming, &request))
    return;
  if (!node_id_from_bytes (request.resource, &resource)) {
    incoming_refuse_text (incoming, RELOAD_INVALID_MESSAGE, "Resource-IDs have 16 bytes here");
    return;
  }
  code = check_store (self, incoming, &request, &resource, signers);
  if (code != RELOAD_OK) {
    refuse_store (self, incoming, &request, &resource, code);
    return;
  }
  for (size_t i = 0; i < request.kind_data.count; i++)
    apply_kind (self, &resource, &request, &request.kind_data.items[i], signers, &at);
  self->overlay->counters.stored += request.kind_data.count;
  is_original = request.replica_number == 0;
  answer = describe_store (self, &request, &resource, incoming->arena);
  incoming_answer (incoming, &answer, NULL);
  if (is_original)
    replication_stored (self->overlay->replication, &resource);
}

/* ---- Fetch and Stat ---- */

static bool
is_asked_for (const StoredDataSpecifier *specifier, const StoredValue *value)
{
  switch (specifier->model) {
  case DATA_MODEL_SINGLE:
    return true;
  case DATA_MODEL_ARRAY:
    for (size_t i = 0; i < specifier->indices.count; i++)
      if (value->index >= specifier->indices.items[i].first &&
          value->index <= specifier->indices.items[i].last)
        return true;
    return false;
  case DATA_MODEL_DICTIONARY:
    for (size_t i = 0; i < specifier->keys.count; i++)
      if (bytes_equal (specifier->keys.items[i], value->key))
        return true;
    return specifier->keys.count == 0;
  case DATA_MODEL_UNKNOWN:
    break;
  }
  return false;
}

/* A value nobody stored (7.4.2.2). */
static StoredData
absent (const StoredDataSpecifier *specifier, uint32_t index, Bytes key)
{
  return (StoredData){
    .value = { .model = specifier->model,
               .index = index,
               .key = key,
               .value = { .exists = false } },
    .signature = signature_none (),
  };
}

static void
add_certificate (GPtrArray *certificates, Certificate *certificate)
{
  if (!g_ptr_array_find (certificates, certificate, NULL))
    g_ptr_array_add (certificates, certificate_ref (certificate));
}

static StoredDataList
collect (Storage *self,
         const StoredDataSpecifier *specifier,
         const StoredKind *kind,
         Arena *arena,
         GPtrArray *certificates)
{
  guint held = kind != NULL ? kind->values->len : 0;
  StoredData *items = arena_new_array (arena, StoredData, held + specifier->keys.count + 1);
  size_t count = 0;

  for (guint i = 0; i < held; i++) {
    StoredValue *value = value_at (kind, i);
    if (!is_asked_for (specifier, value) || stored_value_lifetime_left (value, now_of (self)) == 0)
      continue;
    items[count++] = stored_value_to_wire (value, specifier->model, now_of (self), arena);
    add_certificate (certificates, value->certificate);
  }
  for (size_t i = 0; i < specifier->keys.count; i++)
    if (find_value (kind, specifier->model, 0, specifier->keys.items[i]) == NULL)
      items[count++] = absent (specifier, 0, specifier->keys.items[i]);
  if (count == 0 && specifier->model == DATA_MODEL_SINGLE)
    items[count++] = absent (specifier, 0, (Bytes){ NULL, 0 });
  return (StoredDataList){ items, count };
}

static bool
has_unknown_kind (const FetchReq *request)
{
  for (size_t i = 0; i < request->specifiers.count; i++)
    if (request->specifiers.items[i].model == DATA_MODEL_UNKNOWN)
      return true;
  return false;
}

static void
refuse_unknown_kinds (Incoming *incoming, const FetchReq *request)
{
  g_autoptr (GByteArray) info = g_byte_array_new ();
  KindId ids[32];
  UnknownKinds unknown = { { ids, 0 } };

  for (size_t i = 0; i < request->specifiers.count && unknown.unknown_kinds.count < 32; i++)
    if (request->specifiers.items[i].model == DATA_MODEL_UNKNOWN)
      ids[unknown.unknown_kinds.count++] = request->specifiers.items[i].kind;
  unknown_kinds_encode (&unknown, info);
  incoming_refuse (incoming, RELOAD_UNKNOWN_KIND, (Bytes){ info->data, info->len });
}

/* Whether a Fetch or Stat can be answered; refuses it otherwise. */
static bool
read_fetch (Incoming *incoming, FetchReq *request, NodeId *resource)
{
  if (!incoming_decode (incoming, request))
    return false;
  if (!node_id_from_bytes (request->resource, resource)) {
    incoming_refuse_text (incoming, RELOAD_INVALID_MESSAGE, "Resource-IDs have 16 bytes here");
    return false;
  }
  if (has_unknown_kind (request)) {
    refuse_unknown_kinds (incoming, request);
    return false;
  }
  return true;
}

void
storage_handle_fetch (Storage *self, Incoming *incoming)
{
  g_autoptr (GPtrArray) certificates =
    g_ptr_array_new_with_free_func ((GDestroyNotify) certificate_unref);
  FetchReq request;
  FetchKindResponse *items;
  FetchAns answer;
  NodeId resource;

  if (!read_fetch (incoming, &request, &resource))
    return;
  items = arena_new_array (incoming->arena, FetchKindResponse, request.specifiers.count);
  for (size_t i = 0; i < request.specifiers.count; i++) {
    const StoredDataSpecifier *specifier = &request.specifiers.items[i];
    StoredKind *kind = find_kind (find_resource (self, &resource), specifier->kind);
    items[i] = (FetchKindResponse){
      .kind = specifier->kind,
      .generation = kind != NULL ? kind->generation : 0,
    };
    if (kind == NULL || specifier->generation == 0 || specifier->generation != kind->generation)
      items[i].values = collect (self, specifier, kind, incoming->arena, certificates);
  }
  answer = (FetchAns){ { items, request.specifiers.count } };
  self->overlay->counters.fetched++;
  incoming_answer (incoming, &answer, certificates);
}

static StoredMetaData
describe_value (Storage *self, const StoredValue *value, DataModel model, Arena *arena)
{
  uint8_t *digest = arena_alloc (arena, SHA256_DIGEST_LENGTH);

  SHA256 (value->value.data, value->value.size, digest);
  return (StoredMetaData){
    .storage_time = value->storage_time,
    .lifetime = stored_value_lifetime_left (value, now_of (self)),
    .metadata = {
      .model = model,
      .index = value->index,
      .key = value->key,
      .value = {
        .exists = value->exists,
        .value_length = (uint32_t) value->value.size,
        .hash_algorithm = HASH_SHA256,
        .hash_value = { digest, SHA256_DIGEST_LENGTH },
      },
    },
  };
}

void
storage_handle_stat (Storage *self, Incoming *incoming)
{
  FetchReq request;
  StatKindResponse *items;
  StatAns answer;
  NodeId resource;

  if (!read_fetch (incoming, &request, &resource))
    return;
  items = arena_new_array (incoming->arena, StatKindResponse, request.specifiers.count);
  for (size_t i = 0; i < request.specifiers.count; i++) {
    const StoredDataSpecifier *specifier = &request.specifiers.items[i];
    StoredKind *kind = find_kind (find_resource (self, &resource), specifier->kind);
    guint held = kind != NULL ? kind->values->len : 0;
    StoredMetaData *metas = arena_new_array (incoming->arena, StoredMetaData, held + 1);
    size_t count = 0;
    for (guint k = 0; k < held; k++)
      if (is_asked_for (specifier, value_at (kind, k)))
        metas[count++] =
          describe_value (self, value_at (kind, k), specifier->model, incoming->arena);
    items[i] = (StatKindResponse){
      .kind = specifier->kind,
      .generation = kind != NULL ? kind->generation : 0,
      .values = { metas, count },
    };
  }
  answer = (StatAns){ { items, request.specifiers.count } };
  incoming_answer (incoming, &answer, NULL);
}

/* ---- Find ---- */

/* The Resource-ID nearest after `from` with a value of that Kind (7.4.4). */
static bool
closest (Storage *self, const NodeId *from, uint32_t kind, NodeId *ret_id)
{
  GHashTableIter iter;
  void *data;
  bool has_best = false;

  g_hash_table_iter_init (&iter, self->resources);
  while (g_hash_table_iter_next (&iter, NULL, &data)) {
    Resource *resource = data;
    StoredKind *held = find_kind (resource, kind);
    NodeId distance = node_id_distance (from, &resource->id);
    NodeId best = node_id_distance (from, ret_id);
    if (held == NULL || held->values->len == 0 ||
        (has_best && node_id_compare (&distance, &best) >= 0))
      continue;
    *ret_id = resource->id;
    has_best = true;
  }
  return has_best;
}

void
storage_handle_find (Storage *self, Incoming *incoming)
{
  FindReq request;
  FindKindData *items;
  FindAns answer;
  NodeId from;

  if (!incoming_decode (incoming, &request))
    return;
  if (!node_id_from_bytes (request.resource, &from)) {
    incoming_refuse (incoming, RELOAD_INVALID_MESSAGE, (Bytes){ NULL, 0 });
    return;
  }
  items = arena_new_array (incoming->arena, FindKindData, request.kinds.count);
  for (size_t i = 0; i < request.kinds.count; i++) {
    NodeId *found = arena_new_array (incoming->arena, NodeId, 1);
    /* Without one, the answer is the zero Resource-ID (7.4.4.2). */
    closest (self, &from, request.kinds.items[i], found);
    items[i] = (FindKindData){ request.kinds.items[i], node_id_bytes (found) };
  }
  answer = (FindAns){ { items, request.kinds.count } };
  incoming_answer (incoming, &answer, NULL);
}

/* ---- For replication, disk and facts ---- */

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

size_t
storage_bytes (const Storage *self)
{
  return self->bytes;
}

static int
compare_resources (gconstpointer a, gconstpointer b)
{
  const Resource *const *left = a;
  const Resource *const *right = b;

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
    NodeId id = ((Resource *) g_ptr_array_index (all, i))->id;
    func (user_data, &id);
  }
}

StoreKindDataList
storage_copy (Storage *self, const NodeId *id, Arena *arena, GPtrArray *certificates)
{
  Resource *resource = find_resource (self, id);
  StoreKindDataList list = { NULL, 0 };

  if (resource == NULL)
    return list;
  list.items = arena_new_array (arena, StoreKindData, resource->kinds->len);
  for (guint i = 0; i < resource->kinds->len; i++) {
    StoredKind *kind = g_ptr_array_index (resource->kinds, i);
    StoredDataSpecifier all = {
      .kind = kind->id,
      .model = kind->model,
      .indices = { &(ArrayRange){ 0, ARRAY_INDEX_LAST }, 1 },
    };
    StoredDataList values;
    if (kind->values->len == 0)
      continue;
    values = collect (self, &all, kind, arena, certificates);
    if (values.count > 0)
      list.items[list.count++] = (StoreKindData){ kind->id, kind->generation, values };
  }
  return list;
}

void
storage_drop (Storage *self, const NodeId *id)
{
  Resource *resource = find_resource (self, id);

  for (guint i = 0; resource != NULL && i < resource->kinds->len; i++) {
    StoredKind *kind = g_ptr_array_index (resource->kinds, i);
    while (kind->values->len > 0)
      remove_value (self, id, kind, value_at (kind, 0));
  }
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
  kind_id = (uint32_t) key.data[16] << 24 | (uint32_t) key.data[17] << 16 |
            (uint32_t) key.data[18] << 8 | key.data[19];
  known = configuration_kind (self->overlay->configuration, kind_id);
  if (known == NULL)
    return false;
  value = stored_value_from_disk (bytes, known->data_model, ports->signer, now_of (self),
                                  ports->wall_clock_ms (ports->world), &generation);
  if (value == NULL)
    return false;
  certificate_cache_add (self->overlay->certificates, value->certificate);
  kind = need_kind (self, &id, kind_id, known->data_model);
  kind->generation = MAX (kind->generation, generation);
  g_ptr_array_add (kind->values, value);
  account (self, value, true);
  return true;
}

Storage *
storage_new (Overlay *overlay)
{
  Storage *self = g_new0 (Storage, 1);

  self->overlay = overlay;
  self->resources = g_hash_table_new_full (id_hash, id_equal, NULL, resource_free);
  self->by_signer = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
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
