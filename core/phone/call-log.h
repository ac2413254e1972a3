/* SPDX-License-Identifier: GPL-3.0-or-later */
/* call-log.h: the history of calls, on disk and as lists. */
#pragma once
#include "core/os/store.h"
#include "core/phone/history-private.h"

typedef struct CallLog CallLog;

/* What the person calls an address; (transfer full). */
typedef char *(*CallLogNameFunc) (void *user_data, const char *address);

/* Reads what is kept. The store outlives it. */
CallLog *call_log_new (Store *store, CallLogNameFunc name, void *user_data);
void call_log_free (CallLog *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CallLog, call_log_free)

/* Of PealHistoryEntry, the latest first. (transfer none) */
GListModel *call_log_get_list (CallLog *self);

/* Those with one person. (transfer full) */
GListModel *call_log_with (CallLog *self, const char *address);

/* A call begins; it is on the disk when this returns. (transfer full) */
PealHistoryEntry *call_log_begin (CallLog *self, const char *address, bool is_incoming);

/* What is known of it by now; `is_over` makes a missed call count. */
void call_log_update (
  CallLog *self, PealHistoryEntry *entry, bool is_missed, unsigned duration, bool is_over);

/* Missed and not yet seen; with one person, or with NULL all together. */
unsigned call_log_get_missed (CallLog *self, const char *address);
void call_log_mark_seen (CallLog *self, const char *address);

/* The person has another name now. */
void call_log_rename (CallLog *self, const char *address);
