/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stored-value.h: one value as it lies in storage: the bytes its owner signed, and who that was. */
#pragma once
#include "core/base/ports.h"
#include "core/crypto/signer.h"
#include "core/wire/data.h"

typedef struct StoredValue {
  uint64_t storage_time; /* ms since 1970, as signed */
  uint64_t stored_at;    /* on our clock: where the lifetime counts from */
  uint32_t lifetime;     /* seconds, of what was received */
  uint32_t index;        /* of an array */
  Bytes key;             /* of a dictionary; borrows from `data` */
  bool exists;
  Bytes value;              /* borrows from `data` */
  Bytes data;               /* owned: the StoredData as encoded */
  Certificate *certificate; /* owned reference */
} StoredValue;

StoredValue *stored_value_new (const StoredData *data, Certificate *certificate, uint64_t now);
void stored_value_free (StoredValue *self);

/* Seconds left of its lifetime, 0 when it is over. */
uint32_t stored_value_lifetime_left (const StoredValue *self, uint64_t now);

/* As it goes over the wire, with the lifetime that is left. */
StoredData
stored_value_to_wire (const StoredValue *self, DataModel model, uint64_t now, Arena *arena);

/* As it goes to disk, and back. `wall_ms` is the time of day of the writing. */
GByteArray *stored_value_to_disk (const StoredValue *self, uint64_t generation, uint64_t wall_ms);
StoredValue *stored_value_from_disk (Bytes bytes,
                                     DataModel model,
                                     const Signer *signer,
                                     uint64_t now,
                                     uint64_t wall_ms,
                                     uint64_t *ret_generation);
