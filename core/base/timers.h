/* SPDX-License-Identifier: GPL-3.0-or-later */
/* timers.h: timers on a clock that others turn.
 *
 * One set of them serves a program, or a simulated world. Time is in microseconds of its own
 * monotonic clock and moves only in timers_advance(), so that everything that happens in one event
 * happens at one moment. Timers due at the same moment fire in the order in which they were set. */
#pragma once
#include "core/base/list.h"

#include <stdint.h>

#define TIME_MS     ((uint64_t) 1000)
#define TIME_SECOND ((uint64_t) 1000000)
#define TIME_MINUTE (60 * TIME_SECOND)
#define TIME_HOUR   (60 * TIME_MINUTE)
#define TIME_NEVER  UINT64_MAX

typedef struct Timers Timers;
typedef struct Timer Timer;
typedef void (*TimerFunc) (Timer *timer, void *owner);

/* Lives inside its owner, which calls timer_init() once and timer_stop() before it is freed.
 * The members are private to timers.c. */
struct Timer {
  TimerFunc func;
  void *owner;
  uint64_t due;
  ListLink slot;
};

Timers *timers_new (uint64_t now);
void timers_free (Timers *self);

uint64_t timers_now (const Timers *self);

/* When the first timer is due, or TIME_NEVER. */
uint64_t timers_next (Timers *self);

/* Moves the clock (never backwards) and fires what is due up to `now`, in order, at most
 * `count_max` timers; the clock stands at each timer's own due time while it fires. Returns how
 * many fired; when it is `count_max`, there may be more. */
size_t timers_advance (Timers *self, uint64_t now, size_t count_max);

void timer_init (Timer *timer, TimerFunc func, void *owner);

/* Sets it to fire once, `delay` microseconds from now; a timer already set is moved. */
void timer_start (Timer *timer, Timers *timers, uint64_t delay);

/* Does nothing when it is not set. */
void timer_stop (Timer *timer);
bool timer_is_set (const Timer *timer);

/* Microseconds until it fires; TIME_NEVER when it is not set. */
uint64_t timer_left (const Timer *timer, const Timers *timers);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Timers, timers_free)
