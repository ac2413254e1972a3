/* SPDX-License-Identifier: GPL-3.0-or-later */
/* history-private.h: how rows of the call history are made. */
#pragma once
#include "core/phone/history.h"
#include <stdbool.h>

typedef struct PealHistoryStart {
  gint64 id; /* the row's number in the database */
  const char *address;
  const char *name;
  bool is_incoming;
  gint64 started; /* Unix seconds */
} PealHistoryStart;

PealHistoryEntry *peal_history_entry_new (const PealHistoryStart *start);

void peal_history_entry_show_name (PealHistoryEntry *self, const char *name);

/* How it ended; `duration` 0 when it was not answered. */
void peal_history_entry_show_end (PealHistoryEntry *self, bool is_missed, unsigned duration);

gint64 peal_history_entry_get_id (PealHistoryEntry *self);
const char *peal_history_entry_get_address (PealHistoryEntry *self);
