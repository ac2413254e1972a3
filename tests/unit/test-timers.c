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

static void
test_random_heap (void)
{
  g_autoptr (Timers) timers = timers_new (0);
  g_autofree Bell *bells = g_new0 (Bell, 500);
  Log log = { 0 };
  uint64_t last = 0;

  for (size_t i = 0; i < 500; i++)
    bell_set (&bells[i], &log, 'x', timers, (uint64_t) g_test_rand_int_range (0, 1000));
  for (size_t i = 0; i < 500; i += 3)
    timer_stop (&bells[i].timer);
  while (timers_next (timers) != TIME_NEVER) {
    g_assert_cmpuint (timers_next (timers), >=, last);
    last = timers_next (timers);
    log.size = 0;
    g_assert_cmpuint (timers_advance (timers, last, 1), ==, 1);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/timers/fire-by-due-time-then-by-order-of-setting", test_order);
  g_test_add_func ("/timers/a-stopped-timer-is-silent-and-a-moved-one-late", test_stop_and_move);
  g_test_add_func ("/timers/a-thousand-random-timers-leave-in-order", test_random_heap);
  return g_test_run ();
}
