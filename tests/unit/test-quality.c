/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/quality.h"

#include <glib.h>

static CallMediaQuality
update (Quality *self, QualityCounters now)
{
  CallMediaQuality quality;
  quality_update (self, &now, &quality);
  return quality;
}

static void
test_the_first_second_counts_from_zero (void)
{
  Quality self;
  quality_init (&self);
  CallMediaQuality now = update (&self, (QualityCounters){ .bytes_sent = 5000, .rtt_ms = -1 });
  g_assert_cmpfloat (now.bitrate_sent, ==, 40000);
  g_assert_cmpfloat (now.rtt_ms, ==, -1);
}

static void
test_loss_is_that_of_three_seconds (void)
{
  Quality self;
  quality_init (&self);
  update (&self, (QualityCounters){ .played = 0, .lost = 50 });
  update (&self, (QualityCounters){ .played = 50, .lost = 50 });
  g_assert_cmpfloat_with_epsilon (
    update (&self, (QualityCounters){ .played = 100, .lost = 50 }).loss_received, 1 / 3.0, 1e-9);
  g_assert_cmpfloat (update (&self, (QualityCounters){ .played = 150, .lost = 50 }).loss_received,
                     ==, 0);
}

static void
test_counters_that_start_again_say_nothing (void)
{
  Quality self;
  quality_init (&self);
  for (unsigned i = 0; i < 4; i++)
    update (&self, (QualityCounters){ .played = 1000, .lost = 100, .bytes_received = 9000 });
  CallMediaQuality now = update (&self, (QualityCounters){ .played = 10 });
  g_assert_cmpfloat (now.loss_received, ==, 0);
  g_assert_cmpfloat (now.bitrate_received, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/quality/the-first-second-counts-from-zero",
                   test_the_first_second_counts_from_zero);
  g_test_add_func ("/quality/loss-is-that-of-three-seconds", test_loss_is_that_of_three_seconds);
  g_test_add_func ("/quality/counters-that-start-again-say-nothing",
                   test_counters_that_start_again_say_nothing);
  return g_test_run ();
}
