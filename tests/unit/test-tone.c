/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/tone.h"

#include <math.h>
#include <stdlib.h>

static double
rms (Tone *self, double seconds)
{
  size_t count = (size_t) (seconds * TONE_RATE);
  g_autofree int16_t *samples = g_new (int16_t, count);
  tone_fill (self, samples, count);
  double sum = 0;
  for (size_t i = 0; i < count; i++)
    sum += (double) samples[i] * samples[i];
  return sqrt (sum / (double) count);
}

static void
test_ringback_is_one_second_in_five (void)
{
  Tone self = { .kind = CALL_MEDIA_TONE_RINGBACK };
  for (unsigned i = 0; i < 3; i++) {
    g_assert_cmpfloat (rms (&self, 1), >, 4000);
    g_assert_cmpfloat (rms (&self, 4), ==, 0);
  }
}

static void
test_busy_ends (void)
{
  Tone self = { .kind = CALL_MEDIA_TONE_BUSY };
  int16_t sample;
  g_assert_cmpfloat (rms (&self, 0.5), >, 4000);
  g_assert_true (tone_fill (&self, &sample, 1));
  rms (&self, 4);
  g_assert_false (tone_fill (&self, &sample, 1));
  g_assert_cmpint (sample, ==, 0);
}

static void
test_ring_goes_on_and_never_clicks (void)
{
  Tone self = { .kind = CALL_MEDIA_TONE_RING };
  int16_t before = 0;
  for (unsigned i = 0; i < 10 * TONE_RATE; i++) {
    int16_t sample;
    g_assert_true (tone_fill (&self, &sample, 1));
    g_assert_cmpint (abs (sample - before), <, 1600); /* a sine's own slope at most */
    before = sample;
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tone/ringback-is-one-second-in-five", test_ringback_is_one_second_in_five);
  g_test_add_func ("/tone/busy-ends", test_busy_ends);
  g_test_add_func ("/tone/ring-goes-on-and-never-clicks", test_ring_goes_on_and_never_clicks);
  return g_test_run ();
}
