/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/timers.h"

/* A wheel of wheels. A timer stands at the level of the highest byte in which its due time differs
 * from now, in the slot that this byte names:
 *
 *   level 0   every slot is one microsecond of the current 256
 *   level 1   every slot is one of the current 256 times 256 microseconds
 *   ...
 *
 * When the clock enters a slot of a higher level, what stands there is dealt to the levels below.
 * So setting and stopping cost the same however many timers there are, and each is dealt at most
 * once a level. Whatever is due at one moment stands in one slot in the order of setting: a slot is
 * dealt, from its head, before anything can be set for a part of it.
 *
 * A timer that is stopped leaves its slot and knows nothing of the wheel: a slot may be marked as
 * taken and yet be empty, until somebody looks. */

enum { DIGIT = 8, SLOTS = 1 << DIGIT, LEVELS = 64 / DIGIT, WORD = 64, WORDS = SLOTS / WORD };

struct Timers {
  uint64_t now;
  uint64_t taken[LEVELS][WORDS]; /* bit by bit, which slots may hold any */
  ListLink slots[LEVELS][SLOTS];
};

static unsigned
level_of (const Timers *self, uint64_t time)
{
  uint64_t differing = time ^ self->now;

  return differing == 0 ? 0 : (63 - (unsigned) __builtin_clzll (differing)) / DIGIT;
}

static unsigned
slot_of (uint64_t time, unsigned level)
{
  return (time >> DIGIT * level) % SLOTS;
}

static void
insert (Timers *self, Timer *timer)
{
  unsigned level = level_of (self, timer->due);
  unsigned slot = slot_of (timer->due, level);

  list_append (&self->slots[level][slot], &timer->slot);
  self->taken[level][slot / WORD] |= UINT64_C (1) << slot % WORD;
}

static void
deal (Timers *self, unsigned level, unsigned slot)
{
  ListLink *head = &self->slots[level][slot];

  self->taken[level][slot / WORD] &= ~(UINT64_C (1) << slot % WORD);
  list_for_each (head, l)
  {
    list_remove (l);
    insert (self, list_element (l, Timer, slot));
  }
}

/* Nothing may be due before `now`. */
static void
turn (Timers *self, uint64_t now)
{
  unsigned highest = level_of (self, now);

  self->now = now;
  for (unsigned level = highest; level > 0; level--)
    deal (self, level, slot_of (now, level));
}

static bool
find_in (Timers *self, unsigned level, unsigned *ret_slot)
{
  for (unsigned word = 0; word < WORDS; word++)
    for (uint64_t *taken = &self->taken[level][word]; *taken != 0; *taken &= *taken - 1) {
      *ret_slot = word * WORD + (unsigned) __builtin_ctzll (*taken);
      if (!list_is_empty (&self->slots[level][*ret_slot]))
        return true;
    }
  return false;
}

/* The first slot that holds any; false when there is none. */
static bool
find_first (Timers *self, unsigned *ret_level, unsigned *ret_slot)
{
  for (unsigned level = 0; level < LEVELS; level++)
    if (find_in (self, level, ret_slot)) {
      *ret_level = level;
      return true;
    }
  return false;
}

/* The moment at which a slot that is still to come begins. */
static uint64_t
start_of (const Timers *self, unsigned level, unsigned slot)
{
  unsigned low = DIGIT * level;
  uint64_t above = low + DIGIT < 64 ? self->now >> (low + DIGIT) << (low + DIGIT) : 0;

  return above | (uint64_t) slot << low;
}

Timers *
timers_new (uint64_t now)
{
  Timers *self = g_new0 (Timers, 1);

  self->now = now;
  for (unsigned level = 0; level < LEVELS; level++)
    for (unsigned slot = 0; slot < SLOTS; slot++)
      list_init (&self->slots[level][slot]);
  return self;
}

void
timers_free (Timers *self)
{
  unsigned level, slot;

  if (self == NULL)
    return;
  while (find_first (self, &level, &slot))
    timer_stop (list_element (self->slots[level][slot].next, Timer, slot));
  g_free (self);
}

uint64_t
timers_now (const Timers *self)
{
  return self->now;
}

uint64_t
timers_next (Timers *self)
{
  uint64_t next = TIME_NEVER;
  unsigned level, slot;

  if (find_first (self, &level, &slot))
    list_for_each (&self->slots[level][slot], l) next =
      MIN (next, list_element (l, Timer, slot)->due);
  return next;
}

size_t
timers_advance (Timers *self, uint64_t now, size_t count_max)
{
  size_t count = 0;
  unsigned level, slot;

  while (count < count_max && find_first (self, &level, &slot) &&
         start_of (self, level, slot) <= now) {
    turn (self, start_of (self, level, slot));
    if (level == 0) {
      Timer *timer = list_element (self->slots[level][slot].next, Timer, slot);
      timer_stop (timer);
      timer->func (timer, timer->owner);
      count++;
    }
  }
  if (count < count_max && now > self->now)
    turn (self, now);
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
  timer->due = delay > TIME_NEVER - 1 - timers->now ? TIME_NEVER - 1 : timers->now + delay;
  insert (timers, timer);
}

void
timer_stop (Timer *timer)
{
  list_remove (&timer->slot);
}

bool
timer_is_set (const Timer *timer)
{
  return list_is_linked (&timer->slot);
}

uint64_t
timer_left (const Timer *timer, const Timers *timers)
{
  if (!timer_is_set (timer))
    return TIME_NEVER;
  return timer->due > timers->now ? timer->due - timers->now : 0;
}
