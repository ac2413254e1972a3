/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/loop.h"

#include <glib-unix.h>
#include <time.h>

/* One GSource stands for all timers: its ready time is the first deadline of the heap.
 *
 * The heap's clock has to be right whenever anything happens, also when the person presses a button
 * after an hour of silence. So the clock is moved in check(), which GLib runs after each poll
 * before any source of lower priority is dispatched; timers that are due fire in dispatch(), a
 * bounded number in one turn, so that a crowd of them cannot hold up the window's frames.
 *
 * CLOCK_MONOTONIC stands still while the machine sleeps and CLOCK_BOOTTIME does not: when the two
 * drift apart, it has slept.
 *
 * While this program is held up (stopped, starved, waiting for a disk) the heap's clock stands
 * still as well: it goes on from when the first timer was due. Were it to catch up, timers would
 * fire one after the other before anything that has arrived meanwhile is read, and each link would
 * send five times in a moment, hear nothing, and give its peer up. */

enum { TIMERS_PER_TURN = 256, SLEEP_MIN_US = 2000000, BEHIND_US = 100000 };

typedef struct LoopSource {
  GSource base;
  Loop *loop;
} LoopSource;

struct Loop {
  Timers *timers;
  GMainContext *context;
  GSource *source;
  uint64_t asleep; /* time spent sleeping, as last seen */
  uint64_t lost;   /* time for which the program was held up */
  bool is_behind;  /* it was, and what has arrived meanwhile has not been looked at */
  void (*woken) (void *user_data);
  void *user_data;
  Timer wake;
};

static uint64_t
clock_us (clockid_t clock)
{
  struct timespec time;

  clock_gettime (clock, &time);
  return (uint64_t) time.tv_sec * TIME_SECOND + (uint64_t) time.tv_nsec / 1000;
}

static uint64_t
loop_now (const Loop *self)
{
  return clock_us (CLOCK_MONOTONIC) - self->lost;
}

static void
loop_notice_hold_up (Loop *self)
{
  uint64_t next = timers_next (self->timers);
  uint64_t now = loop_now (self);

  if (next >= now || now - next <= BEHIND_US)
    return;
  self->is_behind = true;
  self->lost += now - next;
}

/* Never early: a timer that fires a microsecond too soon would be polled for until it is due. */
static bool
loop_is_due (Loop *self, uint64_t now)
{
  return timers_next (self->timers) <= now;
}

static void
loop_notice_sleep (Loop *self)
{
  uint64_t now = clock_us (CLOCK_MONOTONIC);
  uint64_t boot = clock_us (CLOCK_BOOTTIME);
  uint64_t asleep = boot > now ? boot - now : 0;

  if (asleep > self->asleep + SLEEP_MIN_US && self->woken != NULL)
    timer_start (&self->wake, self->timers, 0);
  self->asleep = asleep;
}

static gboolean
loop_prepare (GSource *source, int *timeout_ms)
{
  Loop *self = ((LoopSource *) source)->loop;
  uint64_t next = timers_next (self->timers);
  uint64_t now = loop_now (self);

  *timeout_ms = -1;
  if (next <= now)
    return TRUE;
  if (next != TIME_NEVER)
    *timeout_ms = (int) MIN ((next - now + TIME_MS - 1) / TIME_MS, (uint64_t) G_MAXINT);
  return FALSE;
}

static gboolean
loop_check (GSource *source)
{
  Loop *self = ((LoopSource *) source)->loop;
  uint64_t now = loop_now (self);

  loop_notice_sleep (self);
  if (loop_is_due (self, now))
    return TRUE;
  timers_advance (self->timers, now, 1);
  self->is_behind = false; /* whatever has arrived has its turn now */
  return FALSE;
}

static gboolean
loop_dispatch (GSource *source, GSourceFunc func, void *user_data)
{
  Loop *self = ((LoopSource *) source)->loop;

  loop_notice_hold_up (self);
  timers_advance (self->timers, loop_now (self), TIMERS_PER_TURN);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs loop_source_funcs = { loop_prepare, loop_check, loop_dispatch, NULL };

static void
on_wake (Timer *timer, void *owner)
{
  Loop *self = owner;

  if (self->woken != NULL)
    self->woken (self->user_data);
}

Loop *
loop_new (void)
{
  Loop *self = g_new0 (Loop, 1);
  uint64_t now = clock_us (CLOCK_MONOTONIC);

  self->timers = timers_new (now);
  self->context = g_main_context_ref_thread_default ();
  self->source = g_source_new (&loop_source_funcs, sizeof (LoopSource));
  ((LoopSource *) self->source)->loop = self;
  g_source_set_name (self->source, "timers");
  g_source_set_priority (self->source, G_PRIORITY_HIGH);
  g_source_attach (self->source, self->context);
  timer_init (&self->wake, on_wake, self);
  loop_notice_sleep (self);
  return self;
}

void
loop_free (Loop *self)
{
  if (self == NULL)
    return;
  timer_stop (&self->wake);
  loop_unwatch (&self->source);
  timers_free (self->timers);
  g_main_context_unref (self->context);
  g_free (self);
}

Timers *
loop_timers (const Loop *self)
{
  return self->timers;
}

bool
loop_is_behind (const Loop *self)
{
  return self->is_behind || loop_now (self) > timers_now (self->timers) + BEHIND_US;
}

void
loop_set_wake_func (Loop *self, void (*woken) (void *user_data), void *user_data)
{
  self->woken = woken;
  self->user_data = user_data;
}

GSource *
loop_watch (Loop *self, int fd, GIOCondition condition, WatchFunc func, void *user_data)
{
  GSource *source = g_unix_fd_source_new (fd, condition);

  g_source_set_callback (source, G_SOURCE_FUNC (func), user_data, NULL);
  g_source_attach (source, self->context);
  return source;
}

void
loop_unwatch (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}
