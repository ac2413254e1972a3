/* SPDX-License-Identifier: GPL-3.0-or-later */
/* photograph.h: what the peers of a simulated world hold and know at one moment, to be compared
 * with what they do later. */
#pragma once
#include "tests/sim/world.h"

typedef struct Photograph Photograph;

Photograph *photograph_new (SimWorld *world);
void photograph_free (Photograph *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Photograph, photograph_free)

/* Compares with now, peer by peer. Between the two, owners may have stored anew what is theirs,
 * with a storage_time since then, lifetimes may have ended, what belongs to others may have been
 * dropped, and better fingers may have been found, to peers that run; everything else must be as it
 * was: values, neighbors, range and configuration. Fails the test, and says where, when it is not.
 */
void photograph_expect_unchanged (const Photograph *self);

/* How many values stand on it. */
unsigned photograph_values (const Photograph *self);
