/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/redir-node.h"

#include "core/overlay/redir-tree.h"
#include "tests/unit/redir-stage.h"

/* What our node, at 0xc0, sees from 0x50 at level 2: the tree node of 0x40 to 0x7f, and in it the
 * interval up to 0x5f. */

typedef struct Fixture {
  RedirStage *stage;
  RedirReader reader;
  RedirView view;
  unsigned reads;
} Fixture;

static void
on_read (void *owner, const RedirView *view)
{
  Fixture *self = owner;

  self->view = *view;
  self->reads++;
}

static void
set_up (Fixture *self, const void *data)
{
  self->stage = redir_stage_new (0xc0);
  redir_stage_clear (self->stage);
  redir_reader_init (&self->reader, self->stage->overlay->overlay, on_read, self);
}

static void
tear_down (Fixture *self, const void *data)
{
  redir_reader_stop (&self->reader);
  redir_stage_free (self->stage);
}

static void
read_as (Fixture *self, uint8_t id)
{
  RedirPlace place = { REDIR_NAMESPACE, 2, 2, redir_stage_id (id) };
  unsigned before = self->reads;

  redir_read (&self->reader, &place);
  g_assert_cmpuint (self->reads, ==, before);
  redir_stage_run (self->stage, TIME_SECOND);
  g_assert_cmpuint (self->reads, ==, before + 1);
}

static void
assert_sides (const RedirSides *sides, bool has_lower, bool has_higher)
{
  g_assert_cmpint (sides->has_lower, ==, has_lower);
  g_assert_cmpint (sides->has_higher, ==, has_higher);
  g_assert_cmpint (redir_is_extreme (sides), ==, !(has_lower && has_higher));
  g_assert_cmpint (redir_is_between (sides), ==, has_lower && has_higher);
}

static void
test_sides (Fixture *self, const void *data)
{
  read_as (self, 0x50);
  g_assert_true (self->view.was_answered);
  g_assert_cmpuint (self->view.count, ==, 0);
  redir_stage_enter (self->stage, 2, 0x41);
  redir_stage_enter (self->stage, 2, 0x50);
  redir_stage_enter (self->stage, 2, 0x70);
  redir_stage_enter (self->stage, 2, 0x78);
  read_as (self, 0x50);
  assert_sides (&self->view.node, true, true);
  assert_sides (&self->view.interval, true, false);
  g_assert_cmpuint (self->view.count, ==, 4);
  g_assert_cmphex (self->view.next.bytes[0], ==, 0x50);
  read_as (self, 0x51);
  g_assert_cmphex (self->view.next.bytes[0], ==, 0x70);
  g_assert_cmpstr (self->stage->fetched->str, ==, "2.1 2.1 2.1 ");
}

/* A provider stands for itself only. */
static void
test_false (Fixture *self, const void *data)
{
  redir_stage_enter_false (self->stage, 2, 0x60, 0x99);
  redir_stage_enter (self->stage, 2, 0x70);
  read_as (self, 0x50);
  g_assert_cmpuint (self->view.count, ==, 1);
  g_assert_cmphex (self->view.next.bytes[0], ==, 0x70);
}

/* Forty records are too many for an answer here: the two next to us on either side are fetched. */
static void
test_crowd (Fixture *self, const void *data)
{
  self->stage->response_max = 4;
  for (uint8_t id = 0x40; id < 0x68; id++)
    if (id != 0x50 && id != 0x51)
      redir_stage_enter (self->stage, 2, id);
  read_as (self, 0x50);
  g_assert_cmpstr (self->stage->fetched->str, ==, "2.1 2.1k ");
  g_assert_cmpuint (self->stage->stats, ==, 1);
  g_assert_cmpuint (self->view.count, ==, 4);
  g_assert_cmphex (self->view.next.bytes[0], ==, 0x52);
  assert_sides (&self->view.interval, true, true);
}

/* An answer of forty records is whole, but lacks certificates. */
static void
test_uncertified (Fixture *self, const void *data)
{
  for (uint8_t id = 0x40; id < 0x68; id++)
    redir_stage_enter (self->stage, 2, id);
  read_as (self, 0x50);
  g_assert_cmpstr (self->stage->fetched->str, ==, "2.1 2.1k ");
  g_assert_cmpuint (self->stage->stats, ==, 0);
  g_assert_cmphex (self->view.next.bytes[0], ==, 0x50);
  assert_sides (&self->view.interval, true, true);
}

/* Before the first, and after the last: nobody is on the other side. */
static void
test_edges (Fixture *self, const void *data)
{
  self->stage->response_max = 4;
  for (uint8_t id = 0x48; id < 0x70; id++)
    redir_stage_enter (self->stage, 2, id);
  read_as (self, 0x44);
  assert_sides (&self->view.node, false, true);
  g_assert_cmphex (self->view.next.bytes[0], ==, 0x48);
  read_as (self, 0x77);
  assert_sides (&self->view.node, true, false);
  g_assert_false (self->view.has_next);
  g_assert_cmpuint (self->view.count, ==, 4);
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
  add ("/redir-node/one-wildcard-fetch-tells-both-sides-rfc7374-4.3-3", test_sides);
  add ("/redir-node/a-record-that-leads-elsewhere-is-none", test_false);
  add ("/redir-node/crowded/the-nearest-are-fetched-by-their-keys", test_crowd);
  add ("/redir-node/crowded/more-than-have-certificates-in-an-answer", test_uncertified);
  add ("/redir-node/crowded/the-first-and-the-last-are-seen-as-such", test_edges);
  return g_test_run ();
}
