/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/attach.h"

#include "core/wire/attach.h"
#include "tests/unit/overlay-stage.h"

#include <string.h>

/* Attaches and AppAttaches of both sides; the node's Node-ID begins with 80. */

#define PASSWORD "aPasswordOfTheRightLength"

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *low;  /* of a smaller Node-ID */
  Stranger *high; /* of a larger one */
  unsigned done;
  Connection *connection;
  ReloadCode code;
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  self->stage = overlay_stage_new ();
  overlay_stage_alone (self->stage);
  self->low = stranger_new (self->stage, "low", 0x10000000);
  self->high = stranger_new (self->stage, "high", 0xf0000000);
  stranger_connect (self->low);
  stranger_connect (self->high);
  overlay_stage_run (self->stage, TIME_SECOND);
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
}

static void
gather (Fixture *self, uint32_t link)
{
  IceDescription local = {
    .ufrag = "self",
    .password = PASSWORD,
    .candidate_count = 1,
    .candidates = { { .type = CANDIDATE_HOST,
                      .address = { .family = ADDRESS_IPV4, .bytes = { 10, 0, 0, 1 }, .port = 7 },
                      .priority = 1,
                      .foundation = "1" } },
  };

  overlay_link_gathered (self->stage->overlay, link, &local);
}

static const StageLink *
last_link (Fixture *self)
{
  return &g_array_index (self->stage->links, StageLink, self->stage->links->len - 1);
}

static AppAttachReqAns
app_body (uint16_t application)
{
  static IceCandidate candidate;

  candidate = (IceCandidate){
    .addr_port = ip_address_port_of (
      &(Address){ .family = ADDRESS_IPV4, .bytes = { 10, 0, 0, 9 }, .port = 9 }),
    .overlay_link = OVERLAY_LINK_DTLS_UDP_SR,
    .foundation = bytes_of_text ("1"),
    .priority = 1,
    .type = CAND_HOST,
  };
  return (AppAttachReqAns){
    .ufrag = bytes_of_text ("them"),
    .password = bytes_of_text (PASSWORD),
    .application = application,
    .role = bytes_of_text ("passive"),
    .candidates = { &candidate, 1 },
  };
}

static uint64_t
ask_node (Stranger *from, uint16_t application)
{
  AppAttachReqAns body = app_body (application);

  return stranger_send (from, &(Draft){ .code = MESSAGE_APP_ATTACH_REQ, .body = &body });
}

static int
verdict_on (Fixture *self, Stranger *from, const AppAttachReqAns *body)
{
  uint64_t id = stranger_send (from, &(Draft){ .code = MESSAGE_APP_ATTACH_REQ, .body = body });
  Letter *letter = stranger_answer (from, id);
  ErrorResponse error;

  if (letter == NULL)
    return -1;
  if (letter->message.contents.message_code != MESSAGE_ERROR)
    return RELOAD_OK;
  g_assert_true (
    error_response_decode (letter->message.contents.message_body, letter->arena, &error, NULL));
  return error.error_code;
}

static int
code_of (const Letter *letter)
{
  ErrorResponse error;

  if (letter == NULL)
    return -1;
  if (letter->message.contents.message_code != MESSAGE_ERROR)
    return RELOAD_OK;
  g_assert_true (
    error_response_decode (letter->message.contents.message_body, letter->arena, &error, NULL));
  return error.error_code;
}

/* We ask: ICE-controlling, TLS server (6.5.1.13). */
static void
test_we_ask (Fixture *self, const void *data)
{
  AppAttachReqAns body, answer = app_body (APPLICATION_SIPS);
  Letter *letter;
  uint32_t link;

  overlay_want_application (self->stage->overlay, &self->low->id);
  link = last_link (self)->number;
  g_assert_true (last_link (self)->setup.is_controlling);
  g_assert_true (last_link (self)->setup.is_server);
  g_assert_null (stranger_next (self->low, MESSAGE_APP_ATTACH_REQ));
  gather (self, link);
  letter = stranger_next (self->low, MESSAGE_APP_ATTACH_REQ);
  g_assert_nonnull (letter);
  letter_read (letter, self->stage, &body);
  g_assert_cmpuint (body.application, ==, APPLICATION_SIPS);
  stranger_reply (self->low, letter, &answer);
  g_assert_cmpuint (last_link (self)->remote.candidate_count, ==, 1);
  stranger_take (self->low, link);
  g_assert_cmpuint (self->stage->applications_up, ==, 1);
  g_assert_true (overlay_has_application (self->stage->overlay, &self->low->id));
}

static void
test_they_ask (Fixture *self, const void *data)
{
  uint64_t id = ask_node (self->high, APPLICATION_SIPS);
  const StageLink *link = last_link (self);

  g_assert_false (link->setup.is_controlling);
  g_assert_false (link->setup.is_server);
  g_assert_null (stranger_answer (self->high, id));
  gather (self, link->number);
  g_assert_cmpint (code_of (stranger_answer (self->high, id)), ==, RELOAD_OK);
  stranger_take (self->high, last_link (self)->number);
  g_assert_true (overlay_has_application (self->stage->overlay, &self->high->id));
}

/* 6.5.1.2: two that cross; the larger Node-ID's goes on. */
static void
test_crossing_we_win (Fixture *self, const void *data)
{
  uint64_t id;

  overlay_want_application (self->stage->overlay, &self->low->id);
  gather (self, last_link (self)->number);
  id = ask_node (self->low, APPLICATION_SIPS);
  g_assert_cmpint (code_of (stranger_answer (self->low, id)), ==, RELOAD_IN_PROGRESS);
  g_assert_false (last_link (self)->is_closed);
}

static void
test_crossing_we_lose (Fixture *self, const void *data)
{
  uint32_t ours;
  uint64_t id;

  overlay_want_application (self->stage->overlay, &self->high->id);
  ours = last_link (self)->number;
  gather (self, ours);
  id = ask_node (self->high, APPLICATION_SIPS);
  g_assert_cmpuint (last_link (self)->number, !=, ours);
  for (guint i = 0; i < self->stage->links->len; i++)
    if (g_array_index (self->stage->links, StageLink, i).number == ours)
      g_assert_true (g_array_index (self->stage->links, StageLink, i).is_closed);
  gather (self, last_link (self)->number);
  g_assert_cmpint (code_of (stranger_answer (self->high, id)), ==, RELOAD_OK);
  stranger_take (self->high, last_link (self)->number);
  g_assert_cmpuint (self->stage->applications_up, ==, 1);
  g_assert_cmpint (self->stage->application_failure, ==, RELOAD_OK);
}

static void
test_wrong_certificate (Fixture *self, const void *data)
{
  uint64_t id = ask_node (self->high, APPLICATION_SIPS);
  uint32_t link = last_link (self)->number;

  gather (self, link);
  g_assert_cmpint (code_of (stranger_answer (self->high, id)), ==, RELOAD_OK);
  stranger_take (self->low, link);
  g_assert_cmpuint (self->stage->applications_up, ==, 0);
  g_assert_true (last_link (self)->is_closed);
}

static void
test_refused (Fixture *self, const void *data)
{
  AppAttachReqAns no_candidates = app_body (APPLICATION_SIPS);
  AppAttachReqAns other_application = app_body (80);
  AppAttachReqAns short_password = app_body (APPLICATION_SIPS);

  no_candidates.candidates.count = 0;
  short_password.password = bytes_of_text ("short");
  g_assert_cmpint (verdict_on (self, self->low, &no_candidates), ==, RELOAD_INVALID_MESSAGE);
  g_assert_cmpint (verdict_on (self, self->low, &short_password), ==, RELOAD_INVALID_MESSAGE);
  g_assert_cmpint (verdict_on (self, self->low, &other_application), ==, RELOAD_NOT_FOUND);
}

/* Where the document rules ICE out: candidates of those types and no other, and no credentials. */
static void
test_no_ice (Fixture *self, const void *data)
{
  IceDescription local = {
    .is_no_ice = true,
    .candidate_count = 1,
    .candidates = { { .type = CANDIDATE_HOST,
                      .is_stream = true,
                      .address = { .family = ADDRESS_IPV4, .bytes = { 10, 0, 0, 1 }, .port = 7 },
                      .foundation = "1" } },
  };
  AppAttachReqAns with_ice = app_body (APPLICATION_SIPS);
  AppAttachReqAns body, answer;
  Letter *letter;

  self->stage->overlay->configuration->is_no_ice = true;
  g_assert_cmpint (verdict_on (self, self->high, &with_ice), ==, RELOAD_INVALID_MESSAGE);
  overlay_want_application (self->stage->overlay, &self->low->id);
  g_assert_cmpuint (last_link (self)->setup.no_ice, ==, LINK_TRANSPORT_DTLS | LINK_TRANSPORT_TLS);
  overlay_link_gathered (self->stage->overlay, last_link (self)->number, &local);
  letter = stranger_next (self->low, MESSAGE_APP_ATTACH_REQ);
  g_assert_nonnull (letter);
  letter_read (letter, self->stage, &body);
  g_assert_cmpuint (body.ufrag.size + body.password.size, ==, 0);
  g_assert_cmpuint (body.candidates.items[0].overlay_link, ==, OVERLAY_LINK_TLS_TCP_FH_NO_ICE);
  answer = app_body (APPLICATION_SIPS);
  answer.candidates.items[0].overlay_link = OVERLAY_LINK_DTLS_UDP_SR_NO_ICE;
  stranger_reply (self->low, letter, &answer);
  g_assert_true (last_link (self)->remote.is_no_ice);
  g_assert_cmpuint (last_link (self)->remote.candidate_count, ==, 1);
}

static void
test_time_out (Fixture *self, const void *data)
{
  overlay_want_application (self->stage->overlay, &self->low->id);
  gather (self, last_link (self)->number);
  overlay_stage_run (self->stage, 40 * TIME_SECOND);
  g_assert_cmpint (self->stage->application_failure, ==, RELOAD_REQUEST_TIMEOUT);
  g_assert_true (last_link (self)->is_closed);
  g_assert_false (
    attach_is_pending (self->stage->overlay->attaches, &self->low->id, APPLICATION_SIPS));
}

/* RFC 7904, 5.1: by the peers that the record names; when they lead nowhere, by the Node-ID alone.
 */
static void
test_route (Fixture *self, const void *data)
{
  Route route = { .device = { { 0x20 } }, .via = { self->low->id }, .via_count = 1 };
  const Letter *letter;
  const Destination *list;

  overlay_note_route (self->stage->overlay, &route);
  overlay_want_application (self->stage->overlay, &route.device);
  gather (self, last_link (self)->number);
  letter = stranger_next (self->low, MESSAGE_APP_ATTACH_REQ);
  g_assert_nonnull (letter);
  list = letter->header.destination_list.items;
  g_assert_cmpuint (letter->header.destination_list.count, ==, 2);
  g_assert_true (destination_is_node (&list[0], &self->low->id));
  g_assert_true (destination_is_node (&list[1], &route.device));
  overlay_stage_run (self->stage, 10 * TIME_SECOND);
  g_assert_cmpint (self->stage->application_failure, ==, RELOAD_OK);
  gather (self, last_link (self)->number);
  overlay_stage_run (self->stage, TIME_SECOND);
  /* Nobody of that Node-ID is here, as we ourselves must know. */
  g_assert_cmpint (self->stage->application_failure, ==, RELOAD_NOT_FOUND);
}

/* Whose link it is to be decides what of us they see; what they said comes with the question. */
static void
test_exposure (Fixture *self, const void *data)
{
  AttachReqAns body = { .role = bytes_of_text ("passive") };
  AppAttachReqAns app = app_body (APPLICATION_SIPS);

  self->stage->exposure = LINK_EXPOSURE_STRICT;
  ask_node (self->high, APPLICATION_SIPS);
  g_assert_cmpint (last_link (self)->setup.exposure, ==, LINK_EXPOSURE_STRICT);
  g_assert_true (node_id_equal (&self->stage->exposed_to, &self->high->id));
  g_assert_nonnull (last_link (self)->setup.remote);
  overlay_want_application (self->stage->overlay, &self->low->id);
  g_assert_cmpint (last_link (self)->setup.exposure, ==, LINK_EXPOSURE_OPEN);
  g_assert_true (node_id_equal (&self->stage->exposed_to, &self->low->id));
  body.ufrag = app.ufrag;
  body.password = app.password;
  body.candidates = app.candidates;
  stranger_send (self->low, &(Draft){ .code = MESSAGE_ATTACH_REQ, .body = &body });
  g_assert_cmpint (last_link (self)->setup.purpose, ==, LINK_PURPOSE_OVERLAY);
  g_assert_cmpint (last_link (self)->setup.exposure, ==, LINK_EXPOSURE_OPEN);
}

static void
test_gathering_fails (Fixture *self, const void *data)
{
  uint64_t id = ask_node (self->low, APPLICATION_SIPS);

  overlay_link_down (self->stage->overlay, last_link (self)->number, LINK_END_LOCAL);
  g_assert_cmpint (code_of (stranger_answer (self->low, id)), ==, RELOAD_NOT_FOUND);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/attach/whoever-asks-is-controlling-and-server", test_we_ask);
  ADD ("/attach/whoever-is-asked-answers-with-its-candidates", test_they_ask);
  ADD ("/attach/crossing/the-larger-node-id's-goes-on", test_crossing_we_win);
  ADD ("/attach/crossing/the-smaller-gives-way-and-gets-the-link", test_crossing_we_lose);
  ADD ("/attach/threat-4.3-the-link-must-be-of-whom-was-talked-to", test_wrong_certificate);
  ADD ("/attach/what-cannot-be-used-is-refused", test_refused);
  ADD ("/attach/rfc6940-6.5.1.5-1-without-ice-when-the-document-says-so", test_no_ice);
  ADD ("/attach/nobody-answers", test_time_out);
  ADD ("/attach/rfc7904-5.1-by-the-list-then-by-its-end", test_route);
  ADD ("/attach/threat-4.13-what-is-shown-depends-on-who-asks", test_exposure);
  ADD ("/attach/our-own-system-fails", test_gathering_fails);
  return g_test_run ();
}
