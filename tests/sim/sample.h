/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sample.h: some of the messages of a simulated world, as a capture. */
#pragma once
#include "tests/sim/world.h"

typedef struct Sample Sample;

/* One transaction in `rate` is kept, all of its messages on all of their ways. */
Sample *sample_new (unsigned rate);
void sample_free (Sample *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Sample, sample_free)

/* A SimTapFunc; `sample` is a Sample. */
void sample_tap (SimPeer *from, SimPeer *to, Bytes frame, void *sample);

/* False when it cannot be written. */
bool sample_write (const Sample *self, const char *path);
