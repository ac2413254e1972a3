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

/* ---- Held up ---- */

#define HOLD_UP (1000 * TIME_MS)
#define BEAT    (50 * TIME_MS)

typedef struct Stage {
  Loop *loop;
  Timer hold_up;
  Timer beat;
  int ends[2];
  unsigned beats;
  bool was_behind; /* at the first */
  unsigned beats_before_reading;
  bool has_read;
} Stage;

static void
on_hold_up (Timer *timer, void *owner)
{
  Stage *self = owner;
  gint64 end = g_get_monotonic_time () + (gint64) HOLD_UP;

  g_assert_cmpint (write (self->ends[1], "x", 1), ==, 1);
  while (g_get_monotonic_time () < end)
    continue;
}

static void
on_beat (Timer *timer, void *owner)
{
  Stage *self = owner;

  if (self->beats++ == 0)
    self->was_behind = loop_is_behind (self->loop);
  timer_start (timer, loop_timers (self->loop), BEAT);
}

static gboolean
on_arrival (int fd, GIOCondition condition, void *user_data)
{
  Stage *self = user_data;
  uint8_t byte;

  g_assert_cmpint (read (fd, &byte, 1), ==, 1);
  self->beats_before_reading = self->beats;
  self->has_read = true;
  return G_SOURCE_CONTINUE;
}

/* What came while nobody looked is read before timers have had the turns that they missed. */
static void
test_held_up (void)
{
  g_autoptr (Loop) loop = loop_new ();
  Stage stage = { .loop = loop };
  GSource *source;

  g_assert_cmpint (pipe (stage.ends), ==, 0);
  source = loop_watch (loop, stage.ends[0], G_IO_IN, on_arrival, &stage);
  timer_init (&stage.hold_up, on_hold_up, &stage);
  timer_init (&stage.beat, on_beat, &stage);
  timer_start (&stage.hold_up, loop_timers (loop), 0);
  timer_start (&stage.beat, loop_timers (loop), BEAT);
  while (!stage.has_read)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (stage.was_behind);
  g_assert_cmpuint (stage.beats_before_reading, <, HOLD_UP / BEAT / 2);
  timer_stop (&stage.beat);
  loop_unwatch (&source);
  close (stage.ends[0]);
  close (stage.ends[1]);
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
  g_test_add_func ("/loop/what-came-meanwhile-is-read-before-time-goes-on", test_held_up);
  g_test_add_func ("/loop/a-turn-is-bounded", test_bounded);
  g_test_add_func ("/loop/the-clock-is-right-in-every-event", test_clock_is_fresh);
  return g_test_run ();
}
