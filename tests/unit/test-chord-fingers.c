/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/chord-private.h"
#include "core/wire/topology.h"
#include "tests/unit/overlay-stage.h"

/* What is believed of those who say that a finger's place is theirs. The node is 80, among
 * neighbors that pass on whatever they like; places are given in mean spacings of these, behind the
 * target of the search. */

enum { SIDE = LIMIT_NEIGHBORS, SEARCHES = 64, WAYS = 4 };

typedef struct Fixture {
  OverlayStage *stage;
  Chord *chord;
  Stranger *neighbors[2 * SIDE];
  guint links; /* asked for before the answers came */
} Fixture;

static void
forget_letters (Fixture *self)
{
  for (unsigned i = 0; i < 2 * SIDE; i++)
    while (stranger_next (self->neighbors[i], 0) != NULL)
      ;
}

static bool
is_far_from_us (const Fixture *self)
{
  uint8_t first = self->chord->search.target.bytes[0];

  return self->chord->search.index != 0 && first >= 0xc0 && first < 0xe0;
}

/* Until a place far from us is looked for. */
static void
begin_search (Fixture *self)
{
  uint64_t interval = self->stage->configuration->chord_ping_interval_s * TIME_SECOND;

  for (unsigned i = 0; i < SEARCHES && !is_far_from_us (self); i++) {
    overlay_stage_run (self->stage, interval);
    forget_letters (self);
    self->stage->random = UINT64_C (0x9e3779b97f4a7c15) * (i + 1);
    chord_fingers_start (self->chord, TIME_SECOND);
    overlay_stage_run (self->stage, TIME_SECOND + 100 * TIME_MS);
  }
  g_assert_true (is_far_from_us (self));
  g_assert_cmpuint (self->chord->search.waiting, ==, WAYS);
  self->links = self->stage->links->len;
}

static void
set_up (Fixture *self, const void *data)
{
  self->stage = overlay_stage_new ();
  self->chord = self->stage->overlay->topology.self;
  for (unsigned i = 0; i < SIDE; i++) {
    Stranger **pair = &self->neighbors[2 * i];
    pair[0] = stranger_new (self->stage, "after", 0x90000000 + (i << 24));
    pair[1] = stranger_new (self->stage, "before", 0x70000000 - (i << 24));
    overlay_stage_join (self->stage, pair);
  }
  begin_search (self);
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
}

/* Somebody so far behind the target. */
static Stranger *
somebody (Fixture *self, double spacings)
{
  const uint8_t *target = self->chord->search.target.bytes;
  double distance = spacings * routing_table_spacing (self->chord->table) * 4294967296.0;
  uint32_t place =
    (uint32_t) target[0] << 24 | (uint32_t) target[1] << 16 | (uint32_t) target[2] << 8 | target[3];

  return stranger_new (self->stage, "somebody", place + (uint32_t) distance);
}

/* The questions, over whichever links they went, are answered by one and then by the other. */
static void
answer (Fixture *self, const Stranger *first, const Stranger *others)
{
  const PingAns body = { .response_id = 1 };
  unsigned count = 0;

  for (unsigned i = 0; i < 2 * SIDE; i++) {
    Stranger *neighbor = self->neighbors[i];
    const Letter *letter;
    while ((letter = stranger_next (neighbor, MESSAGE_PING_REQ)) != NULL) {
      if (letter->header.destination_list.items[0].type != DESTINATION_RESOURCE)
        continue;
      neighbor->signer = count++ == 0 ? first->signer : others->signer;
      stranger_reply (neighbor, letter, &body);
      neighbor->signer = &neighbor->own;
    }
  }
  g_assert_cmpuint (count, ==, WAYS);
  overlay_stage_run (self->stage, 10 * TIME_MS);
}

static void
test_too_far (Fixture *self, const void *data)
{
  const Stranger *liar = somebody (self, 4);
  uint64_t refused = self->stage->overlay->counters.fingers_refused;

  answer (self, liar, liar);
  g_assert_cmpuint (self->stage->overlay->counters.fingers_refused, ==, refused + 1);
  g_assert_cmpuint (self->stage->links->len, ==, self->links);
  g_assert_cmpuint (self->chord->search.index, ==, 0);
}

/* All are near enough to be believed. Nobody is a finger by anybody's word: a link is asked for.
 */
static void
expect_nearest (Fixture *self, bool is_first)
{
  const Stranger *honest = somebody (self, 0.5);
  const Stranger *liar = somebody (self, 2);

  answer (self, is_first ? honest : liar, is_first ? liar : honest);
  g_assert_true (node_id_equal (&self->chord->search.best, &honest->id));
  g_assert_cmpuint (self->stage->links->len, ==, self->links + 1);
  g_assert_false (routing_table_is_finger (self->chord->table, &honest->id));
  g_assert_false (routing_table_is_finger (self->chord->table, &liar->id));
}

static void
test_nearest_first (Fixture *self, const void *data)
{
  expect_nearest (self, true);
}

static void
test_nearest_others (Fixture *self, const void *data)
{
  expect_nearest (self, false);
}

/* One silenced path is no proof, and the other's word is held to the same. */
static void
test_one_answer (Fixture *self, const void *data)
{
  const PingAns body = { .response_id = 1 };
  const Stranger *liar = somebody (self, 4);
  Stranger *neighbor = NULL;
  const Letter *letter = NULL;

  for (unsigned i = 0; i < 2 * SIDE && letter == NULL; i++) {
    neighbor = self->neighbors[i];
    letter = stranger_next (neighbor, MESSAGE_PING_REQ);
  }
  g_assert_nonnull (letter);
  neighbor->signer = liar->signer;
  stranger_reply (neighbor, letter, &body);
  neighbor->signer = &neighbor->own;
  overlay_stage_run (self->stage, 10 * TIME_MS);
  g_assert_cmpuint (self->chord->search.waiting, ==, WAYS - 1);
  overlay_stage_run (self->stage, 30 * TIME_SECOND);
  g_assert_cmpuint (self->chord->search.index, ==, 0);
  g_assert_false (routing_table_is_finger (self->chord->table, &liar->id));
}

#define ADD(path, func) \
  g_test_add ("/chord-fingers/threat-2.3-" path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("who-is-too-far-from-the-place-is-refused", test_too_far);
  ADD ("of-four-paths-the-nearest-counts/first", test_nearest_first);
  ADD ("of-four-paths-the-nearest-counts/others", test_nearest_others);
  ADD ("one-path-is-held-to-the-same", test_one_answer);
  return g_test_run ();
}
