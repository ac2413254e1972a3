/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "storage"
#include "core/overlay/storage-private.h"

#include "core/overlay/access.h"
#include "core/overlay/overlay-private.h"

enum { REPLICAS = 2, VALUE_OVERHEAD = 96, UNKNOWN_KINDS = 32 };

/* A Store is judged whole before anything is changed (7.4.1.1: atomic). */
typedef struct Judgement {
  Storage *storage;
  Incoming *incoming;      /* NULL for what we have fetched ourselves */
  CertificateOffer *offer; /* what its signatures may name */
  StoreReq request;
  NodeId resource;
  GPtrArray *signers; /* owned: certificates of the values so far, in their order */
  size_t bytes;       /* of the values so far */
  unsigned values;
} Judgement;

/* "At the end, regardless of the length" (7.4.1.1). `kind` may be NULL. */
static uint32_t
next_index (const StoredKind *kind)
{
  uint32_t next = 0;

  stored_kind_for_each (kind, value)
  {
    next = MAX (next, value->index + 1);
  }
  return next;
}

static bool
is_in_bounds (const ConfigurationKind *kind,
              const StoredKind *held,
              const StoredData *data,
              unsigned added)
{
  uint32_t index = data->value.index;

  if (data->value.model == DATA_MODEL_ARRAY && index == ARRAY_INDEX_LAST)
    index = next_index (held) + added;
  return data->value.value.value.size <= kind->max_size && data->lifetime <= LIMIT_LIFETIME_S &&
         (data->value.model != DATA_MODEL_ARRAY || index < kind->max_count);
}

/* At least what it takes once it is stored: with its key, its signature and what stands around. */
static size_t
size_of (const StoredData *data)
{
  return data->value.value.value.size + data->value.key.size +
         data->signature.signature_value.size + VALUE_OVERHEAD;
}

/* `added`: values of this Kind that come before it in the same request and replace none. */
static ReloadCode
check_limits (Judgement *self,
              const ConfigurationKind *kind,
              const StoredData *data,
              const StoredValue *old,
              const Certificate *signer,
              unsigned added)
{
  Storage *storage = self->storage;
  StoredKind *held = storage_find_kind (storage_find_resource (storage, &self->resource), kind->id);
  size_t size = self->bytes + size_of (data);
  size_t freed = old != NULL && g_str_equal (old->certificate->user, signer->user) ? old->size : 0;

  if (!is_in_bounds (kind, held, data, added))
    return RELOAD_DATA_TOO_LARGE;
  if (old == NULL && storage_kind_size (held) + added >= kind->max_count)
    return RELOAD_DATA_TOO_LARGE;
  if (storage_bytes_of_signer (storage, signer->user) + size > LIMIT_STORED_BYTES_SIGNER + freed ||
      storage->bytes + size > LIMIT_STORED_BYTES ||
      storage->value_count + self->values >= LIMIT_STORED_VALUES)
    return RELOAD_DATA_TOO_LARGE;
  self->bytes = size;
  return RELOAD_OK;
}

static ReloadCode
check_time (Judgement *self, const StoredData *data, const StoredValue *old)
{
  const NodePorts *ports = self->storage->overlay->ports;
  uint64_t wall_ms = ports->wall_clock_ms (ports->world);

  if (data->storage_time > wall_ms + LIMIT_STORE_AHEAD_S * UINT64_C (1000))
    return RELOAD_FORBIDDEN;
  if (old == NULL || data->storage_time > old->storage_time)
    return RELOAD_OK;
  /* A copy that we hold already is no fault of the peer that sends it. */
  return self->request.replica_number > 0 && data->storage_time == old->storage_time
           ? RELOAD_OK
           : RELOAD_DATA_TOO_OLD;
}

/* The signature of one value, and whether its signer may write it here (7.4.1.1). */
static ReloadCode
check_signature (Judgement *self,
                 const ConfigurationKind *kind,
                 const StoredData *data,
                 Certificate **ret_signer)
{
  Overlay *overlay = self->storage->overlay;
  g_autoptr (GByteArray) input = g_byte_array_new ();
  Certificate *signer;
  NodeId node_id;

  if (signature_is_none (&data->signature))
    return RELOAD_FORBIDDEN;
  stored_data_signature_input (data, self->request.resource, kind->id, input);
  signer = certificate_cache_verify (overlay->certificates, self->offer, &data->signature,
                                     (Bytes){ input->data, input->len }, &node_id);
  if (signer == NULL) {
    overlay->counters.bad_value_signature++;
    return RELOAD_FORBIDDEN;
  }
  if (!access_is_allowed (kind, signer, &node_id, &self->resource, &data->value) ||
      (kind->id == KIND_SIP_REGISTRATION &&
       !registration_is_permitted (overlay->configuration, signer->user))) {
    overlay->counters.access_refused++;
    return RELOAD_FORBIDDEN;
  }
  *ret_signer = signer;
  return RELOAD_OK;
}

static ReloadCode
check_value (Judgement *self,
             const ConfigurationKind *kind,
             const StoredKind *held,
             const StoredData *data,
             unsigned *added)
{
  StoredValue *old =
    storage_find_value (held, kind->data_model, data->value.index, data->value.key);
  Certificate *signer = NULL;
  ReloadCode code = check_signature (self, kind, data, &signer);

  if (code == RELOAD_OK)
    code = check_time (self, data, old);
  if (code == RELOAD_OK)
    code = check_limits (self, kind, data, old, signer, *added);
  if (code != RELOAD_OK)
    return code;
  *added += old == NULL;
  self->values++;
  g_ptr_array_add (self->signers, certificate_ref (signer));
  return RELOAD_OK;
}

static ReloadCode
check_kind (Judgement *self, const StoreKindData *data)
{
  Overlay *overlay = self->storage->overlay;
  const ConfigurationKind *kind = configuration_kind (overlay->configuration, data->kind);
  StoredKind *held =
    storage_find_kind (storage_find_resource (self->storage, &self->resource), data->kind);
  bool is_replica = self->request.replica_number > 0;
  unsigned added = 0;
  ReloadCode code = RELOAD_OK;

  if (kind == NULL)
    return RELOAD_UNKNOWN_KIND;
  if (!is_replica && !access_is_allowed (kind, self->incoming->signer, &self->incoming->from,
                                         &self->resource, NULL)) {
    overlay->counters.access_refused++;
    return RELOAD_FORBIDDEN;
  }
  if (is_replica && data->generation_counter == 0)
    return RELOAD_FORBIDDEN;
  if (!is_replica && data->generation_counter != 0 &&
      data->generation_counter != (held != NULL ? held->generation : 0))
    return RELOAD_GENERATION_COUNTER_TOO_LOW;
  for (size_t i = 0; i < data->values.count && code == RELOAD_OK; i++)
    code = check_value (self, kind, held, &data->values.items[i], &added);
  return code;
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

/* A replica from one who may send it: neighbors bring many at once (rate.c). */
static bool
is_copy (const Judgement *self)
{
  Topology *topology = &self->storage->overlay->topology;

  return self->request.replica_number > 0 &&
         topology->plugin->may_replicate (topology->self, &self->resource, &self->incoming->from);
}

static ReloadCode
check_store (Judgement *self)
{
  Overlay *overlay = self->storage->overlay;
  Topology *topology = &overlay->topology;
  const StoreReq *request = &self->request;
  ReloadCode code = RELOAD_OK;

  if (request->replica_number == 0
        ? !topology->plugin->is_responsible (topology->self, &self->resource)
        : !is_copy (self)) {
    overlay->counters.misplaced_store++;
    return RELOAD_FORBIDDEN;
  }
  if (names_a_kind_twice (request))
    return RELOAD_INVALID_MESSAGE;
  for (size_t i = 0; i < request->kind_data.count && code == RELOAD_OK; i++)
    code = check_kind (self, &request->kind_data.items[i]);
  return code;
}

static void
apply_kind (Judgement *self, const StoreKindData *data, guint *at)
{
  Storage *storage = self->storage;
  const ConfigurationKind *known = configuration_kind (storage->overlay->configuration, data->kind);
  StoredKind *kind = storage_need_kind (storage, &self->resource, data->kind, known->data_model);

  /* A copy has the owner's count, whatever ours was (7.4.1.1). */
  kind->generation =
    self->request.replica_number > 0 ? data->generation_counter : kind->generation + 1;
  for (size_t i = 0; i < data->values.count; i++) {
    const StoredData *item = &data->values.items[i];
    Certificate *signer = g_ptr_array_index (self->signers, (*at)++);
    const StoredValue *old =
      storage_find_value (kind, kind->model, item->value.index, item->value.key);
    StoredValue *value;
    /* A copy of what is here prolongs nothing: the lifetime is not signed. */
    if (old != NULL && old->storage_time == item->storage_time)
      continue;
    value = stored_value_new (item, signer, storage_now (storage));
    if (kind->model == DATA_MODEL_ARRAY && value->index == ARRAY_INDEX_LAST)
      value->index = next_index (kind);
    storage_put_value (storage, &self->resource, kind, value);
  }
}

static StoreAns
describe_store (Judgement *self)
{
  Topology *topology = &self->storage->overlay->topology;
  const StoreKindDataList *stored = &self->request.kind_data;
  Arena *arena = self->incoming->arena;
  StoreKindResponse *items = arena_new_array (arena, StoreKindResponse, stored->count);
  NodeId *replicas = arena_new_array (arena, NodeId, REPLICAS);
  size_t count = self->request.replica_number == 0
                   ? topology->plugin->replicas (topology->self, replicas, REPLICAS)
                   : 0;

  for (size_t i = 0; i < stored->count; i++) {
    StoredKind *kind = storage_find_kind (storage_find_resource (self->storage, &self->resource),
                                          stored->items[i].kind);
    items[i] = (StoreKindResponse){
      .kind = stored->items[i].kind,
      .generation_counter = kind != NULL ? kind->generation : 0,
      .replicas = { replicas, count },
    };
  }
  return (StoreAns){ { items, stored->count } };
}

static UnknownKinds
list_unknown_kinds (Judgement *self)
{
  const StoreKindDataList *stored = &self->request.kind_data;
  KindId *ids = arena_new_array (self->incoming->arena, KindId, UNKNOWN_KINDS);
  UnknownKinds unknown = { { ids, 0 } };

  for (size_t i = 0; i < stored->count && unknown.unknown_kinds.count < UNKNOWN_KINDS; i++)
    if (configuration_kind (self->storage->overlay->configuration, stored->items[i].kind) == NULL)
      ids[unknown.unknown_kinds.count++] = stored->items[i].kind;
  return unknown;
}

static void
refuse_store (Judgement *self, ReloadCode code)
{
  g_autoptr (GByteArray) info = g_byte_array_new ();

  if (code == RELOAD_GENERATION_COUNTER_TOO_LOW) {
    StoreAns answer = describe_store (self);
    for (size_t i = 0; i < answer.kind_responses.count; i++)
      answer.kind_responses.items[i].replicas.count = 0;
    store_ans_encode (&answer, info);
  } else if (code == RELOAD_UNKNOWN_KIND) {
    UnknownKinds unknown = list_unknown_kinds (self);
    unknown_kinds_encode (&unknown, info);
  }
  incoming_refuse (self->incoming, code, (Bytes){ info->data, info->len });
}

static void
apply_store (Judgement *self)
{
  Overlay *overlay = self->storage->overlay;
  const StoreKindDataList *stored = &self->request.kind_data;
  StoreAns answer;
  guint at = 0;

  for (size_t i = 0; i < stored->count; i++)
    apply_kind (self, &stored->items[i], &at);
  overlay->counters.stored += stored->count;
  answer = describe_store (self);
  incoming_answer (self->incoming, &answer, NULL);
  if (self->request.replica_number == 0)
    replication_stored (overlay->replication, &self->resource);
}

void
storage_handle_store (Storage *self, Incoming *incoming)
{
  Judgement judgement = { .storage = self, .incoming = incoming };
  ReloadCode code;

  if (!incoming_decode (incoming, &judgement.request))
    return;
  if (!node_id_from_bytes (judgement.request.resource, &judgement.resource)) {
    incoming_refuse_text (incoming, RELOAD_INVALID_MESSAGE, "Resource-IDs have 16 bytes here");
    return;
  }
  if (!is_copy (&judgement) && incoming_is_over_rate (incoming, RATE_STORE))
    return;
  judgement.offer = incoming->offer;
  judgement.signers = g_ptr_array_new_with_free_func ((GDestroyNotify) certificate_unref);
  code = check_store (&judgement);
  if (code == RELOAD_OK)
    apply_store (&judgement);
  else
    refuse_store (&judgement, code);
  g_ptr_array_unref (judgement.signers);
}

/* One value that somebody else holds, in the place of an older one of ours. */
static bool
merge_value (Judgement *self,
             const ConfigurationKind *kind,
             uint64_t generation,
             const StoredData *data)
{
  Storage *storage = self->storage;
  StoredKind *held = storage_find_kind (storage_find_resource (storage, &self->resource), kind->id);
  StoredValue *old =
    storage_find_value (held, kind->data_model, data->value.index, data->value.key);
  unsigned added = 0;

  if ((old != NULL && data->storage_time <= old->storage_time) ||
      check_value (self, kind, held, data, &added) != RELOAD_OK)
    return false;
  held = storage_need_kind (storage, &self->resource, kind->id, kind->data_model);
  held->generation = MAX (held->generation, generation);
  storage_put_value (storage, &self->resource, held,
                     stored_value_new (data,
                                       g_ptr_array_index (self->signers, self->signers->len - 1),
                                       storage_now (storage)));
  return true;
}

unsigned
storage_merge (Storage *self,
               const NodeId *resource,
               const FetchAns *newer,
               CertificateOffer *offer)
{
  g_autoptr (GPtrArray) signers =
    g_ptr_array_new_with_free_func ((GDestroyNotify) certificate_unref);
  unsigned merged = 0;

  for (size_t i = 0; i < newer->kind_responses.count; i++) {
    const FetchKindResponse *response = &newer->kind_responses.items[i];
    const ConfigurationKind *kind =
      configuration_kind (self->overlay->configuration, response->kind);
    for (size_t k = 0; kind != NULL && k < response->values.count; k++) {
      Judgement judgement = {
        .storage = self,
        .offer = offer,
        .request = { .resource = node_id_bytes (resource), .replica_number = 1 },
        .resource = *resource,
        .signers = signers,
      };
      merged += merge_value (&judgement, kind, response->generation, &response->values.items[k]);
    }
  }
  return merged;
}
