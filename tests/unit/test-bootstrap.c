/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/bootstrap.h"

#include "tests/unit/overlay-stage.h"

#include <string.h>

static Address
place (uint8_t number)
{
  return (Address){ .family = ADDRESS_IPV4, .bytes = { 10, 0, 0, number }, .port = 6084 };
}

/* How often the world was asked for a connection to that place. */
static unsigned
tries (OverlayStage *stage, uint8_t number)
{
  Address address = place (number);
  unsigned count = 0;

  for (guint i = 0; i < stage->links->len; i++)
    count += address_equal (&g_array_index (stage->links, StageLink, i).to, &address);
  return count;
}

static void
fail_all (OverlayStage *stage)
{
  for (guint i = 0; i < stage->links->len; i++)
    overlay_link_down (stage->overlay, g_array_index (stage->links, StageLink, i).number,
                       LINK_END_UNREACHABLE);
}

static void
test_tried (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();

  for (uint8_t i = 1; i <= 9; i++) {
    Address address = place (i);
    overlay_add_bootstrap (stage->overlay, LINK_TRANSPORT_DTLS, &address);
  }
  overlay_start (stage->overlay);
  for (unsigned i = 0; i < 60; i++) {
    g_assert_cmpuint (overlay_trying (stage->overlay), <=, 4);
    overlay_stage_run (stage, TIME_SECOND);
    fail_all (stage);
  }
  for (uint8_t i = 1; i <= 9; i++)
    g_assert_cmpuint (tries (stage, i), >=, 1);
  /* With back-off, never a storm. */
  for (uint8_t i = 1; i <= 9; i++)
    g_assert_cmpuint (tries (stage, i), <=, 12);
}

static void
test_own (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  Address own = place (1);

  overlay_set_listening (stage->overlay, &own, 1);
  overlay_add_bootstrap (stage->overlay, LINK_TRANSPORT_DTLS, &own);
  overlay_start (stage->overlay);
  overlay_stage_run (stage, TIME_MINUTE);
  g_assert_cmpuint (tries (stage, 1), ==, 0);
}

static void
test_bounded (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  unsigned tried = 0;

  for (unsigned i = 0; i < 10 * LIMIT_HOSTS; i++) {
    Address address = place (1);
    address.port = (uint16_t) (1000 + i);
    overlay_add_bootstrap (stage->overlay, LINK_TRANSPORT_DTLS, &address);
  }
  overlay_start (stage->overlay);
  for (unsigned i = 0; i < 300; i++) {
    overlay_stage_run (stage, TIME_SECOND);
    fail_all (stage);
  }
  for (unsigned i = 0; i < 10 * LIMIT_HOSTS; i++)
    for (guint k = 0; k < stage->links->len; k++)
      if (g_array_index (stage->links, StageLink, k).to.port == 1000 + i) {
        tried++;
        break;
      }
  g_assert_cmpuint (tried, <=, LIMIT_HOSTS);
  g_assert_cmpuint (tried, >, LIMIT_HOSTS / 2);
}

static void
test_damaged (void)
{
  static const uint8_t noise[40] = { 1, 2, 3 };
  g_autoptr (OverlayStage) stage = overlay_stage_new ();

  for (size_t key = 0; key < sizeof noise; key++)
    for (size_t value = 0; value < sizeof noise; value++)
      overlay_restore (stage->overlay, KEEP_HOST, (Bytes){ noise, key }, (Bytes){ noise, value });
  overlay_start (stage->overlay);
  overlay_stage_run (stage, TIME_MINUTE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bootstrap/every-place-is-tried-with-back-off", test_tried);
  g_test_add_func ("/bootstrap/our-own-listener-is-no-place", test_own);
  g_test_add_func ("/bootstrap/places-are-bounded", test_bounded);
  g_test_add_func ("/bootstrap/what-the-disk-says-is-only-a-hint", test_damaged);
  return g_test_run ();
}
