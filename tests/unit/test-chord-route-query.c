/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/chord.h"

#include "core/wire/topology.h"
#include "tests/unit/overlay-stage.h"

/* The node is 80…, and has a neighbor on each side. */

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *neighbors[2]; /* 70…, c0… */
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  self->stage = overlay_stage_new ();
  self->neighbors[0] = stranger_new (self->stage, "low", 0x70000000);
  self->neighbors[1] = stranger_new (self->stage, "high", 0xc0000000);
  overlay_stage_join (self->stage, self->neighbors);
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
}

static const Letter *
ask (Fixture *self, MessageExtensionList extensions)
{
  static const NodeId target = { { 0x90 } };
  RouteQueryReq body = { .destination = destination_of_resource (node_id_bytes (&target)) };
  Draft draft = {
    .code = MESSAGE_ROUTE_QUERY_REQ,
    .body = &body,
    .extensions = extensions,
  };
  Letter *letter = stranger_answer (self->neighbors[0], stranger_send (self->neighbors[0], &draft));

  g_assert_nonnull (letter);
  g_assert_cmphex (letter->message.contents.message_code, ==, MESSAGE_ROUTE_QUERY_REQ + 1);
  return letter;
}

static void
test_asked (Fixture *self, const void *data)
{
  static const uint8_t nobody[] = { 0, 0, 0, 0 };
  MessageExtension question = { .type = MESSAGE_EXTENSION_VICINITY,
                                .extension_contents = { nobody, sizeof nobody } };
  const Letter *letter = ask (self, (MessageExtensionList){ &question, 1 });
  const MessageExtensionList *list = &letter->message.contents.extensions;
  g_autoptr (Arena) arena = arena_new ();
  ChordVicinity vicinity;

  g_assert_cmpuint (list->count, ==, 1);
  g_assert_cmpuint (list->items[0].type, ==, MESSAGE_EXTENSION_VICINITY);
  g_assert_false (list->items[0].critical);
  g_assert_true (chord_vicinity_decode (list->items[0].extension_contents, arena, &vicinity, NULL));
  g_assert_cmpuint (vicinity.before.count, ==, 2);
  g_assert_true (node_id_equal (&vicinity.before.items[0], &self->neighbors[0]->id));
  g_assert_cmpuint (vicinity.behind.count, ==, 2);
  g_assert_true (node_id_equal (&vicinity.behind.items[0], &self->neighbors[1]->id));
}

static void
test_not_asked (Fixture *self, const void *data)
{
  const Letter *letter = ask (self, (MessageExtensionList){ NULL, 0 });

  g_assert_cmpuint (letter->message.contents.extensions.count, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/chord-route-query/who-asks-hears-whom-we-know-around", Fixture, NULL, set_up,
              test_asked, tear_down);
  g_test_add ("/chord-route-query/rfc6940-10.8-who-does-not-hears-of-the-next-alone", Fixture, NULL,
              set_up, test_not_asked, tear_down);
  return g_test_run ();
}
