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

/* Of one report a second, as we make them. */
static void
test_reports_without_progress_say_that_we_are_unheard (void)
{
  Quality self;
  quality_init (&self);
  g_assert_cmpint (update (&self, (QualityCounters){ 0 }).hearing, ==, CALL_MEDIA_HEARING_UNKNOWN);
  g_assert_cmpint (update (&self, (QualityCounters){ .report_time = 1, .highest = 9 }).hearing, ==,
                   CALL_MEDIA_HEARING_HEARD);
  for (uint64_t i = 2; i < 4; i++)
    g_assert_cmpint (update (&self, (QualityCounters){ .report_time = i, .highest = 9 }).hearing,
                     ==, CALL_MEDIA_HEARING_HEARD);
  g_assert_cmpint (update (&self, (QualityCounters){ .report_time = 4, .highest = 9 }).hearing, ==,
                   CALL_MEDIA_HEARING_UNHEARD);
  g_assert_cmpint (update (&self, (QualityCounters){ .report_time = 5, .highest = 10 }).hearing, ==,
                   CALL_MEDIA_HEARING_HEARD);
}

/* Somebody who reports seldom, or on a way that loses reports. */
static void
test_reports_that_do_not_come_say_nothing (void)
{
  Quality self;
  quality_init (&self);
  update (&self, (QualityCounters){ .report_time = 1, .highest = 9 });
  for (unsigned i = 0; i < 20; i++)
    g_assert_cmpint (update (&self, (QualityCounters){ .report_time = 1, .highest = 9 }).hearing,
                     ==, CALL_MEDIA_HEARING_HEARD);
}

static void
test_who_never_got_anything_reports_so (void)
{
  Quality self;
  quality_init (&self);
  for (uint64_t i = 1; i < 3; i++)
    g_assert_cmpint (update (&self, (QualityCounters){ .report_time = i }).hearing, ==,
                     CALL_MEDIA_HEARING_UNKNOWN);
  g_assert_cmpint (update (&self, (QualityCounters){ .report_time = 3 }).hearing, ==,
                   CALL_MEDIA_HEARING_UNHEARD);
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
  g_test_add_func ("/quality/reports-without-progress-say-that-we-are-unheard",
                   test_reports_without_progress_say_that_we_are_unheard);
  g_test_add_func ("/quality/reports-that-do-not-come-say-nothing",
                   test_reports_that_do_not_come_say_nothing);
  g_test_add_func ("/quality/who-never-got-anything-reports-so",
                   test_who_never_got_anything_reports_so);
  return g_test_run ();
}
