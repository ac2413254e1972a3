/* SPDX-License-Identifier: GPL-3.0-or-later */
/* data.h: what is stored (RFC 6940, 7 to 7.2). */
#pragma once
#include "core/wire/destination.h"
#include "core/wire/security.h"

#define ARRAY_INDEX_LAST UINT32_C (0xffffffff)

/* RFC 6940, 7.2 */
typedef struct DataValue {
  bool exists;
  Bytes value;
} DataValue;

/* RFC 6940, 7.2: DataValue, ArrayEntry or DictionaryEntry, as `model` says; whoever makes one must
 * set it. */
typedef struct StoredDataValue {
  DataModel model;
  uint32_t index; /* of an array */
  Bytes key;      /* of a dictionary */
  DataValue value;
  Bytes received; /* all of the structure as it came; empty in one that we made */
} StoredDataValue;

/* RFC 6940, 7 */
typedef struct StoredData {
  uint64_t storage_time; /* milliseconds since 1970 */
  uint32_t lifetime;     /* seconds */
  StoredDataValue value;
  Signature signature;
  Bytes unknown; /* value and signature when the Kind is unknown (value.model says so) */
} StoredData;

WIRE_LIST (StoredData);
WIRE_DECLARE_WALK (StoredDataValue, stored_data_value)
void walk_stored_datas (Wire *w, const char *label, unsigned length_bytes, StoredDataList *list);

/* One StoredData by itself is decoded with `kinds` that say the model. */
WIRE_DECLARE_KINDS (StoredData, stored_data)

/* Appends what the signature of `data` covers (RFC 6940, 7.1): ResourceId (with its length byte),
 * KindId, storage_time, StoredDataValue (an array's index being 0: 7.4.2.2) and SignerIdentity.
 * Uses the received bytes where there are any. */
void stored_data_signature_input (const StoredData *data,
                                  ResourceId resource,
                                  KindId kind,
                                  GByteArray *bytes);
