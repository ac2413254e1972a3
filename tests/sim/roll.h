/* SPDX-License-Identifier: GPL-3.0-or-later */
/* roll.h: calls the roll of all who are on the air, every few seconds: whose registration is where
 * look-ups lead to, and whose nobody holds any more. */
#pragma once
#include "tests/sim/world.h"

typedef struct Absence Absence;

typedef struct Roll {
  SimWorld *world;
  Absence *absences; /* owned; one for each peer of the world */
  uint64_t next_at;
  uint64_t watched; /* microseconds that registrations were looked after, all together */
  unsigned lost;    /* held by somebody, and then by nobody */
  unsigned missed;  /* not held for longer than half a minute by who owns their place */
} Roll;

Roll *roll_new (SimWorld *world);
void roll_free (Roll *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Roll, roll_free)

/* To be called a few times a second; looks when it is time. */
void roll_step (Roll *self);

/* Registrations lost in an hour, as a share of those that there are. */
double roll_lost_per_hour (const Roll *self);
