/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/race.h"
#include "tests/unit/overlay-stage.h"

/* The ways to one place. Nobody answers unless the test says so; what is due is begun by the test
 * too. */

#define HEAD_START (250 * TIME_MS)

static const Address beyond = { .family = ADDRESS_IPV4, .bytes = { 192, 0, 2, 1 }, .port = 6084 };
static const Address near = { .family = ADDRESS_IPV4, .bytes = { 10, 0, 0, 1 }, .port = 6084 };

typedef struct Fixture {
  OverlayStage *stage;
  Race *race;
} Fixture;

static void
set_up (Fixture *self, gconstpointer known)
{
  self->stage = overlay_stage_new ();
  overlay_stage_run (self->stage, TIME_SECOND);
  self->race = race_new (self->stage->overlay, &beyond, (Way) GPOINTER_TO_UINT (known));
}

static void
tear_down (Fixture *self, gconstpointer known)
{
  race_free (self->race);
  overlay_stage_free (self->stage);
}

static StageLink *
link_at (Fixture *self, guint i)
{
  g_assert_cmpuint (i, <, self->stage->links->len);
  return &g_array_index (self->stage->links, StageLink, i);
}

static void
wait (Fixture *self, uint64_t microseconds)
{
  overlay_stage_run (self->stage, microseconds);
  race_run (self->race);
}

static void
expect_way (Fixture *self, guint i, Way way)
{
  const StageLink *link = link_at (self, i);

  g_assert_cmpint (race_way_of (self->race, link->number), ==, way);
  g_assert_cmpint (link->transport, ==,
                   way == WAY_DATAGRAMS ? LINK_TRANSPORT_DTLS : LINK_TRANSPORT_TLS);
  g_assert_cmpuint (link->to.port, ==, way == WAY_WEB ? PORT_WEB : 6084);
}

static void
expect_begun (Fixture *self, guint count)
{
  g_assert_cmpuint (self->stage->links->len, ==, count);
}

static void
test_order (Fixture *self, gconstpointer known)
{
  uint64_t began = timers_now (self->stage->timers);

  g_assert_cmpuint (race_run (self->race), ==, began + HEAD_START);
  expect_begun (self, 1);
  wait (self, HEAD_START - 1);
  expect_begun (self, 1);
  wait (self, 1);
  expect_begun (self, 2);
  wait (self, HEAD_START);
  expect_begun (self, 3);
  g_assert_cmpuint (race_run (self->race), ==, UINT64_MAX);
  for (guint i = 0; i < 3; i++)
    expect_way (self, i, WAY_DATAGRAMS + i);
  g_assert_cmpuint (race_datagrams_since (self->race), ==, began);
  g_assert_false (race_is_over (self->race));
}

static void
test_known (Fixture *self, gconstpointer known)
{
  Way way = (Way) GPOINTER_TO_UINT (known);

  race_run (self->race);
  expect_begun (self, 2);
  expect_way (self, 0, way);
  expect_way (self, 1, WAY_DATAGRAMS);
  wait (self, HEAD_START);
  expect_begun (self, 3);
  expect_way (self, 2, way == WAY_WEB ? WAY_STREAM : WAY_WEB);
}

static void
test_near (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  Race *race = race_new (stage->overlay, &near, WAY_WEB);

  race_run (race);
  overlay_stage_run (stage, TIME_SECOND);
  g_assert_cmpuint (race_run (race), ==, UINT64_MAX);
  g_assert_cmpuint (stage->links->len, ==, 2);
  race_free (race);
}

/* Who hears that a way is closed waits for nothing. */
static void
test_down (Fixture *self, gconstpointer known)
{
  race_run (self->race);
  for (guint i = 0; i < 3; i++) {
    expect_begun (self, i + 1);
    g_assert_false (race_is_over (self->race));
    race_note_down (self->race, link_at (self, i)->number);
    g_assert_cmpint (race_way_of (self->race, link_at (self, i)->number), ==, 0);
    race_run (self->race);
  }
  expect_begun (self, 3);
  g_assert_true (race_is_over (self->race));
  g_assert_false (race_is_won (self->race));
}

static void
test_datagrams_win (Fixture *self, gconstpointer known)
{
  race_run (self->race);
  wait (self, HEAD_START);
  wait (self, HEAD_START);
  race_note_up (self->race, link_at (self, 0)->number);
  g_assert_false (link_at (self, 0)->is_closed);
  g_assert_true (link_at (self, 1)->is_closed);
  g_assert_true (link_at (self, 2)->is_closed);
  g_assert_true (race_is_won (self->race));
  g_assert_true (race_is_over (self->race));
}

/* Nothing more begins, but what datagrams come to is waited for. */
static void
test_stream_wins (Fixture *self, gconstpointer known)
{
  race_run (self->race);
  wait (self, HEAD_START);
  race_note_up (self->race, link_at (self, 1)->number);
  g_assert_cmpuint (race_run (self->race), ==, UINT64_MAX);
  wait (self, TIME_SECOND);
  expect_begun (self, 2);
  g_assert_false (link_at (self, 0)->is_closed);
  g_assert_false (link_at (self, 1)->is_closed);
  g_assert_true (race_is_won (self->race));
  g_assert_false (race_is_over (self->race));
  race_note_down (self->race, link_at (self, 0)->number);
  g_assert_true (race_is_over (self->race));
  g_assert_true (race_is_won (self->race));
}

static void
test_given_up (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  Race *race = race_new (stage->overlay, &near, WAY_STREAM);

  race_run (race);
  race_free (race);
  g_assert_cmpuint (stage->links->len, ==, 2);
  for (guint i = 0; i < 2; i++)
    g_assert_true (g_array_index (stage->links, StageLink, i).is_closed);
}

#define ADD(path, known, test) \
  g_test_add ("/race/" path, Fixture, GUINT_TO_POINTER (known), set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("each-way-begins-a-moment-after-the-one-before", WAY_DATAGRAMS, test_order);
  ADD ("a-stream-that-led-there-begins-with-datagrams", WAY_STREAM, test_known);
  ADD ("the-port-of-the-web-that-led-there-begins-with-datagrams", WAY_WEB, test_known);
  g_test_add_func ("/race/no-port-of-the-web-nearby", test_near);
  ADD ("the-next-does-not-wait-for-one-that-is-closed", WAY_DATAGRAMS, test_down);
  ADD ("datagrams-that-get-through-end-it", WAY_DATAGRAMS, test_datagrams_win);
  ADD ("behind-a-stream-datagrams-are-waited-for", WAY_DATAGRAMS, test_stream_wins);
  g_test_add_func ("/race/who-gives-up-closes-everything", test_given_up);
  return g_test_run ();
}
