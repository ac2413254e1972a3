/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/transport.h"
#include "core/wire/attach.h"
#include "core/wire/config-update.h"
#include "tests/unit/overlay-stage.h"

#include <string.h>

/* Rules of RFC 6940 about messages, each under its id in the conformance book: what comes in, and
 * what a node's own messages look like. */

enum { FRAGMENT_AT = 12 };

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *alice;
  Stranger *bob;
  unsigned answers;
  NodeId responder;
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  self->stage = overlay_stage_new ();
  overlay_stage_alone (self->stage);
  self->alice = stranger_new (self->stage, "alice", 0);
  self->bob = stranger_new (self->stage, "bob", 0);
  stranger_connect (self->alice);
  stranger_connect (self->bob);
  overlay_stage_run (self->stage, TIME_MINUTE);
  while (stranger_next (self->alice, 0) != NULL || stranger_next (self->bob, 0) != NULL)
    ;
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
}

static Draft
ping (void)
{
  static const PingReq body;

  return (Draft){ .code = MESSAGE_PING_REQ, .body = &body };
}

static void
on_answered (void *owner, const Answer *answer)
{
  Fixture *self = owner;

  self->answers++;
  self->responder = answer->responder;
}

static Letter *
ask (Fixture *self, const Destination *to, Stranger *reader)
{
  PingReq body = { { NULL, 0 } };
  uint64_t id;

  id = transport_request (self->stage->overlay->transport, &(Request){
                                                             .code = MESSAGE_PING_REQ,
                                                             .body = &body,
                                                             .destinations = to,
                                                             .destination_count = 1,
                                                             .answered = on_answered,
                                                             .owner = self,
                                                           });
  return stranger_answer (reader, id);
}

/* ---- Lists of destinations ---- */

static void
test_resource_last (Fixture *self, const void *data)
{
  NodeId somewhere = { { 0x12, 0x34 } };
  Destination resource = destination_of_resource (node_id_bytes (&somewhere));
  Destination to_bob = destination_of_node (&self->bob->id);
  Destination wrong[] = { resource, to_bob };
  Destination own_and_wrong[] = { destination_of_node (&self->stage->overlay->id), resource,
                                  to_bob };
  Draft first = ping (), second = ping (), in_via = ping ();

  first.destinations = wrong;
  first.destination_count = 2;
  second.destinations = own_and_wrong;
  second.destination_count = 3;
  in_via.destinations = &to_bob;
  in_via.destination_count = 1;
  in_via.via = (DestinationList){ &resource, 1 };
  g_assert_cmpint (stranger_verdict (self->alice, &first), ==, -1);
  g_assert_cmpint (stranger_verdict (self->alice, &second), ==, -1);
  g_assert_cmpint (stranger_verdict (self->alice, &in_via), ==, -1);
  g_assert_null (stranger_next (self->bob, 0));
  g_assert_cmpuint (self->stage->overlay->counters.bad_header, ==, 3);
}

static void
test_way_back (Fixture *self, const void *data)
{
  NodeId far = { { 1 } }, near = { { 2 } };
  Destination via[] = { destination_of_node (&far), destination_of_node (&near) };
  Draft draft = ping ();
  const DestinationList *back;
  Letter *letter;

  draft.via = (DestinationList){ via, 2 };
  draft.max_response_length = 1000;
  letter = stranger_answer (self->alice, stranger_send (self->alice, &draft));
  g_assert_nonnull (letter);
  back = &letter->header.destination_list;
  g_assert_cmpuint (back->count, ==, 3);
  g_assert_true (destination_is_node (&back->items[0], &self->alice->id));
  g_assert_true (destination_is_node (&back->items[1], &near));
  g_assert_true (destination_is_node (&back->items[2], &far));
  g_assert_cmpuint (letter->header.via_list.count, ==, 0);
  g_assert_cmpuint (letter->header.max_response_length, ==, 0);
}

/* ---- Headers ---- */

static void
test_own_headers (Fixture *self, const void *data)
{
  Destination to_alice = destination_of_node (&self->alice->id);
  uint64_t ids[3];

  for (unsigned i = 0; i < 3; i++) {
    Letter *letter;
    self->stage->random = i < 2 ? 1000 : 2000;
    letter = ask (self, &to_alice, self->alice);
    g_assert_nonnull (letter);
    transport_cancel_owner (self->stage->overlay->transport, self);
    ids[i] = letter->header.transaction_id;
    g_assert_cmpuint (letter->header.ttl, ==, self->stage->configuration->initial_ttl);
    g_assert_cmpuint (letter->header.ttl, <=, 100);
    g_assert_cmphex (letter->header.fragment, ==, 0xc0000000);
  }
  /* They are what the port of chance says. */
  g_assert_cmphex (ids[0], ==, ids[1]);
  g_assert_cmphex (ids[0], !=, ids[2]);
}

static void
test_high_bit (Fixture *self, const void *data)
{
  Draft draft = ping ();
  g_autoptr (GByteArray) bytes = stranger_write (self->alice, &draft);

  bytes->data[FRAGMENT_AT] &= 0x7f;
  stranger_send_bytes (self->alice, (Bytes){ bytes->data, bytes->len });
  g_assert_null (stranger_next (self->alice, 0));
  g_assert_cmpuint (self->stage->overlay->counters.bad_header, ==, 1);
  bytes->data[FRAGMENT_AT] |= 0x80;
  stranger_send_bytes (self->alice, (Bytes){ bytes->data, bytes->len });
  g_assert_nonnull (stranger_next (self->alice, MESSAGE_PING_REQ + 1));
}

/* ---- Configurations ---- */

/* The next document, as its signer would send it. */
static Configuration *
next_document (Fixture *self)
{
  Bytes now = self->stage->overlay->configuration->document;
  g_autofree char *text = g_strndup ((const char *) now.data, now.size);
  g_autoptr (GRegex) signatures =
    g_regex_new ("<(kind-)?signature>[^<]*</(kind-)?signature>", 0, 0, NULL);
  g_autofree char *bare = g_regex_replace_literal (signatures, text, -1, 0, "", 0, NULL);
  g_autoptr (GString) next = g_string_new (bare);

  g_assert_cmpuint (g_string_replace (next, "sequence=\"1\"", "sequence=\"2\"", 1), ==, 1);
  return configuration_sign ((Bytes){ (const uint8_t *) next->str, next->len },
                             &self->stage->signer);
}

static void
test_sequence_65535 (Fixture *self, const void *data)
{
  g_autoptr (Configuration) next = next_document (self);
  ConfigUpdateReq body = { .type = CONFIG_UPDATE_CONFIG, .config_data = next->document };
  Draft update = { .code = MESSAGE_CONFIG_UPDATE_REQ, .body = &body, .sequence = 65535 + 1 };
  Draft other = ping ();

  other.sequence = 65535 + 1;
  g_assert_cmpint (stranger_verdict (self->alice, &other), >, RELOAD_OK);
  g_assert_cmpint (stranger_verdict (self->alice, &update), ==, RELOAD_OK);
  g_assert_cmpuint (self->stage->overlay->configuration->sequence, ==, 2);
}

/* ---- Errors ---- */

static void
expect_reason (Fixture *self, const Draft *draft)
{
  Letter *letter = stranger_answer (self->alice, stranger_send (self->alice, draft));
  ErrorResponse error;

  g_assert_nonnull (letter);
  g_assert_cmphex (letter->message.contents.message_code, ==, MESSAGE_ERROR);
  letter_read (letter, self->stage, &error);
  g_assert_cmpuint (error.error_info.size, >, 0);
}

static void
test_reasons (Fixture *self, const void *data)
{
  JoinReq join = { .joining_peer_id = self->bob->id };
  LeaveReq leave = { .leaving_peer_id = self->bob->id };

  for (size_t i = 0; i < method_count; i++)
    if (methods[i].code != MESSAGE_LEAVE_REQ)
      expect_reason (self, &(Draft){ .code = methods[i].code,
                                     .raw_body = bytes_of_text ("\377\377\377\377") });
  expect_reason (self, &(Draft){ .code = 0x7001 });
  expect_reason (self, &(Draft){ .code = MESSAGE_JOIN_REQ, .body = &join });
  expect_reason (self, &(Draft){ .code = MESSAGE_LEAVE_REQ, .body = &leave });
}

/* ---- Signatures ---- */

static void
expect_signed (Fixture *self, const Letter *letter)
{
  const Signature *signature = &letter->message.security.signature;
  const Certificate *own = self->stage->signer.own;
  g_autoptr (GByteArray) input = g_byte_array_new ();

  g_assert_cmpuint (signature->identity.identity_type, ==, SIGNER_CERT_HASH);
  g_assert_cmpmem (signature->identity.certificate_hash.data,
                   signature->identity.certificate_hash.size, own->hash, CERTIFICATE_HASH_SIZE);
  message_signature_input (&letter->header, letter->message.contents_received, &signature->identity,
                           input);
  g_assert_true (self->bob->signer->verify (self->bob->signer->key_ring, own, signature->hash,
                                            signature->signature,
                                            (Bytes){ input->data, input->len },
                                            signature->signature_value));
}

static void
test_signed (Fixture *self, const void *data)
{
  Destination to_alice = destination_of_node (&self->alice->id);
  Draft good = ping (), over = ping (), unknown = { .code = 0x7001 };

  over.ttl = 255;
  expect_signed (self, ask (self, &to_alice, self->alice));
  expect_signed (self, stranger_answer (self->alice, stranger_send (self->alice, &good)));
  expect_signed (self, stranger_answer (self->alice, stranger_send (self->alice, &over)));
  expect_signed (self, stranger_answer (self->alice, stranger_send (self->alice, &unknown)));
}

/* One successor at 90, and somebody behind it. */
static void
test_nearest_answers (Fixture *self, const void *data)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  Stranger *neighbors[] = { stranger_new (stage, "after", 0x90000000),
                            stranger_new (stage, "before", 0x70000000) };
  Stranger *far = stranger_new (stage, "far", 0xa0000000);
  NodeId place = { { 0x85 } };
  Destination to = destination_of_resource (node_id_bytes (&place));
  OverlayStage *kept = self->stage;
  PingAns answer = { 0 };
  Letter *letter;

  overlay_stage_join (stage, neighbors);
  stranger_connect (far);
  self->stage = stage;
  letter = ask (self, &to, neighbors[0]);
  self->stage = kept;
  g_assert_nonnull (letter);
  stranger_reply (far, letter, &answer);
  g_assert_cmpuint (self->answers, ==, 0);
  stranger_reply (neighbors[0], letter, &answer);
  g_assert_cmpuint (self->answers, ==, 1);
  g_assert_true (node_id_equal (&self->responder, &neighbors[0]->id));
}

/* ---- Code points for experiments ---- */

static void
test_experiments (Fixture *self, const void *data)
{
  enum { EXP_A = 0x23, EXP_B = 0x25, EXP_FORWARD = 1, EXP_EXTENSION = 1, EXP_PROBE = 4 };

  static const uint8_t asked[] = { EXP_PROBE };
  ForwardingOption option = { .type = EXP_FORWARD, .flags = DESTINATION_CRITICAL };
  MessageExtension extension = { .type = EXP_EXTENSION, .critical = true };
  ProbeReq probe = { .requested_info = { asked, 1 } };
  Draft with_option = ping (), with_extension = ping ();
  ProbeAns answer;

  with_option.options = (ForwardingOptionList){ &option, 1 };
  with_extension.extensions = (MessageExtensionList){ &extension, 1 };
  g_assert_cmpint (stranger_verdict (self->alice, &(Draft){ .code = EXP_A }), ==,
                   RELOAD_INVALID_MESSAGE);
  g_assert_cmpint (stranger_verdict (self->alice, &(Draft){ .code = EXP_B }), ==,
                   RELOAD_INVALID_MESSAGE);
  g_assert_cmpint (stranger_verdict (self->alice, &with_option), ==,
                   RELOAD_UNSUPPORTED_FORWARDING_OPTION);
  g_assert_cmpint (stranger_verdict (self->alice, &with_extension), ==, RELOAD_UNKNOWN_EXTENSION);
  letter_read (stranger_answer (self->alice,
                                stranger_send (self->alice, &(Draft){ .code = MESSAGE_PROBE_REQ,
                                                                      .body = &probe })),
               self->stage, &answer);
  g_assert_cmpuint (answer.probe_info.count, ==, 0);
}

/* What a document may not ask for, and what ours does not. */
static void
test_experimental_documents (Fixture *self, const void *data)
{
  static const char *const swaps[][2] = {
    { "USER-NODE-MATCH", "EXP-MATCH" },
    { "DICTIONARY", "EXP-DATA" },
  };
  Bytes now = self->stage->configuration->document;

  g_assert_null (g_strstr_len ((const char *) now.data, (gssize) now.size, "EXP-"));
  for (unsigned i = 0; i < G_N_ELEMENTS (swaps); i++) {
    g_autoptr (GString) text = g_string_new ("<overlay xmlns=\"urn:ietf:params:xml:ns:p2p:"
                                             "config-base\"><configuration "
                                             "instance-name=\"a.b\"><required-kinds><kind-block>"
                                             "<kind id=\"9\"><data-model>DICTIONARY</data-model>"
                                             "<access-control>USER-NODE-MATCH</access-control>"
                                             "<max-count>1</max-count><max-size>1</max-size>"
                                             "</kind></kind-block></required-kinds>"
                                             "</configuration></overlay>");
    g_autoptr (Configuration) good = configuration_parse (bytes_of_text (text->str), NULL, NULL);
    ConfigurationVerdict verdict;
    g_assert_nonnull (good);
    g_assert_cmpuint (g_string_replace (text, swaps[i][0], swaps[i][1], 1), ==, 1);
    g_assert_null (configuration_parse (bytes_of_text (text->str), NULL, &verdict));
    g_assert_cmpint (verdict, ==, CONFIGURATION_UNSUPPORTED);
  }
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/rules/rfc6940-6.1.1-2-a-resource-id-stands-last", test_resource_last);
  ADD ("/rules/rfc6940-6.2.2-1-an-answer-goes-back-the-way-it-came", test_way_back);
  ADD ("/rules/rfc6940-6.3.2-7-headers-of-ours-are-as-the-configuration-wants", test_own_headers);
  ADD ("/rules/rfc6940-6.3.2.1-6-sequence-65535-passes-with-a-configuration-only",
       test_sequence_65535);
  ADD ("/rules/rfc6940-6.3.3.1-5-a-refusal-says-why", test_reasons);
  ADD ("/rules/rfc6940-6.3.4-6-what-we-send-is-signed-by-our-certificate", test_signed);
  ADD ("/rules/rfc6940-6.3.4-13-nobody-farther-than-a-neighbor-answers", test_nearest_answers);
  ADD ("/rules/rfc6940-6.7-7-without-the-high-bit-it-is-no-message", test_high_bit);
  ADD ("/rules/rfc6940-14-what-is-for-experiments-is-unknown", test_experiments);
  ADD ("/rules/rfc6940-14-documents-for-experiments-are-refused", test_experimental_documents);
  return g_test_run ();
}
