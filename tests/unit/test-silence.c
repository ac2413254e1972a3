/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/silence.h"

#include <glib.h>

typedef struct Fixture {
  Timers *timers;
  Silence silence;
  unsigned told;
  unsigned over;
  bool is_deaf;
} Fixture;

static void
on_silence (void *owner, bool is_silent)
{
  Fixture *self = owner;

  if (is_silent)
    self->told++;
  else
    self->over++;
}

static bool
on_is_deaf (void *owner)
{
  return ((Fixture *) owner)->is_deaf;
}

static const SilenceEvents events = { on_silence, on_is_deaf };

static void
setup (Fixture *self, gconstpointer data)
{
  self->timers = timers_new (0);
}

static void
teardown (Fixture *self, gconstpointer data)
{
  silence_end (&self->silence);
  timers_free (self->timers);
}

static void
wait (Fixture *self, uint64_t time)
{
  timers_advance (self->timers, timers_now (self->timers) + time, SIZE_MAX);
}

static void
talk (Fixture *self, uint64_t time)
{
  for (uint64_t i = 0; i < time; i += 20 * TIME_MS) {
    wait (self, 20 * TIME_MS);
    silence_break (&self->silence);
  }
}

static void
test_voice (Fixture *self, gconstpointer data)
{
  silence_begin (&self->silence, self->timers, &events, self);
  talk (self, TIME_MINUTE);
  g_assert_cmpuint (self->told, ==, 0);
  g_assert_cmpuint (self->over, ==, 1);
}

static void
test_told (Fixture *self, gconstpointer data)
{
  silence_begin (&self->silence, self->timers, &events, self);
  talk (self, 10 * TIME_SECOND);
  wait (self, 599 * TIME_MS);
  g_assert_cmpuint (silence_length (&self->silence), ==, 599 * TIME_MS);
  g_assert_cmpuint (self->told, ==, 0);
  wait (self, 2 * TIME_MS);
  g_assert_cmpuint (self->told, ==, 1);
  wait (self, 10 * TIME_SECOND);
  g_assert_cmpuint (self->told, ==, 41);
  g_assert_cmpuint (self->over, ==, 1);
  talk (self, TIME_SECOND);
  g_assert_cmpuint (self->told, ==, 41);
  g_assert_cmpuint (self->over, ==, 2);
  wait (self, 601 * TIME_MS);
  g_assert_cmpuint (self->told, ==, 42);
}

/* Twenty-nine packets on end are lost of thirty. */
static void
test_gaps (Fixture *self, gconstpointer data)
{
  silence_begin (&self->silence, self->timers, &events, self);
  for (unsigned i = 0; i < 100; i++) {
    wait (self, 580 * TIME_MS);
    silence_break (&self->silence);
  }
  g_assert_cmpuint (self->told, ==, 0);
}

/* Who does not get to hear anything hears no silence; but it begins anew when that is over. */
static void
test_deaf (Fixture *self, gconstpointer data)
{
  silence_begin (&self->silence, self->timers, &events, self);
  talk (self, TIME_SECOND);
  self->is_deaf = true;
  wait (self, 5 * TIME_SECOND);
  g_assert_cmpuint (self->told, ==, 0);
  self->is_deaf = false;
  wait (self, 1300 * TIME_MS);
  g_assert_cmpuint (self->told, >, 0);
}

static void
test_grace (Fixture *self, gconstpointer data)
{
  silence_begin (&self->silence, self->timers, &events, self);
  wait (self, 2900 * TIME_MS);
  silence_break (&self->silence);
  g_assert_cmpuint (self->told, ==, 0);
  wait (self, 2 * TIME_SECOND);
  g_assert_cmpuint (self->told, >, 0);
}

static void
test_end (Fixture *self, gconstpointer data)
{
  silence_break (&self->silence); /* before it begins it means nothing */
  silence_begin (&self->silence, self->timers, &events, self);
  silence_end (&self->silence);
  wait (self, TIME_MINUTE);
  g_assert_cmpuint (self->told, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, test) g_test_add (path, Fixture, NULL, setup, test, teardown)
  ADD ("/silence/a-voice-is-none", test_voice);
  ADD ("/silence/is-told-soon-and-while-it-lasts", test_told);
  ADD ("/silence/lost-packets-are-none", test_gaps);
  ADD ("/silence/a-program-that-was-held-up-hears-none", test_deaf);
  ADD ("/silence/the-other-side-may-take-its-time-to-begin", test_grace);
  ADD ("/silence/its-end", test_end);
  return g_test_run ();
}
