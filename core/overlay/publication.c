/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "publication"
#include "core/overlay/publication.h"

#include "core/base/log.h"
#include "core/overlay/overlay-private.h"
#include "core/wire/fetch.h"
#include "core/wire/store.h"

/* Store, wait for the refresh, store again. A refused or lost Store is repeated after a growing
 * pause. A peer that holds something newer (our clock was ahead once, or another run's was) tells
 * Error_Data_Too_Old: then its storage_time is fetched, and ours is one millisecond later. */

#define RETRY_FIRST (1 * TIME_SECOND)
#define RETRY_LAST  (60 * TIME_SECOND)

struct Publication {
  Overlay *overlay;
  PublicationOptions options; /* key and value are owned */
  uint64_t storage_time;      /* of the last Store, ms */
  bool is_stored;
  bool is_withdrawn;
  unsigned failures;
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
  if (!self->is_withdrawn)
    timer_start (&self->timer, ports->timers,
                 pause / 2 + ports->random_below (ports->world, (uint32_t) (pause / 2)));
}

static void
on_newer_fetched (void *owner, const Answer *answer)
{
  Publication *self = owner;
  FetchAns body;

  if (answer_decode (answer, self->overlay, MESSAGE_FETCH_REQ, &body))
    for (size_t i = 0; i < body.kind_responses.count; i++)
      for (size_t k = 0; k < body.kind_responses.items[i].values.count; k++)
        self->storage_time =
          MAX (self->storage_time, body.kind_responses.items[i].values.items[k].storage_time);
  retry (self);
}

static void
fetch_newer (Publication *self)
{
  DataModel model = model_of (self);
  ArrayRange range = { self->options.index, self->options.index };
  StoredDataSpecifier specifier = { .kind = self->options.kind, .model = model };
  FetchReq body = {
    .resource = node_id_bytes (&self->options.resource),
    .specifiers = { &specifier, 1 },
  };
  Destination to = destination_of_resource (body.resource);

  if (model == DATA_MODEL_ARRAY)
    specifier.indices = (ArrayRangeList){ &range, 1 };
  if (model == DATA_MODEL_DICTIONARY)
    specifier.keys = (DictionaryKeyList){ &self->options.key, 1 };
  transport_request (self->overlay->transport, &(Request){
                                                 .code = MESSAGE_FETCH_REQ,
                                                 .body = &body,
                                                 .destinations = &to,
                                                 .destination_count = 1,
                                                 .answered = on_newer_fetched,
                                                 .owner = self,
                                               });
}

static void
on_stored (void *owner, const Answer *answer)
{
  Publication *self = owner;
  const NodePorts *ports = self->overlay->ports;
  uint32_t refresh_ms = self->options.refresh_s * 1000;
  bool was_stored = self->is_stored;

  self->is_stored = answer->code == RELOAD_OK && !self->is_withdrawn;
  if (answer->code == RELOAD_OK) {
    self->failures = 0;
    if (!self->is_withdrawn)
      timer_start (&self->timer, ports->timers,
                   (refresh_ms * 4 / 5 +
                    ports->random_below (ports->world, refresh_ms * 2 / 5 + 1)) *
                     TIME_MS);
  } else if (answer->code == RELOAD_DATA_TOO_OLD) {
    fetch_newer (self);
  } else {
    log_debug (ports, "Store refused: %u", answer->code);
    retry (self);
  }
  if (self->is_stored != was_stored)
    overlay_topology_changed (self->overlay);
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
      .index = self->options.index,
      .key = self->options.key,
      .value = { .exists = !self->is_withdrawn },
    },
  };
  StoreKindData kind = { .kind = self->options.kind, .values = { &data, 1 } };
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
  transport_request (self->overlay->transport, &(Request){
                                                 .code = MESSAGE_STORE_REQ,
                                                 .body = &body,
                                                 .destinations = &to,
                                                 .destination_count = 1,
                                                 .tries = self->is_withdrawn ? 1 : 0,
                                                 .answered = self->is_withdrawn ? NULL : on_stored,
                                                 .owner = self,
                                               });
}

static void
on_timer (Timer *timer, void *owner)
{
  store (owner);
}

void
publication_start (Publication *self)
{
  if (self->is_withdrawn)
    return;
  self->is_stored = false;
  timer_start (&self->timer, self->overlay->ports->timers, 0);
}

void
publication_refresh (Publication *self)
{
  if (self->is_stored)
    timer_start (&self->timer, self->overlay->ports->timers, 0);
}

void
publication_withdraw (Publication *self)
{
  if (self->is_withdrawn)
    return;
  timer_stop (&self->timer);
  transport_cancel_owner (self->overlay->transport, self);
  self->is_withdrawn = true;
  store (self);
}

bool
publication_is_stored (const Publication *self)
{
  return self->is_stored;
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
