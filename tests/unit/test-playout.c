/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/playout.h"

#include "core/base/limits.h"

#include <glib.h>

static uint32_t
tick (Playout *self, unsigned count, PlayoutTick what)
{
  uint32_t latency_ms = self->latency_ms;
  for (unsigned i = 0; i < count; i++)
    latency_ms = playout_update (self, &what);
  return latency_ms;
}

static void
test_quiet_network_waits_one_packet (void)
{
  Playout self;
  playout_init (&self);
  g_assert_cmpuint (tick (&self, 1000, (PlayoutTick){ .jitter_ms = 1 }), ==, PLAYOUT_LEAST_MS);
}

static void
test_late_packet_lengthens_at_once (void)
{
  Playout self;
  playout_init (&self);
  g_assert_cmpuint (tick (&self, 1, (PlayoutTick){ .late = 1 }), ==, 40);
  g_assert_cmpuint (tick (&self, 1, (PlayoutTick){ .late = 3 }), ==, 60);
}

static void
test_calm_shortens_slowly (void)
{
  Playout self;
  playout_init (&self);
  tick (&self, 2, (PlayoutTick){ .late = 1 });
  g_assert_cmpuint (tick (&self, PLAYOUT_CALM_TICKS - 1, (PlayoutTick){ 0 }), ==, 60);
  g_assert_cmpuint (tick (&self, 1, (PlayoutTick){ 0 }), ==, 50);
  g_assert_cmpuint (tick (&self, PLAYOUT_CALM_AGAIN_TICKS, (PlayoutTick){ 0 }), ==, 40);
  g_assert_cmpuint (tick (&self, 1000, (PlayoutTick){ 0 }), ==, PLAYOUT_LEAST_MS);
}

static void
test_jitter_is_waited_for (void)
{
  Playout self;
  playout_init (&self);
  g_assert_cmpuint (tick (&self, 1, (PlayoutTick){ .jitter_ms = 15 }), ==, 50);
  g_assert_cmpuint (tick (&self, 1000, (PlayoutTick){ .jitter_ms = 15 }), ==, 50);
}

static void
test_repair_waits_one_packet_more (void)
{
  Playout self;
  playout_init (&self);
  g_assert_cmpuint (tick (&self, 1, (PlayoutTick){ .is_repairing = true }), ==,
                    PLAYOUT_LEAST_MS + PLAYOUT_REPAIR_MS);
}

static void
test_an_attacker_cannot_lengthen_beyond_the_limit (void)
{
  Playout self;
  playout_init (&self);
  PlayoutTick worst = { .late = UINT64_MAX, .jitter_ms = 1e300, .is_repairing = true };
  g_assert_cmpuint (tick (&self, 1000, worst), ==, LIMIT_JITTER_MS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/playout/quiet-network-waits-one-packet", test_quiet_network_waits_one_packet);
  g_test_add_func ("/playout/late-packet-lengthens-at-once", test_late_packet_lengthens_at_once);
  g_test_add_func ("/playout/calm-shortens-slowly", test_calm_shortens_slowly);
  g_test_add_func ("/playout/jitter-is-waited-for", test_jitter_is_waited_for);
  g_test_add_func ("/playout/repair-waits-one-packet-more", test_repair_waits_one_packet_more);
  g_test_add_func ("/playout/threat-4.10-attacker-cannot-lengthen-beyond-the-limit",
                   test_an_attacker_cannot_lengthen_beyond_the_limit);
  return g_test_run ();
}
