/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/silence.h"

/* A voice sends fifty packets a second. What arrives only leaves its time here; a timer looks at it
 * when it would have been too long, so that nothing is set in motion by each packet. Of a fifth of
 * all packets lost, thirty on end are never. */

static const uint64_t LONG = 600 * TIME_MS;
static const uint64_t AGAIN = 250 * TIME_MS;
static const uint64_t GRACE = 3 * TIME_SECOND; /* for the other side to begin */

static bool
is_deaf (const Silence *self)
{
  return self->events->is_deaf != NULL && self->events->is_deaf (self->owner);
}

static void
on_look (Timer *timer, void *owner)
{
  Silence *self = owner;
  uint64_t now = timers_now (self->timers);

  if (!self->is_silent && is_deaf (self))
    self->heard_at = now;
  if (now < self->heard_at + LONG) {
    timer_start (timer, self->timers, self->heard_at + LONG - now);
    return;
  }
  timer_start (timer, self->timers, AGAIN);
  self->is_silent = true;
  self->events->told (self->owner, true);
}

void
silence_begin (Silence *self, Timers *timers, const SilenceEvents *events, void *owner)
{
  self->timers = timers;
  self->events = events;
  self->owner = owner;
  self->heard_at = timers_now (timers) + GRACE - LONG;
  self->is_silent = true;
  timer_init (&self->timer, on_look, self);
  timer_start (&self->timer, timers, GRACE);
}

void
silence_end (Silence *self)
{
  if (self->timers != NULL)
    timer_stop (&self->timer);
}

uint64_t
silence_length (const Silence *self)
{
  uint64_t now = self->timers != NULL ? timers_now (self->timers) : 0;

  return now - MIN (self->heard_at, now);
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
  self->events->told (self->owner, false);
}
