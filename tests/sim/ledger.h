/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ledger.h: what a simulated overlay sends, by what the messages are. */
#pragma once
#include "tests/sim/world.h"

typedef struct LedgerRow {
  uint64_t frames;
  uint64_t bytes;
} LedgerRow;

typedef struct Ledger {
  SimWorld *world;
  GHashTable *rows; /* method -> LedgerRow, owned */
} Ledger;

/* Takes the world's tap; counts until it is freed. Answers are counted with their requests, the
 * frames of links themselves as method 0. */
Ledger *ledger_new (SimWorld *world);
void ledger_free (Ledger *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Ledger, ledger_free)

void ledger_reset (Ledger *self);

/* All of them but the frames of links themselves. */
uint64_t ledger_messages (const Ledger *self);

/* One line for each method: what was sent in a second for each of so many peers. */
void ledger_print (const Ledger *self, double peer_seconds);
