/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/redir-stage.h"

#include "core/overlay/redir-tree.h"
#include "core/wire/fetch.h"
#include "core/wire/redir.h"
#include "core/wire/store.h"
#include "tests/sim/sim-signer.h"

#define INSTANCE "home-redir234.peal.alt"

enum { FACTOR = 2, LEVELS = 9 };

typedef struct Record {
  NodeId resource;
  NodeId provider;
  SignedValue value;
  GByteArray *bytes;        /* owned: what `value` has when a test wrote it, and who */
  Certificate *certificate; /* signed it */
} Record;

static void
record_free (void *data)
{
  Record *record = data;

  g_clear_pointer (&record->bytes, g_byte_array_unref);
  certificate_unref (record->certificate);
  g_free (record);
}

NodeId
redir_stage_id (uint8_t id)
{
  return (NodeId){ .bytes = { id } };
}

/* ---- The trees ---- */

static NodeId
resource_of (unsigned level, const NodeId *id)
{
  return redir_resource (bytes_of_text (REDIR_NAMESPACE), (uint16_t) level,
                         redir_node_of (FACTOR, level, id));
}

/* "2.1" */
static char *
name_of (const NodeId *resource)
{
  for (unsigned level = 0; level < LEVELS; level++)
    for (unsigned node = 0; node < 1u << level; node++) {
      NodeId its =
        redir_resource (bytes_of_text (REDIR_NAMESPACE), (uint16_t) level, (uint16_t) node);
      if (node_id_equal (&its, resource))
        return g_strdup_printf ("%u.%u", level, node);
    }
  return g_strdup ("?");
}

static Record *
find_record (RedirStage *self, const NodeId *resource, const NodeId *provider)
{
  for (guint i = 0; i < self->records->len; i++) {
    Record *record = self->records->pdata[i];
    if (node_id_equal (&record->resource, resource) && node_id_equal (&record->provider, provider))
      return record;
  }
  return NULL;
}

void
redir_stage_enter_false (RedirStage *self, unsigned level, uint8_t id, uint8_t leads_to)
{
  Record *record = g_new0 (Record, 1);
  NodeId there = redir_stage_id (leads_to);
  Destination destination = destination_of_node (&there);
  RedirServiceProvider content = { .destination_list = { &destination, 1 },
                                   .namespace = bytes_of_text (REDIR_NAMESPACE),
                                   .level = (uint16_t) level };
  Signer signer;

  record->provider = redir_stage_id (id);
  record->resource = resource_of (level, &record->provider);
  record->bytes = g_byte_array_new ();
  content.node = redir_node_of (FACTOR, level, &record->provider);
  redir_service_provider_encode (&content, record->bytes);
  sim_signer_init (&signer, &record->provider, "provider@" INSTANCE);
  signer.key_ring = &signer;
  certificate_cache_add (self->overlay->overlay->certificates, signer.own);
  signed_value_init (&record->value, self->overlay, &signer, &record->resource, KIND_REDIR,
                     (StoredDataValue){
                       .model = DATA_MODEL_DICTIONARY,
                       .key = node_id_bytes (&record->provider),
                       .value = { true, { record->bytes->data, record->bytes->len } } });
  record->certificate = certificate_ref (signer.own);
  sim_signer_clear (&signer);
  g_ptr_array_add (self->records, record);
}

void
redir_stage_enter (RedirStage *self, unsigned level, uint8_t id)
{
  redir_stage_enter_false (self, level, id, id);
}

void
redir_stage_clear (RedirStage *self)
{
  g_ptr_array_set_size (self->records, 0);
  g_string_truncate (self->fetched, 0);
  g_string_truncate (self->stored, 0);
  self->stats = 0;
}

bool
redir_stage_holds (RedirStage *self, unsigned level)
{
  const NodeId *id = &self->overlay->overlay->id;
  NodeId resource = resource_of (level, id);

  return find_record (self, &resource, id) != NULL;
}

/* ---- Its keepers ---- */

static bool
is_asked_for (const StoredDataSpecifier *specifier, const Record *record)
{
  for (size_t i = 0; i < specifier->keys.count; i++)
    if (bytes_equal (specifier->keys.items[i], node_id_bytes (&record->provider)))
      return true;
  return specifier->keys.count == 0;
}

static GPtrArray *
list_records (RedirStage *self, const FetchReq *request, NodeId *ret_resource)
{
  GPtrArray *found = g_ptr_array_new ();

  g_assert_true (node_id_from_bytes (request->resource, ret_resource));
  for (guint i = 0; i < self->records->len; i++) {
    Record *record = self->records->pdata[i];
    if (node_id_equal (&record->resource, ret_resource) &&
        is_asked_for (&request->specifiers.items[0], record))
      g_ptr_array_add (found, record);
  }
  return found;
}

static void
on_fetch (RedirStage *self, Stranger *keeper, const Letter *letter)
{
  FetchReq request;
  FetchKindResponse response = { .kind = KIND_REDIR, .generation = 1 };
  FetchAns answer = { { &response, 1 } };
  g_autofree StoredData *values = NULL;
  g_autoptr (GPtrArray) found = NULL;
  g_autofree char *name = NULL;
  NodeId resource;

  letter_read (letter, self->overlay, &request);
  if (request.specifiers.items[0].kind != KIND_REDIR)
    return;
  found = list_records (self, &request, &resource);
  name = name_of (&resource);
  g_string_append_printf (self->fetched, "%s%s ", name,
                          request.specifiers.items[0].keys.count > 0 ? "k" : "");
  if (self->is_mute)
    return;
  if (found->len > self->response_max) {
    g_assert_cmpuint (letter->header.max_response_length, >, 0);
    stranger_refuse (keeper, letter, RELOAD_RESPONSE_TOO_LARGE);
    return;
  }
  values = g_new0 (StoredData, found->len + 1);
  for (guint i = 0; i < found->len; i++)
    values[i] = ((Record *) found->pdata[i])->value.data;
  response.values = (StoredDataList){ values, found->len };
  stranger_reply (keeper, letter, &answer);
}

static void
on_stat (RedirStage *self, Stranger *keeper, const Letter *letter)
{
  FetchReq request;
  StatKindResponse response = { .kind = KIND_REDIR, .generation = 1 };
  StatAns answer = { { &response, 1 } };
  g_autofree StoredMetaData *values = NULL;
  g_autoptr (GPtrArray) found = NULL;
  NodeId resource;

  letter_read (letter, self->overlay, &request);
  found = list_records (self, &request, &resource);
  self->stats++;
  values = g_new0 (StoredMetaData, found->len + 1);
  for (guint i = 0; i < found->len; i++)
    values[i].metadata = (MetaDataValue){
      .model = DATA_MODEL_DICTIONARY,
      .key = node_id_bytes (&((Record *) found->pdata[i])->provider),
      .value = { .exists = true, .value_length = 1, .hash_algorithm = HASH_SHA256 },
    };
  response.values = (StoredMetaDataList){ values, found->len };
  stranger_reply (keeper, letter, &answer);
}

static void
keep (RedirStage *self, const NodeId *resource, const StoredData *data)
{
  const NodeId *own = &self->overlay->overlay->id;
  Record *record = find_record (self, resource, own);

  if (record != NULL)
    g_ptr_array_remove (self->records, record);
  if (!data->value.value.exists)
    return;
  record = g_new0 (Record, 1);
  record->resource = *resource;
  record->provider = *own;
  record->value.data = *data;
  g_ptr_array_add (self->records, record);
}

static void
on_store (RedirStage *self, Stranger *keeper, const Letter *letter)
{
  StoreAns answer = { { NULL, 0 } };
  const StoredData *data;
  StoreReq request;
  NodeId resource;
  g_autofree char *name = NULL;

  letter_read (letter, self->overlay, &request);
  if (request.kind_data.items[0].kind != KIND_REDIR)
    return;
  g_assert_true (node_id_from_bytes (request.resource, &resource));
  data = &request.kind_data.items[0].values.items[0];
  name = name_of (&resource);
  g_string_append_printf (self->stored, "%s%s ", name, data->value.value.exists ? "" : "-");
  self->lifetime = data->lifetime;
  if (self->is_mute)
    return;
  keep (self, &resource, data);
  stranger_reply (keeper, letter, &answer);
}

/* Whichever of them is asked: the one before our node answers for all that is not ours. */
static void
serve (RedirStage *self, Stranger *asked)
{
  Stranger *keeper = self->neighbors[0];
  const Letter *letter;

  while ((letter = stranger_next (asked, 0)) != NULL) {
    uint16_t code = letter->message.contents.message_code;
    if (code == MESSAGE_FETCH_REQ)
      on_fetch (self, keeper, letter);
    else if (code == MESSAGE_STAT_REQ)
      on_stat (self, keeper, letter);
    else if (code == MESSAGE_STORE_REQ)
      on_store (self, keeper, letter);
  }
}

void
redir_stage_run (RedirStage *self, uint64_t microseconds)
{
  uint64_t end = timers_now (self->overlay->timers) + microseconds;

  while (timers_now (self->overlay->timers) < end) {
    overlay_stage_run (self->overlay, 10 * TIME_MS);
    for (size_t i = 0; i < G_N_ELEMENTS (self->neighbors); i++)
      serve (self, self->neighbors[i]);
  }
}

/* ---- The stage ---- */

RedirStage *
redir_stage_new (uint8_t id)
{
  RedirStage *self = g_new0 (RedirStage, 1);
  NodeId node_id = redir_stage_id (id);
  Signer signer;

  sim_signer_init (&signer, &node_id, "self@" INSTANCE);
  self->overlay = overlay_stage_new_with (&signer, INSTANCE);
  self->overlay->signer.key_ring = &self->overlay->signer;
  ((ConfigurationKind *) configuration_kind (self->overlay->configuration, KIND_REDIR))
    ->branching_factor = FACTOR;
  self->records = g_ptr_array_new_with_free_func (record_free);
  self->fetched = g_string_new (NULL);
  self->stored = g_string_new (NULL);
  self->response_max = UINT_MAX;
  self->neighbors[0] = stranger_new (self->overlay, "before", ((uint32_t) id << 24) - 1);
  self->neighbors[1] = stranger_new (self->overlay, "after", ((uint32_t) id << 24) + 1);
  overlay_stage_join (self->overlay, self->neighbors);
  overlay_topology_changed (self->overlay->overlay);
  redir_stage_run (self, TIME_SECOND);
  return self;
}

void
redir_stage_free (RedirStage *self)
{
  if (self == NULL)
    return;
  overlay_stage_free (self->overlay);
  g_ptr_array_unref (self->records);
  g_string_free (self->fetched, TRUE);
  g_string_free (self->stored, TRUE);
  g_free (self);
}
