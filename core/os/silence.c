/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/silence.h"

/* A voice sends fifty packets a second. What arrives only leaves its time here; a slow tick looks
 * at it, so that nothing is set in motion by each packet. */

static const uint64_t TICK = 500 * TIME_MS;
static const uint64_t LONG = 1 * TIME_SECOND;
static const uint64_t GRACE = 3 * TIME_SECOND; /* for the other side to begin */

static void
on_tick (Timer *timer, void *owner)
{
  Silence *self = owner;

  timer_start (timer, self->timers, TICK);
  if (timers_now (self->timers) < self->heard_at + LONG)
    return;
  self->is_silent = true;
  self->tell (self->owner, true);
}

void
silence_begin (Silence *self,
               Timers *timers,
               void (*tell) (void *owner, bool is_silent),
               void *owner)
{
  self->timers = timers;
  self->tell = tell;
  self->owner = owner;
  self->heard_at = timers_now (timers) + GRACE - LONG;
  self->is_silent = true;
  timer_init (&self->timer, on_tick, self);
  timer_start (&self->timer, timers, TICK);
}

void
silence_end (Silence *self)
{
  if (self->timers != NULL)
    timer_stop (&self->timer);
}

void
silence_break (Silence *self)
{
  if (self->timers == NULL)
    return;
  self->heard_at = MAX (self->heard_at, timers_now (self->timers));
  if (!self->is_silent)
    return;
  self->is_silent = false;
  self->tell (self->owner, false);
}
