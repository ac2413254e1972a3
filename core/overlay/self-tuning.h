/* SPDX-License-Identifier: GPL-3.0-or-later */
/* self-tuning.h: how large the overlay is and how fast it changes, and how often a peer has to look
 * after its place in it for that (RFC 7363, 6): pure arithmetic. Times are microseconds. */
#pragma once
#include "core/base/node-id.h"
#include "core/wire/self-tuning.h"

typedef struct SelfTuning SelfTuning;

SelfTuning *self_tuning_new (void);
void self_tuning_free (SelfTuning *self);

/* We are in the ring from now on: what came before is forgotten. */
void self_tuning_start (SelfTuning *self, uint64_t now);

/* A peer of the Routing Table was lost, or has left. */
void self_tuning_note_failure (SelfTuning *self, uint64_t now);

/* A peer says that it has been in the overlay for that long. */
void
self_tuning_note_uptime (SelfTuning *self, const NodeId *peer, uint32_t uptime_s, uint64_t now);

/* What another peer thinks; its last word before the next round counts. */
void self_tuning_hear (SelfTuning *self, const NodeId *peer, const SelfTuningData *data);

/* The end of a period: from the size as our own lists show it and from the peers of the Routing
 * Table come our own estimates, and from them and what others said those for the next period. */
void self_tuning_update (
  SelfTuning *self, double size, const NodeId *peers, size_t peer_count, uint64_t now);

/* Our own estimates, for others. */
SelfTuningData self_tuning_data (const SelfTuning *self);

/* What came of the last round: how long a period is to be, and how many entries the lists are to
 * have. */
uint64_t self_tuning_interval (const SelfTuning *self);

/* How long a peer stays, as the latest failures here have it; it grows while nobody fails, and is
 * TIME_NEVER when nobody ever did. Rough, but known at once. */
uint64_t self_tuning_lifetime (const SelfTuning *self, uint64_t now);
double self_tuning_size (const SelfTuning *self);
unsigned self_tuning_neighbors (const SelfTuning *self);
unsigned self_tuning_fingers (const SelfTuning *self);
