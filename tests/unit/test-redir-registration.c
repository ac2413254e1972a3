/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/redir-registration.h"

#include "core/overlay/redir-tree.h"
#include "tests/unit/redir-stage.h"

/* The RFC's figure 4, in a binary tree: its 2, 3, 4 and 7 are our 0x20, 0x30, 0x40 and 0x70. */

#define WALK (2 * TIME_SECOND)

typedef struct Fixture {
  RedirStage *stage;
  RedirRegistration *registration;
} Fixture;

static void
set_up_as (Fixture *self, uint8_t id)
{
  self->stage = redir_stage_new (id);
  redir_stage_clear (self->stage);
  self->registration = redir_registration_new (self->stage->overlay->overlay, REDIR_NAMESPACE);
}

static void
set_up (Fixture *self, const void *data)
{
  set_up_as (self, (uint8_t) GPOINTER_TO_UINT (data));
}

static void
tear_down (Fixture *self, const void *data)
{
  redir_registration_free (self->registration);
  redir_stage_free (self->stage);
}

static void
enter (Fixture *self, uint8_t id, unsigned first, unsigned last)
{
  for (unsigned level = first; level <= last; level++)
    redir_stage_enter (self->stage, level, id);
}

static void
expect (Fixture *self, const char *fetched, const char *stored)
{
  g_string_truncate (self->stage->fetched, 0);
  g_string_truncate (self->stage->stored, 0);
  redir_registration_start (self->registration);
  redir_stage_run (self->stage, WALK);
  g_assert_cmpstr (self->stage->fetched->str, ==, fetched);
  g_assert_cmpstr (self->stage->stored->str, ==, stored);
}

/* ---- The walk ---- */

/* 4.2-1, 4.3-2 to 4.3-7, 4.3-9 */
static void
test_first (Fixture *self, const void *data)
{
  expect (self, "2.0 1.0 0.0 2.0 ", "2.0 1.0 0.0 ");
  g_assert_cmpuint (redir_registration_stored (self->registration), ==, 3);
}

static void
test_second (Fixture *self, const void *data)
{
  enter (self, 0x20, 0, 2);
  expect (self, "2.0 1.0 0.0 2.0 3.1 ", "2.0 1.0 0.0 3.1 ");
}

static void
test_third (Fixture *self, const void *data)
{
  enter (self, 0x20, 0, 2);
  enter (self, 0x30, 0, 3);
  expect (self, "2.1 1.0 0.0 2.1 ", "2.1 1.0 0.0 ");
}

static void
test_fourth (Fixture *self, const void *data)
{
  enter (self, 0x20, 0, 2);
  enter (self, 0x30, 0, 3);
  enter (self, 0x70, 0, 2);
  expect (self, "2.1 1.0 0.0 2.1 ", "2.1 1.0 0.0 ");
}

/* Others on both sides in the tree node of level 2: stored there all the same, but not above. */
static void
test_middle (Fixture *self, const void *data)
{
  enter (self, 0x20, 2, 2);
  enter (self, 0x2f, 2, 2);
  expect (self, "2.0 2.0 3.1 ", "2.0 3.1 ");
}

/* First or last at level 2 and not so at level 1, where it is stored nevertheless. */
static void
test_stops_below_the_root (Fixture *self, const void *data)
{
  enter (self, 0x48, 1, 1);
  enter (self, 0x7f, 1, 1);
  expect (self, "2.1 1.0 2.1 ", "2.1 1.0 ");
}

/* In a crowd it goes down, storing only where it is first or last, until it is alone. */
static void
test_down (Fixture *self, const void *data)
{
  enter (self, 0x51, 2, 5);
  enter (self, 0x56, 2, 5);
  enter (self, 0x5e, 2, 5);
  expect (self, "2.1 2.1 3.2 4.5 5.11 ", "2.1 4.5 5.11 ");
}

static void
test_down_between (Fixture *self, const void *data)
{
  enter (self, 0x50, 2, 3);
  enter (self, 0x5f, 2, 3);
  expect (self, "2.1 2.1 3.2 4.5 ", "2.1 4.5 ");
}

/* ---- Time ---- */

static unsigned
wait_walk (Fixture *self, unsigned patience_s)
{
  unsigned waited = 0;

  g_string_truncate (self->stage->fetched, 0);
  g_string_truncate (self->stage->stored, 0);
  while (self->stage->fetched->len == 0 && waited < patience_s) {
    redir_stage_run (self->stage, TIME_SECOND);
    waited++;
  }
  redir_stage_run (self->stage, WALK);
  return waited;
}

static void
test_refresh (Fixture *self, const void *data)
{
  expect (self, "2.0 1.0 0.0 2.0 ", "2.0 1.0 0.0 ");
  g_assert_cmpuint (self->stage->lifetime, ==, 600);
  for (unsigned i = 0; i < 3; i++) {
    unsigned waited = wait_walk (self, 700);
    g_assert_cmpuint (waited, >=, 530);
    g_assert_cmpuint (waited, <=, 541);
    g_assert_cmpstr (self->stage->fetched->str, ==, "2.0 1.0 0.0 2.0 ");
    g_assert_cmpstr (self->stage->stored->str, ==, "2.0 1.0 0.0 ");
  }
}

static void
test_nobody_answers (Fixture *self, const void *data)
{
  self->stage->is_mute = true;
  redir_registration_start (self->registration);
  redir_stage_run (self->stage, 15 * TIME_SECOND);
  self->stage->is_mute = false;
  g_assert_cmpuint (wait_walk (self, 60), <=, 40);
  g_assert_cmpstr (self->stage->stored->str, ==, "2.0 1.0 0.0 ");
}

static void
test_refresh_where_it_is (Fixture *self, const void *data)
{
  expect (self, "2.0 1.0 0.0 2.0 ", "2.0 1.0 0.0 ");
  redir_stage_clear (self->stage);
  redir_registration_refresh (self->registration, 0);
  redir_stage_run (self->stage, WALK);
  g_assert_cmpstr (self->stage->fetched->str, ==, "");
  for (unsigned level = 0; level <= 2; level++)
    g_assert_true (redir_stage_holds (self->stage, level));
}

/* ---- Taking back ---- */

static void
count (void *owner)
{
  ++*(unsigned *) owner;
}

static void
test_withdraw (Fixture *self, const void *data)
{
  unsigned withdrawn = 0;

  expect (self, "2.0 1.0 0.0 2.0 ", "2.0 1.0 0.0 ");
  g_assert_cmpuint (redir_registration_withdraw (self->registration, count, &withdrawn), ==, 3);
  g_assert_cmpuint (withdrawn, ==, 0);
  redir_stage_run (self->stage, WALK);
  g_assert_cmpuint (withdrawn, ==, 3);
  for (unsigned level = 0; level <= 2; level++)
    g_assert_false (redir_stage_holds (self->stage, level));
  g_assert_cmpuint (wait_walk (self, 700), ==, 700);
}

/* ---- The overlay ---- */

/* A document may come that has no such Kind, or other trees. */
static void
test_no_kind (Fixture *self, const void *data)
{
  Configuration *configuration = self->stage->overlay->configuration;
  size_t kinds = configuration->kind_count;

  configuration->kind_count = 0;
  expect (self, "", "");
  configuration->kind_count = kinds;
  g_assert_cmpuint (wait_walk (self, 700), <=, 541);
  g_assert_cmpuint (redir_registration_stored (self->registration), ==, 3);
}

static void
test_deepest (Fixture *self, const void *data)
{
  ConfigurationKind *kind =
    (ConfigurationKind *) configuration_kind (self->stage->overlay->configuration, KIND_REDIR);

  kind->branching_factor = UINT16_MAX;
  redir_registration_start (self->registration);
  redir_stage_run (self->stage, WALK);
  g_assert_cmpuint (redir_registration_stored (self->registration), ==, 2);
}

static void
add (const char *path, unsigned id, void (*test) (Fixture *self, const void *data))
{
  g_test_add (path, Fixture, GUINT_TO_POINTER (id), set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/redir-registration/walk/an-empty-tree-from-level-2-to-its-root-rfc7374-4.3-1", 0x20,
       test_first);
  add ("/redir-registration/walk/the-second-of-an-interval-goes-down-rfc7374-4.3-7", 0x30,
       test_second);
  add ("/redir-registration/walk/the-third-of-the-figure", 0x70, test_third);
  add ("/redir-registration/walk/the-fourth-of-the-figure", 0x40, test_fourth);
  add ("/redir-registration/walk/stands-at-level-2-whoever-else-does-rfc7374-4.3-4", 0x28,
       test_middle);
  add ("/redir-registration/walk/goes-up-while-first-or-last-rfc7374-4.3-6", 0x70,
       test_stops_below_the_root);
  add ("/redir-registration/walk/goes-down-until-alone-rfc7374-4.3-9", 0x5a, test_down);
  add ("/redir-registration/walk/on-the-way-down-stands-where-first-or-last-rfc7374-4.3-8", 0x58,
       test_down_between);
  add ("/redir-registration/time/the-whole-walk-is-repeated-rfc7374-4.4-3", 0x20, test_refresh);
  add ("/redir-registration/time/when-nobody-answers-it-is-tried-again-soon", 0x20,
       test_nobody_answers);
  add ("/redir-registration/time/moves-with-the-ring", 0x20, test_refresh_where_it_is);
  add ("/redir-registration/withdraw/nothing-is-left-rfc7374-4.6-1", 0x20, test_withdraw);
  add ("/redir-registration/overlay/an-overlay-without-services-has-none", 0x20, test_no_kind);
  add ("/redir-registration/overlay/a-flat-tree-has-two-levels", 0x20, test_deepest);
  return g_test_run ();
}
