/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/fetch.h"

#include "core/wire/walk.h"

/* RFC 6940, 7.4.2.1 */
static void
walk_array_range (Wire *w, ArrayRange *a)
{
  wire_u32 (w, "first", &a->first);
  wire_u32 (w, "last", &a->last);
}

WIRE_DEFINE_LIST (ArrayRange, array_range)

/* RFC 6940, 7.2.3 */
static void
walk_dictionary_key (Wire *w, DictionaryKey *k)
{
  wire_opaque (w, "key", 2, k);
}

WIRE_DEFINE_LIST (DictionaryKey, dictionary_key)

/* RFC 6940, 7.4.2.1 */
static void
walk_stored_data_specifier (Wire *w, StoredDataSpecifier *s)
{
  wire_u32 (w, "kind", &s->kind);
  wire_kind (w, s->kind);
  if (wire_is_filling (w))
    s->model = w->model;
  wire_u64 (w, "generation", &s->generation);
  wire_open (w, "length", 2);
  switch (s->model) {
  case DATA_MODEL_SINGLE:
    break;
  case DATA_MODEL_ARRAY:
    walk_array_ranges (w, "indices", 2, &s->indices);
    break;
  case DATA_MODEL_DICTIONARY:
    walk_dictionary_keys (w, "keys", 2, &s->keys);
    break;
  case DATA_MODEL_UNKNOWN:
    wire_rest (w, "unknown", &s->unknown);
    break;
  }
  wire_close (w);
}

WIRE_DEFINE_LIST (StoredDataSpecifier, stored_data_specifier)

/* RFC 6940, 7.4.2.1 and 7.4.3.1 */
void
walk_fetch_req (Wire *w, FetchReq *f)
{
  walk_resource_id (w, "resource", &f->resource);
  walk_stored_data_specifiers (w, "specifiers", 2, &f->specifiers);
}

/* RFC 6940, 7.4.2.2 */
static void
walk_fetch_kind_response (Wire *w, FetchKindResponse *f)
{
  wire_u32 (w, "kind", &f->kind);
  wire_kind (w, f->kind);
  wire_u64 (w, "generation", &f->generation);
  walk_stored_datas (w, "values", 4, &f->values);
}

WIRE_DEFINE_LIST (FetchKindResponse, fetch_kind_response)

/* RFC 6940, 7.4.2.2 */
void
walk_fetch_ans (Wire *w, FetchAns *f)
{
  walk_fetch_kind_responses (w, "kind_responses", 4, &f->kind_responses);
}

/* RFC 6940, 7.4.3.2 */
static void
walk_meta_data (Wire *w, MetaData *m)
{
  wire_bool (w, "exists", &m->exists);
  wire_u32 (w, "value_length", &m->value_length);
  wire_u8 (w, "hash_algorithm", &m->hash_algorithm);
  wire_opaque (w, "hash_value", 1, &m->hash_value);
}

/* RFC 6940, 7.4.3.2 */
static void
walk_meta_data_value (Wire *w, MetaDataValue *m)
{
  switch (m->model) {
  case DATA_MODEL_SINGLE:
    walk_meta_data (w, &m->value);
    break;
  case DATA_MODEL_ARRAY:
    wire_u32 (w, "index", &m->index);
    walk_meta_data (w, &m->value);
    break;
  case DATA_MODEL_DICTIONARY:
    wire_opaque (w, "key", 2, &m->key);
    walk_meta_data (w, &m->value);
    break;
  case DATA_MODEL_UNKNOWN:
    wire_rest (w, "unknown", &m->unknown);
    break;
  }
}

/* RFC 6940, 7.4.3.2 */
static void
walk_stored_meta_data (Wire *w, StoredMetaData *s)
{
  wire_open (w, "value_length", 4);
  wire_u64 (w, "storage_time", &s->storage_time);
  wire_u32 (w, "lifetime", &s->lifetime);
  if (wire_is_filling (w))
    s->metadata.model = w->model;
  walk_meta_data_value (w, &s->metadata);
  wire_close (w);
}

WIRE_DEFINE_LIST (StoredMetaData, stored_meta_data)

/* RFC 6940, 7.4.3.2 */
static void
walk_stat_kind_response (Wire *w, StatKindResponse *s)
{
  wire_u32 (w, "kind", &s->kind);
  wire_kind (w, s->kind);
  wire_u64 (w, "generation", &s->generation);
  walk_stored_meta_datas (w, "values", 4, &s->values);
}

WIRE_DEFINE_LIST (StatKindResponse, stat_kind_response)

/* RFC 6940, 7.4.3.2 */
void
walk_stat_ans (Wire *w, StatAns *s)
{
  walk_stat_kind_responses (w, "kind_responses", 4, &s->kind_responses);
}

WIRE_DEFINE (FetchReq, fetch_req)
WIRE_DEFINE (FetchAns, fetch_ans)
WIRE_DEFINE (StatAns, stat_ans)
