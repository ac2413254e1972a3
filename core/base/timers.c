/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/timers.h"

/* A binary heap of pointers; every timer knows its place in it, so that moving and stopping one
 * costs O(log n). */

struct Timers {
  GPtrArray *heap; /* of borrowed Timer */
  uint64_t now;
  uint64_t sequence;
};

static bool
is_before (const Timer *a, const Timer *b)
{
  return a->due != b->due ? a->due < b->due : a->sequence < b->sequence;
}

static Timer *
at (const Timers *self, size_t index)
{
  return g_ptr_array_index (self->heap, index);
}

static void
place (Timers *self, Timer *timer, size_t index)
{
  g_ptr_array_index (self->heap, index) = timer;
  timer->index = index;
}

static void
sift_up (Timers *self, Timer *timer)
{
  size_t index = timer->index;

  while (index > 0 && is_before (timer, at (self, (index - 1) / 2))) {
    place (self, at (self, (index - 1) / 2), index);
    index = (index - 1) / 2;
  }
  place (self, timer, index);
}

static void
sift_down (Timers *self, Timer *timer)
{
  size_t index = timer->index;
  size_t child;

  while ((child = 2 * index + 1) < self->heap->len) {
    if (child + 1 < self->heap->len && is_before (at (self, child + 1), at (self, child)))
      child++;
    if (!is_before (at (self, child), timer))
      break;
    place (self, at (self, child), index);
    index = child;
  }
  place (self, timer, index);
}

Timers *
timers_new (uint64_t now)
{
  Timers *self = g_new0 (Timers, 1);

  self->heap = g_ptr_array_new ();
  self->now = now;
  return self;
}

void
timers_free (Timers *self)
{
  if (self == NULL)
    return;
  for (size_t i = 0; i < self->heap->len; i++)
    at (self, i)->timers = NULL;
  g_ptr_array_unref (self->heap);
  g_free (self);
}

uint64_t
timers_now (const Timers *self)
{
  return self->now;
}

uint64_t
timers_next (const Timers *self)
{
  return self->heap->len > 0 ? at (self, 0)->due : TIME_NEVER;
}

size_t
timers_advance (Timers *self, uint64_t now, size_t count_max)
{
  size_t count = 0;

  while (count < count_max && self->heap->len > 0 && at (self, 0)->due <= now) {
    Timer *timer = at (self, 0);
    self->now = MAX (self->now, timer->due);
    timer_stop (timer);
    timer->func (timer, timer->owner);
    count++;
  }
  if (count < count_max)
    self->now = MAX (self->now, now);
  return count;
}

void
timer_init (Timer *timer, TimerFunc func, void *owner)
{
  *timer = (Timer){ .func = func, .owner = owner };
}

void
timer_start (Timer *timer, Timers *timers, uint64_t delay)
{
  g_assert (timer->func != NULL);
  timer_stop (timer);
  timer->timers = timers;
  timer->due = delay > TIME_NEVER - 1 - timers->now ? TIME_NEVER - 1 : timers->now + delay;
  timer->sequence = timers->sequence++;
  timer->index = timers->heap->len;
  g_ptr_array_add (timers->heap, timer);
  sift_up (timers, timer);
}

void
timer_stop (Timer *timer)
{
  Timers *timers = timer->timers;
  Timer *last;

  if (timers == NULL)
    return;
  timer->timers = NULL;
  last = at (timers, timers->heap->len - 1);
  g_ptr_array_set_size (timers->heap, (int) timers->heap->len - 1);
  if (last == timer)
    return;
  place (timers, last, timer->index);
  sift_up (timers, last);
  sift_down (timers, last);
}

bool
timer_is_set (const Timer *timer)
{
  return timer->timers != NULL;
}

uint64_t
timer_left (const Timer *timer)
{
  if (timer->timers == NULL)
    return TIME_NEVER;
  return timer->due > timer->timers->now ? timer->due - timer->timers->now : 0;
}
