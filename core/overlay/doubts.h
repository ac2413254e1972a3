/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doubts.h: nodes that have misbehaved, and are to be treated so for a while: peers that took
 * messages and did not pass them on are asked after others (threats 2.1). */
#pragma once
#include "core/base/node-id.h"

#include <glib.h>

typedef struct Doubt {
  NodeId id;
  uint64_t until;
} Doubt;

/* Zeroed before the first use. */
typedef struct Doubts {
  Doubt *all; /* LIMIT_DOUBTS of them, owned; NULL before the first */
  unsigned count;
} Doubts;

void doubts_clear (Doubts *self);

/* Of many the one that would end first is given up. `now` in microseconds. */
void doubts_note (Doubts *self, const NodeId *id, uint64_t now);

/* Something came back through it. */
void doubts_forget (Doubts *self, const NodeId *id);
bool doubts_has (const Doubts *self, const NodeId *id, uint64_t now);
