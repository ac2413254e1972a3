/* SPDX-License-Identifier: GPL-3.0-or-later */
/* post.h: messages between the machines of a model that is no RELOAD, over the same terrain as the
 * peers of a simulated world have: the same delays, uplinks and losses. */
#pragma once
#include "core/base/timers.h"
#include "tests/sim/terrain.h"

typedef struct Post {
  Timers *timers; /* owned */
  Site *sites;    /* owned */
  unsigned count;
  uint64_t random;
  uint64_t messages; /* sent, those included that were lost and sent again */
} Post;

void post_init (Post *self, unsigned count, uint64_t seed);
void post_clear (Post *self);

uint32_t post_random (Post *self, uint32_t limit);

/* Sends a message of `size` bytes; what is lost is sent again until it arrives. Returns how long
 * that takes. */
uint64_t post_send (Post *self, unsigned from, unsigned to, size_t size);

/* What became of the look-ups of a model. */
typedef struct PostTally {
  unsigned asked;
  unsigned found;
  GArray *durations; /* of uint64_t, microseconds: of those found */
} PostTally;

void post_tally_init (PostTally *self);
void post_tally_clear (PostTally *self);
void post_tally_add (PostTally *self, uint64_t duration);
double post_tally_ms (PostTally *self, double share);
