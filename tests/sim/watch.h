/* SPDX-License-Identifier: GPL-3.0-or-later */
/* watch.h: looks over everybody's shoulder: what goes over links, and what lies in storages. */
#pragma once
#include "tests/sim/world.h"

typedef struct Watch {
  SimWorld *world;
  uint64_t messages;
  uint64_t passed_on; /* of the messages: they are not at their first link */
  uint64_t asking;    /* Fetches, questions for the way, and what answers them */
  uint64_t fetched;   /* bytes of Fetches and their answers, in all frames */
  uint64_t loops;   /* sent to somebody who has passed this one on already, or is its own sender */
  uint64_t unspent; /* whose ttl did not become less at each link (6.3.2) */
} Watch;

/* Takes the world's tap. */
Watch *watch_new (SimWorld *world);
void watch_free (Watch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Watch, watch_free)

/* Values that lie where their signers must not write, by the access policies of their Kinds (7.3),
 * with all running nodes. */
unsigned watch_unlawful (const Watch *self);
