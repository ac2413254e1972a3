/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/timers.h"

typedef struct Log {
  char text[16];
  size_t size;
} Log;

typedef struct Bell {
  Timer timer;
  Log *log;
  char name;
} Bell;

static void
on_bell (Timer *timer, void *owner)
{
  Bell *bell = owner;

  g_assert_true (timer == &bell->timer);
  bell->log->text[bell->log->size++] = bell->name;
}

static void
bell_set (Bell *bell, Log *log, char name, Timers *timers, uint64_t delay)
{
  *bell = (Bell){ .log = log, .name = name };
  timer_init (&bell->timer, on_bell, bell);
  timer_start (&bell->timer, timers, delay);
}

static void
test_order (void)
{
  g_autoptr (Timers) timers = timers_new (1000);
  Log log = { 0 };
  Bell bells[4];

  bell_set (&bells[0], &log, 'c', timers, 30);
  bell_set (&bells[1], &log, 'a', timers, 10);
  bell_set (&bells[2], &log, 'd', timers, 30);
  bell_set (&bells[3], &log, 'b', timers, 20);
  g_assert_cmpuint (timers_next (timers), ==, 1010);
  g_assert_cmpuint (timers_advance (timers, 1030, 100), ==, 4);
  g_assert_cmpstr (log.text, ==, "abcd");
  g_assert_cmpuint (timers_next (timers), ==, TIME_NEVER);
}

static void
test_stop_and_move (void)
{
  g_autoptr (Timers) timers = timers_new (0);
  Log log = { 0 };
  Bell bells[3];

  bell_set (&bells[0], &log, 'a', timers, 10);
  bell_set (&bells[1], &log, 'b', timers, 20);
  bell_set (&bells[2], &log, 'c', timers, 30);
  timer_stop (&bells[1].timer);
  g_assert_false (timer_is_set (&bells[1].timer));
  timer_start (&bells[0].timer, timers, 40);
  timers_advance (timers, 100, 100);
  g_assert_cmpstr (log.text, ==, "ca");
}

typedef struct Event {
  Timer timer;
  uint64_t due;
  size_t sequence;
  Timers *timers;
  GArray *fired; /* of Event pointers */
} Event;

static void
on_event (Timer *timer, void *owner)
{
  Event *event = owner;

  g_assert_cmpuint (timers_now (event->timers), ==, event->due);
  g_array_append_val (event->fired, event);
}

static void
test_random (void)
{
  enum { COUNT = 1000 };

  g_autoptr (Timers) timers = timers_new (g_test_rand_int_range (0, 1 << 20));
  g_autoptr (GArray) fired = g_array_new (FALSE, FALSE, sizeof (Event *));
  g_autofree Event *events = g_new0 (Event, COUNT);
  size_t set = 0;

  /* From the same microsecond to a year, while the clock goes on. */
  for (size_t i = 0; i < COUNT; i++) {
    uint64_t delay = (uint64_t) g_test_rand_int_range (0, 1000) << g_test_rand_int_range (0, 36);
    events[i].due = timers_now (timers) + delay;
    events[i].sequence = i;
    events[i].timers = timers;
    events[i].fired = fired;
    timer_init (&events[i].timer, on_event, &events[i]);
    timer_start (&events[i].timer, timers, delay);
    if (i % 3 == 0)
      timer_stop (&events[g_test_rand_int_range (0, (int) i + 1)].timer);
    timers_advance (timers, timers_now (timers) + (uint64_t) g_test_rand_int_range (0, 100), COUNT);
  }
  for (size_t i = 0; i < COUNT; i++)
    set += timer_is_set (&events[i].timer);
  set += fired->len;
  while (timers_next (timers) != TIME_NEVER) {
    uint64_t next = timers_next (timers);
    g_assert_cmpuint (timers_advance (timers, next, 1), ==, 1);
    g_assert_cmpuint (timers_now (timers), ==, next);
  }
  g_assert_cmpuint (fired->len, ==, set);
  for (guint i = 1; i < fired->len; i++) {
    const Event *before = g_array_index (fired, Event *, i - 1);
    const Event *after = g_array_index (fired, Event *, i);
    g_assert_true (before->due < after->due ||
                   (before->due == after->due && before->sequence < after->sequence));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/timers/fire-by-due-time-then-by-order-of-setting", test_order);
  g_test_add_func ("/timers/a-stopped-timer-is-silent-and-a-moved-one-late", test_stop_and_move);
  g_test_add_func ("/timers/a-thousand-random-timers-leave-in-order", test_random);
  return g_test_run ();
}
