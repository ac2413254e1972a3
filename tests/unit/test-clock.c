/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/clock.h"

#include "tests/unit/node-stage.h"
#include "tests/unit/overlay-stage.h"

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *neighbors[2];
  ClockCheck *clock;
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  self->stage = overlay_stage_new ();
  self->neighbors[0] = stranger_new (self->stage, "one", 0x90000000);
  self->neighbors[1] = stranger_new (self->stage, "two", 0x10000000);
  overlay_stage_join (self->stage, self->neighbors);
  self->clock = clock_check_new (self->stage->overlay);
  clock_check_start (self->clock);
}

static void
tear_down (Fixture *self, const void *data)
{
  clock_check_free (self->clock);
  overlay_stage_free (self->stage);
}

/* Both neighbors, whose clocks are that far from ours, are asked and answer. */
static void
check (Fixture *self, uint64_t wait, int64_t first_ms, int64_t second_ms)
{
  int64_t offsets[] = { first_ms, second_ms };

  overlay_stage_run (self->stage, wait);
  for (unsigned i = 0; i < 2; i++) {
    Letter *letter = stranger_next (self->neighbors[i], MESSAGE_PING_REQ);
    uint64_t now = self->stage->ports.wall_clock_ms (self->stage);
    PingAns answer = { .response_id = 1, .time = now + (uint64_t) offsets[i] };
    g_assert_nonnull (letter);
    stranger_reply (self->neighbors[i], letter, &answer);
  }
}

static void
test_right (Fixture *self, const void *data)
{
  check (self, 8 * TIME_SECOND, 29000, -29000);
  g_assert_cmpuint (self->stage->clock_reports, ==, 0);
}

static void
test_wrong (Fixture *self, const void *data)
{
  check (self, 8 * TIME_SECOND, 3600000, 3600000);
  g_assert_cmpuint (self->stage->clock_reports, ==, 1);
  g_assert_cmpint (self->stage->clock_offset_ms, ==, 3600000);
  check (self, TIME_HOUR, 0, 0);
  g_assert_cmpuint (self->stage->clock_reports, ==, 2);
  g_assert_cmpint (self->stage->clock_offset_ms, ==, 0);
  check (self, TIME_HOUR, 0, 0);
  g_assert_cmpuint (self->stage->clock_reports, ==, 2);
}

static void
test_silence (Fixture *self, const void *data)
{
  overlay_stage_run (self->stage, TIME_MINUTE);
  g_assert_cmpuint (self->stage->clock_reports, ==, 0);
}

/* Of four phones one has a clock that is wrong: the others do not believe it. */

static NodeStage *
stage_with (unsigned wrong, int64_t offset_ms)
{
  NodeStage *stage = node_stage_new (4);

  for (unsigned i = 0; i < wrong; i++)
    stage->phones[i].peer->clock_offset_ms = offset_ms;
  node_stage_start (stage);
  node_stage_run (stage, 20 * TIME_SECOND);
  return stage;
}

static void
expect_found_wrong (int64_t offset_ms)
{
  g_autoptr (NodeStage) stage = stage_with (1, offset_ms);

  g_assert_cmpuint (stage->phones[0].clock_events, ==, 1);
  g_assert_cmpint (stage->phones[0].clock_offset_ms, >=, -offset_ms - 100);
  g_assert_cmpint (stage->phones[0].clock_offset_ms, <=, -offset_ms + 100);
  for (unsigned i = 1; i < 4; i++)
    g_assert_cmpuint (stage->phones[i].clock_events, ==, 0);
}

static void
test_fast (void)
{
  expect_found_wrong (600000);
}

static void
test_slow (void)
{
  expect_found_wrong (-600000);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/clock/threat-5.5-half-a-minute-is-nothing", test_right);
  ADD ("/clock/threat-5.5-a-wrong-one-is-reported-until-it-is-right", test_wrong);
  ADD ("/clock/nobody-says-anything", test_silence);
  g_test_add_func ("/clock/threat-5.5-a-fast-one-is-told-to-its-owner-alone", test_fast);
  g_test_add_func ("/clock/threat-5.5-a-slow-one-is-told-to-its-owner-alone", test_slow);
  return g_test_run ();
}
