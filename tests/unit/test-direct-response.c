/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/direct-response.h"

#include "core/wire/attach.h"
#include "core/wire/routing-mode.h"
#include "tests/unit/overlay-stage.h"

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *alice; /* behind us */
  Stranger *bob;   /* before us */
  Stranger *carol; /* asks from afar, through alice */
  Address listener;
  GByteArray *bytes;
  ForwardingOption option; /* of carol */
} Fixture;

static void
write_option (Fixture *self, ExtensiveRoutingModeOption *option)
{
  g_byte_array_set_size (self->bytes, 0);
  extensive_routing_mode_option_encode (option, self->bytes);
  self->option = (ForwardingOption){
    .type = FORWARDING_OPTION_ROUTING_MODE,
    .flags = IGNORE_STATE_KEEPING,
    .option = { self->bytes->data, self->bytes->len },
  };
}

static ExtensiveRoutingModeOption
option_of (Fixture *self, Destination *carol)
{
  *carol = destination_of_node (&self->carol->id);
  return (ExtensiveRoutingModeOption){
    .routemode = ROUTE_MODE_DRR,
    .transport = OVERLAY_LINK_DTLS_UDP_SR_NO_ICE,
    .ipaddressport = ip_address_port_of (&self->listener),
    .destinations = { carol, 1 },
  };
}

static void
set_up (Fixture *self, const void *data)
{
  ExtensiveRoutingModeOption option;
  Destination carol;

  self->stage = overlay_stage_new ();
  self->stage->overlay->configuration->is_direct_response = true;
  self->alice = stranger_new (self->stage, "alice", 0x90000000);
  self->bob = stranger_new (self->stage, "bob", 0x10000000);
  self->carol = stranger_new (self->stage, "carol", 0xc0000000);
  overlay_stage_join (self->stage, (Stranger *[]){ self->alice, self->bob });
  g_assert_true (address_from_text ("192.0.2.7:6084", &self->listener));
  overlay_set_listening (self->stage->overlay, &self->listener, 1);
  self->bytes = g_byte_array_new ();
  option = option_of (self, &carol);
  write_option (self, &option);
}

static void
tear_down (Fixture *self, const void *data)
{
  g_byte_array_unref (self->bytes);
  overlay_stage_free (self->stage);
}

static void
settle (Fixture *self)
{
  overlay_stage_run (self->stage, 10 * TIME_MS);
}

/* ---- We ask ---- */

static uint64_t
ask (Fixture *self)
{
  NodeId far = { { 0xc0 } };
  Destination to = destination_of_node (&far);
  PingReq body = { .padding = { NULL, 0 } };
  uint64_t id = transport_request (self->stage->overlay->transport, &(Request){
                                                                      .code = MESSAGE_PING_REQ,
                                                                      .body = &body,
                                                                      .destinations = &to,
                                                                      .destination_count = 1,
                                                                    });

  settle (self);
  return id;
}

static void
test_offer (Fixture *self, const void *data)
{
  ExtensiveRoutingModeOption option;
  const Letter *letter;

  ask (self);
  letter = stranger_next (self->alice, MESSAGE_PING_REQ);
  g_assert_nonnull (letter);
  g_assert_cmpuint (letter->header.options.count, ==, 1);
  g_assert_cmpuint (letter->header.options.items[0].type, ==, 2);
  g_assert_cmpuint (letter->header.options.items[0].flags, ==, 0x08);
  g_assert_true (extensive_routing_mode_option_decode (letter->header.options.items[0].option,
                                                       letter->arena, &option, NULL));
  g_assert_cmpuint (option.routemode, ==, ROUTE_MODE_DRR);
  g_assert_cmpuint (option.destinations.count, ==, 1);
  g_assert_true (destination_is_node (&option.destinations.items[0], &self->stage->overlay->id));
  g_assert_true (address_equal (&option.ipaddressport.address, &self->listener));
  /* Again without it, so that the answer can come as it always does. */
  overlay_stage_run (self->stage, 1500 * TIME_MS);
  letter = stranger_next (self->alice, MESSAGE_PING_REQ);
  if (letter == NULL)
    letter = stranger_next (self->bob, MESSAGE_PING_REQ);
  g_assert_nonnull (letter);
  g_assert_cmpuint (letter->header.options.count, ==, 0);
}

static void
test_no_offer (Fixture *self, const void *data)
{
  Address local;

  self->stage->overlay->configuration->is_direct_response = false;
  ask (self);
  g_assert_cmpuint (stranger_next (self->alice, MESSAGE_PING_REQ)->header.options.count, ==, 0);
  self->stage->overlay->configuration->is_direct_response = true;
  g_assert_true (address_from_text ("[fe80::1]:6084", &local));
  overlay_set_listening (self->stage->overlay, &local, 1);
  ask (self);
  g_assert_cmpuint (stranger_next (self->alice, MESSAGE_PING_REQ)->header.options.count, ==, 0);
}

/* When answers do not come straight, we stop asking for it, and try again much later. */
static void
test_gives_up (Fixture *self, const void *data)
{
  unsigned offered = 0;

  for (unsigned i = 0; i < 6; i++) {
    uint64_t id = ask (self);
    Letter *letter = stranger_next (self->alice, MESSAGE_PING_REQ);
    g_assert_nonnull (letter);
    offered += (unsigned) letter->header.options.count;
    transport_cancel (self->stage->overlay->transport, id);
    direct_response_note (self->stage->overlay->direct_responses, false);
  }
  g_assert_cmpuint (offered, ==, 3);
  overlay_stage_run (self->stage, 21 * TIME_MINUTE);
  while (stranger_next (self->alice, 0) != NULL)
    ;
  ask (self);
  g_assert_cmpuint (stranger_next (self->alice, MESSAGE_PING_REQ)->header.options.count, ==, 1);
}

/* ---- We answer ---- */

/* A Ping of carol that comes through alice. */
static uint64_t
send_ping (Fixture *self, uint64_t transaction_id, bool has_option)
{
  PingReq body = { .padding = { NULL, 0 } };
  Destination via = destination_of_node (&self->carol->id);
  Draft draft = {
    .code = MESSAGE_PING_REQ,
    .body = &body,
    .via = { &via, 1 },
    .transaction_id = transaction_id,
    .signer = self->carol->signer,
  };

  if (has_option)
    draft.options = (ForwardingOptionList){ &self->option, 1 };
  return stranger_send (self->alice, &draft);
}

static const StageLink *
last_link (Fixture *self)
{
  return self->stage->links->len > 0
           ? &g_array_index (self->stage->links, StageLink, self->stage->links->len - 1)
           : NULL;
}

static void
test_answers_straight (Fixture *self, const void *data)
{
  unsigned links = self->stage->links->len;
  uint64_t id = send_ping (self, 77, true);
  Letter *letter;

  settle (self);
  g_assert_null (stranger_answer (self->alice, id));
  g_assert_cmpuint (self->stage->links->len, ==, links + 1);
  g_assert_cmpint (last_link (self)->transport, ==, LINK_TRANSPORT_DTLS);
  g_assert_true (address_equal (&last_link (self)->to, &self->listener));
  stranger_take (self->carol, last_link (self)->number);
  settle (self);
  letter = stranger_answer (self->carol, id);
  g_assert_nonnull (letter);
  g_assert_cmpuint (letter->message.contents.message_code, ==, MESSAGE_PING_REQ + 1);
  g_assert_cmpuint (letter->header.destination_list.count, ==, 1);
  g_assert_true (destination_is_node (&letter->header.destination_list.items[0], &self->carol->id));
  /* The next one has its link already. */
  id = send_ping (self, 78, true);
  settle (self);
  g_assert_nonnull (stranger_answer (self->carol, id));
}

static void
test_falls_back (Fixture *self, const void *data)
{
  uint64_t id = send_ping (self, 77, true);

  settle (self);
  overlay_link_down (self->stage->overlay, last_link (self)->number, LINK_END_UNREACHABLE);
  settle (self);
  g_assert_nonnull (stranger_answer (self->alice, id));
}

/* It came again and asks for nothing: then it gets its answer the usual way, and once. */
static void
test_aborted (Fixture *self, const void *data)
{
  uint64_t id = send_ping (self, 77, true);

  settle (self);
  g_assert_null (stranger_answer (self->alice, id));
  send_ping (self, 77, false);
  settle (self);
  g_assert_nonnull (stranger_answer (self->alice, id));
  stranger_take (self->carol, last_link (self)->number);
  settle (self);
  g_assert_null (stranger_answer (self->carol, id));
}

static int
verdict (Fixture *self, uint64_t transaction_id)
{
  uint64_t id = send_ping (self, transaction_id, true);
  Letter *letter;
  ErrorResponse error;

  settle (self);
  letter = stranger_answer (self->alice, id);
  if (letter == NULL)
    return -1;
  if (letter->message.contents.message_code != MESSAGE_ERROR)
    return RELOAD_OK;
  g_assert_true (
    error_response_decode (letter->message.contents.message_body, letter->arena, &error, NULL));
  return error.error_code;
}

static void
test_refused (Fixture *self, const void *data)
{
  Destination two[2];
  ExtensiveRoutingModeOption option = option_of (self, &two[0]);
  unsigned links = self->stage->links->len;

  option.destinations.items = two;
  two[1] = destination_of_node (&self->bob->id);
  option.destinations.count = 2;
  write_option (self, &option);
  g_assert_cmpint (verdict (self, 1), ==, RELOAD_UNKNOWN_EXTENSION);
  option.destinations.count = 0;
  write_option (self, &option);
  g_assert_cmpint (verdict (self, 2), ==, RELOAD_UNKNOWN_EXTENSION);
  /* Somebody else's address. */
  option.destinations = (DestinationList){ &two[1], 1 };
  write_option (self, &option);
  g_assert_cmpint (verdict (self, 3), ==, RELOAD_UNKNOWN_EXTENSION);
  option = option_of (self, &two[0]);
  option.routemode = ROUTE_MODE_RPR;
  write_option (self, &option);
  g_assert_cmpint (verdict (self, 4), ==, RELOAD_UNKNOWN_EXTENSION);
  option.routemode = ROUTE_MODE_DRR;
  write_option (self, &option);
  self->option.option.size--;
  g_assert_cmpint (verdict (self, 5), ==, RELOAD_UNKNOWN_EXTENSION);
  self->stage->overlay->configuration->is_direct_response = false;
  write_option (self, &option);
  g_assert_cmpint (verdict (self, 6), ==, RELOAD_UNKNOWN_EXTENSION);
  g_assert_cmpuint (self->stage->links->len, ==, links);
}

/* Another node at that address gets nothing. */
static void
test_foreign_link (Fixture *self, const void *data)
{
  Stranger *mallory = stranger_new (self->stage, "mallory", 0xd0000000);
  uint64_t id = send_ping (self, 77, true);

  settle (self);
  stranger_take (mallory, last_link (self)->number);
  settle (self);
  g_assert_null (stranger_answer (mallory, id));
  g_assert_nonnull (stranger_answer (self->alice, id));
}

static void
test_passed_on (Fixture *self, const void *data)
{
  PingReq body = { .padding = { NULL, 0 } };
  Destination to = destination_of_node (&self->bob->id);
  uint64_t id = stranger_send (self->alice, &(Draft){ .code = MESSAGE_PING_REQ,
                                                      .body = &body,
                                                      .destinations = &to,
                                                      .destination_count = 1,
                                                      .options = { &self->option, 1 } });
  Letter *letter = stranger_answer (self->bob, id);

  g_assert_nonnull (letter);
  g_assert_cmpuint (letter->header.via_list.count, ==, 1);
  g_assert_cmpuint (letter->header.options.count, ==, 1);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/direct-response/ask/the-first-send-offers-it-rfc7263-5.3.1-1", test_offer);
  ADD ("/direct-response/ask/only-where-the-configuration-says-so-rfc7263-4.2-2", test_no_offer);
  ADD ("/direct-response/ask/what-does-not-work-is-not-asked-for-rfc7263-5.4.2-1", test_gives_up);
  ADD ("/direct-response/answer/goes-straight-rfc7263-5.4.1-2", test_answers_straight);
  ADD ("/direct-response/answer/falls-back-rfc7263-3.2.1-2", test_falls_back);
  ADD ("/direct-response/answer/a-repeated-request-has-the-usual-answer-rfc7263-5.4.1-4",
       test_aborted);
  ADD ("/direct-response/answer/a-bad-option-is-refused-rfc7263-5.4.1-3", test_refused);
  ADD ("/direct-response/answer/goes-to-nobody-else", test_foreign_link);
  ADD ("/direct-response/transit/goes-on-with-the-whole-via-list-rfc7263-5.2.1-1", test_passed_on);
  return g_test_run ();
}
