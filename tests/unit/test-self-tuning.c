/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/self-tuning.h"

#include "core/base/limits.h"
#include "core/base/timers.h"

static NodeId
peer (unsigned i)
{
  return (NodeId){ { (uint8_t) i, 1 } };
}

typedef struct Fixture {
  SelfTuning *tuning;
  NodeId peers[LIMIT_TUNING_PEERS];
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  self->tuning = self_tuning_new ();
  for (unsigned i = 0; i < LIMIT_TUNING_PEERS; i++)
    self->peers[i] = peer (i);
}

static void
tear_down (Fixture *self, const void *data)
{
  self_tuning_free (self->tuning);
}

static double
period_s (const Fixture *self)
{
  return (double) self_tuning_interval (self->tuning) / TIME_SECOND;
}

static void
say (Fixture *self, unsigned who, uint32_t size, uint32_t joins, uint32_t failures)
{
  NodeId id = peer (who);

  self_tuning_hear (self->tuning, &id, &(SelfTuningData){ size, joins, failures });
}

static void
test_bounds (Fixture *self, const void *data)
{
  uint64_t now = 100 * 24 * TIME_HOUR;

  g_assert_cmpfloat (period_s (self), ==, 15);
  /* Ages of a second: everybody came just now. */
  for (unsigned i = 0; i < 20; i++)
    self_tuning_note_uptime (self->tuning, &self->peers[i], 1, now);
  self_tuning_update (self->tuning, 1000, self->peers, 20, now);
  g_assert_cmpfloat (period_s (self), ==, 15);
  /* Ages of a hundred days. */
  for (unsigned i = 0; i < 20; i++)
    self_tuning_note_uptime (self->tuning, &self->peers[i], 100 * 24 * 3600, now);
  self_tuning_update (self->tuning, 1000, self->peers, 20, now);
  g_assert_cmpfloat (period_s (self), ==, 600);
}

/* 500 peers, one joins and one leaves every 30 s: about 93 s (section 3.2). */
static void
test_example (Fixture *self, const void *data)
{
  uint64_t now = 10 * TIME_HOUR;

  self_tuning_start (self->tuning, 0);
  /* In a table of 24 peers one is lost every 500 * 30 / 24 s. */
  for (unsigned i = 1; i <= 8; i++)
    self_tuning_note_failure (self->tuning, now - (8 - i) * 625 * TIME_SECOND);
  self_tuning_update (self->tuning, 500, self->peers, 24, now);
  g_assert_cmpfloat (period_s (self), >, 80);
  g_assert_cmpfloat (period_s (self), <, 110);
  g_assert_cmpuint (self_tuning_data (self->tuning).network_size, ==, 500);
  g_assert_cmpuint (self_tuning_data (self->tuning).leave_rate, >=, 5);
  g_assert_cmpuint (self_tuning_data (self->tuning).leave_rate, <=, 7);
}

static void
test_joins (Fixture *self, const void *data)
{
  uint64_t now = 10 * TIME_HOUR;

  for (unsigned i = 0; i < 9; i++)
    self_tuning_note_uptime (self->tuning, &self->peers[i], i < 4 ? i + 1 : 100 * (i + 1), now);
  /* One that is in the table no more does not count. */
  self_tuning_note_uptime (self->tuning, &self->peers[50], 1, now);
  self_tuning_update (self->tuning, 100, self->peers, 9, now);
  /* The median is 500 s: 100 / 500 joins in a second. */
  g_assert_cmpuint (self_tuning_data (self->tuning).join_rate, ==, 17280);
}

/* Everybody came an hour ago, within a minute. */
static void
test_joins_at_once (Fixture *self, const void *data)
{
  uint64_t now = 10 * TIME_HOUR;

  for (unsigned i = 0; i < 20; i++)
    self_tuning_note_uptime (self->tuning, &self->peers[i], 3600 + 3 * i, now);
  self_tuning_update (self->tuning, 32, self->peers, 20, now);
  g_assert_cmpuint (self_tuning_data (self->tuning).join_rate, <, 32 * 24 / 5);
  /* Two more mean that they go on coming. */
  for (unsigned i = 20; i < 22; i++)
    self_tuning_note_uptime (self->tuning, &self->peers[i], 1, now);
  self_tuning_update (self->tuning, 32, self->peers, 22, now);
  g_assert_cmpuint (self_tuning_data (self->tuning).join_rate, >, 32 * 24 * 9 / 10);
}

static void
test_lifetime (Fixture *self, const void *data)
{
  uint64_t now = 10 * TIME_HOUR;

  self_tuning_update (self->tuning, 100, self->peers, 20, now);
  g_assert_cmpuint (self_tuning_lifetime (self->tuning, now), ==, TIME_NEVER);
  self_tuning_note_failure (self->tuning, now);
  g_assert_cmpuint (self_tuning_lifetime (self->tuning, now), ==, TIME_NEVER);
  /* Of twenty peers one in half a minute. */
  self_tuning_note_failure (self->tuning, now + 30 * TIME_SECOND);
  g_assert_cmpuint (self_tuning_lifetime (self->tuning, now + TIME_MINUTE), ==, 10 * TIME_MINUTE);
  g_assert_cmpuint (self_tuning_lifetime (self->tuning, now + TIME_HOUR), ==, 10 * TIME_HOUR);
}

static void
test_quiet_after_a_burst (Fixture *self, const void *data)
{
  uint64_t now = TIME_HOUR;
  uint32_t then;

  for (unsigned i = 0; i < 8; i++)
    self_tuning_note_failure (self->tuning, now);
  self_tuning_update (self->tuning, 100, self->peers, 16, now + TIME_SECOND);
  then = self_tuning_data (self->tuning).leave_rate;
  self_tuning_update (self->tuning, 100, self->peers, 16, now + 100 * TIME_HOUR);
  g_assert_cmpuint (self_tuning_data (self->tuning).leave_rate, <, then / 100);
}

/* Rates are told as whole events in 24 hours, rounded up. */
static void
test_rounded_up (Fixture *self, const void *data)
{
  SelfTuningData data_said;

  self_tuning_start (self->tuning, 0);
  self_tuning_update (self->tuning, 10, self->peers, 9, 1000 * TIME_HOUR);
  data_said = self_tuning_data (self->tuning);
  g_assert_cmpuint (data_said.leave_rate, ==, 1);
  g_assert_cmpuint (data_said.join_rate, ==, 0);
}

static void
test_quartile (Fixture *self, const void *data)
{
  uint64_t now = 100 * TIME_HOUR;

  say (self, 1, 50, 0, 0);
  say (self, 2, 60, 0, 0);
  say (self, 3, 1000000, 0, 0); /* a liar */
  self_tuning_update (self->tuning, 40, self->peers, 9, now);
  g_assert_cmpfloat (self_tuning_size (self->tuning), ==, 60);
  /* What was heard is good for one round. */
  self_tuning_update (self->tuning, 40, self->peers, 9, now);
  g_assert_cmpfloat (self_tuning_size (self->tuning), ==, 40);
}

static void
test_one_voice_each (Fixture *self, const void *data)
{
  for (unsigned i = 0; i < 100; i++)
    say (self, 1, UINT32_MAX, UINT32_MAX, UINT32_MAX);
  say (self, 2, 40, 0, 0);
  say (self, 3, 40, 0, 0);
  self_tuning_update (self->tuning, 40, self->peers, 9, 100 * TIME_HOUR);
  g_assert_cmpfloat (self_tuning_size (self->tuning), ==, 40);
  for (unsigned i = 0; i < 2 * LIMIT_TUNING_OPINIONS; i++)
    say (self, i, 1, 1, 1);
  self_tuning_update (self->tuning, 40, self->peers, 9, 100 * TIME_HOUR);
}

static void
test_sizes (Fixture *self, const void *data)
{
  static const struct {
    double size;
    unsigned neighbors, fingers;
  } rows[] = {
    { 1, 8, 16 }, { 1024, 8, 16 }, { 1025, 9, 16 }, { 100000, 12, 17 }, { 1e9, 18, 30 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    self_tuning_update (self->tuning, rows[i].size, self->peers, 9, TIME_HOUR);
    g_assert_cmpuint (self_tuning_neighbors (self->tuning), ==, rows[i].neighbors);
    g_assert_cmpuint (self_tuning_fingers (self->tuning), ==, rows[i].fingers);
  }
}

/* The estimate of a thousand peers wavers around 2^10: that moves no list. */
static void
test_wavering (Fixture *self, const void *data)
{
  const double sizes[] = { 1000, 1100, 900, 1030, 600, 2000 };

  self_tuning_update (self->tuning, 1100, self->peers, 9, TIME_HOUR);
  for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++) {
    self_tuning_update (self->tuning, sizes[i], self->peers, 9, TIME_HOUR);
    g_assert_cmpuint (self_tuning_neighbors (self->tuning), ==, 9);
  }
  self_tuning_update (self->tuning, 500, self->peers, 9, TIME_HOUR);
  g_assert_cmpuint (self_tuning_neighbors (self->tuning), ==, 8);
}

static void
test_full (Fixture *self, const void *data)
{
  uint64_t now = TIME_HOUR;

  for (unsigned i = 0; i < 3 * LIMIT_TUNING_FAILURES; i++)
    self_tuning_note_failure (self->tuning, now + i * TIME_SECOND);
  for (unsigned i = 0; i < 2 * LIMIT_TUNING_PEERS; i++) {
    NodeId id = { { (uint8_t) i, (uint8_t) (i >> 8), 7 } };
    self_tuning_note_uptime (self->tuning, &id, UINT32_MAX, now);
  }
  self_tuning_update (self->tuning, 1e12, self->peers, LIMIT_TUNING_PEERS, now + TIME_HOUR);
  g_assert_cmpfloat (period_s (self), >=, 15);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/self-tuning/period/has-a-floor-and-a-ceiling-rfc7363-6.6-1", test_bounds);
  ADD ("/self-tuning/period/is-that-of-the-example", test_example);
  ADD ("/self-tuning/estimate/joins-by-the-median-age", test_joins);
  ADD ("/self-tuning/estimate/after-many-joins-comes-quiet", test_joins_at_once);
  ADD ("/self-tuning/estimate/lives-are-as-long-as-the-latest-failures-say", test_lifetime);
  ADD ("/self-tuning/estimate/after-a-burst-comes-quiet-rfc7363-6.3-1", test_quiet_after_a_burst);
  ADD ("/self-tuning/estimate/rates-are-rounded-up", test_rounded_up);
  ADD ("/self-tuning/share/the-third-quartile-counts", test_quartile);
  ADD ("/self-tuning/share/everybody-has-one-voice", test_one_voice_each);
  ADD ("/self-tuning/lists/follow-the-size-rfc7363-6.2-1", test_sizes);
  ADD ("/self-tuning/lists/do-not-waver-with-the-estimate", test_wavering);
  ADD ("/self-tuning/limits/tables-are-bounded", test_full);
  return g_test_run ();
}
