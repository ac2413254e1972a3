/* SPDX-License-Identifier: GPL-3.0-or-later */
/* storage.h: what this peer keeps for the overlay, and the methods that reach it: Store, Fetch,
 * Stat, Find (RFC 6940, 7). */
#pragma once
#include "core/overlay/incoming.h"
#include "core/wire/fetch.h"
#include "core/wire/store.h"

struct Overlay;

typedef struct Storage Storage;

Storage *storage_new (struct Overlay *overlay);
void storage_free (Storage *self);

/* A value kept in an earlier run; false when it is of no use any more. */
bool storage_restore (Storage *self, Bytes key, Bytes value);

void storage_handle_store (Storage *self, Incoming *request);
void storage_handle_fetch (Storage *self, Incoming *request);
void storage_handle_stat (Storage *self, Incoming *request);
void storage_handle_find (Storage *self, Incoming *request);

/* Whether anything lies there. */
bool storage_has (Storage *self, const NodeId *resource);

/* How many Resource-IDs have values here. */
unsigned storage_resource_count (const Storage *self);
unsigned storage_value_count (const Storage *self);
unsigned storage_count_of_kind (const Storage *self, uint32_t kind);
size_t storage_bytes (const Storage *self);

/* Calls `func` for each Resource-ID; `func` may drop it. */
typedef void (*StorageFunc) (void *user_data, const NodeId *resource);
void storage_for_each (Storage *self, StorageFunc func, void *user_data);

/* Which values of a resource are copied, and how many in one message. */
typedef struct StorageCut {
  uint64_t since; /* those that came here then or later, on our clock; 0: all */
  size_t room;    /* bytes, certificates included; one value is always taken */
  size_t first;   /* so many are passed over */
  size_t next;    /* returned: where the rest begins; 0: there is none */
} StorageCut;

/* What is at `resource` as Store would carry it on to another peer: lifetimes are what is left
 * (7.4.1.1), generation counters our own. Memory is of `arena`; the certificates that the receiver
 * needs are added, as references, to `certificates`. */
StoreKindDataList storage_copy (
  Storage *self, const NodeId *resource, StorageCut *cut, Arena *arena, GPtrArray *certificates);

/* Drops what has ended, and Kinds that the configuration has no more. */
void storage_sweep (Storage *self);

/* Takes what is newer than ours of what another peer has answered to a Fetch. Values are believed
 * by their own signatures, which name certificates of `offer` or known ones. Returns how many. */
unsigned storage_merge (Storage *self,
                        const NodeId *resource,
                        const FetchAns *newer,
                        struct CertificateOffer *offer);
void storage_drop (Storage *self, const NodeId *resource);
