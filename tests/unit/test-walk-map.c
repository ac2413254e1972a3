/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/walk-map.h"

#include "tests/unit/overlay-stage.h"

/* Our node at 80..., which wants to 20... */

typedef struct Fixture {
  OverlayStage *stage;
  WalkMap map;
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  self->stage = overlay_stage_new ();
  self->map = (WalkMap){ .overlay = self->stage->overlay, .target = { { 0x20 } } };
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
}

static int
add (Fixture *self, uint8_t id, int before)
{
  NodeId node = { { id } };

  walk_map_add_step (&self->map, &node, before);
  return walk_map_find (&self->map, &node);
}

static void
test_path (Fixture *self, const void *data)
{
  int one = add (self, 0xc0, WALK_NOBODY);
  int two = add (self, 0xe0, one);
  int three = add (self, 0x10, two);
  Destination path[LIMIT_WALK_PATH];

  g_assert_cmpuint (walk_map_path (&self->map, three, path), ==, 3);
  g_assert_cmpuint (path[0].node_id.bytes[0], ==, 0xc0);
  g_assert_cmpuint (path[1].node_id.bytes[0], ==, 0xe0);
  g_assert_cmpuint (path[2].node_id.bytes[0], ==, 0x10);
  g_assert_true (walk_map_leads_through (&self->map, three, &path[0].node_id));
  g_assert_false (walk_map_leads_through (&self->map, one, &path[2].node_id));
}

static void
test_length (Fixture *self, const void *data)
{
  int last = WALK_NOBODY;

  for (unsigned i = 0; i < 2 * LIMIT_WALK_PATH; i++) {
    int next = add (self, (uint8_t) (0x90 + i), last);
    last = next != WALK_NOBODY ? next : last;
  }
  g_assert_cmpuint (self->map.steps[last].depth, <, LIMIT_WALK_PATH);
}

static void
test_better_way (Fixture *self, const void *data)
{
  int bad = add (self, 0xc0, WALK_NOBODY);
  int good = add (self, 0xd0, WALK_NOBODY);
  int step = add (self, 0x10, bad);

  self->map.steps[bad].losses = 1;
  self->map.steps[good].passes = true;
  g_assert_true (walk_step_is_bad (&self->map.steps[bad]));
  g_assert_cmpfloat (walk_map_toll (&self->map, good), <, walk_map_toll (&self->map, bad));
  g_assert_cmpint (add (self, 0x10, good), ==, step);
  g_assert_cmpint (self->map.steps[step].before, ==, good);
  g_assert_cmpint (add (self, 0x10, bad), ==, step);
  g_assert_cmpint (self->map.steps[step].before, ==, good);
  g_assert_cmpint (add (self, 0xd0, step), ==, good); /* no circles */
  g_assert_cmpint (self->map.steps[good].before, ==, WALK_NOBODY);
}

static void
test_other_way (Fixture *self, const void *data)
{
  int bad = add (self, 0xc0, WALK_NOBODY);
  int good = add (self, 0xd0, WALK_NOBODY);
  int step = add (self, 0x10, bad);

  add (self, 0x10, good);
  g_assert_cmpint (self->map.steps[step].before, ==, bad);
  self->map.steps[bad].losses = 1;
  self->map.steps[step].state = WALK_STEP_FAILED;
  walk_map_find_another_way (&self->map, step);
  g_assert_cmpint (self->map.steps[step].before, ==, good);
  g_assert_cmpint (self->map.steps[step].state, ==, WALK_STEP_WAITING);
}

/* Who was asked stays: there may be an answer yet. */
static void
test_too_many (Fixture *self, const void *data)
{
  int first = add (self, 0x90, WALK_NOBODY);
  NodeId near = { { 0x1f } };

  self->map.steps[first].asked = 1;
  for (unsigned i = 1; i < 2 * LIMIT_WALK_PEERS; i++)
    walk_map_add_step (&self->map, &(NodeId){ { 0x91, (uint8_t) i } }, WALK_NOBODY);
  g_assert_cmpint (self->map.step_count, ==, LIMIT_WALK_PEERS);
  g_assert_true (walk_map_add_step (&self->map, &near, WALK_NOBODY));
  g_assert_false (walk_map_add_step (&self->map, &near, WALK_NOBODY));
  g_assert_cmpint (walk_map_find (&self->map, &near), !=, WALK_NOBODY);
  g_assert_cmpint (add (self, 0x90, WALK_NOBODY), ==, first);
}

static void
test_requests (Fixture *self, const void *data)
{
  int step = add (self, 0xc0, WALK_NOBODY);

  self->map.steps[step].passes = true;
  self->map.steps[step].drops = 2;
  g_assert_cmpfloat (walk_map_toll (&self->map, step), ==, 0);
  g_assert_cmpfloat (walk_map_request_toll (&self->map, step), >, 0);
}

/* However many one makes up, those that another names too stay. */
static void
test_holders (Fixture *self, const void *data)
{
  static const uint8_t ids[] = { 0x50, 0x30, 0x40, 0x30 };
  int liar = add (self, 0x10, WALK_NOBODY);
  int other = add (self, 0x11, WALK_NOBODY);

  for (size_t i = 0; i < G_N_ELEMENTS (ids); i++) {
    walk_map_add_holder (&self->map, liar, &(NodeId){ { ids[i] } });
    walk_map_add_holder (&self->map, other, &(NodeId){ { ids[i] } });
  }
  g_assert_cmpuint (self->map.holder_count, ==, 3);
  for (uint8_t i = 0; i < 3; i++)
    g_assert_cmpuint (self->map.holders[i].id.bytes[0], ==, 0x30 + 0x10 * i);
  for (uint8_t i = 0; i < 32; i++)
    walk_map_add_holder (&self->map, liar, &(NodeId){ { 0x20, i } });
  g_assert_cmpuint (self->map.holder_count, ==, WALK_HOLDERS);
  for (size_t i = 0; i < G_N_ELEMENTS (ids); i++)
    g_assert_nonnull (walk_map_find_holder (&self->map, &(NodeId){ { ids[i] } }));
}

/* Many bear each other out, and nobody has heard of those whom they make up. */
static void
test_made_up (Fixture *self, const void *data)
{
  static const NodeId real = { { 0x30 } };
  int honest = add (self, 0x10, WALK_NOBODY);
  int liars[] = { add (self, 0x11, WALK_NOBODY), add (self, 0x12, WALK_NOBODY) };

  walk_map_add_holder (&self->map, honest, &real);
  walk_map_reach (&self->map, &real);
  for (uint8_t i = 0; i < 2 * WALK_HOLDERS; i++)
    for (unsigned k = 0; k < G_N_ELEMENTS (liars); k++)
      walk_map_add_holder (&self->map, liars[k], &(NodeId){ { 0x20, i } });
  g_assert_cmpuint (self->map.holder_count, ==, WALK_HOLDERS);
  g_assert_nonnull (walk_map_find_holder (&self->map, &real));
}

/* All that count have said that there is nothing; some that should be there too are not. */
static void
test_density (Fixture *self, const void *data)
{
  enum { COPIES = 3, WITNESSES = 3, ENOUGH = 14 };

  int steps[ENOUGH];

  for (uint8_t i = 0; i < ENOUGH; i++)
    steps[i] = add (self, (uint8_t) (0x10 + i), WALK_NOBODY);
  for (uint8_t i = 0; i < COPIES; i++) {
    NodeId id = { { (uint8_t) (0x30 + i) } };
    for (unsigned k = 0; k < WITNESSES; k++)
      walk_map_add_holder (&self->map, steps[k], &id);
    walk_map_hear (&self->map, &id);
  }
  for (unsigned i = 0; i < ENOUGH; i++) {
    g_assert_false (walk_map_is_heard (&self->map, COPIES, WITNESSES));
    self->map.steps[steps[i]].state = WALK_STEP_ANSWERED;
  }
  g_assert_true (walk_map_is_heard (&self->map, COPIES, WITNESSES));
  g_assert_false (walk_map_is_heard (&self->map, COPIES, WITNESSES + 1));
}

static void
add_test (const char *path, void (*test) (Fixture *, const void *))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_test ("/walk-map/a-path-leads-along-who-named-whom", test_path);
  add_test ("/walk-map/no-path-is-too-long", test_length);
  add_test ("/walk-map/threat-2.1-a-better-way-to-a-step-counts", test_better_way);
  add_test ("/walk-map/threat-2.1-another-way-is-of-those-who-named-it-too", test_other_way);
  add_test ("/walk-map/of-too-many-the-far-ones-give-way", test_too_many);
  add_test ("/walk-map/threat-2.1-who-drops-requests-is-avoided-by-them", test_requests);
  add_test ("/walk-map/threat-2.2-holders-are-in-order-and-who-is-known-stays", test_holders);
  add_test ("/walk-map/threat-2.3-who-has-answered-stays-beside-whoever-is-made-up", test_made_up);
  add_test ("/walk-map/threat-2.2-nothing-is-settled-among-too-few", test_density);
  return g_test_run ();
}
