/* SPDX-License-Identifier: GPL-3.0-or-later */
/* construction.h: a ring that stands from the first moment on. */
#pragma once
#include "tests/sim/world.h"

/* Starts all peers of a world in which nothing has happened yet, each with the links and the tables
 * that it would have, had all of them been there for a day. No time passes but that day. */
void construction_build (SimWorld *world);

/* Then they store what is theirs, like anybody who has come into a ring, one after the other. */
void construction_store (SimWorld *world);

/* Everybody knows where the next few of the ring listen, as for those who come back. */
void construction_note_places (SimWorld *world);
