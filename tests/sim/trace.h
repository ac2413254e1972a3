/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trace.h: a number that depends on everything that is sent in a simulated world, but for what
 * signing puts there: signatures, certificates, and what is made of their bytes. */
#pragma once
#include "core/overlay/configuration.h"

typedef struct SimTrace SimTrace;

/* `configuration` outlives it. */
SimTrace *sim_trace_new (const Configuration *configuration);
void sim_trace_free (SimTrace *self);

/* That peer sends this frame now. */
void sim_trace_add (SimTrace *self, uint64_t peer, Bytes frame);
uint64_t sim_trace_number (const SimTrace *self);
