/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/data.h"

#include "core/wire/walk.h"

#include <string.h>

/* A StoredDataValue cannot be read without the data model of its Kind, which is not on the wire:
 * the walk around it says it by wire_kind(). Of an unknown Kind the bytes are kept, since
 * StoredData has a length. */

enum { INDEX_SIZE = 4 };

/* RFC 6940, 7.2 */
static void
walk_data_value (Wire *w, DataValue *d)
{
  wire_bool (w, "exists", &d->exists);
  wire_opaque (w, "value", 4, &d->value);
}

/* RFC 6940, 7.2 to 7.2.3 */
void
walk_stored_data_value (Wire *w, StoredDataValue *v)
{
  size_t start = w->at;

  switch (v->model) {
  case DATA_MODEL_SINGLE:
    break;
  case DATA_MODEL_ARRAY:
    wire_u32 (w, "index", &v->index);
    break;
  case DATA_MODEL_DICTIONARY:
    wire_opaque (w, "key", 2, &v->key);
    break;
  case DATA_MODEL_UNKNOWN:
    wire_fail (w, "value");
    break;
  }
  walk_data_value (w, &v->value);
  wire_received (w, start, &v->received);
}

/* RFC 6940, 7 */
void
walk_stored_data (Wire *w, StoredData *d)
{
  wire_open (w, "length", 4);
  wire_u64 (w, "storage_time", &d->storage_time);
  wire_u32 (w, "lifetime", &d->lifetime);
  if (wire_is_filling (w))
    d->value.model = w->model;
  if (d->value.model == DATA_MODEL_UNKNOWN) {
    wire_rest (w, "unknown", &d->unknown);
  } else {
    walk_stored_data_value (w, &d->value);
    wire_enter (w, "signature");
    walk_signature (w, &d->signature);
    wire_leave (w);
  }
  wire_close (w);
}

WIRE_DEFINE (StoredDataValue, stored_data_value)
WIRE_DEFINE (StoredData, stored_data)
WIRE_DEFINE_LIST (StoredData, stored_data)

/* The fields before StoredDataValue, as they would be on the wire. */
typedef struct SignatureInput {
  ResourceId resource;
  KindId kind;
  uint64_t storage_time;
} SignatureInput;

static void
walk_signature_input (Wire *w, void *value)
{
  SignatureInput *s = value;

  walk_resource_id (w, "resource_id", &s->resource);
  wire_u32 (w, "kind", &s->kind);
  wire_u64 (w, "storage_time", &s->storage_time);
}

static const WireType signature_input_type = { "SignatureInput", sizeof (SignatureInput),
                                               walk_signature_input };

static void
append_value (const StoredDataValue *value, GByteArray *bytes)
{
  size_t start = bytes->len;

  if (value->received.size > 0)
    g_byte_array_append (bytes, value->received.data, (guint) value->received.size);
  else
    stored_data_value_encode (value, bytes);
  if (value->model == DATA_MODEL_ARRAY)
    memset (bytes->data + start, 0, INDEX_SIZE);
}

void
stored_data_signature_input (const StoredData *data,
                             ResourceId resource,
                             KindId kind,
                             GByteArray *bytes)
{
  SignatureInput before = { resource, kind, data->storage_time };

  g_assert (data->value.model != DATA_MODEL_UNKNOWN && resource.size <= G_MAXUINT8);
  wire_encode (&signature_input_type, &before, bytes);
  append_value (&data->value, bytes);
  signer_identity_append (&data->signature.identity, bytes);
}
