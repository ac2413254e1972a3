/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/attach.h"
#include "core/wire/attach.h"
#include "core/wire/chord.h"
#include "core/wire/topology.h"
#include "tests/unit/overlay-stage.h"

#include <string.h>

/* Rules of RFC 6940 about links and the messages between peers that have one, each under its id in
 * the conformance book. The node's Node-ID begins with 80. */

#define PASSWORD "aPasswordOfTheRightLength"

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *low;
  Stranger *high;
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
  while (stranger_next (self->low, 0) != NULL || stranger_next (self->high, 0) != NULL)
    ;
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
}

static const Letter *
answer_to (Stranger *self, const Draft *draft)
{
  const Letter *letter = stranger_answer (self, stranger_send (self, draft));

  g_assert_nonnull (letter);
  return letter;
}

/* ---- Attach ---- */

static uint32_t
last_link (Fixture *self)
{
  return g_array_index (self->stage->links, StageLink, self->stage->links->len - 1).number;
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

static IceCandidate
candidate_of (uint8_t overlay_link)
{
  const Address address = { .family = ADDRESS_IPV4, .bytes = { 10, 0, 0, 9 }, .port = 9 };

  return (IceCandidate){
    .addr_port = ip_address_port_of (&address),
    .overlay_link = overlay_link,
    .foundation = bytes_of_text ("1"),
    .priority = 1,
    .type = CAND_HOST,
  };
}

static AttachReqAns
attach_body (IceCandidate *candidate, bool send_update)
{
  return (AttachReqAns){
    .ufrag = bytes_of_text ("them"),
    .password = bytes_of_text (PASSWORD),
    .role = bytes_of_text ("passive"),
    .candidates = { candidate, 1 },
    .send_update = send_update,
  };
}

static uint64_t
send_attach (Stranger *from, bool send_update)
{
  IceCandidate candidate = candidate_of (OVERLAY_LINK_DTLS_UDP_SR);
  AttachReqAns body = attach_body (&candidate, send_update);

  return stranger_send (from, &(Draft){ .code = MESSAGE_ATTACH_REQ, .body = &body });
}

static void
test_send_update (Fixture *self, const void *data)
{
  Stranger *who[] = { self->low, self->high };

  for (unsigned i = 0; i < 2; i++) {
    uint64_t id = send_attach (who[i], i == 0);
    Letter *letter;
    gather (self, last_link (self));
    g_assert_nonnull (stranger_answer (who[i], id));
    g_assert_null (stranger_next (who[i], MESSAGE_UPDATE_REQ));
    stranger_take (who[i], last_link (self));
    overlay_stage_run (self->stage, TIME_SECOND);
    letter = stranger_next (who[i], MESSAGE_UPDATE_REQ);
    g_assert_cmpint (letter != NULL, ==, i == 0);
  }
}

static void
test_roles (Fixture *self, const void *data)
{
  AppAttachReqAns asked;
  AttachReqAns answered;
  Letter *letter;
  uint64_t id;

  overlay_want_application (self->stage->overlay, &self->high->id);
  gather (self, last_link (self));
  letter = stranger_next (self->high, MESSAGE_APP_ATTACH_REQ);
  g_assert_nonnull (letter);
  letter_read (letter, self->stage, &asked);
  g_assert_true (bytes_equal (asked.role, bytes_of_text ("passive")));
  id = send_attach (self->low, false);
  gather (self, last_link (self));
  letter = stranger_answer (self->low, id);
  g_assert_nonnull (letter);
  letter_read (letter, self->stage, &answered);
  g_assert_true (bytes_equal (answered.role, bytes_of_text ("active")));
}

/* Ours has been answered and is being checked: theirs comes too late, whoever is larger. */
static void
test_in_progress (Fixture *self, const void *data)
{
  IceCandidate candidate = candidate_of (OVERLAY_LINK_DTLS_UDP_SR);
  AppAttachReqAns body = {
    .ufrag = bytes_of_text ("them"),
    .password = bytes_of_text (PASSWORD),
    .application = APPLICATION_SIPS,
    .role = bytes_of_text ("active"),
    .candidates = { &candidate, 1 },
  };

  overlay_want_application (self->stage->overlay, &self->high->id);
  gather (self, last_link (self));
  stranger_reply (self->high, stranger_next (self->high, MESSAGE_APP_ATTACH_REQ), &body);
  g_assert_cmpint (stranger_verdict (self->high,
                                     &(Draft){ .code = MESSAGE_APP_ATTACH_REQ, .body = &body }),
                   ==, RELOAD_IN_PROGRESS);
}

/* EXP-LINK (14.10) is no link of ours. */
static void
test_experimental_link (Fixture *self, const void *data)
{
  enum { EXP_LINK = 5 };

  IceCandidate candidate = candidate_of (EXP_LINK);
  AttachReqAns body = attach_body (&candidate, false);

  g_assert_cmpint (stranger_verdict (self->low,
                                     &(Draft){ .code = MESSAGE_ATTACH_REQ, .body = &body }),
                   ==, RELOAD_INVALID_MESSAGE);
}

/* ---- Join, Leave, RouteQuery, Probe ---- */

static void
test_join_and_leave (Fixture *self, const void *data)
{
  JoinReq join = { .joining_peer_id = self->low->id };
  LeaveReq leave = { .leaving_peer_id = self->low->id };
  Draft drafts[] = {
    { .code = MESSAGE_JOIN_REQ, .body = &join },
    { .code = MESSAGE_LEAVE_REQ, .body = &leave },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (drafts); i++) {
    Draft signed_by_low = drafts[i];
    signed_by_low.signer = self->low->signer;
    /* Of somebody else; and over somebody else's link. */
    g_assert_cmpint (stranger_verdict (self->high, &drafts[i]), ==, RELOAD_FORBIDDEN);
    g_assert_cmpint (stranger_verdict (self->high, &signed_by_low), ==, RELOAD_FORBIDDEN);
    g_assert_cmpint (overlay_state (self->stage->overlay), ==,
                     i == 0 ? TOPOLOGY_ALONE : TOPOLOGY_JOINED);
    g_assert_cmpint (stranger_verdict (self->low, &drafts[i]), ==, RELOAD_OK);
  }
}

static void
test_route_query (Fixture *self, const void *data)
{
  RouteQueryReq body = { .destination = destination_of_node (&self->high->id) };
  Draft draft = { .code = MESSAGE_ROUTE_QUERY_REQ, .body = &body };
  Letter *letter;

  g_assert_cmphex (answer_to (self->low, &draft)->message.contents.message_code, ==,
                   MESSAGE_ROUTE_QUERY_REQ + 1);
  overlay_stage_run (self->stage, TIME_SECOND);
  g_assert_null (stranger_next (self->low, MESSAGE_UPDATE_REQ));
  body.send_update = true;
  stranger_send (self->low, &draft);
  letter = stranger_next (self->low, 0);
  g_assert_nonnull (letter);
  g_assert_cmphex (letter->message.contents.message_code, ==, MESSAGE_ROUTE_QUERY_REQ + 1);
  g_assert_nonnull (stranger_next (self->low, MESSAGE_UPDATE_REQ));
}

static void
test_probe_order (Fixture *self, const void *data)
{
  static const uint8_t asked[] = { PROBE_UPTIME, PROBE_RESPONSIBLE_SET, PROBE_NUM_RESOURCES };
  ProbeReq body = { .requested_info = { asked, sizeof asked } };
  ProbeAns answer;

  letter_read (answer_to (self->low, &(Draft){ .code = MESSAGE_PROBE_REQ, .body = &body }),
               self->stage, &answer);
  g_assert_cmpuint (answer.probe_info.count, ==, sizeof asked);
  for (unsigned i = 0; i < sizeof asked; i++)
    g_assert_cmpuint (answer.probe_info.items[i].type, ==, asked[i]);
}

/* ---- Routing ---- */

static void
test_no_update_no_route (Fixture *self, const void *data)
{
  g_autoptr (OverlayStage) stage = overlay_stage_new ();
  Stranger *neighbors[] = { stranger_new (stage, "after", 0x90000000),
                            stranger_new (stage, "before", 0x70000000) };
  Stranger *silent = stranger_new (stage, "silent", 0xa0000000);
  NodeId beyond = { { 0xa0, 0xff } };
  Destination places[] = { destination_of_resource (node_id_bytes (&beyond)),
                           destination_of_node (&silent->id) };
  static const PingReq ping;

  overlay_stage_join (stage, neighbors);
  stranger_connect (silent);
  for (unsigned i = 0; i < 2; i++) {
    Draft draft = {
      .code = MESSAGE_PING_REQ, .body = &ping, .destinations = &places[i], .destination_count = 1
    };
    uint64_t id = stranger_send (neighbors[1], &draft);
    g_assert_cmpint (stranger_answer (silent, id) != NULL, ==, i == 1);
    g_assert_cmpint (stranger_answer (neighbors[0], id) != NULL, ==, i == 0);
  }
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/rules/rfc6940-6.4.2.1-1-join-and-leave-are-ones-own-and-direct", test_join_and_leave);
  ADD ("/rules/rfc6940-6.4.2.3-1-an-attach-that-wants-an-update-gets-one", test_send_update);
  ADD ("/rules/rfc6940-6.4.2.4.1-1-an-update-is-sent-when-asked-for-only", test_route_query);
  ADD ("/rules/rfc6940-6.4.2.5.2-2-probe-answers-in-the-order-asked", test_probe_order);
  ADD ("/rules/rfc6940-6.5.1-1-nothing-goes-through-who-has-sent-no-update",
       test_no_update_no_route);
  ADD ("/rules/rfc6940-6.5.1.1-1-who-asks-is-passive-who-answers-active", test_roles);
  ADD ("/rules/rfc6940-6.5.1.2-3-an-attach-under-way-is-not-begun-again", test_in_progress);
  ADD ("/rules/rfc6940-14.10-2-a-link-for-experiments-is-refused", test_experimental_link);
  return g_test_run ();
}
