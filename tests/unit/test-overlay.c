/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/overlay.h"

#include "tests/unit/overlay-stage.h"

#include <string.h>

static void
test_alone (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();

  g_assert_cmpint (overlay_state (stage->overlay), ==, TOPOLOGY_OFF);
  overlay_stage_alone (stage);
  g_assert_true (overlay_is_registered (stage->overlay));
  g_assert_cmpuint (overlay_peers (stage->overlay), <=, 1);
  g_assert_cmpuint (overlay_resource_count (stage->overlay), ==, 2);
}

static void
test_stopped (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  Stranger *alice = stranger_new (stage, "alice", 0);
  PingReq ping = { { NULL, 0 } };
  Draft draft = { .code = MESSAGE_PING_REQ, .body = &ping };

  overlay_stage_alone (stage);
  stranger_connect (alice);
  g_assert_cmpint (stranger_verdict (alice, &draft), ==, RELOAD_OK);
  overlay_stop (stage->overlay);
  overlay_stop (stage->overlay);
  g_assert_cmpint (stranger_verdict (alice, &draft), ==, -1);
}

static void
test_counters (void)
{
  for (size_t i = 0; i < overlay_counter_count; i++) {
    g_assert_nonnull (overlay_counter_names[i]);
    for (size_t k = 0; k < i; k++)
      g_assert_cmpstr (overlay_counter_names[i], !=, overlay_counter_names[k]);
  }
}

static void
test_application (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  Stranger *alice = stranger_new (stage, "alice", 0x10000000);

  overlay_stage_alone (stage);
  overlay_send_application (stage->overlay, &alice->id, bytes_of_text ("nobody hears"));
  stranger_connect (alice);
  overlay_stage_run (stage, TIME_SECOND);
  overlay_close_application (stage->overlay, &alice->id);
  g_assert_false (overlay_has_application (stage->overlay, &alice->id));
  g_assert_cmpuint (overlay_applications (stage->overlay, 0, NULL, 0), ==, 0);
}

static void
test_media (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  uint32_t first = overlay_open_media (stage->overlay);
  uint32_t second = overlay_open_media (stage->overlay);

  g_assert_cmpuint (first, !=, second);
  /* Not the overlay's: its events are somebody else's. */
  g_assert_false (overlay_link_up (stage->overlay, first, stage->signer.own, false));
  g_assert_false (overlay_link_down (stage->overlay, first, LINK_END_LOST));
  overlay_close_media (stage->overlay, second);
  g_assert_true (overlay_link_down (stage->overlay, second, LINK_END_LOST));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/overlay/alone-is-a-ring-and-registered", test_alone);
  g_test_add_func ("/overlay/stopped-means-quiet", test_stopped);
  g_test_add_func ("/overlay/every-counter-has-its-name", test_counters);
  g_test_add_func ("/overlay/without-an-application-link-nothing-happens", test_application);
  g_test_add_func ("/overlay/media-links-are-only-numbers-here", test_media);
  return g_test_run ();
}
