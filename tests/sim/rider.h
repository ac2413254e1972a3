/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rider.h: nodes of a simulated world that use its overlay and serve nobody: they stay clients,
 * though others could reach them. All but them are the rest. */
#pragma once
#include "tests/sim/world.h"

typedef struct Riders {
  SimWorld *world;
  GPtrArray *all; /* owned; of SimPeer, borrowed */
  bool is_greedy; /* they ask for as much as they can get; else for what a phone needs */
  double asking;
  unsigned asked; /* look-ups of theirs */
} Riders;

/* So large a share of the world's peers, none of which runs yet, rides. */
Riders *riders_new (SimWorld *world, double share, bool is_greedy);
void riders_free (Riders *self); /* before the world */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Riders, riders_free)

/* They come, in a few seconds, to a ring of the rest. */
void riders_start (Riders *self);

/* What they ask for, ten times a second. */
void riders_step (Riders *self);

/* They go, without a word. */
void riders_stop (Riders *self);

/* How many messages the rest has dropped because their senders had sent enough. */
uint64_t riders_refused (const Riders *self);
