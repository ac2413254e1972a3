/* SPDX-License-Identifier: GPL-3.0-or-later */
/* storage-private.h: what lies in storage, for the methods that reach it. */
#pragma once
#include "core/overlay/storage.h"
#include "core/overlay/stored-value.h"

typedef struct StoredKind {
  uint64_t generation;
  StoredValue *first; /* owned, with those behind it */
  uint32_t id;
  DataModel model;
} StoredKind;

typedef struct StoredResource {
  NodeId id;
  size_t kind_count;
  StoredKind kinds[];
} StoredResource;

/* `kind` may be NULL. */
#define stored_kind_for_each(kind, value)                                         \
  for (StoredValue *value = (kind) != NULL ? (kind)->first : NULL; value != NULL; \
       value = value->next)

struct Storage {
  struct Overlay *overlay;
  GHashTable *resources; /* a set of StoredResource, owned, by their NodeId */
  GHashTable *by_signer; /* bytes of each user, whose name is hashed; both as pointers */
  size_t bytes;
  unsigned value_count;
  Timer sweep_timer;
};

uint64_t storage_now (const Storage *self);

/* All NULL when there is none; they accept NULL for the one before. A resource, with its
 * Kinds, stays where it is until it gets another Kind. */
StoredResource *storage_find_resource (Storage *self, const NodeId *id);
StoredKind *storage_find_kind (StoredResource *resource, uint32_t id);

/* The value that one with this index or key would replace. */
StoredValue *
storage_find_value (const StoredKind *kind, DataModel model, uint32_t index, Bytes key);
unsigned storage_kind_size (const StoredKind *kind);

/* Made when it is not there yet. */
StoredKind *storage_need_kind (Storage *self, const NodeId *id, uint32_t kind_id, DataModel model);

/* Takes `value` in the place of the one it replaces; it becomes the storage's. */
void storage_put_value (Storage *self, const NodeId *id, StoredKind *kind, StoredValue *value);
size_t storage_bytes_of_signer (Storage *self, const char *user);

/* Adds a reference, unless it is there. */
void storage_add_certificate (GPtrArray *certificates, Certificate *certificate);
