/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store.h: what a phone keeps, in two SQLite databases in one folder.
 *
 * own.db holds what belongs to the person: people, calls, settings; every change is on the disk
 * when its function returns. overlay.db holds what overlays have us keep (core/base/ports.h); the
 * last moments of it may be lost, never its consistency.
 *
 * Where the folder cannot be written, a store works on a copy in memory. A change that cannot be
 * kept is reported by the fault function and forgotten at the end of the program. */
#pragma once
#include "core/base/ports.h"
#include "core/crypto/certificate.h"
#include "core/os/store-error.h"

typedef struct Store Store;

/* `folder` exists and is private. Errors: DAMAGED, NEWER. */
Store *store_new (const char *folder, GError **error);

/* Commits what waits. */
void store_free (Store *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Store, store_free)

/* Moves databases that cannot be used aside (own.db.corrupt-<time>), good ones stay. */
bool store_repair (const char *folder, GError **error);

/* Called with true when a change could not be kept, and with false when the next one could. */
typedef void (*StoreFaultFunc) (bool is_fault, StoreError code, void *user_data);
void store_set_fault_func (Store *self, StoreFaultFunc func, void *user_data);

/* ---- For overlays: `scope` is the instance name ---- */

/* An empty value forgets. Collected for 100 ms or 100 changes. */
void store_keep (Store *self, const char *scope, KeepTable table, Bytes key, Bytes value);

typedef void (*StoreKeptFunc) (KeepTable table, Bytes key, Bytes value, void *user_data);
void store_kept (Store *self, const char *scope, StoreKeptFunc func, void *user_data);

/* Writes what was collected. */
void store_flush (Store *self);

/* ---- People ---- */

typedef struct StorePerson {
  char *address;
  char *name;   /* what the person of this phone calls them */
  int decision; /* NodeAcceptance */
  bool is_contact;
  bool is_favourite;
  bool is_relayed; /* never learns where we are */
  int trust;       /* in `key`: PealTrust of core/phone/contact.h */
  bool has_key;
  bool has_other_key;
  UserKey key;         /* pinned */
  UserKey other_key;   /* came later under the same address, and waits for a decision */
  int64_t other_since; /* Unix seconds: when it came here first; 0 unknown */
  int64_t seen;        /* Unix seconds, 0 never */
  int64_t talked;
} StorePerson;

StorePerson *store_person_copy (const StorePerson *person);
void store_person_free (StorePerson *person);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StorePerson, store_person_free)

/* Writes the whole row of its address. */
bool store_put_person (Store *self, const StorePerson *person);
bool store_remove_person (Store *self, const char *address);

/* All of them, by address. (transfer full) */
GPtrArray *store_people (Store *self);

/* ---- Calls ---- */

typedef struct StoreCall {
  int64_t id;
  char *address;
  bool is_incoming;
  bool is_missed;
  bool is_seen;
  int64_t started;   /* Unix seconds */
  unsigned duration; /* seconds; 0 when it was not answered */
} StoreCall;

void store_call_free (StoreCall *call);

/* Adds a row, `id` aside; its number, or 0 when it could not be kept. An incoming call is added as
 * missed, and stops being so when it is answered: a crash meanwhile tells the truth. */
int64_t store_add_call (Store *self, const StoreCall *call);
bool store_update_call (Store *self, int64_t id, bool is_missed, unsigned duration);

/* The latest `count_max`, the latest first. (transfer full) */
GPtrArray *store_calls (Store *self, unsigned count_max);

/* The missed calls of `address` (NULL: of everybody) have been seen. */
bool store_mark_seen (Store *self, const char *address);

/* ---- Settings ---- */

/* (transfer full), NULL when it was never set. */
char *store_get_setting (Store *self, const char *name);
bool store_set_setting (Store *self, const char *name, const char *value);
