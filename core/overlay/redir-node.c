/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/redir-node.h"

#include "core/overlay/overlay-private.h"
#include "core/overlay/received-value.h"
#include "core/overlay/redir-tree.h"
#include "core/wire/fetch.h"
#include "core/wire/redir.h"

/* A wildcard Fetch gets the whole dictionary:
 *
 *   Fetch all ──a few records──────────────────────> read
 *       ├──more than a message has certificates for──┐
 *       └──Response_Too_Large──> Stat all ───────────┴──> Fetch of the nearest keys ──> read
 *
 * Of a tree node with more providers than one message can show, the records of those next to our
 * identifier on either side are fetched: they decide which way to go, and which provider comes
 * next. In the whole and in the part, records are believed by their own signatures,
 * and only those that lead to whoever signed them. */

enum {
  NEAREST = 2,                   /* on each side, should one be gone */
  CROWD = LIMIT_CERTIFICATES - 1 /* one certificate is that of whoever answers */
};

NodeId
redir_place_resource (const RedirPlace *self)
{
  return redir_resource (bytes_of_text (self->namespace), (uint16_t) self->level,
                         redir_node_of (self->factor, self->level, &self->id));
}

bool
redir_is_extreme (const RedirSides *sides)
{
  return !sides->has_lower || !sides->has_higher;
}

bool
redir_is_between (const RedirSides *sides)
{
  return sides->has_lower && sides->has_higher;
}

/* ---- What was fetched ---- */

static void
note_side (RedirSides *sides, int order)
{
  sides->has_lower = sides->has_lower || order < 0;
  sides->has_higher = sides->has_higher || order > 0;
}

static void
note_provider (const RedirReader *self, RedirView *view, const NodeId *id)
{
  const NodePorts *ports = self->overlay->ports;
  const RedirPlace *place = &self->place;
  int order = node_id_compare (id, &place->id);

  note_side (&view->node, order);
  if (redir_is_same_interval (place->factor, place->level, id, &place->id))
    note_side (&view->interval, order);
  if (order >= 0 && (!view->has_next || node_id_compare (id, &view->next) < 0)) {
    view->has_next = true;
    view->next = *id;
  }
  if (ports->random_below (ports->world, ++view->count) == 0)
    view->any = *id;
}

/* Nobody can enter anybody else: the way of a record ends at its signer. */
static bool
leads_to (const StoredData *data, const NodeId *provider, Arena *arena)
{
  RedirServiceProvider record;
  const DestinationList *list = &record.destination_list;

  return redir_service_provider_decode (data->value.value.value, arena, &record, NULL) &&
         list->count > 0 && list->items[list->count - 1].type == DESTINATION_NODE &&
         node_id_equal (&list->items[list->count - 1].node_id, provider);
}

static void
note_value (const RedirReader *self, const Answer *answer, const StoredData *data, RedirView *view)
{
  NodeId provider;

  if (data->value.value.exists &&
      received_value_signer (self->overlay, answer->offer, &self->resource, KIND_REDIR, data,
                             &provider) != NULL &&
      leads_to (data, &provider, answer->arena))
    note_provider (self, view, &provider);
}

static void
read_values (RedirReader *self, const Answer *answer)
{
  RedirView view = { .was_answered = answer->code == RELOAD_NOT_FOUND };
  FetchAns body;

  if (answer_decode (answer, self->overlay, MESSAGE_FETCH_REQ, &body)) {
    view.was_answered = true;
    for (size_t i = 0; i < body.kind_responses.count; i++) {
      const FetchKindResponse *response = &body.kind_responses.items[i];
      for (size_t k = 0; response->kind == KIND_REDIR && k < response->values.count; k++)
        note_value (self, answer, &response->values.items[k], &view);
    }
  }
  self->read (self->owner, &view);
}

/* ---- Asking ---- */

static void
ask (RedirReader *self, uint16_t code, DictionaryKeyList keys, AnswerFunc answered)
{
  StoredDataSpecifier specifier = {
    .kind = KIND_REDIR,
    .model = DATA_MODEL_DICTIONARY,
    .keys = keys,
  };
  FetchReq body = {
    .resource = node_id_bytes (&self->resource),
    .specifiers = { &specifier, 1 },
  };
  Destination to = destination_of_resource (body.resource);

  transport_request (self->overlay->transport,
                     &(Request){
                       .code = code,
                       .body = &body,
                       .destinations = &to,
                       .destination_count = 1,
                       .response_size_max = (uint32_t) overlay_message_size_max (self->overlay),
                       .answered = answered,
                       .owner = self,
                     });
}

static void
on_nearest (void *owner, const Answer *answer)
{
  read_values (owner, answer);
}

typedef struct Distant {
  NodeId id;
  NodeId distance; /* clockwise, from our identifier */
} Distant;

static int
compare_distance (const void *a, const void *b)
{
  return node_id_compare (&((const Distant *) a)->distance, &((const Distant *) b)->distance);
}

static void
add_key (const RedirReader *self, GArray *keys, bool exists, Bytes bytes)
{
  Distant key;

  if (!exists || !node_id_from_bytes (bytes, &key.id))
    return;
  key.distance = node_id_distance (&self->place.id, &key.id);
  g_array_append_val (keys, key);
}

/* Going round the ring, the first come next after our identifier and the last just before it. */
static void
fetch_nearest (RedirReader *self, GArray *keys)
{
  Bytes nearest[2 * NEAREST];
  DictionaryKeyList list = { nearest, 0 };

  g_array_sort (keys, compare_distance);
  for (guint i = 0; i < keys->len; i++)
    if (i < NEAREST || i + NEAREST >= keys->len)
      nearest[list.count++] = node_id_bytes (&g_array_index (keys, Distant, i).id);
  if (list.count > 0)
    ask (self, MESSAGE_FETCH_REQ, list, on_nearest);
  else
    self->read (self->owner, &(RedirView){ .was_answered = true });
}

static void
on_keys (void *owner, const Answer *answer)
{
  RedirReader *self = owner;
  g_autoptr (GArray) keys = g_array_new (FALSE, FALSE, sizeof (Distant));
  StatAns body;

  if (!answer_decode (answer, self->overlay, MESSAGE_STAT_REQ, &body)) {
    self->read (self->owner, &(RedirView){ 0 });
    return;
  }
  for (size_t i = 0; i < body.kind_responses.count; i++) {
    const StatKindResponse *response = &body.kind_responses.items[i];
    for (size_t k = 0; response->kind == KIND_REDIR && k < response->values.count; k++) {
      const MetaDataValue *value = &response->values.items[k].metadata;
      add_key (self, keys, value->value.exists, value->key);
    }
  }
  fetch_nearest (self, keys);
}

static GArray *
list_keys (const RedirReader *self, const Answer *answer)
{
  GArray *keys = g_array_new (FALSE, FALSE, sizeof (Distant));
  FetchAns body;

  if (!answer_decode (answer, self->overlay, MESSAGE_FETCH_REQ, &body))
    return keys;
  for (size_t i = 0; i < body.kind_responses.count; i++) {
    const FetchKindResponse *response = &body.kind_responses.items[i];
    for (size_t k = 0; response->kind == KIND_REDIR && k < response->values.count; k++) {
      const StoredDataValue *value = &response->values.items[k].value;
      add_key (self, keys, value->value.exists, value->key);
    }
  }
  return keys;
}

static void
on_all (void *owner, const Answer *answer)
{
  RedirReader *self = owner;
  g_autoptr (GArray) keys = NULL;

  if (answer->code == RELOAD_RESPONSE_TOO_LARGE) {
    ask (self, MESSAGE_STAT_REQ, (DictionaryKeyList){ NULL, 0 }, on_keys);
    return;
  }
  keys = list_keys (self, answer);
  if (keys->len > CROWD)
    fetch_nearest (self, keys);
  else
    read_values (self, answer);
}

void
redir_read (RedirReader *self, const RedirPlace *place)
{
  redir_reader_stop (self);
  self->place = *place;
  self->resource = redir_place_resource (place);
  ask (self, MESSAGE_FETCH_REQ, (DictionaryKeyList){ NULL, 0 }, on_all);
}

void
redir_reader_stop (RedirReader *self)
{
  transport_cancel_owner (self->overlay->transport, self);
}

void
redir_reader_init (RedirReader *self, Overlay *overlay, RedirReadFunc read, void *owner)
{
  self->overlay = overlay;
  self->read = read;
  self->owner = owner;
}
