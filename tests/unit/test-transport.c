/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/transport.h"

#include "core/wire/config-update.h"
#include "tests/unit/overlay-stage.h"

#include <string.h>

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *alice;
  Stranger *bob;
  unsigned answers;
  ReloadCode code;
  NodeId responder, first_hop;
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

static void
on_answered (void *owner, const Answer *answer)
{
  Fixture *self = owner;

  self->answers++;
  self->code = answer->code;
  self->responder = answer->responder;
  self->first_hop = answer->first_hop;
}

/* A Probe, since nobody but this test asks one. */
static uint64_t
ask (Fixture *self, const Stranger *whom, unsigned tries)
{
  static const uint8_t wanted[] = { PROBE_UPTIME };
  ProbeReq body = { .requested_info = { wanted, 1 } };
  Destination to = destination_of_node (&whom->id);

  return transport_request (self->stage->overlay->transport, &(Request){
                                                               .code = MESSAGE_PROBE_REQ,
                                                               .body = &body,
                                                               .destinations = &to,
                                                               .destination_count = 1,
                                                               .tries = tries,
                                                               .answered = on_answered,
                                                               .owner = self,
                                                             });
}

/* First over the link that works for sure, and at once over each new one. */
static void
test_urgent (Fixture *self, const void *data)
{
  static const uint8_t wanted[] = { PROBE_UPTIME };
  ProbeReq body = { .requested_info = { wanted, 1 } };
  Destination to = destination_of_node (&self->alice->id);
  Stranger *carol = stranger_new (self->stage, "carol", 0);
  Stranger *dave = stranger_new (self->stage, "dave", 0);
  uint64_t id;

  stranger_connect (carol);
  id = transport_request (self->stage->overlay->transport, &(Request){
                                                             .code = MESSAGE_PROBE_REQ,
                                                             .body = &body,
                                                             .destinations = &to,
                                                             .destination_count = 1,
                                                             .is_urgent = true,
                                                             .answered = on_answered,
                                                             .owner = self,
                                                           });
  overlay_stage_run (self->stage, 100 * TIME_MS);
  g_assert_nonnull (stranger_answer (carol, id));
  g_assert_null (stranger_answer (self->alice, id));
  stranger_connect (dave);
  overlay_stage_run (self->stage, 100 * TIME_MS);
  g_assert_nonnull (stranger_answer (dave, id));
  overlay_stage_run (self->stage, TIME_MINUTE);
  g_assert_cmpint (self->code, ==, RELOAD_REQUEST_TIMEOUT);
}

static void
test_answered_once (Fixture *self, const void *data)
{
  uint64_t before = counters (self)->unexpected_answer;
  ProbeAns answer = { 0 };
  Letter *letter;

  letter = stranger_answer (self->alice, ask (self, self->alice, 0));
  g_assert_nonnull (letter);
  g_assert_cmpuint (self->answers, ==, 0);
  stranger_reply (self->alice, letter, &answer);
  stranger_reply (self->alice, letter, &answer);
  g_assert_cmpuint (self->answers, ==, 1);
  g_assert_cmpint (self->code, ==, RELOAD_OK);
  g_assert_true (node_id_equal (&self->responder, &self->alice->id));
  g_assert_true (node_id_equal (&self->first_hop, &self->alice->id));
  g_assert_cmpuint (counters (self)->unexpected_answer, ==, before + 1);
}

static void
test_unexpected (Fixture *self, const void *data)
{
  uint64_t before = counters (self)->unexpected_answer;
  ProbeAns probe = { 0 };
  PingAns ping = { 0 };
  Letter *letter;
  Draft wrong;

  letter = stranger_answer (self->alice, ask (self, self->alice, 1));
  stranger_reply (self->bob, letter, &probe); /* somebody else */
  wrong = (Draft){
    .code = MESSAGE_PING_REQ + 1,
    .body = &ping,
    .transaction_id = letter->header.transaction_id,
  };
  stranger_send (self->alice, &wrong); /* another method's answer */
  for (unsigned i = 0; i < 50; i++) {
    wrong = (Draft){ .code = MESSAGE_PROBE_REQ + 1, .body = &probe };
    stranger_send (self->alice, &wrong); /* of no transaction */
  }
  g_assert_cmpuint (self->answers, ==, 0);
  g_assert_cmpuint (counters (self)->unexpected_answer, ==, before + 52);
  stranger_reply (self->alice, letter, &probe);
  g_assert_cmpuint (self->answers, ==, 1);
}

/* Answers by chance, to a request that is open: none of thousands completes it, or has its
 * signature checked. */
static void
test_guesses (Fixture *self, const void *data)
{
  enum { GUESSES = 4000, ID_AT = 20 };

  ProbeAns probe = { 0 };
  Letter *letter = stranger_answer (self->alice, ask (self, self->alice, 5));
  g_autoptr (GByteArray) bytes =
    stranger_write (self->bob,
                    &(Draft){ .code = MESSAGE_PROBE_REQ + 1, .body = &probe, .transaction_id = 1 });
  uint64_t checks = certificate_cache_checks (self->stage->overlay->certificates);
  uint64_t id = letter->header.transaction_id;

  for (unsigned i = 0; i < GUESSES; i++) {
    uint64_t guess = (uint64_t) i * UINT64_C (0x9e3779b97f4a7c15);
    if (guess == id)
      continue;
    for (unsigned k = 0; k < 8; k++)
      bytes->data[ID_AT + k] = (uint8_t) (guess >> 8 * (7 - k));
    stranger_send_bytes (self->bob, (Bytes){ bytes->data, bytes->len });
    overlay_stage_run (self->stage, TIME_SECOND / LIMIT_FORWARD_PER_S);
  }
  g_assert_cmpuint (self->answers, ==, 0);
  g_assert_cmpuint (certificate_cache_checks (self->stage->overlay->certificates), ==, checks);
}

static void
test_refused (Fixture *self, const void *data)
{
  stranger_refuse (self->alice, stranger_answer (self->alice, ask (self, self->alice, 0)),
                   RELOAD_INCOMPATIBLE_WITH_OVERLAY);
  g_assert_cmpuint (self->answers, ==, 1);
  g_assert_cmpint (self->code, ==, RELOAD_INCOMPATIBLE_WITH_OVERLAY);
}

static void
test_time_out (Fixture *self, const void *data)
{
  uint64_t id = ask (self, self->alice, 0);
  uint64_t timer = self->stage->configuration->overlay_reliability_timer_ms * TIME_MS;
  unsigned sends = 0;

  overlay_stage_run (self->stage, 5 * timer - TIME_MS);
  g_assert_cmpuint (self->answers, ==, 0);
  for (GList *l = self->alice->inbox.head; l != NULL; l = l->next)
    sends += ((Letter *) l->data)->header.transaction_id == id;
  g_assert_cmpuint (sends, ==, 5);
  overlay_stage_run (self->stage, 2 * TIME_MS);
  g_assert_cmpuint (self->answers, ==, 1);
  g_assert_cmpint (self->code, ==, RELOAD_REQUEST_TIMEOUT);
  transport_cancel (self->stage->overlay->transport, id);
}

static void
test_cancelled (Fixture *self, const void *data)
{
  Transport *transport = self->stage->overlay->transport;
  unsigned before = transport_open_count (transport);

  transport_cancel (transport, ask (self, self->alice, 0));
  ask (self, self->alice, 0);
  ask (self, self->bob, 0);
  g_assert_cmpuint (transport_open_count (transport), ==, before + 2);
  transport_cancel_owner (transport, self);
  g_assert_cmpuint (transport_open_count (transport), ==, before);
  overlay_stage_run (self->stage, 20 * TIME_SECOND);
  g_assert_cmpuint (self->answers, ==, 0);
}

/* Threat 1.5: each part of one good message in the place of another's. */

typedef struct Swap {
  Stranger *from;
  uint8_t value[SIGNATURE_SIZE_MAX];
  size_t size;
} Swap;

static void
keep_signature (SecurityBlock *block, void *user_data)
{
  Swap *swap = user_data;

  swap->size = block->signature.signature_value.size;
  memcpy (swap->value, block->signature.signature_value.data, swap->size);
}

static void
use_signature (SecurityBlock *block, void *user_data)
{
  Swap *swap = user_data;

  block->signature.signature_value = (Bytes){ swap->value, swap->size };
}

static void
use_identity (SecurityBlock *block, void *user_data)
{
  Stranger *other = user_data;

  block->signature.identity.certificate_hash =
    (Bytes){ other->signer->own->hash, CERTIFICATE_HASH_SIZE };
}

static void
use_no_identity (SecurityBlock *block, void *user_data)
{
  block->signature = signature_none ();
}

static void
use_sha1 (SecurityBlock *block, void *user_data)
{
  block->signature.identity.hash_alg = HASH_SHA1;
}

static void
use_node_id_name (SecurityBlock *block, void *user_data)
{
  block->signature.identity.identity_type = SIGNER_CERT_HASH_NODE_ID;
}

static void
test_swaps (Fixture *self, const void *data)
{
  PingReq ping = { { NULL, 0 } };
  static const uint8_t padding[3];
  PingReq other = { { padding, 3 } };
  Swap swap = { 0 };
  Draft good = { .code = MESSAGE_PING_REQ, .body = &ping, .transaction_id = 77 };
  Draft drafts[7];
  uint64_t before = counters (self)->bad_signature;

  good.spoil = keep_signature;
  good.user_data = &swap;
  g_assert_cmpint (stranger_verdict (self->alice, &good), ==, RELOAD_OK);
  good.spoil = use_signature;
  for (unsigned i = 0; i < G_N_ELEMENTS (drafts); i++)
    drafts[i] = good;
  drafts[0].transaction_id = 78;
  drafts[1].body = &other;
  drafts[2].signer = self->bob->signer;
  drafts[3].spoil = use_identity;
  drafts[3].user_data = self->bob;
  drafts[4].spoil = use_no_identity;
  drafts[5].spoil = use_sha1;
  drafts[6].spoil = use_node_id_name;
  for (unsigned i = 0; i < G_N_ELEMENTS (drafts); i++) {
    g_assert_cmpint (stranger_verdict (self->alice, &drafts[i]), ==, -1);
    g_assert_cmpuint (counters (self)->bad_signature, ==, before + i + 1);
  }
}

static CertificateVerdict verdict_of_all; /* what is said of every certificate */

static CertificateVerdict
check_as_told (
  void *key_ring, Bytes der, const Bytes *chain, size_t chain_count, Certificate **ret_certificate)
{
  return verdict_of_all;
}

/* Messages are judged by the function that judges links: what it refuses, and why, is shown in
 * test-certificate.c. */
static void
test_verdicts (Fixture *self, const void *data)
{
  CertificateVerdict (*honest) (void *, Bytes, const Bytes *, size_t, Certificate **) =
    self->stage->signer.check;
  Stranger *far = stranger_new (self->stage, "far", 0);
  PingReq ping = { { NULL, 0 } };
  Draft draft = { .code = MESSAGE_PING_REQ, .body = &ping, .signer = far->signer };

  self->stage->signer.check = check_as_told;
  for (unsigned verdict = CERTIFICATE_GOOD + 1; verdict <= CERTIFICATE_REVOKED; verdict++) {
    uint64_t before = counters (self)->bad_signature;
    verdict_of_all = (CertificateVerdict) verdict;
    g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, -1);
    g_assert_cmpuint (counters (self)->bad_signature, ==, before + 1);
  }
  self->stage->signer.check = honest;
  g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, RELOAD_OK);
}

/* Somebody without a link to us must bring the certificate. */
static void
test_certificate_missing (Fixture *self, const void *data)
{
  Stranger *far = stranger_new (self->stage, "far", 0);
  PingReq ping = { { NULL, 0 } };
  Draft draft = { .code = MESSAGE_PING_REQ, .body = &ping, .signer = far->signer, .is_bare = true };
  Draft neighbor = { .code = MESSAGE_PING_REQ, .body = &ping, .is_bare = true };

  g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, -1);
  draft.is_bare = false;
  g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, RELOAD_OK);
  g_assert_cmpint (stranger_verdict (self->alice, &neighbor), ==, RELOAD_OK);
}

static void
test_repeated (Fixture *self, const void *data)
{
  PingReq ping = { { NULL, 0 } };
  Draft draft = { .code = MESSAGE_PING_REQ, .body = &ping, .transaction_id = 99 };
  Letter *first, *second;
  PingAns one, two;

  stranger_send (self->alice, &draft);
  first = stranger_answer (self->alice, 99);
  overlay_stage_run (self->stage, 3 * TIME_SECOND);
  stranger_send (self->alice, &draft);
  second = stranger_answer (self->alice, 99);
  g_assert_true (first != NULL && second != NULL);
  letter_read (first, self->stage, &one);
  letter_read (second, self->stage, &two);
  g_assert_cmphex (one.response_id, ==, two.response_id);
  g_assert_cmpuint (counters (self)->repeated_request, ==, 1);
  /* The same number from somebody else is another request. */
  stranger_send (self->bob, &draft);
  letter_read (stranger_answer (self->bob, 99), self->stage, &two);
  g_assert_cmphex (one.response_id, !=, two.response_id);
  overlay_stage_run (self->stage, (LIMIT_ANSWER_CACHE_S + 1) * TIME_SECOND);
  stranger_send (self->alice, &draft);
  letter_read (stranger_answer (self->alice, 99), self->stage, &two);
  g_assert_cmphex (one.response_id, !=, two.response_id);
}

/* RFC 6940, 6.2.1: "merely by processing the request again". */
static void
test_repeated_reading (Fixture *self, const void *data)
{
  NodeId place = { { 0 } };
  KindId kind = KIND_SIP_REGISTRATION;
  FindReq find = { .resource = node_id_bytes (&place), .kinds = { &kind, 1 } };
  Draft draft = { .code = MESSAGE_FIND_REQ, .body = &find, .transaction_id = 98 };

  for (unsigned i = 0; i < 2; i++) {
    FindAns answer;
    stranger_send (self->alice, &draft);
    letter_read (stranger_answer (self->alice, 98), self->stage, &answer);
    g_assert_cmpuint (answer.results.items[0].kind, ==, kind);
  }
  g_assert_cmpuint (counters (self)->repeated_request, ==, 0);
}

static void
test_configuration_sequence (Fixture *self, const void *data)
{
  uint32_t ours = self->stage->configuration->sequence;
  PingReq ping = { { NULL, 0 } };
  Draft draft = { .code = MESSAGE_PING_REQ, .body = &ping };
  Letter *letter;
  ConfigUpdateReq body;

  draft.sequence = ours + 1 + 1;
  g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, RELOAD_CONFIG_TOO_NEW);
  draft.sequence = 0 + 1;
  g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, RELOAD_CONFIG_TOO_OLD);
  letter = stranger_next (self->alice, MESSAGE_CONFIG_UPDATE_REQ);
  g_assert_nonnull (letter);
  letter_read (letter, self->stage, &body);
  g_assert_true (bytes_equal (body.config_data, self->stage->configuration->document));
}

static void
test_extensions (Fixture *self, const void *data)
{
  MessageExtension extension = { .type = 200, .extension_contents = bytes_of_text ("x") };
  PingReq ping = { { NULL, 0 } };
  Draft draft = { .code = MESSAGE_PING_REQ, .body = &ping, .extensions = { &extension, 1 } };

  g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, RELOAD_OK);
  extension.critical = true;
  g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, RELOAD_UNKNOWN_EXTENSION);
}

static void
test_response_length (Fixture *self, const void *data)
{
  PingReq ping = { { NULL, 0 } };
  Draft draft = { .code = MESSAGE_PING_REQ, .body = &ping, .max_response_length = 10 };

  g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, RELOAD_RESPONSE_TOO_LARGE);
  draft.max_response_length = 1000;
  g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, RELOAD_OK);
}

static void
test_bodies (Fixture *self, const void *data)
{
  for (size_t i = 0; i < method_count; i++) {
    Draft draft = { .code = methods[i].code, .raw_body = bytes_of_text ("\377\377\377\377") };
    g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, RELOAD_INVALID_MESSAGE);
  }
  g_assert_cmpint (stranger_verdict (self->alice, &(Draft){ .code = 0x7001 }), ==,
                   RELOAD_INVALID_MESSAGE);
  g_assert_cmpuint (self->alice->link, !=, 0);
}

static void
test_rate (Fixture *self, const void *data)
{
  PingReq ping = { { NULL, 0 } };
  Draft draft = { .code = MESSAGE_PING_REQ, .body = &ping };
  uint64_t before = counters (self)->verified_messages;
  ConnectionTable *connections = self->stage->overlay->connections;

  connection_table_by_number (connections, self->alice->link)->is_peer = true;
  for (unsigned i = 0; i < 2 * LIMIT_REQUESTS_BURST; i++)
    stranger_send (self->alice, &draft);
  g_assert_cmpuint (counters (self)->verified_messages - before, ==, LIMIT_REQUESTS_BURST);
  g_assert_cmpuint (counters (self)->over_rate, ==, LIMIT_REQUESTS_BURST);
  g_assert_cmpint (stranger_verdict (self->bob, &draft), ==, RELOAD_OK);
}

/* What goes to ourselves comes back from a timer, never from inside the call. */
static void
test_to_ourselves (Fixture *self, const void *data)
{
  PingReq body = { { NULL, 0 } };
  Destination to = destination_of_node (&self->stage->overlay->id);

  transport_request (self->stage->overlay->transport, &(Request){ .code = MESSAGE_PING_REQ,
                                                                  .body = &body,
                                                                  .destinations = &to,
                                                                  .destination_count = 1,
                                                                  .answered = on_answered,
                                                                  .owner = self });
  g_assert_cmpuint (self->answers, ==, 0);
  overlay_stage_run (self->stage, TIME_MS);
  g_assert_cmpuint (self->answers, ==, 1);
  g_assert_true (node_id_equal (&self->responder, &self->stage->overlay->id));
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/transport/request/an-answer-counts-once", test_answered_once);
  ADD ("/transport/request/what-is-urgent-goes-by-the-link-that-works", test_urgent);
  ADD ("/transport/request/threat-1.10-unexpected-answers-complete-nothing", test_unexpected);
  ADD ("/transport/request/threat-1.10-guesses-complete-nothing-and-cost-nothing", test_guesses);
  ADD ("/transport/request/an-error-is-an-answer", test_refused);
  ADD ("/transport/request/five-sends-then-time-out", test_time_out);
  ADD ("/transport/request/cancelled-means-silence", test_cancelled);
  ADD ("/transport/request/to-ourselves", test_to_ourselves);
  ADD ("/transport/receive/threat-1.5-swapped-parts-are-refused", test_swaps);
  ADD ("/transport/receive/threat-1.6-every-verdict-but-good-refuses", test_verdicts);
  ADD ("/transport/receive/a-certificate-is-sent-along-or-known", test_certificate_missing);
  ADD ("/transport/receive/threat-1.4-a-repeated-request-gets-the-same-answer", test_repeated);
  ADD ("/transport/receive/a-repeated-request-that-only-reads-is-answered-again",
       test_repeated_reading);
  ADD ("/transport/receive/an-older-configuration-is-told-a-newer-asked",
       test_configuration_sequence);
  ADD ("/transport/receive/threat-1.3-extensions-critical-and-not", test_extensions);
  ADD ("/transport/receive/an-answer-is-no-longer-than-asked-for", test_response_length);
  ADD ("/transport/receive/threat-1.1-malformed-bodies-are-refused", test_bodies);
  ADD ("/transport/receive/threat-3.5-requests-have-a-rate", test_rate);
  return g_test_run ();
}
