/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dropper.h: peers of a simulated world that keep their links and their place in the ring, and drop
 * what they should pass on (threats 2.1). They withhold what they hold, too. */
#pragma once
#include "tests/sim/world.h"

/* So large a share of the running peers turns, as chance has it. Returns how many. */
unsigned dropper_turn (SimWorld *world, double share);

/* The share of all registrations of which somebody who has not turned keeps a copy: more cannot be
 * found. */
double dropper_ceiling (SimWorld *world);

/* Whether a peer that has turned would not see the message in that frame. */
bool dropper_drops (const SimPeer *self, Bytes frame);
