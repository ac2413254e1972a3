/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/forwarding.h"

#include "core/overlay/chord-private.h"
#include "tests/unit/overlay-stage.h"

#include <string.h>

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *alice;
  Stranger *bob;
  Destination own, to_alice, to_bob, to_nobody, wildcard;
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  NodeId nobody = { { 1 } };
  NodeId all;

  memset (all.bytes, 0xff, NODE_ID_SIZE);
  self->stage = overlay_stage_new ();
  overlay_stage_alone (self->stage);
  self->alice = stranger_new (self->stage, "alice", 0);
  self->bob = stranger_new (self->stage, "bob", 0);
  stranger_connect (self->alice);
  stranger_connect (self->bob);
  self->own = destination_of_node (&self->stage->overlay->id);
  self->to_alice = destination_of_node (&self->alice->id);
  self->to_bob = destination_of_node (&self->bob->id);
  self->to_nobody = destination_of_node (&nobody);
  self->wildcard = destination_of_node (&all);
  while (stranger_next (self->bob, 0) != NULL)
    ;
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
}

static OverlayCounters *
counters (Fixture *self)
{
  return &self->stage->overlay->counters;
}

static Draft
ping_to (const Destination *list, size_t count)
{
  static const PingReq ping;

  return (Draft){
    .code = MESSAGE_PING_REQ, .body = &ping, .destinations = list, .destination_count = count
  };
}

static void
test_for_us (Fixture *self, const void *data)
{
  NodeId somewhere = { { 0x12, 0x34 } };
  Destination resource = destination_of_resource (node_id_bytes (&somewhere));
  Destination twice[] = { self->own, resource };
  Draft drafts[] = {
    ping_to (&self->own, 1),
    ping_to (&self->wildcard, 1),
    ping_to (&resource, 1),
    ping_to (twice, 2),
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (drafts); i++)
    g_assert_cmpint (stranger_verdict (self->alice, &drafts[i]), ==, RELOAD_OK);
}

static void
test_passed_on (Fixture *self, const void *data)
{
  Destination list[] = { self->own, self->to_bob, self->to_nobody };
  Draft draft = ping_to (list, 3);
  uint64_t id;
  Letter *letter;

  draft.ttl = 9;
  id = stranger_send (self->alice, &draft);
  letter = stranger_answer (self->bob, id);
  g_assert_nonnull (letter);
  g_assert_cmpuint (letter->header.ttl, ==, 8);
  g_assert_cmpuint (letter->header.destination_list.count, ==, 2);
  g_assert_true (destination_is_node (&letter->header.destination_list.items[0], &self->bob->id));
  g_assert_cmpuint (letter->header.via_list.count, ==, 1);
  g_assert_true (destination_is_node (&letter->header.via_list.items[0], &self->alice->id));
}

/* Bytes that nobody on the way may touch. */
static void
test_verbatim (Fixture *self, const void *data)
{
  Draft draft = ping_to (&self->to_bob, 1);
  g_autoptr (GByteArray) bytes = stranger_write (self->alice, &draft);
  g_autoptr (Arena) arena = arena_new ();
  ForwardingHeader header;
  Letter *letter;
  Bytes payload;

  g_assert_true (
    header_decode ((Bytes){ bytes->data, bytes->len }, arena, &header, &payload, NULL));
  stranger_send_bytes (self->alice, (Bytes){ bytes->data, bytes->len });
  letter = stranger_next (self->bob, MESSAGE_PING_REQ);
  g_assert_nonnull (letter);
  g_assert_true (bytes_equal (letter->payload, payload));
}

static void
test_nowhere (Fixture *self, const void *data)
{
  uint8_t id[] = { 0x80, 0x01 };
  Destination opaque = { .type = DESTINATION_OPAQUE, .opaque_id = { id, 2 } };
  Destination back[] = { self->own, self->to_alice };
  Draft to_nobody = ping_to (&self->to_nobody, 1);
  Draft to_opaque = ping_to (&opaque, 1);
  Draft to_sender = ping_to (back, 2);

  g_assert_cmpint (stranger_verdict (self->alice, &to_nobody), ==, -1);
  g_assert_cmpint (stranger_verdict (self->alice, &to_opaque), ==, -1);
  g_assert_cmpint (stranger_verdict (self->alice, &to_sender), ==, -1);
  g_assert_cmpuint (counters (self)->no_route, ==, 3);
  g_assert_cmpuint (counters (self)->forwarded, ==, 0);
}

/* A place in our own range where nobody is: others would only send it back to us. */
static void
test_own_range (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  Stranger *neighbors[] = { stranger_new (stage, "one", 0x10000000),
                            stranger_new (stage, "two", 0xc0000000) };
  NodeId nobody = { { 0x7f } };
  NodeId far = { { 0x90 } };
  Destination to_nobody = destination_of_node (&nobody);
  Destination to_far = destination_of_node (&far);
  Draft draft = ping_to (&to_nobody, 1);
  Draft passed = ping_to (&to_far, 1);

  overlay_stage_join (stage, neighbors);
  g_assert_cmpint (stranger_verdict (neighbors[0], &draft), ==, -1);
  g_assert_cmpuint (stage->overlay->counters.no_route, ==, 1);
  g_assert_cmpuint (stage->overlay->counters.forwarded, ==, 0);
  g_assert_cmpint (stranger_verdict (neighbors[0], &passed), ==, -1);
  g_assert_cmpuint (stage->overlay->counters.forwarded, ==, 1);
}

/* Between the two neighbors behind us is one more. Who is asked for a place behind both, and does
 * not acknowledge, is gone around; not by way of whom it came from, nor when it is itself named. */
static void
test_detour (void)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  Stranger *neighbors[] = { stranger_new (stage, "one", 0x10000000),
                            stranger_new (stage, "two", 0xc0000000) };
  Stranger *three = stranger_new (stage, "three", 0xa0000000);
  Chord *chord = stage->overlay->topology.self;
  NodeId far = { { 0xe0 } };
  Destination to_far[] = { destination_of_node (&neighbors[1]->id), destination_of_node (&far) };
  Draft draft = ping_to (&to_far[1], 1);
  Draft named = ping_to (to_far, 2);
  uint64_t ids[3];
  Letter *letters[2];

  overlay_stage_join (stage, neighbors);
  stranger_connect (three);
  routing_table_add (chord->table, &three->id, true);
  neighbors[1]->is_mute = true;
  ids[0] = stranger_send (neighbors[0], &draft);
  ids[1] = stranger_send (neighbors[0], &named);
  ids[2] = stranger_send (three, &draft);
  overlay_stage_run (stage, 2 * TIME_SECOND);
  letters[0] = stranger_answer (neighbors[1], ids[0]);
  letters[1] = stranger_answer (three, ids[0]);
  g_assert_nonnull (letters[0]);
  g_assert_nonnull (letters[1]);
  g_assert_cmpmem (letters[0]->bytes, letters[0]->size, letters[1]->bytes, letters[1]->size);
  g_assert_null (stranger_answer (three, ids[1]));
  g_assert_null (stranger_answer (three, ids[2]));
}

static void
test_ttl (Fixture *self, const void *data)
{
  Draft draft = ping_to (&self->to_bob, 1);
  g_autoptr (GByteArray) bytes = stranger_write (self->alice, &draft);

  enum { TTL_AT = 11 };

  draft.ttl = self->stage->configuration->initial_ttl + 1;
  g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, RELOAD_TTL_EXCEEDED);
  draft = ping_to (&self->own, 1);
  draft.ttl = self->stage->configuration->initial_ttl + 1;
  g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, RELOAD_TTL_EXCEEDED);
  bytes->data[TTL_AT] = 0;
  while (stranger_next (self->alice, 0) != NULL)
    ;
  stranger_send_bytes (self->alice, (Bytes){ bytes->data, bytes->len });
  g_assert_nonnull (stranger_next (self->alice, MESSAGE_ERROR));
  g_assert_cmpuint (counters (self)->forwarded, ==, 0);
}

/* Who has another document than we may say more hops than ours allows; it gets no more. */
static void
test_ttl_of_others (Fixture *self, const void *data)
{
  const Configuration *configuration = self->stage->configuration;
  Draft draft = ping_to (&self->to_bob, 1);
  Letter *letter;

  draft.ttl = 255;
  draft.sequence = configuration->sequence + 1 + 1;
  letter = stranger_answer (self->bob, stranger_send (self->alice, &draft));
  g_assert_nonnull (letter);
  g_assert_cmpuint (letter->header.ttl, ==, configuration->initial_ttl - 1);
  draft.destinations = &self->own;
  g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, RELOAD_CONFIG_TOO_NEW);
}

static void
test_loops (Fixture *self, const void *data)
{
  Destination via[] = { self->own, self->to_bob, self->own, self->to_bob };
  Destination circle[] = { self->to_bob, self->to_nobody, self->to_bob };
  Draft draft = ping_to (&self->to_bob, 1);
  Draft circling = ping_to (circle, 3);

  draft.via = (DestinationList){ via, 4 };
  g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, -1);
  g_assert_cmpint (stranger_verdict (self->alice, &circling), ==, RELOAD_INVALID_MESSAGE);
  g_assert_cmpuint (counters (self)->loops, ==, 2);
  g_assert_cmpuint (counters (self)->forwarded, ==, 0);
}

/* Two strangers send a message to and fro, as honest peers would pass it on, or with its past
 * struck out: each piece costs them as much as us, and comes through once. */
static unsigned
send_round (Fixture *self, bool is_honest, unsigned rounds, size_t *in, size_t *out)
{
  Draft draft = ping_to (&self->to_bob, 1);
  g_autoptr (GByteArray) first = stranger_write (self->alice, &draft);
  g_autoptr (Arena) arena = arena_new ();
  ForwardingHeader header;
  Bytes payload;
  unsigned passed = 0;

  g_assert_true (
    header_decode ((Bytes){ first->data, first->len }, arena, &header, &payload, NULL));
  for (unsigned i = 0; i < rounds; i++) {
    g_autoptr (GByteArray) bytes = g_byte_array_new ();
    Letter *letter;
    g_assert_true (header_encode (&header, payload, bytes));
    stranger_send_bytes (self->alice, (Bytes){ bytes->data, bytes->len });
    letter = stranger_answer (self->bob, header.transaction_id);
    *in += bytes->len;
    *out += letter != NULL ? letter->size : 0;
    passed += letter != NULL;
    if (letter == NULL || !is_honest)
      continue;
    /* Bob gives it to Alice, who sends it once more: both stand in the list. */
    header.ttl = (uint8_t) (letter->header.ttl - 1);
    header.via_list = destination_list_append (arena, &letter->header.via_list, &self->own);
    header.via_list = destination_list_append (arena, &header.via_list, &self->to_bob);
  }
  return passed;
}

static void
test_colluders (Fixture *self, const void *data)
{
  size_t in = 0, out = 0;

  g_assert_cmpuint (send_round (self, true, 10, &in, &out), ==, 1);
  g_assert_cmpuint (counters (self)->loops, ==, 9);
  in = out = 0;
  g_assert_cmpuint (send_round (self, false, 10, &in, &out), ==, 10);
  g_assert_cmpuint (out, <=, 2 * in);
}

/* A way may lead through us twice, to two others. */
static void
test_twice (Fixture *self, const void *data)
{
  Destination way[] = { self->to_bob, self->own, self->to_alice };
  Draft draft = ping_to (way, 3);
  uint64_t id = stranger_send (self->alice, &draft);
  Letter *letter = stranger_answer (self->bob, id);
  g_autoptr (Arena) arena = arena_new ();
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  ForwardingHeader header;

  g_assert_nonnull (letter);
  header = letter->header;
  header.destination_list = destination_list_skip (&header.destination_list, 1);
  header.via_list = destination_list_append (arena, &header.via_list, &self->own);
  g_assert_true (header_encode (&header, letter->payload, bytes));
  stranger_send_bytes (self->bob, (Bytes){ bytes->data, bytes->len });
  g_assert_nonnull (stranger_answer (self->alice, id));
  g_assert_cmpuint (counters (self)->loops, ==, 0);
}

/* Two links to one Node-ID: what the second asked is answered to the second. */
static void
test_way_back (Fixture *self, const void *data)
{
  Draft draft = ping_to (&self->to_bob, 1);
  uint32_t first_link = self->alice->link;
  PingAns answer = { 0 };
  uint64_t id;
  Letter *letter;

  stranger_connect (self->alice); /* the younger is the better one */
  self->alice->link = first_link;
  id = stranger_send (self->alice, &draft);
  letter = stranger_answer (self->bob, id);
  g_assert_nonnull (letter);
  stranger_reply (self->bob, letter, &answer);
  g_assert_nonnull (stranger_answer (self->alice, id));
}

static void
test_long_lists (Fixture *self, const void *data)
{
  Destination list[LIMIT_DESTINATIONS + 1];
  Draft draft = ping_to (list, G_N_ELEMENTS (list));

  for (unsigned i = 0; i < G_N_ELEMENTS (list); i++) {
    NodeId id = { { (uint8_t) (i + 1) } };
    list[i] = destination_of_node (&id);
  }
  list[0] = self->to_bob;
  g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, -1);
  g_assert_cmpuint (counters (self)->bad_header, ==, 1);
}

static void
test_other_overlay (Fixture *self, const void *data)
{
  Draft draft = ping_to (&self->own, 1);
  uint64_t verified = counters (self)->verified_messages;

  draft.overlay = self->stage->overlay->hash + 1;
  g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, -1);
  g_assert_cmpuint (counters (self)->drop_overlay, ==, 1);
  g_assert_cmpuint (counters (self)->verified_messages, ==, verified);
  g_assert_cmpuint (counters (self)->bad_signature, ==, 0);
}

static void
test_options (Fixture *self, const void *data)
{
  ForwardingOption option = { .type = 99, .option = bytes_of_text ("hello") };
  Draft through = ping_to (&self->to_bob, 1);
  Draft for_us = ping_to (&self->own, 1);
  Letter *letter;

  through.options = for_us.options = (ForwardingOptionList){ &option, 1 };
  option.flags = FORWARD_CRITICAL;
  g_assert_cmpint (stranger_verdict (self->alice, &through), ==,
                   RELOAD_UNSUPPORTED_FORWARDING_OPTION);
  g_assert_cmpint (stranger_verdict (self->alice, &for_us), ==, RELOAD_OK);
  option.flags = DESTINATION_CRITICAL;
  g_assert_cmpint (stranger_verdict (self->alice, &for_us), ==,
                   RELOAD_UNSUPPORTED_FORWARDING_OPTION);
  g_assert_nonnull (stranger_answer (self->bob, stranger_send (self->alice, &through)));
  option.flags = RESPONSE_COPY;
  letter = stranger_answer (self->alice, stranger_send (self->alice, &for_us));
  g_assert_nonnull (letter);
  g_assert_cmpuint (letter->header.options.count, ==, 1);
  g_assert_cmpuint (letter->header.options.items[0].flags, ==, 0);
  g_assert_true (bytes_equal (letter->header.options.items[0].option, bytes_of_text ("hello")));
}

/* R4: errors made before a signature was checked. */
static void
test_error_budget (Fixture *self, const void *data)
{
  Draft draft = ping_to (&self->own, 1);
  ErrorResponse error = { .error_code = RELOAD_FORBIDDEN };
  Draft about_error = ping_to (&self->own, 1);
  unsigned answered = 0;

  about_error.code = MESSAGE_ERROR;
  about_error.body = &error;
  draft.ttl = about_error.ttl = 255;
  for (unsigned i = 0; i < 10 * LIMIT_ERRORS_PER_S; i++)
    answered += stranger_verdict (self->alice, &draft) == RELOAD_TTL_EXCEEDED;
  g_assert_cmpuint (answered, ==, LIMIT_ERRORS_PER_S);
  overlay_stage_run (self->stage, TIME_SECOND);
  g_assert_cmpint (stranger_verdict (self->alice, &about_error), ==, -1);
  g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, RELOAD_TTL_EXCEEDED);
}

static void
test_rate (Fixture *self, const void *data)
{
  Draft draft = ping_to (&self->to_bob, 1);
  g_autoptr (GByteArray) bytes = stranger_write (self->alice, &draft);
  Draft honest = ping_to (&self->own, 1);
  ConnectionTable *connections = self->stage->overlay->connections;

  connection_table_by_number (connections, self->alice->link)->is_peer = true;
  for (unsigned i = 0; i < 2 * LIMIT_FORWARD_PER_S; i++)
    stranger_send_bytes (self->alice, (Bytes){ bytes->data, bytes->len });
  g_assert_cmpuint (counters (self)->forwarded, ==, LIMIT_FORWARD_PER_S);
  g_assert_cmpuint (counters (self)->over_rate, ==, LIMIT_FORWARD_PER_S);
  g_assert_cmpint (stranger_verdict (self->bob, &honest), ==, RELOAD_OK);
}

/* A client's share is smaller, and others' clients have theirs. */
static void
test_guests (Fixture *self, const void *data)
{
  Draft draft = ping_to (&self->to_bob, 1);
  g_autoptr (GByteArray) bytes = stranger_write (self->alice, &draft);
  Draft honest = ping_to (&self->own, 1);

  for (unsigned turn = 0; turn < 8; turn++) {
    for (unsigned i = 0; i < LIMIT_GUESTS_BURST; i++)
      stranger_send_bytes (self->alice, (Bytes){ bytes->data, bytes->len });
    overlay_stage_run (self->stage, 100 * TIME_MS);
  }
  g_assert_cmpuint (counters (self)->forwarded, <=,
                    LIMIT_GUEST_BURST + LIMIT_GUESTS_BURST + LIMIT_GUEST_PER_MINUTE / 60);
  g_assert_cmpuint (counters (self)->over_rate, >, 0);
  g_assert_cmpint (stranger_verdict (self->bob, &honest), ==, RELOAD_OK);
}

static void
test_fragments (Fixture *self, const void *data)
{
  Draft draft = ping_to (&self->own, 1);
  g_autoptr (GByteArray) bytes = stranger_write (self->alice, &draft);
  g_autoptr (Arena) arena = arena_new ();
  ForwardingHeader header;
  Bytes payload;

  g_assert_true (
    header_decode ((Bytes){ bytes->data, bytes->len }, arena, &header, &payload, NULL));
  for (size_t at = 0; at < payload.size; at += 50) {
    g_autoptr (GByteArray) part = g_byte_array_new ();
    size_t size = MIN (50, payload.size - at);
    g_assert_null (stranger_answer (self->alice, header.transaction_id));
    header.fragment =
      FRAGMENT_ALWAYS | (at + size == payload.size ? FRAGMENT_LAST : 0) | (uint32_t) at;
    header_encode (&header, (Bytes){ payload.data + at, size }, part);
    stranger_send_bytes (self->alice, (Bytes){ part->data, part->len });
  }
  g_assert_nonnull (stranger_answer (self->alice, header.transaction_id));
}

/* Pieces for somebody else go on as they came, in whatever order (6.7). */
static void
test_passing_fragments (Fixture *self, const void *data)
{
  Draft draft = ping_to (&self->to_bob, 1);
  g_autoptr (GByteArray) bytes = stranger_write (self->alice, &draft);
  g_autoptr (Arena) arena = arena_new ();
  ForwardingHeader header;
  Bytes payload;
  size_t half;

  g_assert_true (
    header_decode ((Bytes){ bytes->data, bytes->len }, arena, &header, &payload, NULL));
  half = payload.size / 2;
  for (unsigned i = 0; i < 2; i++) {
    g_autoptr (GByteArray) part = g_byte_array_new ();
    Bytes piece =
      i == 0 ? (Bytes){ payload.data + half, payload.size - half } : (Bytes){ payload.data, half };
    Letter *letter;
    header.fragment = i == 0 ? FRAGMENT_ALWAYS | FRAGMENT_LAST | (uint32_t) half : FRAGMENT_ALWAYS;
    header_encode (&header, piece, part);
    stranger_send_bytes (self->alice, (Bytes){ part->data, part->len });
    letter = g_queue_peek_tail (&self->bob->inbox);
    g_assert_nonnull (letter);
    g_assert_cmpuint (letter->header.transaction_id, ==, header.transaction_id);
    g_assert_cmphex (letter->header.fragment, ==, header.fragment);
    g_assert_cmpuint (letter->header.length, ==, letter->size);
    g_assert_cmpuint (letter->header.via_list.count, ==, 1);
    g_assert_true (bytes_equal (letter->payload, piece));
  }
  g_assert_cmpuint (counters (self)->forwarded, ==, 2);
}

static void
test_garbage (Fixture *self, const void *data)
{
  Draft draft = ping_to (&self->to_bob, 1);
  g_autoptr (GByteArray) bytes = stranger_write (self->alice, &draft);

  for (size_t cut = 1; cut < bytes->len; cut++)
    stranger_send_bytes (self->alice, (Bytes){ bytes->data, cut });
  g_assert_cmpuint (counters (self)->bad_header, ==, bytes->len - 1);
  g_assert_cmpuint (self->alice->link, !=, 0);
}

/* 6.6: an error, and then no link any more. */
static void
test_too_large (Fixture *self, const void *data)
{
  g_autofree uint8_t *padding = g_malloc0 (self->stage->configuration->max_message_size);
  PingReq ping = { { padding, self->stage->configuration->max_message_size - 500 } };
  Draft draft = { .code = MESSAGE_PING_REQ, .body = &ping };

  draft.is_bare = true;
  g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, RELOAD_OK);
  ping.padding.size = self->stage->configuration->max_message_size;
  g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, RELOAD_MESSAGE_TOO_LARGE);
  g_assert_cmpuint (self->alice->link, ==, 0);
  g_assert_cmpint (stranger_verdict (self->bob, &(Draft){ .code = MESSAGE_PING_REQ,
                                                          .body = &(PingReq){ { NULL, 0 } } }),
                   ==, RELOAD_OK);
}

/* ... and without one when it is the header. */
static void
test_header_too_large (Fixture *self, const void *data)
{
  g_autofree uint8_t *filling = g_malloc0 (self->stage->configuration->max_message_size);
  ForwardingOption option = { .type = 99,
                              .option = { filling, self->stage->configuration->max_message_size } };
  Draft draft = ping_to (&self->own, 1);

  draft.options = (ForwardingOptionList){ &option, 1 };
  g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, -1);
  g_assert_null (stranger_next (self->alice, MESSAGE_ERROR));
  g_assert_cmpuint (self->alice->link, ==, 0);
}

/* 6.1.2: who has several Node-IDs says by an Attach which of them it is. */
static void
test_several_node_ids (Fixture *self, const void *data)
{
  Stranger *many = stranger_new (self->stage, "many", 0);
  Draft ping = ping_to (&self->to_bob, 1);
  ProbeReq probe = { { NULL, 0 } };
  Draft other = {
    .code = MESSAGE_PROBE_REQ, .body = &probe, .destinations = &self->to_bob, .destination_count = 1
  };

  many->own.own->node_id_count = 2;
  many->own.own->node_ids[1] = self->alice->id;
  stranger_connect (many);
  g_assert_cmpint (stranger_verdict (many, &other), ==, RELOAD_FORBIDDEN);
  g_assert_nonnull (stranger_answer (self->bob, stranger_send (many, &ping)));
  g_assert_nonnull (stranger_answer (self->bob, stranger_send (self->alice, &other)));
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/forwarding/for-us-by-node-wildcard-or-resource", test_for_us);
  ADD ("/forwarding/our-entry-comes-off-and-the-way-back-is-kept", test_passed_on);
  ADD ("/forwarding/the-payload-stays-as-it-is", test_verbatim);
  ADD ("/forwarding/what-leads-nowhere-is-dropped", test_nowhere);
  g_test_add_func ("/forwarding/detour/around-who-does-not-acknowledge", test_detour);
  g_test_add_func ("/forwarding/rfc6940-6.1.1-4-nobody-in-our-range-is-not-looked-for-elsewhere",
                   test_own_range);
  ADD ("/forwarding/threat-1.9-ttl-is-counted-and-capped", test_ttl);
  ADD ("/forwarding/rfc6940-6.3.2-8-another-document-another-ttl", test_ttl_of_others);
  ADD ("/forwarding/threat-1.9-loops-and-circles-end-here", test_loops);
  ADD ("/forwarding/threat-1.9-colluders-get-a-message-through-once", test_colluders);
  ADD ("/forwarding/a-way-may-lead-through-us-twice", test_twice);
  ADD ("/forwarding/an-answer-takes-the-link-that-asked", test_way_back);
  ADD ("/forwarding/threat-1.9-long-lists-are-dropped", test_long_lists);
  ADD ("/forwarding/threat-1.2-another-overlay's-message-costs-nothing", test_other_overlay);
  ADD ("/forwarding/threat-1.3-options-critical-and-not", test_options);
  ADD ("/forwarding/r4-errors-have-a-budget-and-are-never-about-errors", test_error_budget);
  ADD ("/forwarding/threat-3.5-a-flood-costs-its-own-link", test_rate);
  ADD ("/forwarding/threat-3.5-a-client-has-less-to-spend-than-a-peer", test_guests);
  ADD ("/forwarding/fragments-are-put-together-for-us", test_fragments);
  ADD ("/forwarding/rfc6940-6.7-1-nobody-on-the-way-puts-pieces-together", test_passing_fragments);
  ADD ("/forwarding/threat-1.1-a-cut-header-is-dropped-and-the-link-stays", test_garbage);
  ADD ("/forwarding/rfc6940-6.6-1-what-is-too-large-costs-the-link", test_too_large);
  ADD ("/forwarding/rfc6940-6.6-2-a-header-too-large-is-not-answered", test_header_too_large);
  ADD ("/forwarding/rfc6940-6.1.2-8-who-has-several-node-ids-attaches-first",
       test_several_node_ids);
  return g_test_run ();
}
