/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/replication.h"

#include "core/wire/store.h"
#include "tests/unit/overlay-stage.h"

/* A peer that answers for nearly the whole ring, its two successors, and a value of its own. */

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *neighbors[2];
  NodeId place;
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  self->stage = overlay_stage_new ();
  self->neighbors[0] = stranger_new (self->stage, "one", 0x80000001);
  self->neighbors[1] = stranger_new (self->stage, "two", 0x80000002);
  overlay_stage_join (self->stage, self->neighbors);
  self->place = resource_id_of (node_id_bytes (&self->stage->overlay->id));
  certificate_usage_start (self->stage->overlay->certificate_usage);
  overlay_stage_run (self->stage, 10 * TIME_MS);
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
}

static StoreReq
next_copy (Fixture *self, Stranger *at)
{
  Letter *letter;
  StoreReq body;

  while ((letter = stranger_next (at, MESSAGE_STORE_REQ)) != NULL) {
    letter_read (letter, self->stage, &body);
    if (bytes_equal (body.resource, node_id_bytes (&self->place)))
      return body;
  }
  g_assert_not_reached ();
}

static void
test_stored (Fixture *self, const void *data)
{
  for (unsigned i = 0; i < 2; i++) {
    StoreReq copy = next_copy (self, self->neighbors[i]);
    g_assert_cmpuint (copy.replica_number, ==, i + 1);
    g_assert_cmpuint (copy.kind_data.count, ==, 1);
    g_assert_cmpuint (copy.kind_data.items[0].generation_counter, ==, 1);
  }
}

/* A node that takes the place from us, and one that comes between the place and us. */
static void
test_hand_over (Fixture *self, const void *data)
{
  uint32_t start = (uint32_t) self->place.bytes[0] << 24 | (uint32_t) self->place.bytes[1] << 16;
  Stranger *after = stranger_new (self->stage, "after", start + (1 << 16));
  Stranger *before = stranger_new (self->stage, "before", start - (1 << 16));
  StoreReq copy;

  stranger_connect (after);
  stranger_connect (before);
  overlay_stage_run (self->stage, 100 * TIME_SECOND);
  replication_hand_over (self->stage->overlay->replication, &after->id);
  copy = next_copy (self, after);
  /* What has lived a while here has less left (7.4.1.1). */
  g_assert_cmpuint (copy.kind_data.items[0].values.items[0].lifetime, <=, 24 * 3600 - 100);
  replication_hand_over (self->stage->overlay->replication, &before->id);
  g_assert_null (stranger_next (before, MESSAGE_STORE_REQ));
}

static void
test_leaving (Fixture *self, const void *data)
{
  next_copy (self, self->neighbors[0]);
  replication_hand_over_all (self->stage->overlay->replication);
  next_copy (self, self->neighbors[0]);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/replication/threat-3.8-two-successors-get-copies-at-once", test_stored);
  ADD ("/replication/a-joining-peer-is-handed-what-is-its-own", test_hand_over);
  ADD ("/replication/whoever-leaves-hands-over", test_leaving);
  return g_test_run ();
}
