/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/storage-private.h"

#include "core/crypto/digest.h"
#include "core/overlay/overlay-private.h"
#include "core/wire/fetch.h"

#include <string.h>

enum { LENGTH_BYTES = 4 };

/* ---- Fetch and Stat ---- */

static bool
is_index_asked_for (const StoredDataSpecifier *specifier, uint32_t index)
{
  for (size_t i = 0; i < specifier->indices.count; i++)
    if (index >= specifier->indices.items[i].first && index <= specifier->indices.items[i].last)
      return true;
  return false;
}

static bool
is_asked_for (const StoredDataSpecifier *specifier, const StoredValue *value)
{
  switch (specifier->model) {
  case DATA_MODEL_SINGLE:
    return true;
  case DATA_MODEL_ARRAY:
    return is_index_asked_for (specifier, value->index);
  case DATA_MODEL_DICTIONARY:
    for (size_t i = 0; i < specifier->keys.count; i++)
      if (bytes_equal (specifier->keys.items[i], stored_value_key (value)))
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

/* An array is sparse: what stands between its values does not exist. */
static uint32_t
length_of (const StoredKind *kind, DataModel model)
{
  uint32_t length = 0;

  stored_kind_for_each (model == DATA_MODEL_ARRAY ? kind : NULL, value)
  {
    length = MAX (length, value->index + 1);
  }
  return length;
}

static size_t
add_absent (const StoredDataSpecifier *specifier,
            const StoredKind *kind,
            StoredData *items,
            size_t count)
{
  Bytes none = { NULL, 0 };
  uint32_t length = length_of (kind, specifier->model);

  for (uint32_t i = 0; i < length; i++)
    if (is_index_asked_for (specifier, i) &&
        storage_find_value (kind, specifier->model, i, none) == NULL)
      items[count++] = absent (specifier, i, none);
  for (size_t i = 0; i < specifier->keys.count; i++)
    if (storage_find_value (kind, specifier->model, 0, specifier->keys.items[i]) == NULL)
      items[count++] = absent (specifier, 0, specifier->keys.items[i]);
  if (count == 0 && specifier->model == DATA_MODEL_SINGLE)
    items[count++] = absent (specifier, 0, none);
  return count;
}

static StoredDataList
collect (Storage *self,
         const StoredDataSpecifier *specifier,
         const StoredKind *kind,
         Arena *arena,
         GPtrArray *certificates)
{
  size_t most =
    storage_kind_size (kind) + length_of (kind, specifier->model) + specifier->keys.count + 1;
  StoredData *items = arena_new_array (arena, StoredData, most);
  size_t count = 0;

  stored_kind_for_each (kind, value)
  {
    if (!is_asked_for (specifier, value) ||
        stored_value_lifetime_left (value, storage_now (self)) == 0)
      continue;
    items[count++] = stored_value_to_wire (value, specifier->model, storage_now (self), arena);
    storage_add_certificate (certificates, value->certificate);
  }
  return (StoredDataList){ items, add_absent (specifier, kind, items, count) };
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

/* Ranges run upwards and do not overlap (7.4.2.1). */
static bool
ranges_are_lawful (const StoredDataSpecifier *specifier)
{
  const ArrayRange *ranges = specifier->indices.items;

  if (specifier->indices.count > LIMIT_FETCH_RANGES)
    return false;
  for (size_t i = 0; i < specifier->indices.count; i++) {
    if (ranges[i].first > ranges[i].last)
      return false;
    for (size_t k = 0; k < i; k++)
      if (ranges[i].first <= ranges[k].last && ranges[k].first <= ranges[i].last)
        return false;
  }
  return true;
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
  for (size_t i = 0; i < request->specifiers.count; i++)
    if (!ranges_are_lawful (&request->specifiers.items[i])) {
      incoming_refuse_text (incoming, RELOAD_INVALID_MESSAGE, "few ranges, upwards and apart");
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
    StoredKind *kind = storage_find_kind (storage_find_resource (self, &resource), specifier->kind);
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

/* The digest is of the value with its four leading length bytes (7.4.3.2). */
static StoredMetaData
describe_value (Storage *self, const StoredValue *value, DataModel model, Arena *arena)
{
  uint8_t *digest = arena_alloc (arena, DIGEST_SHA256_SIZE);
  Bytes content = stored_value_content (value);
  uint32_t size = (uint32_t) content.size;
  uint8_t *whole = arena_alloc (arena, LENGTH_BYTES + size);

  for (unsigned i = 0; i < LENGTH_BYTES; i++)
    whole[i] = (uint8_t) (size >> 8 * (LENGTH_BYTES - 1 - i));
  if (size > 0)
    memcpy (whole + LENGTH_BYTES, content.data, size);
  digest_sha256 ((Bytes){ whole, LENGTH_BYTES + size }, digest);
  return (StoredMetaData){
    .storage_time = value->storage_time,
    .lifetime = stored_value_lifetime_left (value, storage_now (self)),
    .metadata = {
      .model = model,
      .index = value->index,
      .key = stored_value_key (value),
      .value = {
        .exists = value->exists,
        .value_length = size,
        .hash_algorithm = HASH_SHA256,
        .hash_value = { digest, DIGEST_SHA256_SIZE },
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
    StoredKind *kind = storage_find_kind (storage_find_resource (self, &resource), specifier->kind);
    StoredMetaData *metas =
      arena_new_array (incoming->arena, StoredMetaData, storage_kind_size (kind) + 1);
    size_t count = 0;
    stored_kind_for_each (kind, value)
    {
      if (is_asked_for (specifier, value))
        metas[count++] = describe_value (self, value, specifier->model, incoming->arena);
    }
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
    StoredResource *resource = data;
    StoredKind *held = storage_find_kind (resource, kind);
    NodeId distance = node_id_distance (from, &resource->id);
    NodeId best = node_id_distance (from, ret_id);
    if (held == NULL || held->first == NULL ||
        (has_best && node_id_compare (&distance, &best) >= 0))
      continue;
    *ret_id = resource->id;
    has_best = true;
  }
  return has_best;
}

static bool
names_a_kind_twice (const FindReq *request)
{
  for (size_t i = 0; i < request->kinds.count; i++)
    for (size_t k = 0; k < i; k++)
      if (request->kinds.items[i] == request->kinds.items[k])
        return true;
  return false;
}

void
storage_handle_find (Storage *self, Incoming *incoming)
{
  const Topology *topology = &self->overlay->topology;
  FindReq request;
  FindKindData *items;
  FindAns answer;
  NodeId from;

  if (!incoming_decode (incoming, &request))
    return;
  if (!node_id_from_bytes (request.resource, &from) || names_a_kind_twice (&request)) {
    incoming_refuse_text (incoming, RELOAD_INVALID_MESSAGE, "one place, each Kind once");
    return;
  }
  if (!topology->plugin->is_responsible (topology->self, &from)) {
    incoming_refuse_text (incoming, RELOAD_NOT_FOUND, "somebody else answers for that");
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
