/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/chord-private.h"
#include "tests/unit/overlay-stage.h"

/* Three each way, and a link to somebody who is no neighbor. */

enum { SIDE = 3 };

typedef struct Fixture {
  OverlayStage *stage;
  Chord *chord;
  Stranger *after[SIDE];
  Stranger *before[SIDE];
  Stranger *far;
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  self->stage = overlay_stage_new ();
  self->chord = self->stage->overlay->topology.self;
  for (unsigned i = 0; i < SIDE; i++) {
    Stranger *pair[2];
    pair[0] = self->after[i] = stranger_new (self->stage, "after", 0x90000000 + (i << 24));
    pair[1] = self->before[i] = stranger_new (self->stage, "before", 0x70000000 - (i << 24));
    overlay_stage_join (self->stage, pair);
  }
  self->far = stranger_new (self->stage, "far", 0xc0000000);
  stranger_connect (self->far);
  overlay_stage_run (self->stage, TIME_MINUTE);
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
}

static Connection *
link_to (Fixture *self, const Stranger *peer)
{
  return connection_table_by_number (self->stage->overlay->connections, peer->link);
}

static uint64_t
period_of (Fixture *self, const Stranger *peer)
{
  chord_watch_all (self->chord);
  return link_to (self, peer)->link.probe_period;
}

static void
test_nearest (Fixture *self, const void *data)
{
  g_assert_cmpuint (period_of (self, self->after[0]), ==, 2 * TIME_SECOND);
  g_assert_cmpuint (period_of (self, self->before[0]), ==, 2 * TIME_SECOND);
  g_assert_cmpuint (period_of (self, self->after[1]), >=, 5 * TIME_SECOND);
  link_to (self, self->after[0])->kind = CONNECTION_OVERLAY;
  g_assert_cmpuint (period_of (self, self->after[0]), ==, 2 * TIME_SECOND);
}

/* Where nobody dies, routers alone say how often. */
static void
test_routers (Fixture *self, const void *data)
{
  g_assert_cmpuint (period_of (self, self->far), <, 30 * TIME_SECOND);
  link_to (self, self->far)->kind = CONNECTION_OVERLAY;
  g_assert_cmpuint (period_of (self, self->far), >, 60 * TIME_SECOND);
  self->stage->overlay->configuration->is_no_ice = true;
  g_assert_cmpuint (period_of (self, self->far), <, 30 * TIME_SECOND);
}

static void
test_deaths (Fixture *self, const void *data)
{
  link_to (self, self->far)->kind = CONNECTION_OVERLAY;
  overlay_link_down (self->stage->overlay, self->after[0]->link, LINK_END_LOST);
  overlay_stage_run (self->stage, TIME_SECOND);
  overlay_link_down (self->stage->overlay, self->before[0]->link, LINK_END_LOST);
  overlay_stage_run (self->stage, TIME_SECOND);
  g_assert_cmpuint (link_to (self, self->far)->link.probe_period, ==, 5 * TIME_SECOND);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/chord/watch/nearest-are-asked-every-two-seconds", test_nearest);
  ADD ("/chord/watch/ice-keeps-its-links-open-others-are-asked-in-time", test_routers);
  ADD ("/chord/watch/two-deaths-and-all-are-asked", test_deaths);
  return g_test_run ();
}
