/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/redir-search.h"

#include "core/overlay/redir-tree.h"
#include "tests/unit/redir-stage.h"

/* Searches in the RFC's figure 4, in a binary tree: its 2, 3, 4 and 7 are our 0x20, 0x30, 0x40 and
 * 0x70, and whoever searches is elsewhere. */

typedef struct Fixture {
  RedirStage *stage;
  RedirSearch *search;
  RedirDepths *depths; /* NULL: they all begin at level 2 */
  ServiceFound found;
  unsigned founds;
} Fixture;

static void
on_found (void *owner, const ServiceFound *found)
{
  Fixture *self = owner;

  self->found = *found;
  self->founds++;
}

static void
set_up (Fixture *self, const void *data)
{
  self->stage = redir_stage_new (0xc0);
  redir_stage_clear (self->stage);
}

static void
tear_down (Fixture *self, const void *data)
{
  redir_search_free (self->search);
  redir_stage_free (self->stage);
}

static void
enter (Fixture *self, uint8_t id, unsigned first, unsigned last)
{
  for (unsigned level = first; level <= last; level++)
    redir_stage_enter (self->stage, level, id);
}

static void
enter_figure (Fixture *self)
{
  enter (self, 0x20, 0, 2);
  enter (self, 0x30, 0, 3);
  enter (self, 0x40, 0, 2);
  enter (self, 0x70, 0, 2);
}

/* Searches, and tells who was found: 0 is nobody. */
static uint8_t
search (Fixture *self, uint8_t key)
{
  NodeId id = redir_stage_id (key);
  unsigned before = self->founds;

  g_clear_pointer (&self->search, redir_search_free);
  g_string_truncate (self->stage->fetched, 0);
  self->search = redir_search_new (self->stage->overlay->overlay, REDIR_NAMESPACE, &id,
                                   self->depths, on_found, self);
  g_assert_cmpuint (self->founds, ==, before);
  redir_stage_run (self->stage, 2 * TIME_SECOND);
  g_assert_cmpuint (self->founds, ==, before + 1);
  return self->found.is_found ? self->found.provider.bytes[0] : 0;
}

static void
expect (Fixture *self, uint8_t key, uint8_t provider, const char *fetched)
{
  g_assert_cmphex (search (self, key), ==, provider);
  g_assert_true (self->found.was_answered);
  g_assert_cmpstr (self->stage->fetched->str, ==, fetched);
}

/* ---- The conditions ---- */

/* The RFC's example, 7.2: condition 3 at once. */
static void
test_figure (Fixture *self, const void *data)
{
  enter_figure (self);
  expect (self, 0x50, 0x70, "2.1 ");
  g_assert_cmpuint (self->found.fetches, ==, 1);
}

/* Nobody after the key in its tree node: condition 1. */
static void
test_up (Fixture *self, const void *data)
{
  enter_figure (self);
  expect (self, 0x38, 0x40, "2.0 1.0 ");
}

/* Others on both sides of the key in its interval: condition 2. */
static void
test_down (Fixture *self, const void *data)
{
  enter_figure (self);
  enter (self, 0x50, 2, 3);
  enter (self, 0x58, 3, 4);
  enter (self, 0x5f, 2, 4);
  expect (self, 0x54, 0x58, "2.1 3.2 4.5 ");
}

static void
test_itself (Fixture *self, const void *data)
{
  enter_figure (self);
  expect (self, 0x40, 0x40, "2.1 ");
}

/* Nobody after the key at all: any of the root's. */
static void
test_last (Fixture *self, const void *data)
{
  unsigned seen = 0;

  enter_figure (self);
  for (unsigned i = 0; i < 40; i++) {
    uint8_t provider = search (self, 0x90);
    g_assert_cmpstr (self->stage->fetched->str, ==, "2.2 1.1 0.0 ");
    g_assert_true (provider == 0x20 || provider == 0x30 || provider == 0x40 || provider == 0x70);
    seen |= 1u << (provider >> 4);
  }
  g_assert_cmphex (seen, ==, 1u << 2 | 1u << 3 | 1u << 4 | 1u << 7);
}

/* Where most searches end the next one begins; those that end elsewhere change that in time. */
static void
test_depths (Fixture *self, const void *data)
{
  RedirDepths depths = { .count = 0 };

  self->depths = &depths;
  redir_stage_enter (self->stage, 0, 0x20);
  expect (self, 0x10, 0x20, "2.0 1.0 0.0 ");
  for (unsigned i = 0; i < 3; i++)
    expect (self, 0x90, 0x20, "0.0 ");
  enter (self, 0x81, 0, 2);
  enter (self, 0x9f, 0, 2);
  for (unsigned i = 0; i < 5; i++)
    expect (self, 0x90, 0x9f, "0.0 1.1 2.2 3.4 ");
  expect (self, 0x90, 0x9f, "3.4 2.2 3.4 ");
  g_assert_cmpuint (depths.count, ==, 10);
}

/* ---- What is missing ---- */

static void
test_empty (Fixture *self, const void *data)
{
  expect (self, 0x50, 0, "2.1 1.0 0.0 ");
}

static void
test_no_answer (Fixture *self, const void *data)
{
  NodeId id = redir_stage_id (0x50);

  self->stage->is_mute = true;
  self->search =
    redir_search_new (self->stage->overlay->overlay, REDIR_NAMESPACE, &id, NULL, on_found, self);
  for (unsigned i = 0; i < 60 && self->founds == 0; i++)
    redir_stage_run (self->stage, TIME_SECOND);
  g_assert_cmpuint (self->founds, ==, 1);
  g_assert_false (self->found.was_answered);
  g_assert_false (self->found.is_found);
}

/* The records of the way down are gone for a moment: what was seen before counts. */
static void
test_gap (Fixture *self, const void *data)
{
  enter (self, 0x50, 2, 2);
  enter (self, 0x5f, 2, 2);
  expect (self, 0x54, 0x5f, "2.1 3.2 ");
}

static void
test_no_kind (Fixture *self, const void *data)
{
  Configuration *configuration = self->stage->overlay->configuration;
  size_t kinds = configuration->kind_count;

  configuration->kind_count = 0;
  expect (self, 0x50, 0, "");
  configuration->kind_count = kinds;
}

static void
add (const char *path, void (*test) (Fixture *self, const void *data))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/redir-search/walk/starts-at-level-2-and-may-end-there-rfc7374-4.5-1", test_figure);
  add ("/redir-search/walk/up-while-nobody-comes-after-the-key-rfc7374-4.5-3", test_up);
  add ("/redir-search/walk/down-while-others-are-on-both-sides-rfc7374-4.5-4", test_down);
  add ("/redir-search/walk/a-key-that-provides-is-its-own-answer", test_itself);
  add ("/redir-search/walk/after-the-last-any-of-the-root", test_last);
  add ("/redir-search/walk/begins-where-most-have-ended", test_depths);
  add ("/redir-search/missing/an-empty-tree-is-searched-to-its-root", test_empty);
  add ("/redir-search/missing/silence-is-told-apart-from-nobody", test_no_answer);
  add ("/redir-search/missing/what-was-seen-on-the-way-counts", test_gap);
  add ("/redir-search/missing/an-overlay-without-services-has-none", test_no_kind);
  return g_test_run ();
}
