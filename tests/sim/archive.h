/* SPDX-License-Identifier: GPL-3.0-or-later */
/* archive.h: what people have signed long ago: that they are not there. */
#pragma once
#include "tests/sim/gang.h"

typedef struct Archive Archive;

/* As if each of the running peers had gone away and come back, and somebody had listened. */
Archive *archive_new (SimWorld *world);
void archive_free (Archive *self);

/* Answers a Fetch with that. */
bool archive_answers (const Archive *self, const Gang *gang, Overheard *message);
