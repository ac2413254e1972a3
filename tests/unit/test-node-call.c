/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/node-private.h"
#include "core/overlay/overlay-private.h"
#include "core/overlay/publication.h"
#include "core/overlay/storage-private.h"
#include "core/overlay/stored-value.h"
#include "core/wire/registration.h"
#include "tests/sim/census.h"
#include "tests/unit/node-stage.h"

#include <string.h>

static NodeStage *
stage_of (unsigned phones)
{
  NodeStage *stage = node_stage_new (phones);

  node_stage_start (stage);
  return stage;
}

static void
expect_end (NodeStage *stage, unsigned phone, uint32_t call, const char *story, NodeCallEnd end)
{
  const StageCall *seen = node_stage_seen (stage, phone, call);

  g_assert_cmpstr (seen->story, ==, story);
  g_assert_cmpint (seen->end, ==, end);
}

/* ---- How calls go ---- */

static void
test_answer (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);
  uint32_t call = node_stage_talk (stage);
  const StageCall *here = node_stage_seen (stage, 0, call);
  const StageCall *there = node_stage_incoming (stage, 1);

  g_assert_cmpstr (here->address, ==, node_stage_address (stage, 1));
  g_assert_cmpstr (there->address, ==, node_stage_address (stage, 0));
  g_assert_cmpmem (&here->user_key, USER_KEY_SIZE, node_stage_key (stage, 1), USER_KEY_SIZE);
  g_assert_cmpmem (&there->user_key, USER_KEY_SIZE, node_stage_key (stage, 0), USER_KEY_SIZE);
  g_assert_false (here->is_forwarded);
  g_assert_cmpuint (here->media, ==, 1);
  g_assert_cmpuint (there->media, ==, 1);
  g_assert_cmpuint (here->codec_count, ==, 1);
  g_assert_true (here->has_words && there->has_words);
  g_assert_cmpmem (here->words, sizeof here->words, there->words, sizeof there->words);
  node_call_end (node_stage_node (stage, 0), call);
  node_stage_run (stage, 5 * TIME_SECOND);
  expect_end (stage, 0, call, "LCRUE", NODE_CALL_END_HUNG_UP);
  expect_end (stage, 1, there->number, "RUE", NODE_CALL_END_HUNG_UP);
  g_assert_cmpuint (node_stage_media_links (stage, 0), ==, 0);
  g_assert_cmpuint (node_stage_media_links (stage, 1), ==, 0);
}

static void
test_hang_up_by_callee (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);
  uint32_t call = node_stage_talk (stage);

  node_call_end (node_stage_node (stage, 1), node_stage_incoming (stage, 1)->number);
  node_stage_run (stage, 5 * TIME_SECOND);
  expect_end (stage, 0, call, "LCRUE", NODE_CALL_END_HUNG_UP);
  expect_end (stage, 1, node_stage_incoming (stage, 1)->number, "RUE", NODE_CALL_END_HUNG_UP);
}

static void
decline (bool is_busy, NodeCallEnd end)
{
  g_autoptr (NodeStage) stage = stage_of (2);
  uint32_t call = node_stage_ring (stage);

  node_call_decline (node_stage_node (stage, 1), node_stage_incoming (stage, 1)->number, is_busy);
  node_stage_run (stage, 5 * TIME_SECOND);
  expect_end (stage, 0, call, "LCRE", end);
  g_assert_cmpstr (node_stage_incoming (stage, 1)->story, ==, "RE");
  g_assert_cmpuint (node_stage_media_links (stage, 0), ==, 0);
}

static void
test_decline (void)
{
  decline (false, NODE_CALL_END_DECLINED);
}

static void
test_busy (void)
{
  decline (true, NODE_CALL_END_BUSY);
}

static void
test_cancel (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);
  uint32_t call = node_stage_ring (stage);

  node_call_end (node_stage_node (stage, 0), call);
  node_stage_run (stage, 5 * TIME_SECOND);
  expect_end (stage, 0, call, "LCRE", NODE_CALL_END_CANCELLED);
  expect_end (stage, 1, node_stage_incoming (stage, 1)->number, "RE", NODE_CALL_END_CANCELLED);
}

/* Both came in one turn: the person hears of a missed call all the same. */
static void
test_cancel_at_once (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);
  Node *callee = node_stage_node (stage, 1);
  MediaDescription media = { .codec_count = 0 };
  SipEvent event = { .type = SIP_EVENT_INCOMING,
                     .call = SESSION_INCOMING | 77,
                     .peer = node_id (node_stage_node (stage, 0)),
                     .address = node_stage_address (stage, 0),
                     .user_key = node_stage_key (stage, 0),
                     .media = &media };

  node_call_on_sip (callee, &event);
  g_assert_null (node_stage_incoming (stage, 1));
  event.type = SIP_EVENT_ENDED;
  event.end = SESSION_END_CANCELLED;
  node_call_on_sip (callee, &event);
  expect_end (stage, 1, event.call, "RE", NODE_CALL_END_CANCELLED);
  node_stage_run (stage, TIME_SECOND);
  g_assert_cmpuint (node_stage_media_links (stage, 1), ==, 0);
}

static void
test_cancel_early (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);
  uint32_t call = node_stage_call (stage, 0, node_stage_address (stage, 1), NULL);

  node_call_end (node_stage_node (stage, 0), call);
  node_stage_run (stage, 10 * TIME_SECOND);
  expect_end (stage, 0, call, "E", NODE_CALL_END_CANCELLED);
  g_assert_null (node_stage_incoming (stage, 1));
}

static void
test_no_answer (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);
  uint32_t call = node_stage_ring (stage);

  node_stage_run (stage, 50 * TIME_SECOND);
  expect_end (stage, 0, call, "LCRE", NODE_CALL_END_NO_ANSWER);
  g_assert_cmpstr (node_stage_incoming (stage, 1)->story, ==, "RE");
}

static void
test_hold (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);
  uint32_t call = node_stage_talk (stage);
  const StageCall *here = node_stage_seen (stage, 0, call);
  const StageCall *there = node_stage_incoming (stage, 1);

  node_call_hold (node_stage_node (stage, 0), call, true);
  node_stage_run (stage, 2 * TIME_SECOND);
  g_assert_true (here->is_held_here && !here->is_held_there);
  g_assert_true (!there->is_held_here && there->is_held_there);
  node_call_hold (node_stage_node (stage, 1), there->number, true);
  node_stage_run (stage, 2 * TIME_SECOND);
  g_assert_true (here->is_held_here && here->is_held_there);
  node_call_hold (node_stage_node (stage, 0), call, false);
  node_stage_run (stage, 2 * TIME_SECOND);
  g_assert_true (!here->is_held_here && here->is_held_there);
  g_assert_true (there->is_held_here && !there->is_held_there);
  g_assert_cmpstr (here->story, ==, "LCRU");
}

/* What has ended is over: nothing that is said of it later has an effect. */
static void
test_ended (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);
  uint32_t call = node_stage_ring (stage);
  Node *node = node_stage_node (stage, 0);

  node_call_end (node, call);
  node_stage_run (stage, 5 * TIME_SECOND);
  node_call_answer (node, call);
  node_call_decline (node, call, true);
  node_call_hold (node, call, true);
  node_call_end (node, call);
  node_call_end (node, 4711);
  node_stage_run (stage, 5 * TIME_SECOND);
  expect_end (stage, 0, call, "LCRE", NODE_CALL_END_CANCELLED);
}

/* ---- Whom a name leads to ---- */

static void
call_and_end (
  NodeStage *stage, const char *address, const UserKey *pin, const char *story, NodeCallEnd end)
{
  uint32_t call = node_stage_call (stage, 0, address, pin);

  node_stage_run (stage, TIME_MINUTE);
  expect_end (stage, 0, call, story, end);
}

static void
test_no_such_name (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);

  call_and_end (stage, "nobody@home-simsimsi.peal.alt", NULL, "LE", NODE_CALL_END_NO_SUCH_NAME);
}

static void
test_offline (void)
{
  g_autoptr (NodeStage) stage = stage_of (3);

  sim_peer_stop (sim_world_peer (stage->world, 1));
  node_stage_run (stage, 10 * TIME_SECOND);
  call_and_end (stage, node_stage_address (stage, 1), NULL, "LE", NODE_CALL_END_OFFLINE);
}

static void
test_unreachable (void)
{
  g_autoptr (NodeStage) stage = stage_of (3);

  sim_peer_kill (sim_world_peer (stage->world, 1));
  node_stage_run (stage, TIME_MINUTE);
  call_and_end (stage, node_stage_address (stage, 1), NULL, "LCE", NODE_CALL_END_UNREACHABLE);
}

/* The owner of bob's name keeps back the record of phone 1, and tells that of phone 2. */
static void
hold_back (NodeStage *stage)
{
  NodeId id = resource_id_of (bytes_of_text (node_stage_address (stage, 1)));
  Storage *storage = census_owner_of (stage->world, &id)->node->overlay->storage;
  StoredKind *kind =
    storage_find_kind (storage_find_resource (storage, &id), KIND_SIP_REGISTRATION);

  for (StoredValue **link = &kind->first; *link != NULL;) {
    StoredValue *value = *link;
    if (bytes_equal (stored_value_key (value),
                     node_id_bytes (node_id (node_stage_node (stage, 1))))) {
      *link = value->next;
      stored_value_free (value);
    } else {
      link = &value->next;
    }
  }
  g_assert_cmpuint (storage_kind_size (kind), <=, 1);
}

/* A stale record leads nowhere; who keeps copies knows better. */
static void
test_stale_record (void)
{
  g_autoptr (NodeStage) stage = node_stage_new (4);
  uint32_t call;

  node_stage_rename (stage, 2, 1, NULL);
  node_stage_start (stage);
  node_stage_run (stage, 20 * TIME_SECOND);
  sim_peer_kill (sim_world_peer (stage->world, 2));
  node_stage_run (stage, TIME_MINUTE);
  hold_back (stage);
  call = node_stage_call (stage, 0, node_stage_address (stage, 1), node_stage_key (stage, 1));
  node_stage_run (stage, 40 * TIME_SECOND);
  g_assert_cmpstr (node_stage_seen (stage, 0, call)->story, ==, "LCCR");
  g_assert_nonnull (node_stage_incoming (stage, 1));
}

/* All that was stored there. */
static void
test_withheld_record (void)
{
  g_autoptr (NodeStage) stage = stage_of (4);
  uint32_t call;

  node_stage_run (stage, 20 * TIME_SECOND);
  hold_back (stage);
  call = node_stage_call (stage, 0, node_stage_address (stage, 1), NULL);
  node_stage_run (stage, 10 * TIME_SECOND);
  g_assert_cmpstr (node_stage_seen (stage, 0, call)->story, ==, "LCR");
}

static void
test_not_connected (void)
{
  g_autoptr (NodeStage) stage = node_stage_new (2);

  node_stage_start_phone (stage, 0);
  node_stage_run (stage, TIME_SECOND);
  call_and_end (stage, node_stage_address (stage, 1), NULL, "E", NODE_CALL_END_NOT_CONNECTED);
}

static void
test_own_name (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);

  call_and_end (stage, node_stage_address (stage, 0), NULL, "LE", NODE_CALL_END_BUSY);
}

static void
test_key_changed (void)
{
  g_autoptr (NodeStage) stage = stage_of (2);
  UserKey former = { { 4, 1, 2, 3 } };
  const StageCall *seen;

  call_and_end (stage, node_stage_address (stage, 1), &former, "LE", NODE_CALL_END_KEY_CHANGED);
  seen = &stage->phones[0].calls[0];
  g_assert_true (seen->has_user_key);
  g_assert_cmpmem (&seen->user_key, USER_KEY_SIZE, node_stage_key (stage, 1), USER_KEY_SIZE);
  g_assert_null (node_stage_incoming (stage, 1));
}

static NodeStage *
two_of_one_name (void)
{
  NodeStage *stage = node_stage_new (3);

  node_stage_rename (stage, 2, 1, "another person");
  node_stage_start (stage);
  /* What was stored while the ring came together finds its owners. */
  node_stage_run (stage, 20 * TIME_SECOND);
  return stage;
}

static void
test_two_owners (void)
{
  g_autoptr (NodeStage) stage = two_of_one_name ();

  const StageCall *seen = &stage->phones[0].calls[0];
  bool is_first = false, is_second = false;

  call_and_end (stage, node_stage_address (stage, 1), NULL, "LE", NODE_CALL_END_SEVERAL_OWNERS);
  g_assert_cmpuint (seen->owner_count, ==, 2);
  for (size_t i = 0; i < seen->owner_count; i++) {
    is_first |= memcmp (&seen->owners[i], node_stage_key (stage, 1), USER_KEY_SIZE) == 0;
    is_second |= memcmp (&seen->owners[i], node_stage_key (stage, 2), USER_KEY_SIZE) == 0;
  }
  g_assert_true (is_first && is_second);
  g_assert_null (node_stage_incoming (stage, 1));
  g_assert_null (node_stage_incoming (stage, 2));
}

static void
test_two_owners_pinned (void)
{
  g_autoptr (NodeStage) stage = two_of_one_name ();
  uint32_t call =
    node_stage_call (stage, 0, node_stage_address (stage, 2), node_stage_key (stage, 2));

  node_stage_run (stage, 5 * TIME_SECOND);
  g_assert_cmpstr (node_stage_seen (stage, 0, call)->story, ==, "LCR");
  g_assert_null (node_stage_incoming (stage, 1));
  g_assert_nonnull (node_stage_incoming (stage, 2));
}

static void
test_two_devices (void)
{
  g_autoptr (NodeStage) stage = node_stage_new (3);
  uint32_t call;

  node_stage_rename (stage, 2, 1, NULL);
  node_stage_start (stage);
  /* What was stored while the ring came together finds its owners. */
  node_stage_run (stage, 20 * TIME_SECOND);
  call = node_stage_ring (stage);
  g_assert_nonnull (node_stage_incoming (stage, 2));
  node_call_answer (node_stage_node (stage, 2), node_stage_incoming (stage, 2)->number);
  node_stage_run (stage, 5 * TIME_SECOND);
  g_assert_cmpstr (node_stage_seen (stage, 0, call)->story, ==, "LCRU");
  g_assert_cmpuint (node_stage_seen (stage, 0, call)->media, ==, 1);
  g_assert_cmpuint (node_stage_media_links (stage, 0), ==, 1);
  expect_end (stage, 1, node_stage_incoming (stage, 1)->number, "RE", NODE_CALL_END_ELSEWHERE);
}

/* Phone 1's own record names phone 2, a device of somebody else (RFC 7904, 4.2). */
static Publication *
forward (NodeStage *stage)
{
  Overlay *overlay = node_stage_node (stage, 1)->overlay;
  g_autoptr (GByteArray) value = g_byte_array_new ();
  Destination there = destination_of_node (sim_peer_id (stage->phones[2].peer));
  SipRegistration registration = {
    .type = SIP_REGISTRATION_ROUTE,
    .destination_list = { &there, 1 },
  };
  Publication *forwarding;

  sip_registration_encode (&registration, value);
  forwarding =
    publication_new (overlay,
                     &(PublicationOptions){
                       .resource = resource_id_of (bytes_of_text (node_stage_address (stage, 1))),
                       .kind = KIND_SIP_REGISTRATION,
                       .key = node_id_bytes (&overlay->id),
                       .value = { value->data, value->len },
                       .lifetime_s = 600,
                       .refresh_s = 300,
                     });
  publication_start (forwarding);
  node_stage_run (stage, 5 * TIME_SECOND);
  g_assert_true (publication_is_stored (forwarding));
  return forwarding;
}

static void
test_forwarded (void)
{
  g_autoptr (NodeStage) stage = stage_of (3);
  Publication *forwarding = forward (stage);
  uint32_t call = node_stage_call (stage, 0, node_stage_address (stage, 1), NULL);
  const StageCall *seen;

  node_stage_run (stage, 5 * TIME_SECOND);
  g_assert_null (node_stage_incoming (stage, 1));
  g_assert_nonnull (node_stage_incoming (stage, 2));
  node_call_answer (node_stage_node (stage, 2), node_stage_incoming (stage, 2)->number);
  node_stage_run (stage, 5 * TIME_SECOND);
  seen = node_stage_seen (stage, 0, call);
  g_assert_cmpstr (seen->story, ==, "LCRU");
  g_assert_true (seen->is_forwarded);
  g_assert_cmpstr (seen->address, ==, node_stage_address (stage, 2));
  g_assert_cmpmem (&seen->user_key, USER_KEY_SIZE, node_stage_key (stage, 2), USER_KEY_SIZE);
  publication_free (forwarding);
}

/* ---- To another address (RFC 7904, 4.2) ---- */

/* Phone `from` sends its calls to where phone `to` is. */
static void
send_on (NodeStage *stage, unsigned from, unsigned to)
{
  g_assert_true (node_forward (node_stage_node (stage, from), node_stage_address (stage, to)));
  node_stage_run (stage, 5 * TIME_SECOND);
}

/* Phone 0 calls phone 1, and `there` rings alone and answers. */
static void
expect_answer_of (NodeStage *stage, unsigned there)
{
  uint32_t call = node_stage_call (stage, 0, node_stage_address (stage, 1), NULL);
  const StageCall *seen;

  node_stage_run (stage, 5 * TIME_SECOND);
  for (unsigned i = 1; i < stage->count; i++)
    if (i != there)
      g_assert_null (node_stage_incoming (stage, i));
  g_assert_nonnull (node_stage_incoming (stage, there));
  node_call_answer (node_stage_node (stage, there), node_stage_incoming (stage, there)->number);
  node_stage_run (stage, 5 * TIME_SECOND);
  seen = node_stage_seen (stage, 0, call);
  g_assert_cmpstr (seen->story, ==, "LCRU");
  g_assert_cmpint (seen->is_forwarded, ==, there != 1);
  g_assert_cmpstr (seen->address, ==, node_stage_address (stage, there));
  g_assert_cmpmem (&seen->user_key, USER_KEY_SIZE, node_stage_key (stage, there), USER_KEY_SIZE);
}

static void
test_sent_on (void)
{
  g_autoptr (NodeStage) stage = stage_of (3);

  send_on (stage, 1, 2);
  expect_answer_of (stage, 2);
}

static void
test_sent_on_twice (void)
{
  g_autoptr (NodeStage) stage = stage_of (4);

  send_on (stage, 1, 2);
  send_on (stage, 2, 3);
  expect_answer_of (stage, 3);
}

static void
test_sent_back (void)
{
  g_autoptr (NodeStage) stage = stage_of (3);

  send_on (stage, 1, 2);
  g_assert_true (node_forward (node_stage_node (stage, 1), NULL));
  node_stage_run (stage, 5 * TIME_SECOND);
  expect_answer_of (stage, 1);
}

static void
test_circle (void)
{
  g_autoptr (NodeStage) stage = stage_of (3);

  send_on (stage, 1, 2);
  send_on (stage, 2, 1);
  call_and_end (stage, node_stage_address (stage, 1), NULL, "LE", NODE_CALL_END_FORWARDED);
  g_assert_null (node_stage_incoming (stage, 1));
  g_assert_null (node_stage_incoming (stage, 2));
}

static void
test_sent_nowhere (void)
{
  g_autoptr (NodeStage) stage = stage_of (3);
  Node *node = node_stage_node (stage, 1);

  g_assert_false (node_forward (node, node_stage_address (stage, 1)));
  g_assert_false (node_forward (node, "charlie"));
  g_assert_true (node_forward (node, "nobody@home-simsimsi.peal.alt"));
  node_stage_run (stage, 5 * TIME_SECOND);
  call_and_end (stage, node_stage_address (stage, 1), NULL, "LE", NODE_CALL_END_FORWARDED);
}

/* Whom calls go to reaches the one who sends them. */
static void
test_secretary (void)
{
  g_autoptr (NodeStage) stage = stage_of (3);

  send_on (stage, 1, 0);
  expect_answer_of (stage, 1);
}

/* A second device that forwards does not silence the first. */
static void
test_one_device_sends_on (void)
{
  g_autoptr (NodeStage) stage = node_stage_new (4);

  node_stage_rename (stage, 2, 1, NULL);
  node_stage_start (stage);
  send_on (stage, 2, 3);
  node_stage_call (stage, 0, node_stage_address (stage, 1), NULL);
  node_stage_run (stage, 5 * TIME_SECOND);
  g_assert_nonnull (node_stage_incoming (stage, 1));
  g_assert_null (node_stage_incoming (stage, 2));
  g_assert_nonnull (node_stage_incoming (stage, 3));
}

/* A buddy whose device is known and connected says himself that he is elsewhere. */
static void
test_buddy_sends_on (void)
{
  g_autoptr (NodeStage) stage = stage_of (3);
  Node *caller = node_stage_node (stage, 0);
  const char *buddy = node_stage_address (stage, 1);
  uint32_t call;

  node_subscribe (caller, buddy, node_stage_key (stage, 1), true);
  node_stage_run (stage, 10 * TIME_SECOND);
  send_on (stage, 1, 2);
  call = node_stage_call (stage, 0, buddy, node_stage_key (stage, 1));
  node_stage_run (stage, 10 * TIME_SECOND);
  g_assert_null (node_stage_incoming (stage, 1));
  g_assert_nonnull (node_stage_incoming (stage, 2));
  node_call_answer (node_stage_node (stage, 2), node_stage_incoming (stage, 2)->number);
  node_stage_run (stage, 5 * TIME_SECOND);
  g_assert_true (node_stage_seen (stage, 0, call)->is_forwarded);
  g_assert_cmpuint (node_stage_media_links (stage, 0), ==, 1);
}

/* ---- One device by its GRUU ---- */

/* The gr parameter of that phone, by way of another. */
static char *
gr_of (NodeStage *stage, unsigned phone, unsigned via)
{
  uint8_t list[2][18] = { { 1, 16 }, { 1, 16 } };

  memcpy (list[0] + 2, node_id (node_stage_node (stage, via))->bytes, NODE_ID_SIZE);
  memcpy (list[1] + 2, node_id (node_stage_node (stage, phone))->bytes, NODE_ID_SIZE);
  return g_base64_encode (list[0], sizeof list);
}

static StageCall *
call_device (NodeStage *stage, const UserKey *pin, unsigned phone, unsigned via)
{
  g_autofree char *gr = gr_of (stage, phone, via);
  NodeCallOptions options = { .address = node_stage_address (stage, 1), .pin = pin, .gr = gr };
  uint32_t call = node_call (node_stage_node (stage, 0), &options);

  node_stage_run (stage, 10 * TIME_SECOND);
  return node_stage_seen (stage, 0, call);
}

static void
test_named_device (void)
{
  g_autoptr (NodeStage) stage = node_stage_new (4);
  StageCall *seen;

  node_stage_rename (stage, 2, 1, NULL);
  node_stage_start (stage);
  seen = call_device (stage, node_stage_key (stage, 1), 2, 3);
  g_assert_cmpstr (seen->story, ==, "LCR");
  g_assert_null (node_stage_incoming (stage, 1));
  g_assert_nonnull (node_stage_incoming (stage, 2));
  node_call_answer (node_stage_node (stage, 2), node_stage_incoming (stage, 2)->number);
  node_stage_run (stage, 5 * TIME_SECOND);
  g_assert_cmpstr (seen->story, ==, "LCRU");
  g_assert_false (seen->is_forwarded);
  g_assert_cmpmem (&seen->user_key, USER_KEY_SIZE, node_stage_key (stage, 1), USER_KEY_SIZE);
}

/* No record speaks for it: its own certificate must. */
static void
test_named_stranger (void)
{
  g_autoptr (NodeStage) stage = two_of_one_name ();
  StageCall *seen = call_device (stage, node_stage_key (stage, 1), 2, 1);

  g_assert_cmpstr (seen->story, ==, "LCE");
  g_assert_cmpint (seen->end, ==, NODE_CALL_END_KEY_CHANGED);
  g_assert_cmpmem (&seen->user_key, USER_KEY_SIZE, node_stage_key (stage, 2), USER_KEY_SIZE);
  g_assert_null (node_stage_incoming (stage, 2));
  g_assert_cmpuint (node_stage_media_links (stage, 0), ==, 0);
  /* Again, while the link of the first attempt may still stand. */
  seen = call_device (stage, node_stage_key (stage, 1), 2, 1);
  g_assert_cmpint (seen->end, ==, NODE_CALL_END_KEY_CHANGED);
  g_assert_null (node_stage_incoming (stage, 2));
}

static void
test_named_other (void)
{
  g_autoptr (NodeStage) stage = stage_of (3);
  StageCall *seen = call_device (stage, NULL, 2, 1);

  g_assert_cmpint (seen->end, ==, NODE_CALL_END_BAD_IDENTITY);
  g_assert_null (node_stage_incoming (stage, 2));
}

static void
add_named (void)
{
  g_test_add_func ("/node-call/named/rfc7904-6-that-device-alone-rings", test_named_device);
  g_test_add_func ("/node-call/named/threat-4.15-another-key-is-not-rung", test_named_stranger);
  g_test_add_func ("/node-call/named/threat-4.8-another-person-is-not-rung", test_named_other);
}

static void
add_calls (void)
{
  g_test_add_func ("/node-call/answer/both-are-up-and-can-have-keys", test_answer);
  g_test_add_func ("/node-call/end/the-callee-hangs-up", test_hang_up_by_callee);
  g_test_add_func ("/node-call/decline/is-told-as-declined", test_decline);
  g_test_add_func ("/node-call/decline/is-told-as-busy", test_busy);
  g_test_add_func ("/node-call/end/the-caller-gives-up-while-it-rings", test_cancel);
  g_test_add_func ("/node-call/end/the-caller-gives-up-at-once", test_cancel_at_once);
  g_test_add_func ("/node-call/end/given-up-at-once-nothing-rings", test_cancel_early);
  g_test_add_func ("/node-call/end/nobody-answers", test_no_answer);
  g_test_add_func ("/node-call/hold/each-side-for-itself", test_hold);
  g_test_add_func ("/node-call/end/what-has-ended-is-over", test_ended);
}

static void
add_forwarding (void)
{
  g_test_add_func ("/node-call/forwarding/rfc7904-4.2-1-to-another-address", test_sent_on);
  g_test_add_func ("/node-call/forwarding/from-there-to-a-third", test_sent_on_twice);
  g_test_add_func ("/node-call/forwarding/and-back-again", test_sent_back);
  g_test_add_func ("/node-call/forwarding/a-circle-rings-nobody", test_circle);
  g_test_add_func ("/node-call/forwarding/to-nobody-is-told", test_sent_nowhere);
  g_test_add_func ("/node-call/forwarding/whom-calls-go-to-may-still-call", test_secretary);
  g_test_add_func ("/node-call/forwarding/is-each-device's-own-affair", test_one_device_sends_on);
  g_test_add_func ("/node-call/forwarding/a-known-device-says-it-itself", test_buddy_sends_on);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_calls ();
  g_test_add_func ("/node-call/name/nobody-has-it", test_no_such_name);
  g_test_add_func ("/node-call/name/who-has-it-is-offline", test_offline);
  g_test_add_func ("/node-call/name/a-dead-device-is-not-reached", test_unreachable);
  g_test_add_func ("/node-call/name/threat-3.7-a-stale-record-is-looked-past", test_stale_record);
  g_test_add_func ("/node-call/name/threat-3.7-a-withheld-record-is-found", test_withheld_record);
  g_test_add_func ("/node-call/name/we-are-not-on-the-air", test_not_connected);
  g_test_add_func ("/node-call/name/our-own-is-busy", test_own_name);
  g_test_add_func ("/node-call/key/a-changed-one-is-shown-and-not-called", test_key_changed);
  g_test_add_func ("/node-call/key/of-several-owners-none-is-called-blindly", test_two_owners);
  g_test_add_func ("/node-call/key/of-several-owners-the-pinned-one-is-called",
                   test_two_owners_pinned);
  g_test_add_func ("/node-call/devices/all-ring-and-one-is-answered", test_two_devices);
  g_test_add_func ("/node-call/forwarding/to-another-device-is-told", test_forwarded);
  add_forwarding ();
  add_named ();
  return g_test_run ();
}
