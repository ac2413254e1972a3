/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The wait is one packet on a quiet network. A late packet is a gap that somebody hears, so it
 * lengthens the wait at once; a wait that is too long is heard by nobody, so it shrinks slowly, and
 * never below what the measured jitter asks for. LIMIT_JITTER_MS is the end of it: an attacker who
 * delays packets cannot make the conversation later than that. */
#include "media/playout.h"

#include "core/base/limits.h"

#include <glib.h>

/* RFC 3550's jitter is a mean deviation; twice it covers nearly all of an even distribution. */
static uint32_t
floor_ms (const PlayoutTick *tick)
{
  uint32_t wait = PLAYOUT_LEAST_MS + (tick->is_repairing ? PLAYOUT_REPAIR_MS : 0);
  if (tick->jitter_ms > 4)
    wait += (uint32_t) MIN (2 * tick->jitter_ms, LIMIT_JITTER_MS);
  wait = (wait + 9) / 10 * 10;
  return MIN (wait, LIMIT_JITTER_MS);
}

static void
shrink (Playout *self, uint32_t least_ms)
{
  if (++self->calm_ticks < PLAYOUT_CALM_TICKS)
    return;
  self->calm_ticks = PLAYOUT_CALM_TICKS - PLAYOUT_CALM_AGAIN_TICKS;
  if (self->latency_ms > least_ms)
    self->latency_ms = MAX (self->latency_ms - PLAYOUT_CALM_STEP_MS, least_ms);
}

void
playout_init (Playout *self)
{
  *self = (Playout){ .latency_ms = PLAYOUT_LEAST_MS };
}

uint32_t
playout_update (Playout *self, const PlayoutTick *tick)
{
  uint32_t least_ms = floor_ms (tick);
  if (tick->late > 0) {
    self->calm_ticks = 0;
    self->latency_ms = MIN (self->latency_ms + PLAYOUT_LATE_STEP_MS, LIMIT_JITTER_MS);
  } else {
    shrink (self, least_ms);
  }
  self->latency_ms = MAX (self->latency_ms, least_ms);
  g_assert (self->latency_ms <= LIMIT_JITTER_MS);
  return self->latency_ms;
}
