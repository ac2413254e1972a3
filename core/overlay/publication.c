/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "publication"
#include "core/overlay/publication.h"

#include "core/base/log.h"
#include "core/overlay/overlay-private.h"
#include "core/overlay/received-value.h"
#include "core/wire/fetch.h"
#include "core/wire/store.h"

/* Store, wait for the refresh, store again. A refused or lost Store is repeated after a growing
 * pause. A peer that holds something newer (our clock was ahead once, or another run's was) tells
 * Error_Data_Too_Old: then its storage_time is fetched, and ours is one millisecond later.
 *
 * An array that several write is fetched before each Store: our place is where a value of ours
 * stands, else the first free one, else that of the oldest value. The generation counter sees to it
 * that nobody has taken it in between; where there was none yet, the answer tells. */

#define RETRY_FIRST (1 * TIME_SECOND)
#define RETRY_LAST  (60 * TIME_SECOND)

/* Nobody waits long for the answer to a withdrawal: it goes to different neighbors at once. */
enum { LAST_WAYS = 2 };

/* What was refused so often is not waited for; it may be too large for this overlay. */
enum { HOPELESS = 3 };

struct Publication {
  Overlay *overlay;
  PublicationOptions options; /* key and value are owned */
  uint64_t storage_time;      /* of the last Store, ms */
  uint32_t index;             /* our place in an array */
  uint64_t generation;        /* of the array when it was fetched, 0: there was none */
  bool is_stored;
  bool is_withdrawn;
  bool is_started;
  unsigned failures;
  void (*withdrawn) (void *owner);
  void *withdrawn_owner;
  Timer timer;
};

static DataModel
model_of (const Publication *self)
{
  const ConfigurationKind *kind =
    configuration_kind (self->overlay->configuration, self->options.kind);

  return kind != NULL ? kind->data_model : DATA_MODEL_UNKNOWN;
}

static void
sign (Publication *self, StoredData *data, uint8_t value[SIGNATURE_SIZE_MAX])
{
  g_autoptr (GByteArray) input = g_byte_array_new ();

  data->signature.identity = certificate_cache_own_identity (self->overlay->certificates);
  stored_data_signature_input (data, node_id_bytes (&self->options.resource), self->options.kind,
                               input);
  data->signature =
    certificate_cache_sign (self->overlay->certificates, (Bytes){ input->data, input->len }, value);
}

static void
retry (Publication *self)
{
  const NodePorts *ports = self->overlay->ports;
  uint64_t pause = MIN (RETRY_FIRST << MIN (self->failures, 6), RETRY_LAST);

  self->failures++;
  if (self->failures == HOPELESS)
    overlay_topology_changed (self->overlay);
  if (!self->is_withdrawn)
    timer_start (&self->timer, ports->timers,
                 pause / 2 + ports->random_below (ports->world, (uint32_t) (pause / 2)));
}

/* A false storage_time would keep us from storing anything: only our own word counts. */
static void
outdo (Publication *self, const Answer *answer, const StoredData *data)
{
  if (received_value_signer (self->overlay, answer->offer, &self->options.resource,
                             self->options.kind, data, NULL) != NULL)
    self->storage_time = MAX (self->storage_time, data->storage_time);
}

static void
on_newer_fetched (void *owner, const Answer *answer)
{
  Publication *self = owner;
  FetchAns body;

  if (answer_decode (answer, self->overlay, MESSAGE_FETCH_REQ, &body))
    for (size_t i = 0; i < body.kind_responses.count; i++)
      for (size_t k = 0; k < body.kind_responses.items[i].values.count; k++)
        outdo (self, answer, &body.kind_responses.items[i].values.items[k]);
  retry (self);
}

/* What stands in our place, or in all of an array. */
static void
fetch (Publication *self, AnswerFunc answered)
{
  DataModel model = model_of (self);
  ArrayRange all = { 0, ARRAY_INDEX_LAST };
  StoredDataSpecifier specifier = { .kind = self->options.kind, .model = model };
  FetchReq body = {
    .resource = node_id_bytes (&self->options.resource),
    .specifiers = { &specifier, 1 },
  };
  Destination to = destination_of_resource (body.resource);

  if (model == DATA_MODEL_ARRAY)
    specifier.indices = (ArrayRangeList){ &all, 1 };
  if (model == DATA_MODEL_DICTIONARY)
    specifier.keys = (DictionaryKeyList){ &self->options.key, 1 };
  transport_request (self->overlay->transport, &(Request){
                                                 .code = MESSAGE_FETCH_REQ,
                                                 .body = &body,
                                                 .destinations = &to,
                                                 .destination_count = 1,
                                                 .answered = answered,
                                                 .owner = self,
                                               });
}

/* Others were the first in an array that had been empty, maybe in our place. */
static bool
is_crowded (Publication *self, const Answer *answer)
{
  StoreAns body;

  return self->options.is_shared && self->generation == 0 &&
         answer_decode (answer, self->overlay, MESSAGE_STORE_REQ, &body) &&
         body.kind_responses.count > 0 && body.kind_responses.items[0].generation_counter > 1;
}

static void
wait_for_refresh (Publication *self)
{
  const NodePorts *ports = self->overlay->ports;
  uint32_t refresh_ms = self->options.refresh_s * 1000;
  uint32_t pause_ms =
    refresh_ms * 4 / 5 + ports->random_below (ports->world, refresh_ms * 2 / 5 + 1);

  self->failures = 0;
  timer_start (&self->timer, ports->timers, pause_ms * TIME_MS);
}

static void
on_stored (void *owner, const Answer *answer)
{
  Publication *self = owner;
  const NodePorts *ports = self->overlay->ports;
  bool was_stored = self->is_stored;

  self->is_stored = answer->code == RELOAD_OK;
  if (answer->code == RELOAD_OK && !is_crowded (self, answer)) {
    wait_for_refresh (self);
  } else if (answer->code == RELOAD_DATA_TOO_OLD && !self->options.is_shared) {
    fetch (self, on_newer_fetched);
  } else {
    log_debug (ports, "Store refused: %u", answer->code);
    retry (self);
  }
  if (self->is_stored != was_stored)
    overlay_topology_changed (self->overlay);
}

static void
on_withdrawn (void *owner, const Answer *answer)
{
  Publication *self = owner;

  if (self->withdrawn != NULL)
    self->withdrawn (self->withdrawn_owner);
}

static void
store (Publication *self)
{
  const NodePorts *ports = self->overlay->ports;
  uint8_t value[SIGNATURE_SIZE_MAX];
  StoredData data = {
    .lifetime = self->options.lifetime_s,
    .value = {
      .model = model_of (self),
      .index = self->index,
      .key = self->options.key,
      .value = { .exists = !self->is_withdrawn },
    },
  };
  StoreKindData kind = {
    .kind = self->options.kind,
    .generation_counter = self->generation,
    .values = { &data, 1 },
  };
  StoreReq body = {
    .resource = node_id_bytes (&self->options.resource),
    .kind_data = { &kind, 1 },
  };
  Destination to = destination_of_resource (body.resource);

  if (data.value.model == DATA_MODEL_UNKNOWN)
    return;
  self->storage_time = MAX (self->storage_time + 1, ports->wall_clock_ms (ports->world));
  data.storage_time = self->storage_time;
  if (!self->is_withdrawn)
    data.value.value.value = self->options.value;
  sign (self, &data, value);
  transport_request (self->overlay->transport,
                     &(Request){
                       .code = MESSAGE_STORE_REQ,
                       .body = &body,
                       .destinations = &to,
                       .destination_count = 1,
                       .tries = self->is_withdrawn ? LAST_WAYS : 0,
                       .is_last_word = self->is_withdrawn,
                       .answered = self->is_withdrawn ? on_withdrawn : on_stored,
                       .owner = self,
                     });
}

/* ---- A place among others ---- */

static const StoredData *
value_at (const StoredDataList *values, uint32_t index)
{
  for (size_t i = 0; i < values->count; i++)
    if (values->items[i].value.index == index && values->items[i].value.value.exists)
      return &values->items[i];
  return NULL;
}

static const StoredData *
own_value (Publication *self, const Answer *answer, const StoredDataList *values)
{
  NodeId signer;

  for (size_t i = 0; i < values->count; i++)
    if (received_value_signer (self->overlay, answer->offer, &self->options.resource,
                               self->options.kind, &values->items[i], &signer) != NULL &&
        node_id_equal (&signer, &self->overlay->id))
      return &values->items[i];
  return NULL;
}

static uint32_t
oldest_place (const StoredDataList *values)
{
  const StoredData *oldest = &values->items[0];

  for (size_t i = 1; i < values->count; i++)
    if (values->items[i].storage_time < oldest->storage_time)
      oldest = &values->items[i];
  return oldest->value.index;
}

static void
choose_place (Publication *self, const Answer *answer, const StoredDataList *values)
{
  const ConfigurationKind *kind =
    configuration_kind (self->overlay->configuration, self->options.kind);
  const StoredData *own = own_value (self, answer, values);

  self->index = 0;
  if (own != NULL)
    self->index = own->value.index;
  else
    while (self->index < kind->max_count && value_at (values, self->index) != NULL)
      self->index++;
  if (self->index >= kind->max_count && values->count > 0)
    self->index = oldest_place (values);
  for (size_t i = 0; i < values->count; i++)
    if (values->items[i].value.index == self->index)
      outdo (self, answer, &values->items[i]);
}

static void
on_places_fetched (void *owner, const Answer *answer)
{
  Publication *self = owner;
  FetchAns body;

  if (!answer_decode (answer, self->overlay, MESSAGE_FETCH_REQ, &body) ||
      body.kind_responses.count != 1 || model_of (self) != DATA_MODEL_ARRAY) {
    retry (self);
    return;
  }
  self->generation = body.kind_responses.items[0].generation;
  choose_place (self, answer, &body.kind_responses.items[0].values);
  store (self);
}

static void
on_timer (Timer *timer, void *owner)
{
  Publication *self = owner;

  if (!self->options.is_shared)
    store (self);
  else if (model_of (self) == DATA_MODEL_ARRAY)
    fetch (self, on_places_fetched);
}

void
publication_start (Publication *self)
{
  if (self->is_withdrawn)
    return;
  self->is_stored = false;
  self->is_started = true;
  timer_start (&self->timer, self->overlay->ports->timers, 0);
}

void
publication_set_value (Publication *self, Bytes value)
{
  g_free ((void *) self->options.value.data);
  self->options.value = (Bytes){ bytes_dup (value), value.size };
  if (self->is_withdrawn || !self->is_started)
    return;
  /* What is under way has the former value. */
  transport_cancel_owner (self->overlay->transport, self);
  timer_start (&self->timer, self->overlay->ports->timers, 0);
}

void
publication_refresh (Publication *self, uint64_t within)
{
  const NodePorts *ports = self->overlay->ports;
  uint64_t pause = ports->random_below (ports->world, (uint32_t) (within / TIME_MS) + 1) * TIME_MS;

  if (self->is_stored && timer_left (&self->timer, ports->timers) > pause)
    timer_start (&self->timer, ports->timers, pause);
}

void
publication_withdraw (Publication *self, void (*done) (void *owner), void *owner)
{
  if (self->is_withdrawn)
    return;
  timer_stop (&self->timer);
  transport_cancel_owner (self->overlay->transport, self);
  self->is_withdrawn = true;
  self->withdrawn = done;
  self->withdrawn_owner = owner;
  store (self);
}

bool
publication_is_stored (const Publication *self)
{
  return self->is_stored;
}

bool
publication_is_settled (const Publication *self)
{
  return self->is_stored || self->failures >= HOPELESS || model_of (self) == DATA_MODEL_UNKNOWN;
}

Publication *
publication_new (Overlay *overlay, const PublicationOptions *options)
{
  Publication *self = g_new0 (Publication, 1);

  self->overlay = overlay;
  self->options = *options;
  self->options.key.data = bytes_dup (options->key);
  self->options.value.data = bytes_dup (options->value);
  timer_init (&self->timer, on_timer, self);
  return self;
}

void
publication_free (Publication *self)
{
  if (self == NULL)
    return;
  timer_stop (&self->timer);
  transport_cancel_owner (self->overlay->transport, self);
  g_free ((void *) self->options.key.data);
  g_free ((void *) self->options.value.data);
  g_free (self);
}
