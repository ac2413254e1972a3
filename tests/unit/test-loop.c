/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/loop.h"

#include "tests/unit/fake-node.h"

#include <string.h>
#include <unistd.h>

typedef struct Bell {
  Timer timer;
  Loop *loop;
  unsigned rung;
  unsigned wanted; /* sets itself again so often */
} Bell;

static void
on_bell (Timer *timer, void *owner)
{
  Bell *self = owner;

  self->rung++;
  if (self->rung < self->wanted)
    timer_start (timer, loop_timers (self->loop), 0);
}

static void
test_fires (void)
{
  g_autoptr (Loop) loop = loop_new ();
  Bell bell = { .loop = loop };
  uint64_t set;

  timer_init (&bell.timer, on_bell, &bell);
  set = timers_now (loop_timers (loop));
  timer_start (&bell.timer, loop_timers (loop), 5 * TIME_MS);
  wait_for (&bell.rung, 1);
  g_assert_cmpuint (timers_now (loop_timers (loop)), >=, set + 5 * TIME_MS);
}

static void
on_held_up (Timer *timer, void *owner)
{
  Bell *self = owner;

  while (!loop_is_behind (self->loop))
    continue;
  self->rung++;
}

static void
test_behind (void)
{
  g_autoptr (Loop) loop = loop_new ();
  Bell bell = { .loop = loop };

  timer_init (&bell.timer, on_held_up, &bell);
  timer_start (&bell.timer, loop_timers (loop), 0);
  wait_for (&bell.rung, 1);
}

/* A timer that sets itself for ever does not keep others from their turn. */
static void
test_bounded (void)
{
  g_autoptr (Loop) loop = loop_new ();
  Bell bell = { .loop = loop, .wanted = 1000000 };

  timer_init (&bell.timer, on_bell, &bell);
  timer_start (&bell.timer, loop_timers (loop), 0);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (bell.rung, >, 0);
  g_assert_cmpuint (bell.rung, <, 1000);
  timer_stop (&bell.timer);
}

static gboolean
on_readable (int fd, GIOCondition condition, void *user_data)
{
  uint8_t byte;

  g_assert_cmpint (read (fd, &byte, 1), ==, 1);
  *(uint64_t *) user_data = timers_now (*(Timers **) ((uint64_t *) user_data + 1));
  return G_SOURCE_CONTINUE;
}

/* After any wait, whoever is called finds the clock right. */
static void
test_clock_is_fresh (void)
{
  struct {
    uint64_t seen;
    Timers *timers;
  } witness = { 0 };

  g_autoptr (Loop) loop = loop_new ();
  GSource *source;
  int ends[2];
  uint64_t before;

  g_assert_cmpint (pipe (ends), ==, 0);
  witness.timers = loop_timers (loop);
  before = timers_now (witness.timers);
  source = loop_watch (loop, ends[0], G_IO_IN, on_readable, &witness);
  wait_ms (10);
  g_assert_cmpint (write (ends[1], "x", 1), ==, 1);
  while (witness.seen == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (witness.seen, >=, before + 9 * TIME_MS);
  loop_unwatch (&source);
  g_assert_null (source);
  loop_unwatch (&source);
  close (ends[0]);
  close (ends[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/loop/timers-fire-when-due", test_fires);
  g_test_add_func ("/loop/knows-when-it-was-held-up", test_behind);
  g_test_add_func ("/loop/a-turn-is-bounded", test_bounded);
  g_test_add_func ("/loop/the-clock-is-right-in-every-event", test_clock_is_fresh);
  return g_test_run ();
}
