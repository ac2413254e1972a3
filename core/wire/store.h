/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store.h: the Store method (RFC 6940, 7.4.1). */
#pragma once
#include "core/wire/chord.h"
#include "core/wire/data.h"

/* RFC 6940, 7.4.1.1 */
typedef struct StoreKindData {
  KindId kind;
  uint64_t generation_counter;
  StoredDataList values;
} StoreKindData;

WIRE_LIST (StoreKindData);

/* RFC 6940, 7.4.1.1 */
typedef struct StoreReq {
  ResourceId resource;
  uint8_t replica_number;
  StoreKindDataList kind_data;
} StoreReq;

/* RFC 6940, 7.4.1.2 */
typedef struct StoreKindResponse {
  KindId kind;
  uint64_t generation_counter;
  NodeIdList replicas;
} StoreKindResponse;

WIRE_LIST (StoreKindResponse);

/* RFC 6940, 7.4.1.2 */
typedef struct StoreAns {
  StoreKindResponseList kind_responses;
} StoreAns;

WIRE_DECLARE_KINDS (StoreReq, store_req)
WIRE_DECLARE (StoreAns, store_ans)
