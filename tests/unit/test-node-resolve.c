/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/node-private.h"
#include "core/overlay/overlay-private.h"
#include "core/sip/gruu.h"
#include "tests/unit/node-stage.h"

#include <string.h>

/* What a caller makes of records, whoever wrote them. */

#define OVERLAY "@home-simsimsi.peal.alt"

typedef struct Fixture {
  NodeStage *stage;
  Node *node;
  Resolution resolution;
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  self->stage = node_stage_new (1);
  node_stage_start_phone (self->stage, 0);
  self->node = node_stage_node (self->stage, 0);
  resolution_begin (&self->resolution, "bob" OVERLAY);
  g_assert_cmpstr (resolution_next (&self->resolution), ==, "bob" OVERLAY);
  g_assert_true (resolution_is_first (&self->resolution));
}

static void
tear_down (Fixture *self, const void *data)
{
  resolution_clear (&self->resolution);
  node_stage_free (self->stage);
}

static RegisteredDevice
device_of (uint8_t number, const char *uri)
{
  return (RegisteredDevice){
    .node_id = { { number } },
    .uri = uri != NULL ? bytes_of_text (uri) : (Bytes){ NULL, 0 },
  };
}

static void
take (Fixture *self, uint8_t number, const char *uri)
{
  RegisteredDevice device = device_of (number, uri);

  resolution_take (&self->resolution, self->node, &device);
}

static size_t
count_devices (Fixture *self)
{
  SessionDevice devices[LIMIT_CALL_DEVICES];

  return resolution_devices (&self->resolution, devices);
}

static void
test_devices (Fixture *self, const void *data)
{
  SessionDevice devices[LIMIT_CALL_DEVICES];
  RegisteredDevice own = { .node_id = *node_id (self->node) };

  for (uint8_t i = 1; i <= 2 * LIMIT_CALL_DEVICES; i++) {
    take (self, i, NULL);
    take (self, i, NULL);
  }
  resolution_take (&self->resolution, self->node, &own);
  g_assert_cmpuint (resolution_devices (&self->resolution, devices), ==, LIMIT_CALL_DEVICES);
  for (uint8_t i = 0; i < LIMIT_CALL_DEVICES; i++) {
    g_assert_cmpuint (devices[i].node_id.bytes[0], ==, i + 1);
    g_assert_cmpstr (devices[i].address, ==, "bob" OVERLAY);
  }
  g_assert_false (self->resolution.is_forwarded);
  g_assert_null (resolution_next (&self->resolution));
}

/* All of these mean carol. */
static void
test_forms (Fixture *self, const void *data)
{
  take (self, 1, "carol" OVERLAY);
  take (self, 2, "sip:carol" OVERLAY);
  take (self, 3, "sips:Carol" OVERLAY ";transport=tcp");
  take (self, 4, "sip:%63arol" OVERLAY);
  g_assert_cmpstr (resolution_next (&self->resolution), ==, "carol" OVERLAY);
  g_assert_false (resolution_is_first (&self->resolution));
  take (self, 5, NULL);
  g_assert_null (resolution_next (&self->resolution));
  g_assert_cmpuint (count_devices (self), ==, 1);
  g_assert_true (self->resolution.is_forwarded);
}

static void
test_garbage (Fixture *self, const void *data)
{
  const char *uris[] = { "carol",
                         "@",
                         "sip:",
                         "tel:+15550100",
                         "sip:carol@nowhere..alt",
                         "\xff\xff@\xff",
                         "sip:" OVERLAY,
                         "carol" OVERLAY "\n" };

  for (size_t i = 0; i + 1 < G_N_ELEMENTS (uris); i++)
    take (self, (uint8_t) (i + 1), uris[i]);
  g_assert_null (resolution_next (&self->resolution));
  g_assert_cmpuint (count_devices (self), ==, 0);
  g_assert_true (self->resolution.is_forwarded);
}

static void
test_gruu (Fixture *self, const void *data)
{
  SessionDevice devices[LIMIT_CALL_DEVICES];
  NodeId desk = { { 0x77 } };
  g_autofree char *gruu = gruu_write ("carol" OVERLAY, &desk);

  take (self, 1, gruu);
  take (self, 2, "sip:carol" OVERLAY ";gr=nonsense");
  g_assert_cmpuint (resolution_devices (&self->resolution, devices), ==, 1);
  g_assert_true (node_id_equal (&devices[0].node_id, &desk));
  /* What is no GRUU of ours is still her address. */
  g_assert_cmpstr (resolution_next (&self->resolution), ==, "carol" OVERLAY);
}

static void
test_gruu_route (Fixture *self, const void *data)
{
  /* A list of two entries, 01… and 02…. */
  take (self, 1, "sip:carol" OVERLAY ";gr=ARABAAAAAAAAAAAAAAAAAAAAARACAAAAAAAAAAAAAAAAAAAA;x=y");
  g_assert_cmpuint (count_devices (self), ==, 1);
  g_assert_cmpuint (self->resolution.devices[0].node_id.bytes[0], ==, 2);
  g_assert_cmpuint (registration_usage_route (self->node->overlay->registration_usage,
                                              &self->resolution.devices[0].node_id)
                      .via[0]
                      .bytes[0],
                    ==, 1);
}

static void
test_depth (Fixture *self, const void *data)
{
  for (unsigned depth = 1;; depth++) {
    g_autofree char *next = g_strdup_printf ("sip:carol%u" OVERLAY, depth);
    take (self, 1, next);
    if (resolution_next (&self->resolution) == NULL) {
      g_assert_cmpuint (depth, ==, LIMIT_FORWARDS + 1);
      return;
    }
  }
}

static void
test_breadth (Fixture *self, const void *data)
{
  unsigned places = 1;

  for (unsigned i = 0; i < 100; i++) {
    g_autofree char *next = g_strdup_printf ("sip:carol%u" OVERLAY, i);
    take (self, 1, next);
  }
  while (resolution_next (&self->resolution) != NULL)
    places++;
  g_assert_cmpuint (places, ==, LIMIT_FORWARD_PLACES);
}

/* Nobody vouches for names: of several owners none is believed, unless he is pinned. */
static void
test_owners (Fixture *self, const void *data)
{
  Registration found = { .was_answered = true, .device_count = 2 };
  UserKey keys[] = { { { 4, 1 } }, { { 4, 2 } } };

  for (uint8_t i = 0; i < 2; i++) {
    found.devices[i] = device_of ((uint8_t) (i + 1), NULL);
    found.devices[i].user_key = keys[i];
  }
  take (self, 9, "sip:carol" OVERLAY);
  g_assert_nonnull (resolution_next (&self->resolution));
  resolution_take_all (&self->resolution, self->node, &found);
  g_assert_cmpuint (count_devices (self), ==, 0);
  node_subscribe (self->node, "carol" OVERLAY, &keys[1], false);
  resolution_take_all (&self->resolution, self->node, &found);
  g_assert_cmpuint (count_devices (self), ==, 1);
  g_assert_cmpuint (self->resolution.devices[0].node_id.bytes[0], ==, 2);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/node-resolve/rfc7904-4.2-1-duplicates-ring-once", test_devices);
  ADD ("/node-resolve/an-address-has-many-forms", test_forms);
  ADD ("/node-resolve/garbage-leads-nowhere", test_garbage);
  ADD ("/node-resolve/rfc7904-4.1-1-a-gruu-is-a-device", test_gruu);
  ADD ("/node-resolve/rfc7904-6-the-way-to-it-is-remembered", test_gruu_route);
  ADD ("/node-resolve/only-so-deep", test_depth);
  ADD ("/node-resolve/only-so-many", test_breadth);
  ADD ("/node-resolve/of-several-owners-only-the-pinned-one-counts", test_owners);
  return g_test_run ();
}
