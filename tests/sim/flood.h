/* SPDX-License-Identifier: GPL-3.0-or-later */
/* flood.h: a model of an unstructured overlay, as Gnutella was: each peer has links to random
 * others and asks all of them, who ask theirs. */
#pragma once
#include "tests/sim/post.h"

typedef struct Flood Flood;

Flood *flood_new (unsigned peers, uint64_t seed);
void flood_free (Flood *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Flood, flood_free)

/* Random living peers look for others that live, `count` times, one after another. */
void flood_ask (Flood *self, unsigned count, PostTally *tally);

/* Messages that were sent to look for somebody. */
uint64_t flood_messages (const Flood *self);

/* Each peer dies at once with the probability `share`, and nobody has noticed; or has. */
void flood_kill (Flood *self, double share);
void flood_mend (Flood *self);

/* Sessions from now on as exponential as those of churn.h, with that median. */
void flood_churn (Flood *self, uint64_t median_session);

/* Messages that a peer sends in a second to know that its links stand. */
double flood_upkeep (const Flood *self);
