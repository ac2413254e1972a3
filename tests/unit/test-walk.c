/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/walk.h"

#include "core/wire/fetch.h"
#include "tests/unit/overlay-stage.h"

#include <string.h>

/* Our node at 80…, linked to two peers, looks for 20…, of which 10… comes before and 30… behind.
 * The linked peers drop what they should pass on, but for what a test lets through. */

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *links[2];
  Stranger *before;
  Stranger *holders[3];
  NodeId target;
  uint64_t transaction;
  unsigned answers;
  ReloadCode code;
  NodeId responder;
} Fixture;

static void
on_answered (void *owner, const Answer *answer)
{
  Fixture *self = owner;

  self->answers++;
  self->code = answer->code;
  self->responder = answer->responder;
}

static uint64_t
fetch (Fixture *self)
{
  StoredDataSpecifier specifier = { .kind = KIND_SIP_REGISTRATION, .model = DATA_MODEL_DICTIONARY };
  FetchReq body = {
    .resource = node_id_bytes (&self->target),
    .specifiers = { &specifier, 1 },
  };
  Destination to = destination_of_resource (body.resource);

  return transport_request (self->stage->overlay->transport, &(Request){
                                                               .code = MESSAGE_FETCH_REQ,
                                                               .body = &body,
                                                               .destinations = &to,
                                                               .destination_count = 1,
                                                               .answered = on_answered,
                                                               .owner = self,
                                                             });
}

static void
set_up (Fixture *self, const void *data)
{
  self->stage = overlay_stage_new ();
  self->links[0] = stranger_new (self->stage, "one", 0xc0000000);
  self->links[1] = stranger_new (self->stage, "two", 0x70000000);
  self->before = stranger_new (self->stage, "before", 0x10000000);
  for (unsigned i = 0; i < 3; i++)
    self->holders[i] = stranger_new (self->stage, "holder", 0x30000000 + (i << 24));
  self->target = (NodeId){ { 0x20 } };
  overlay_stage_join (self->stage, self->links);
  self->transaction = fetch (self);
  overlay_stage_run (self->stage, TIME_SECOND - TIME_MS);
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
}

/* The next question that goes as its last step to `whom`, over any link; NULL when there is none.
 */
static Letter *
next_question (Fixture *self, const Stranger *whom, Stranger **ret_link)
{
  for (unsigned i = 0; i < 2; i++) {
    Letter *letter;
    while ((letter = stranger_next (self->links[i], MESSAGE_ROUTE_QUERY_REQ)) != NULL) {
      const DestinationList *list = &letter->header.destination_list;
      *ret_link = self->links[i];
      if (destination_is_node (&list->items[list->count - 1], &whom->id))
        return letter;
    }
  }
  return NULL;
}

/* `whom` would send it to `next`, and knows `behind` too; its word comes over that link. */
static void
say_more (Stranger *link,
          const Stranger *whom,
          const Letter *question,
          const NodeId *next,
          NodeIdList behind)
{
  ChordRouteQueryAns answer = { .next_peer = *next };
  ChordVicinity vicinity = { .behind = behind };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  MessageExtension extension = { .type = MESSAGE_EXTENSION_VICINITY };

  chord_vicinity_encode (&vicinity, bytes);
  extension.extension_contents = (Bytes){ bytes->data, bytes->len };
  stranger_send (link, &(Draft){
                         .code = MESSAGE_ROUTE_QUERY_REQ + 1,
                         .body = &answer,
                         .extensions = { &extension, behind.count > 0 },
                         .transaction_id = question->header.transaction_id,
                         .signer = whom->signer,
                       });
  overlay_stage_run (link->stage, TIME_MS);
}

static void
say_next (Stranger *link, const Stranger *whom, const Letter *question, const NodeId *next)
{
  say_more (link, whom, question, next, (NodeIdList){ NULL, 0 });
}

/* A link names the peer before the target, that one its owner, and so many who come next. Returns
 * over which link. */
static Stranger *
walk_to_holders (Fixture *self, size_t count)
{
  NodeId behind[3] = { self->holders[0]->id, self->holders[1]->id, self->holders[2]->id };
  Letter *question;
  Stranger *link = NULL;

  overlay_stage_run (self->stage, 2 * TIME_MS);
  question = next_question (self, self->links[0], &link);
  g_assert_nonnull (question);
  say_next (link, self->links[0], question, &self->before->id);
  question = next_question (self, self->before, &link);
  g_assert_nonnull (question);
  say_more (link, self->before, question, &behind[0], (NodeIdList){ behind, count });
  return link;
}

static Stranger *
walk_to_owner (Fixture *self)
{
  return walk_to_holders (self, 1);
}

static void
test_second_send (Fixture *self, const void *data)
{
  Stranger *link;
  Letter *question;
  RouteQueryReq body;

  g_assert_null (next_question (self, self->links[0], &link));
  overlay_stage_run (self->stage, 2 * TIME_MS);
  question = next_question (self, self->links[0], &link);
  g_assert_nonnull (question);
  g_assert_cmpuint (question->header.destination_list.count, ==, 1);
  letter_read (question, self->stage, &body);
  g_assert_false (body.send_update);
  g_assert_cmpuint (question->message.contents.extensions.count, ==, 1);
  g_assert_cmpuint (question->message.contents.extensions.items[0].type, ==,
                    MESSAGE_EXTENSION_VICINITY);
  g_assert_true (bytes_equal (body.destination.resource_id, node_id_bytes (&self->target)));
  g_assert_cmpuint (self->stage->overlay->counters.walks, ==, 1);
}

/* Source-routed along those that have answered, and behind the last of them the Resource-ID. */
static void
test_path (Fixture *self, const void *data)
{
  Stranger *link = walk_to_owner (self);
  const DestinationList *list;
  Letter *letter;

  overlay_stage_run (self->stage, 150 * TIME_MS);
  do {
    letter = stranger_next (link, MESSAGE_FETCH_REQ);
    g_assert_nonnull (letter);
    list = &letter->header.destination_list;
  } while (list->count != 3);
  g_assert_cmpuint (letter->header.transaction_id, ==, self->transaction);
  g_assert_cmpuint (list->count, ==, 3);
  g_assert_true (destination_is_node (&list->items[0], &link->id));
  g_assert_true (destination_is_node (&list->items[1], &self->before->id));
  g_assert_cmpint (list->items[2].type, ==, DESTINATION_RESOURCE);
}

/* Lets the walk find the first copy, and waits until it was asked. */
static Stranger *
walk_to_copy (Fixture *self)
{
  Stranger *link = walk_to_holders (self, 2);
  const DestinationList *list;
  Letter *letter;

  overlay_stage_run (self->stage, 400 * TIME_MS);
  do {
    letter = stranger_next (link, MESSAGE_FETCH_REQ);
    g_assert_nonnull (letter);
    list = &letter->header.destination_list;
  } while (!destination_is_node (&list->items[list->count - 1], &self->holders[1]->id));
  return link;
}

static void
answer_with (Fixture *self, Stranger *link, const Stranger *whom, bool has_value)
{
  SignedValue value = { .data = { .lifetime = 60 } };
  FetchKindResponse response = { .kind = KIND_SIP_REGISTRATION, .generation = 1 };
  FetchAns answer = { { &response, 1 } };

  signed_value_init (&value, self->stage, whom->signer, &self->target, KIND_SIP_REGISTRATION,
                     (StoredDataValue){ .model = DATA_MODEL_DICTIONARY,
                                        .key = node_id_bytes (&whom->id),
                                        .value = { .exists = true } });
  if (has_value)
    response.values = (StoredDataList){ &value.data, 1 };
  stranger_send (link, &(Draft){
                         .code = MESSAGE_FETCH_REQ + 1,
                         .body = &answer,
                         .transaction_id = self->transaction,
                         .signer = whom->signer,
                       });
  overlay_stage_run (self->stage, TIME_MS);
}

static void
test_copy (Fixture *self, const void *data)
{
  Stranger *link = walk_to_copy (self);

  answer_with (self, link, self->holders[1], true);
  g_assert_cmpuint (self->answers, ==, 1);
  g_assert_cmpint (self->code, ==, RELOAD_OK);
  g_assert_true (node_id_equal (&self->responder, &self->holders[1]->id));
}

/* Whoever is near names all who keep copies. */
static void
test_vicinity (Fixture *self, const void *data)
{
  Stranger *link = walk_to_holders (self, 3);
  bool is_asked[3] = { false };
  Letter *letter;

  overlay_stage_run (self->stage, 900 * TIME_MS);
  while ((letter = stranger_next (link, MESSAGE_FETCH_REQ)) != NULL) {
    const DestinationList *list = &letter->header.destination_list;
    for (unsigned i = 0; i < 3; i++)
      is_asked[i] =
        is_asked[i] || destination_is_node (&list->items[list->count - 1], &self->holders[i]->id);
  }
  g_assert_true (is_asked[1] && is_asked[2]);
}

/* Who keeps no copy proves nothing: the owner may still answer. */
static void
test_empty_copy (Fixture *self, const void *data)
{
  Stranger *link = walk_to_copy (self);

  answer_with (self, link, self->holders[1], false);
  g_assert_cmpuint (self->answers, ==, 0);
  answer_with (self, link, self->holders[0], false);
  g_assert_cmpuint (self->answers, ==, 1);
  g_assert_true (node_id_equal (&self->responder, &self->holders[0]->id));
}

static unsigned
take_messages (Fixture *self, unsigned i, uint32_t *at)
{
  Letter *letter;
  unsigned sent = 0;

  while ((letter = stranger_next (self->links[i], 0)) != NULL) {
    const DestinationList *list = &letter->header.destination_list;
    bool is_question = letter->message.contents.message_code == MESSAGE_ROUTE_QUERY_REQ;
    const NodeId *asked = &list->items[list->count - 1].node_id;
    Stranger *whom = NULL;
    sent += is_question || list->count > 1;
    g_assert_cmpuint (list->count, <=, LIMIT_WALK_PATH);
    for (guint k = 0; is_question && k < self->stage->strangers->len; k++) {
      Stranger *one = g_ptr_array_index (self->stage->strangers, k);
      whom = node_id_equal (&one->id, asked) ? one : whom;
    }
    if (whom != NULL) {
      Stranger *next = stranger_new (self->stage, "liar", *at += 0x10000);
      say_next (self->links[i], whom, letter, &next->id);
    }
  }
  return sent;
}

/* Everybody names somebody new who is a little nearer. */
static void
test_liars (Fixture *self, const void *data)
{
  uint32_t at = 0x10000000;
  unsigned sent = 0;

  for (unsigned i = 0; i < 60; i++) {
    overlay_stage_run (self->stage, 50 * TIME_MS);
    sent += take_messages (self, i % 2, &at);
  }
  overlay_stage_run (self->stage, 5 * TIME_SECOND);
  g_assert_cmpuint (sent, >, 10);
  g_assert_cmpuint (sent, <=, LIMIT_WALK_QUERIES + LIMIT_WALK_REQUESTS);
  g_assert_cmpuint (self->answers, ==, 1);
  g_assert_cmpint (self->code, ==, RELOAD_REQUEST_TIMEOUT);
}

/* Of two peers before the target the nearer one counts, unless it did not pass on what it got. */
static void
test_doubts (Fixture *self, const void *data)
{
  Overlay *overlay = self->stage->overlay;
  const Topology *topology = &overlay->topology;
  NodeId id = { { 0x78 } };
  NodeId next;

  g_assert_true (topology->plugin->next_hop (topology->self, &id, NULL, &next));
  g_assert_true (node_id_equal (&next, &self->links[1]->id));
  doubts_note (&overlay->doubts, &next, overlay_now (overlay));
  g_assert_true (topology->plugin->next_hop (topology->self, &id, NULL, &next));
  g_assert_true (node_id_equal (&next, &self->links[0]->id));
  doubts_note (&overlay->doubts, &next, overlay_now (overlay));
  g_assert_true (topology->plugin->next_hop (topology->self, &id, NULL, &next));
  g_assert_true (node_id_equal (&next, &self->links[1]->id));
}

/* What was asked through a link and is not answered makes it doubtful, until something comes. */
static void
test_silence (Fixture *self, const void *data)
{
  Overlay *overlay = self->stage->overlay;
  Stranger *link = walk_to_owner (self);
  Letter *letter;

  overlay_stage_run (self->stage, 600 * TIME_MS);
  letter = next_question (self, self->holders[0], &link);
  g_assert_nonnull (letter);
  overlay_stage_run (self->stage, 600 * TIME_MS);
  g_assert_true (doubts_has (&overlay->doubts, &self->before->id, overlay_now (overlay)));
  g_assert_false (doubts_has (&overlay->doubts, &link->id, overlay_now (overlay)));
  say_next (link, self->holders[0], letter, &self->holders[1]->id);
  g_assert_false (doubts_has (&overlay->doubts, &self->before->id, overlay_now (overlay)));
}

/* What is under way ends with the request. */
static void
test_cancelled (Fixture *self, const void *data)
{
  Transport *transport = self->stage->overlay->transport;
  unsigned others = transport_open_count (transport) - 1; /* of the ring */

  walk_to_owner (self);
  transport_cancel_owner (transport, self);
  g_assert_cmpuint (transport_open_count (transport), <=, others);
  overlay_stage_run (self->stage, 10 * TIME_SECOND);
  g_assert_cmpuint (self->answers, ==, 0);
}

static void
add (const char *path, void (*test) (Fixture *, const void *))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/walk/starts-with-the-second-send", test_second_send);
  add ("/walk/goes-along-peers-that-have-answered", test_path);
  add ("/walk/a-copy-answers-for-the-owner", test_copy);
  add ("/walk/who-is-near-names-all-copies", test_vicinity);
  add ("/walk/threat-2.2-a-copy-that-has-nothing-proves-nothing", test_empty_copy);
  add ("/walk/threat-2.1-liars-cannot-lead-it-on-for-ever", test_liars);
  add ("/walk/threat-2.1-who-drops-is-asked-last", test_doubts);
  add ("/walk/threat-2.1-silence-tells-of-the-last-that-was-not-tried", test_silence);
  add ("/walk/ends-with-its-request", test_cancelled);
  return g_test_run ();
}
