/* SPDX-License-Identifier: GPL-3.0-or-later */
/* foresight.h: brings near what a frame is about to touch. In a large world nothing of it has been
 * touched for a while, and fetching it from memory is most of the work that a frame makes. */
#pragma once
#include "tests/sim/conveyor.h"
#include "tests/sim/world.h"

/* From one thing to the next that it points to. */
enum { FORESIGHT_STAGES = 8 };

/* Each stage is told some frames after the one before it. Changes nothing. */
void foresight_approach (SimWorld *world, const Parcel *parcel, unsigned stage);
