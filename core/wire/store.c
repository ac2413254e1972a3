/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/store.h"

#include "core/wire/walk.h"

/* RFC 6940, 7.4.1.1 */
static void
walk_store_kind_data (Wire *w, StoreKindData *s)
{
  wire_u32 (w, "kind", &s->kind);
  wire_kind (w, s->kind);
  wire_u64 (w, "generation_counter", &s->generation_counter);
  walk_stored_datas (w, "values", 4, &s->values);
}

WIRE_DEFINE_LIST (StoreKindData, store_kind_data)

/* RFC 6940, 7.4.1.1 */
void
walk_store_req (Wire *w, StoreReq *s)
{
  walk_resource_id (w, "resource", &s->resource);
  wire_u8 (w, "replica_number", &s->replica_number);
  walk_store_kind_datas (w, "kind_data", 4, &s->kind_data);
}

/* RFC 6940, 7.4.1.2 */
static void
walk_store_kind_response (Wire *w, StoreKindResponse *s)
{
  wire_u32 (w, "kind", &s->kind);
  wire_u64 (w, "generation_counter", &s->generation_counter);
  walk_node_ids (w, "replicas", 2, &s->replicas);
}

WIRE_DEFINE_LIST (StoreKindResponse, store_kind_response)

/* RFC 6940, 7.4.1.2 */
void
walk_store_ans (Wire *w, StoreAns *s)
{
  walk_store_kind_responses (w, "kind_responses", 2, &s->kind_responses);
}

WIRE_DEFINE (StoreReq, store_req)
WIRE_DEFINE (StoreAns, store_ans)
