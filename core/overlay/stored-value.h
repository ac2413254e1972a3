/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stored-value.h: one value as it lies in storage: the bytes its owner signed, and who that was. */
#pragma once
#include "core/base/ports.h"
#include "core/crypto/signer.h"
#include "core/wire/data.h"

/* A peer holds many of these: each is one piece of memory. */
typedef struct StoredValue {
  struct StoredValue *next; /* of its Kind, where it lies in storage */
  uint64_t storage_time;    /* ms since 1970, as signed */
  uint64_t stored_at;       /* on our clock: where the lifetime counts from */
  Certificate *certificate; /* owned reference */
  uint32_t lifetime;        /* seconds, of what was received */
  uint32_t index;           /* of an array */
  uint16_t key_at;          /* where key and value stand in `data` */
  uint16_t key_size;
  uint16_t content_at;
  uint16_t content_size;
  uint16_t size;
  bool exists;
  uint8_t data[]; /* the StoredData as encoded */
} StoredValue;

StoredValue *stored_value_new (const StoredData *data, Certificate *certificate, uint64_t now);
void stored_value_free (StoredValue *self);

/* All that lies there; of it, the key of a dictionary's entry, and what its owner wrote. */
Bytes stored_value_bytes (const StoredValue *self);
Bytes stored_value_key (const StoredValue *self);
Bytes stored_value_content (const StoredValue *self);

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
