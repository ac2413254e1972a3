/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/chord-private.h"
#include "tests/unit/overlay-stage.h"

#define ROUND (19 * TIME_SECOND) /* the shortest period, and what chance adds to it */

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *after;
  Stranger *before;
  Stranger *farther;
  Chord *chord;
} Fixture;

static void
update_from (Stranger *stranger)
{
  NodeIdList us = { &stranger->stage->overlay->id, 1 };
  ChordUpdate body = {
    .uptime = 3600,
    .type = CHORD_UPDATE_NEIGHBORS,
    .successors = us,
    .predecessors = us,
  };

  g_assert_cmpint (stranger_verdict (stranger,
                                     &(Draft){ .code = MESSAGE_UPDATE_REQ, .body = &body }),
                   ==, RELOAD_OK);
}

static void
forget (Stranger *stranger)
{
  while (stranger_next (stranger, 0) != NULL)
    ;
}

static void
set_plugin (Fixture *self, const char *name)
{
  Configuration *configuration = self->stage->overlay->configuration;

  g_free (configuration->topology_plugin);
  configuration->topology_plugin = g_strdup (name);
}

static void
set_up (Fixture *self, const void *data)
{
  self->stage = overlay_stage_new ();
  set_plugin (self, "CHORD-SELF-TUNING");
  self->after = stranger_new (self->stage, "after", 0x90000000);
  self->before = stranger_new (self->stage, "before", 0x70000000);
  self->farther = stranger_new (self->stage, "farther", 0xb0000000);
  overlay_stage_join (self->stage, (Stranger *[]){ self->after, self->before });
  self->chord = self->stage->overlay->topology.self;
  chord_tuning_joined (self->chord);
  stranger_connect (self->farther);
  update_from (self->after);
  update_from (self->before);
  update_from (self->farther);
  /* Until nothing of the beginning is sent again. */
  overlay_stage_run (self->stage, 10 * TIME_SECOND);
  chord_repair_begin_rounds (self->chord);
  forget (self->after);
  forget (self->before);
  forget (self->farther);
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
}

/* The stabilization's Update, and no other, comes to both sides. */
static void
expect_update (Fixture *self, Stranger *stranger)
{
  Letter *letter = stranger_next (stranger, MESSAGE_UPDATE_REQ);
  ChordUpdate body;

  g_assert_nonnull (letter);
  letter_read (letter, self->stage, &body);
  g_assert_cmpuint (body.type, ==, CHORD_UPDATE_NEIGHBORS);
  g_assert_cmpuint (body.uptime, >=, 8);
}

static void
test_updates (Fixture *self, const void *data)
{
  g_assert_true (routing_table_is_neighbor (self->chord->table, &self->farther->id));
  overlay_stage_run (self->stage, ROUND);
  expect_update (self, self->after);
  expect_update (self, self->before);
  g_assert_null (stranger_next (self->farther, MESSAGE_UPDATE_REQ));
}

static unsigned
count_updates (Stranger *stranger)
{
  unsigned count = 0;

  while (stranger_next (stranger, MESSAGE_UPDATE_REQ) != NULL)
    count++;
  return count;
}

/* Who has heard it is told again only now and then. */
static void
test_again (Fixture *self, const void *data)
{
  overlay_stage_run (self->stage, ROUND + 10 * TIME_SECOND); /* nobody answers here */
  forget (self->after);
  overlay_stage_run (self->stage, 4 * ROUND);
  g_assert_cmpuint (count_updates (self->after), ==, 0);
  overlay_stage_run (self->stage, TIME_HOUR);
  g_assert_cmpuint (count_updates (self->after), >, 0);
}

/* Beside two on each side a peer that is none of the nearest. */
static Stranger *
add_others (Fixture *self)
{
  Stranger *second = stranger_new (self->stage, "second", 0xa0000000);
  Stranger *other[] = { stranger_new (self->stage, "two", 0x60000000),
                        stranger_new (self->stage, "three", 0x50000000) };

  stranger_connect (second);
  update_from (second);
  for (size_t i = 0; i < G_N_ELEMENTS (other); i++) {
    stranger_connect (other[i]);
    update_from (other[i]);
  }
  overlay_stage_run (self->stage, 10 * TIME_SECOND);
  chord_repair_begin_rounds (self->chord);
  forget (self->after);
  forget (self->farther);
  return other[1];
}

/* Other losses are told by those beside whom they are; and by all at the end of the period. */
static void
test_losses (Fixture *self, const void *data)
{
  Stranger *third = add_others (self);

  overlay_link_down (self->stage->overlay, third->link, LINK_END_LOST);
  overlay_stage_run (self->stage, 10 * TIME_SECOND);
  g_assert_cmpuint (count_updates (self->farther) + count_updates (self->after), ==, 0);
  overlay_link_down (self->stage->overlay, self->before->link, LINK_END_LOST);
  overlay_stage_run (self->stage, 100 * TIME_MS);
  g_assert_cmpuint (count_updates (self->after), ==, 1);
  overlay_stage_run (self->stage, 4 * TIME_SECOND);
  g_assert_cmpuint (count_updates (self->farther), >, 0);
}

static void
test_untuned (Fixture *self, const void *data)
{
  set_plugin (self, "CHORD-RELOAD");
  chord_repair_begin_rounds (self->chord);
  overlay_stage_run (self->stage, ROUND);
  g_assert_null (stranger_next (self->after, MESSAGE_UPDATE_REQ));
  overlay_stage_run (self->stage, TIME_MINUTE);
  g_assert_nonnull (stranger_next (self->farther, MESSAGE_UPDATE_REQ));
}

/* ---- Sharing ---- */

static MessageExtension
estimates (const SelfTuningData *said, GByteArray *bytes)
{
  g_byte_array_set_size (bytes, 0);
  self_tuning_data_encode (said, bytes);
  return (MessageExtension){
    .type = MESSAGE_EXTENSION_SELF_TUNING_DATA,
    .extension_contents = { bytes->data, bytes->len },
  };
}

static void
expect_estimates (const Letter *letter)
{
  const MessageExtensionList *extensions = &letter->message.contents.extensions;
  SelfTuningData data;

  g_assert_cmpuint (extensions->count, ==, 1);
  g_assert_cmpuint (extensions->items[0].type, ==, 3);
  g_assert_false (extensions->items[0].critical);
  g_assert_true (
    self_tuning_data_decode (extensions->items[0].extension_contents, letter->arena, &data, NULL));
  g_assert_cmpuint (data.network_size, >=, 1);
}

static void
test_answers (Fixture *self, const void *data)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  SelfTuningData said = { .network_size = 5000 };
  MessageExtension extension = estimates (&said, bytes);
  ProbeReq body = { .requested_info = { NULL, 0 } };
  Stranger *const strangers[] = { self->after, self->before, self->farther };

  for (size_t i = 0; i < G_N_ELEMENTS (strangers); i++) {
    uint64_t id = stranger_send (strangers[i], &(Draft){ .code = MESSAGE_PROBE_REQ,
                                                         .body = &body,
                                                         .extensions = { &extension, 1 } });
    Letter *letter = stranger_answer (strangers[i], id);
    g_assert_nonnull (letter);
    expect_estimates (letter);
  }
  overlay_stage_run (self->stage, ROUND);
  g_assert_cmpfloat (self_tuning_size (self->chord->tuning), ==, 5000);
  g_assert_cmpuint (routing_table_capacity (self->chord->table), ==, 10);
}

static void
test_plain_probe (Fixture *self, const void *data)
{
  ProbeReq body = { .requested_info = { NULL, 0 } };
  uint64_t id = stranger_send (self->after, &(Draft){ .code = MESSAGE_PROBE_REQ, .body = &body });
  Letter *letter = stranger_answer (self->after, id);

  g_assert_cmpuint (letter->message.contents.extensions.count, ==, 0);
}

/* Fingers are asked, and believed. */
static void
test_asks (Fixture *self, const void *data)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  SelfTuningData said = { .network_size = 70, .join_rate = 1, .leave_rate = 1 };
  MessageExtension extension = estimates (&said, bytes);
  ProbeInformation uptime = { .type = PROBE_UPTIME, .value = 99 };
  ProbeAns answer = { { &uptime, 1 } };
  ProbeReq body;
  Letter *letter;

  g_assert_true (routing_table_set_finger (self->chord->table, 2, &self->farther->id) ||
                 routing_table_set_finger (self->chord->table, 3, &self->farther->id));
  letter = NULL;
  for (uint64_t waited = 0; letter == NULL && waited < ROUND; waited += TIME_SECOND / 2) {
    overlay_stage_run (self->stage, TIME_SECOND / 2);
    letter = stranger_next (self->farther, MESSAGE_PROBE_REQ);
  }
  g_assert_nonnull (letter);
  expect_estimates (letter);
  letter_read (letter, self->stage, &body);
  g_assert_cmpmem (body.requested_info.data, body.requested_info.size, "\3", 1);
  stranger_send (self->farther, &(Draft){ .code = MESSAGE_PROBE_REQ + 1,
                                          .body = &answer,
                                          .transaction_id = letter->header.transaction_id,
                                          .extensions = { &extension, 1 } });
  overlay_stage_run (self->stage, ROUND);
  g_assert_cmpfloat (self_tuning_size (self->chord->tuning), ==, 70);
}

static void
test_new_finger (Fixture *self, const void *data)
{
  ProbeReq body;
  Letter *letter;

  chord_tuning_new_finger (self->chord, &self->farther->id);
  overlay_stage_run (self->stage, 10 * TIME_MS);
  letter = stranger_next (self->farther, MESSAGE_PROBE_REQ);
  g_assert_nonnull (letter);
  letter_read (letter, self->stage, &body);
  g_assert_cmpmem (body.requested_info.data, body.requested_info.size, "\3", 1);
}

static void
test_leave (Fixture *self, const void *data)
{
  ChordLeaveData data_said = { .type = CHORD_LEAVE_FROM_PRED };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  LeaveReq body = { .leaving_peer_id = self->before->id };
  uint32_t quiet, busy;

  overlay_stage_run (self->stage, ROUND);
  quiet = self_tuning_data (self->chord->tuning).leave_rate;
  chord_leave_data_encode (&data_said, bytes);
  body.overlay_specific_data = (Bytes){ bytes->data, bytes->len };
  g_assert_cmpint (stranger_verdict (self->before,
                                     &(Draft){ .code = MESSAGE_LEAVE_REQ, .body = &body }),
                   ==, RELOAD_OK);
  overlay_stage_run (self->stage, ROUND);
  busy = self_tuning_data (self->chord->tuning).leave_rate;
  g_assert_cmpuint (busy, >, quiet);
}

static uint64_t
probe_period (Fixture *self, const Stranger *peer)
{
  return chord_link_to (self->chord, &peer->id)->link.probe_period;
}

static void
test_probes (Fixture *self, const void *data)
{
  overlay_stage_run (self->stage, TIME_MINUTE);
  g_assert_cmpuint (probe_period (self, self->after), ==, 2 * TIME_SECOND);
  g_assert_cmpuint (probe_period (self, self->farther), ==, 28 * TIME_SECOND);
  for (unsigned i = 0; i < 2; i++) {
    overlay_stage_run (self->stage, TIME_MINUTE);
    chord_tuning_lost (self->chord);
  }
  chord_watch_all (self->chord);
  g_assert_cmpuint (probe_period (self, self->after), ==, 2 * TIME_SECOND);
  g_assert_cmpuint (probe_period (self, self->farther), ==, 5 * TIME_SECOND);
  /* When nobody goes any more, it ends by itself. */
  overlay_stage_run (self->stage, 4 * TIME_HOUR);
  g_assert_cmpuint (probe_period (self, self->farther), ==, 28 * TIME_SECOND);
}

/* What we leave to whom: successors get our predecessors, and the other way round. */
static void
test_our_leave (Fixture *self, const void *data)
{
  Letter *letter;
  LeaveReq body;
  ChordLeaveData said;

  self->stage->overlay->topology.plugin->stop (self->chord, true);
  overlay_stage_run (self->stage, TIME_SECOND);
  letter = stranger_next (self->after, MESSAGE_LEAVE_REQ);
  g_assert_nonnull (letter);
  letter_read (letter, self->stage, &body);
  g_assert_true (chord_leave_data_decode (body.overlay_specific_data, letter->arena, &said, NULL));
  g_assert_cmpuint (said.successors.count + said.predecessors.count, >, 0);
  g_assert_nonnull (stranger_next (self->before, MESSAGE_LEAVE_REQ));
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/chord-tuning/round/updates-both-sides-only-rfc7363-5.2-1", test_updates);
  ADD ("/chord-tuning/round/says-the-same-again-now-and-then", test_again);
  ADD ("/chord-tuning/round/rfc6940-10.7.1-2-a-loss-beside-us-is-told-to-all", test_losses);
  ADD ("/chord-tuning/round/other-overlays-keep-theirs", test_untuned);
  ADD ("/chord-tuning/share/a-probe-is-answered-in-kind-rfc7363-6.5-1", test_answers);
  ADD ("/chord-tuning/share/a-plain-probe-gets-a-plain-answer", test_plain_probe);
  ADD ("/chord-tuning/share/fingers-are-asked-rfc7363-6.5-2", test_asks);
  ADD ("/chord-tuning/share/a-new-finger-tells-its-age-rfc7363-5.3-1", test_new_finger);
  ADD ("/chord-tuning/failure/a-leave-is-one", test_leave);
  ADD ("/chord-tuning/failure/the-more-the-closer-links-are-watched", test_probes);
  ADD ("/chord-tuning/leave/tells-our-lists-rfc7363-5.6-1", test_our_leave);
  return g_test_run ();
}
