/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/conveyor.h"

#include <string.h>

/* A wheel of bags: a bag has what arrives within one span of time, in the order of sending. When
 * its span begins the bag is opened, and what is in it is put in the order of arrival. So the world
 * has one timer for all frames; and since the next ones are known, what they are about to touch can
 * be fetched from memory while those before them are at work.
 *
 * What is sent further ahead than the wheel reaches goes round with it until its time has come. */

enum {
  SPAN = 12, /* a span is so many binary digits of microseconds long */
  BAGS = 64,
  BLOCK = 4064,
  SPARE_MAX = 64,
  STRIDE = 3, /* frames from one stage of approach to the next */
};

typedef struct Block {
  struct Block *next;
  size_t room;
  size_t used;
  uint8_t bytes[];
} Block;

struct Conveyor {
  Timers *timers;
  const ConveyorEvents *events;
  void *user_data;
  Timer timer;
  uint64_t due;      /* when it fires; 0 while a frame is handed over */
  Block *bags[BAGS]; /* owned */
  uint64_t full;     /* bit by bit, which of them hold any */
  uint64_t span;     /* of the bag that is open */
  Block *open;       /* owned: what was in it */
  GPtrArray *order;  /* of Parcel, of `open`: in the order of arrival */
  guint next;        /* of these */
  Block *spare;      /* owned, few */
  unsigned spare_count;
};

static void
blocks_free (Block *blocks)
{
  while (blocks != NULL) {
    Block *next = blocks->next;
    g_free (blocks);
    blocks = next;
  }
}

static Block *
block_new (Conveyor *self, size_t least)
{
  size_t room = MAX (least, (size_t) BLOCK);
  Block *block = self->spare;

  if (block != NULL && room == BLOCK) {
    self->spare = block->next;
    self->spare_count--;
  } else {
    block = g_malloc (sizeof *block + room);
  }
  *block = (Block){ .room = room };
  return block;
}

static void
put_away (Conveyor *self, Block *blocks)
{
  while (blocks != NULL) {
    Block *next = blocks->next;
    if (blocks->room > BLOCK || self->spare_count == SPARE_MAX) {
      g_free (blocks);
    } else {
      blocks->next = self->spare;
      self->spare = blocks;
      self->spare_count++;
    }
    blocks = next;
  }
}

static size_t
parcel_size (size_t size)
{
  return (sizeof (Parcel) + size + 7) & ~(size_t) 7;
}

static Parcel *
add_parcel (Conveyor *self, Block **bag, const Parcel *label, Bytes bytes)
{
  size_t size = parcel_size (bytes.size);
  Block *block = *bag;
  Parcel *parcel;

  if (block == NULL || block->room - block->used < size) {
    block = block_new (self, size);
    block->next = *bag;
    *bag = block;
  }
  parcel = (Parcel *) (void *) (block->bytes + block->used);
  block->used += size;
  *parcel = *label;
  if (bytes.size > 0)
    memcpy (parcel->bytes, bytes.data, bytes.size);
  return parcel;
}

static bool
is_open (const Conveyor *self)
{
  return self->next < self->order->len;
}

/* The span of the next bag that holds any. */
static uint64_t
next_span (const Conveyor *self)
{
  unsigned first = (self->span + 1) % BAGS;
  uint64_t turned = first == 0 ? self->full : self->full >> first | self->full << (BAGS - first);

  return self->span + 1 + (unsigned) __builtin_ctzll (turned);
}

static void
set_timer (Conveyor *self)
{
  uint64_t now = timers_now (self->timers);

  self->due = TIME_NEVER;
  if (is_open (self))
    self->due = ((const Parcel *) g_ptr_array_index (self->order, self->next))->due;
  else if (self->full != 0)
    self->due = next_span (self) << SPAN;
  if (self->due != TIME_NEVER)
    timer_start (&self->timer, self->timers, self->due > now ? self->due - now : 0);
}

/* Sent into the span that is open already: behind those that arrive no later. */
static void
insert (Conveyor *self, Parcel *parcel)
{
  guint at = self->order->len;

  while (at > self->next &&
         ((const Parcel *) g_ptr_array_index (self->order, at - 1))->due > parcel->due)
    at--;
  g_ptr_array_insert (self->order, (gint) at, parcel);
}

static void
send (Conveyor *self, const Parcel *label, Bytes bytes)
{
  uint64_t span = label->due >> SPAN;

  if (span <= self->span) {
    insert (self, add_parcel (self, &self->open, label, bytes));
    return;
  }
  add_parcel (self, &self->bags[span % BAGS], label, bytes);
  self->full |= UINT64_C (1) << span % BAGS;
}

static int
compare_arrivals (gconstpointer a, gconstpointer b)
{
  const Parcel *left = *(const Parcel *const *) a;
  const Parcel *right = *(const Parcel *const *) b;

  return (left->due > right->due) - (left->due < right->due);
}

static Block *
reversed (Block *blocks)
{
  Block *first = NULL;

  while (blocks != NULL) {
    Block *next = blocks->next;
    blocks->next = first;
    first = blocks;
    blocks = next;
  }
  return first;
}

static void
tell_approach (Conveyor *self, guint i, unsigned stage)
{
  if (i < self->order->len)
    self->events->approach (g_ptr_array_index (self->order, i), stage, self->user_data);
}

/* The first have nobody before them. */
static void
tell_first (Conveyor *self)
{
  for (unsigned stage = 0; stage < self->events->stages; stage++)
    for (guint i = 0; i < (self->events->stages - stage) * STRIDE; i++)
      tell_approach (self, i, stage);
}

static void
close_bag (Conveyor *self)
{
  put_away (self, g_steal_pointer (&self->open));
  g_ptr_array_set_size (self->order, 0);
  self->next = 0;
}

static void
open_bag (Conveyor *self, uint64_t span)
{
  Block *bag = reversed (g_steal_pointer (&self->bags[span % BAGS]));

  self->full &= ~(UINT64_C (1) << span % BAGS);
  self->span = span;
  self->open = bag;
  for (Block *block = bag; block != NULL; block = block->next)
    for (size_t at = 0; at < block->used;) {
      Parcel *parcel = (Parcel *) (void *) (block->bytes + at);
      at += parcel_size (parcel->size);
      if (parcel->due >> SPAN == span)
        g_ptr_array_add (self->order, parcel);
      else
        send (self, parcel, (Bytes){ parcel->bytes, parcel->size });
    }
  g_ptr_array_sort (self->order, compare_arrivals);
  tell_first (self);
}

static void
hand_over (Conveyor *self)
{
  Parcel *parcel = g_ptr_array_index (self->order, self->next++);

  for (unsigned stage = 0; stage < self->events->stages; stage++)
    tell_approach (self, self->next + (self->events->stages - stage) * STRIDE, stage);
  self->events->arrival (parcel, self->user_data);
}

static void
on_timer (Timer *timer, void *owner)
{
  Conveyor *self = owner;

  self->due = 0;
  if (is_open (self))
    hand_over (self);
  else
    open_bag (self, next_span (self));
  if (!is_open (self))
    close_bag (self);
  set_timer (self);
}

Conveyor *
conveyor_new (Timers *timers, const ConveyorEvents *events, void *user_data)
{
  Conveyor *self = g_new0 (Conveyor, 1);

  self->timers = timers;
  self->events = events;
  self->user_data = user_data;
  self->order = g_ptr_array_new ();
  self->due = TIME_NEVER;
  timer_init (&self->timer, on_timer, self);
  return self;
}

void
conveyor_free (Conveyor *self)
{
  if (self == NULL)
    return;
  timer_stop (&self->timer);
  for (unsigned i = 0; i < BAGS; i++)
    blocks_free (self->bags[i]);
  blocks_free (self->open);
  blocks_free (self->spare);
  g_ptr_array_unref (self->order);
  g_free (self);
}

void
conveyor_send (Conveyor *self, uint64_t end, uint32_t kind, uint64_t delay, Bytes bytes)
{
  uint64_t now = timers_now (self->timers);
  Parcel label = { .due = now + delay, .end = end, .kind = kind, .size = (uint32_t) bytes.size };

  if (!is_open (self) && self->full == 0)
    self->span = now >> SPAN; /* nothing was on its way for long */
  send (self, &label, bytes);
  if (label.due < self->due)
    set_timer (self);
}
