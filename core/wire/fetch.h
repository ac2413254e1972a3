/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fetch.h: the Fetch and Stat methods (RFC 6940, 7.4.2 and 7.4.3). */
#pragma once
#include "core/wire/data.h"

/* RFC 6940, 7.4.2.1: inclusive; ARRAY_INDEX_LAST is the final element. */
typedef struct ArrayRange {
  uint32_t first;
  uint32_t last;
} ArrayRange;

typedef Bytes DictionaryKey;
WIRE_LIST (ArrayRange);
WIRE_LIST (DictionaryKey);

/* RFC 6940, 7.4.2.1. Whoever makes one must set `model`. */
typedef struct StoredDataSpecifier {
  KindId kind;
  uint64_t generation;
  DataModel model;
  ArrayRangeList indices; /* of an array */
  DictionaryKeyList keys; /* of a dictionary; none means all */
  Bytes unknown;          /* the specifier of an unknown Kind */
} StoredDataSpecifier;

WIRE_LIST (StoredDataSpecifier);

/* FetchReq and StatReq (RFC 6940, 7.4.2.1 and 7.4.3.1) are one structure. */
typedef struct FetchReq {
  ResourceId resource;
  StoredDataSpecifierList specifiers;
} FetchReq;

/* RFC 6940, 7.4.2.2 */
typedef struct FetchKindResponse {
  KindId kind;
  uint64_t generation;
  StoredDataList values;
} FetchKindResponse;

WIRE_LIST (FetchKindResponse);

/* RFC 6940, 7.4.2.2 */
typedef struct FetchAns {
  FetchKindResponseList kind_responses;
} FetchAns;

/* RFC 6940, 7.4.3.2 */
typedef struct MetaData {
  bool exists;
  uint32_t value_length;
  uint8_t hash_algorithm; /* TLS code point */
  Bytes hash_value;
} MetaData;

/* RFC 6940, 7.4.3.2: MetaData, ArrayEntryMeta or DictionaryEntryMeta, as `model` says. */
typedef struct MetaDataValue {
  DataModel model;
  uint32_t index; /* of an array */
  Bytes key;      /* of a dictionary */
  MetaData value;
  Bytes unknown; /* of an unknown Kind */
} MetaDataValue;

/* RFC 6940, 7.4.3.2. Its value_length, like StoredData's length, counts what follows it. */
typedef struct StoredMetaData {
  uint64_t storage_time; /* milliseconds since 1970 */
  uint32_t lifetime;     /* seconds */
  MetaDataValue metadata;
} StoredMetaData;

WIRE_LIST (StoredMetaData);

/* RFC 6940, 7.4.3.2 */
typedef struct StatKindResponse {
  KindId kind;
  uint64_t generation;
  StoredMetaDataList values;
} StatKindResponse;

WIRE_LIST (StatKindResponse);

/* RFC 6940, 7.4.3.2 */
typedef struct StatAns {
  StatKindResponseList kind_responses;
} StatAns;

WIRE_DECLARE_KINDS (FetchReq, fetch_req)
WIRE_DECLARE_KINDS (FetchAns, fetch_ans)
WIRE_DECLARE_KINDS (StatAns, stat_ans)
