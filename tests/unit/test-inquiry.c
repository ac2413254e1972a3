/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/inquiry.h"

#include "core/wire/diagnostics.h"
#include "tests/unit/overlay-stage.h"

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *alice; /* behind us */
  Stranger *bob;   /* before us */
  NodeId far;      /* beyond alice */
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  self->stage = overlay_stage_new ();
  self->alice = stranger_new (self->stage, "alice", 0x90000000);
  self->bob = stranger_new (self->stage, "bob", 0x10000000);
  self->far = (NodeId){ { 0xa0 } };
  overlay_stage_join (self->stage, (Stranger *[]){ self->alice, self->bob });
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
}

static void
permit (Fixture *self, uint16_t kind)
{
  Configuration *configuration = self->stage->overlay->configuration;
  DiagnosticAccess access = { kind, self->stage->overlay->id };

  g_free (configuration->diagnostic_access);
  configuration->diagnostic_access = g_memdup2 (&access, sizeof access);
  configuration->diagnostic_access_count = 1;
}

static void
settle (Fixture *self)
{
  overlay_stage_run (self->stage, 10 * TIME_MS);
}

/* ---- Ping ---- */

static void
test_ping (Fixture *self, const void *data)
{
  const MessageExtension *extension;
  DiagnosticsRequest request;
  PingAns answer = { .response_id = 1 };
  Letter *letter;

  permit (self, DIAGNOSTIC_APP_UPTIME);
  overlay_ping (self->stage->overlay, 5, &self->alice->id);
  g_assert_cmpuint (self->stage->inquiries, ==, 0);
  settle (self);
  letter = stranger_next (self->alice, MESSAGE_PING_REQ);
  g_assert_nonnull (letter);
  g_assert_true (destination_is_node (&letter->header.destination_list.items[0], &self->alice->id));
  g_assert_cmpuint (letter->message.contents.extensions.count, ==, 1);
  extension = &letter->message.contents.extensions.items[0];
  g_assert_cmpuint (extension->type, ==, 2);
  g_assert_false (extension->critical);
  g_assert_true (
    diagnostics_request_decode (extension->extension_contents, letter->arena, &request, NULL));
  g_assert_cmpuint (request.dm_flags, ==, 1 << DIAGNOSTIC_APP_UPTIME);
  g_assert_cmpuint (request.expiration, >, request.timestamp_initiated);
  g_assert_cmpuint (request.expiration, <=, request.timestamp_initiated + 600000);
  /* It knows nothing of diagnostics: that is an answer all the same, and nobody asks again. */
  stranger_reply (self->alice, letter, &answer);
  settle (self);
  g_assert_cmpuint (self->stage->inquiries, ==, 1);
  g_assert_true (self->stage->findings.is_complete);
  g_assert_cmpuint (self->stage->findings.count, ==, 1);
  g_assert_true (node_id_equal (&self->stage->findings.items[0].node_id, &self->alice->id));
  overlay_stage_run (self->stage, 5 * TIME_SECOND);
  g_assert_null (stranger_next (self->alice, MESSAGE_PING_REQ));
}

static void
test_ping_self (Fixture *self, const void *data)
{
  overlay_ping (self->stage->overlay, 1, &self->stage->overlay->id);
  settle (self);
  g_assert_cmpuint (self->stage->inquiries, ==, 1);
  g_assert_true (self->stage->findings.is_complete);
  g_assert_cmpuint (self->stage->findings.items[0].hops, ==, 0);
}

static void
test_ping_error_on_the_way (Fixture *self, const void *data)
{
  Letter *letter;

  overlay_ping (self->stage->overlay, 1, &self->far);
  settle (self);
  letter = stranger_next (self->alice, MESSAGE_PING_REQ);
  g_assert_nonnull (letter);
  stranger_refuse (self->alice, letter, RELOAD_LOOP_DETECTED);
  settle (self);
  g_assert_cmpuint (self->stage->inquiries, ==, 1);
  g_assert_false (self->stage->findings.is_complete);
  g_assert_cmpuint (self->stage->findings.items[0].code, ==, RELOAD_LOOP_DETECTED);
  g_assert_true (node_id_equal (&self->stage->findings.items[0].node_id, &self->alice->id));
}

static void
test_probe (Fixture *self, const void *data)
{
  PingAns answer = { .response_id = 1 };
  Letter *letter;
  unsigned asked = 0;

  overlay_probe (self->stage->overlay, 5, &self->alice->id);
  settle (self);
  letter = stranger_next (self->alice, MESSAGE_PING_REQ);
  g_assert_nonnull (letter);
  g_assert_cmpuint (letter->message.contents.extensions.count, ==, 0);
  stranger_reply (self->alice, letter, &answer);
  settle (self);
  g_assert_cmpuint (self->stage->inquiries, ==, 1);
  g_assert_true (self->stage->findings.is_complete);

  overlay_probe (self->stage->overlay, 6, &self->far);
  overlay_stage_run (self->stage, 10 * TIME_SECOND);
  while (stranger_next (self->alice, MESSAGE_PING_REQ) != NULL)
    asked++;
  g_assert_cmpuint (asked, <=, 3);
  g_assert_cmpuint (self->stage->inquiries, ==, 2);
  g_assert_false (self->stage->findings.is_complete);
}

static void
test_ping_silence (Fixture *self, const void *data)
{
  self->alice->is_mute = true;
  overlay_ping (self->stage->overlay, 1, &self->alice->id);
  overlay_stage_run (self->stage, TIME_MINUTE);
  g_assert_cmpuint (self->stage->inquiries, ==, 1);
  g_assert_cmpuint (self->stage->findings.items[0].code, ==, RELOAD_REQUEST_TIMEOUT);
  g_assert_true (node_id_equal (&self->stage->findings.items[0].node_id, &self->alice->id));
}

/* ---- Path ---- */

/* The next PathTrack that came to alice, with as many steps in its way as given. */
static Letter *
expect_track (Fixture *self, size_t steps, PathTrackReq *ret_body)
{
  Letter *letter;

  settle (self);
  letter = stranger_next (self->alice, MESSAGE_PATH_TRACK_REQ);
  g_assert_nonnull (letter);
  g_assert_cmpuint (letter->message.contents.message_code, ==, 0x27);
  g_assert_cmpuint (letter->header.destination_list.count, ==, steps);
  letter_read (letter, self->stage, ret_body);
  return letter;
}

static void
say_next (Fixture *self, const Letter *letter, const NodeId *next)
{
  static const uint8_t uptime[8] = { [7] = 77 };
  DiagnosticInfo info = { DIAGNOSTIC_APP_UPTIME, { uptime, sizeof uptime } };
  PathTrackAns answer = {
    .next_hop = destination_of_node (next),
    .response = { .hop_counter = letter->header.ttl, .diagnostic_info_list = { &info, 1 } },
  };

  stranger_reply (self->alice, letter, &answer);
  settle (self);
}

static void
test_path_of_one (Fixture *self, const void *data)
{
  PathTrackReq body;
  Letter *letter;
  const Finding *finding = &self->stage->findings.items[0];

  overlay_path (self->stage->overlay, 1, &self->far);
  letter = expect_track (self, 1, &body);
  g_assert_true (destination_is_node (&body.destination, &self->far));
  say_next (self, letter, &self->alice->id);
  g_assert_cmpuint (self->stage->inquiries, ==, 1);
  g_assert_true (self->stage->findings.is_complete);
  g_assert_cmpuint (self->stage->findings.count, ==, 1);
  g_assert_cmpuint (finding->hops, ==, 1);
  g_assert_true (finding->is_link_rtt);
  g_assert_cmpuint (finding->numbers[DIAGNOSTIC_APP_UPTIME], ==, 77);
}

/* The second step is asked through the first. */
static void
test_path_of_two (Fixture *self, const void *data)
{
  Stranger *carol = stranger_new (self->stage, "carol", 0xa0000000);
  PathTrackReq body;
  Letter *letter;

  overlay_path (self->stage->overlay, 1, &self->far);
  letter = expect_track (self, 1, &body);
  say_next (self, letter, &carol->id);
  letter = expect_track (self, 2, &body);
  g_assert_true (destination_is_node (&letter->header.destination_list.items[1], &carol->id));
  stranger_refuse (self->alice, letter, RELOAD_TTL_HOPS_EXCEEDED);
  settle (self);
  g_assert_cmpuint (self->stage->findings.count, ==, 2);
  g_assert_false (self->stage->findings.is_complete);
  g_assert_cmpuint (self->stage->findings.items[1].code, ==, RELOAD_TTL_HOPS_EXCEEDED);
}

static void
test_path_in_a_circle (Fixture *self, const void *data)
{
  NodeId second = { { 0x98 } };
  PathTrackReq body;
  Letter *letter;

  overlay_path (self->stage->overlay, 1, &self->far);
  letter = expect_track (self, 1, &body);
  say_next (self, letter, &second);
  overlay_stage_run (self->stage, TIME_MINUTE); /* nobody is there */
  g_assert_cmpuint (self->stage->findings.count, ==, 2);
  g_assert_cmpuint (self->stage->findings.items[1].code, ==, RELOAD_REQUEST_TIMEOUT);
  g_assert_true (node_id_equal (&self->stage->findings.items[1].node_id, &second));
}

static void
test_path_is_ours (Fixture *self, const void *data)
{
  NodeId ours = { { 0x70 } };

  overlay_path (self->stage->overlay, 1, &ours);
  g_assert_cmpuint (self->stage->inquiries, ==, 0);
  settle (self);
  g_assert_cmpuint (self->stage->inquiries, ==, 1);
  g_assert_true (self->stage->findings.is_complete);
  g_assert_true (
    node_id_equal (&self->stage->findings.items[0].node_id, &self->stage->overlay->id));
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/inquiry/ping/asks-for-what-is-permitted-rfc7851-4.2.1-1", test_ping);
  ADD ("/inquiry/ping/reaches-ourselves", test_ping_self);
  ADD ("/inquiry/ping/hears-of-trouble-on-the-way", test_ping_error_on_the_way);
  ADD ("/inquiry/ping/names-who-did-not-answer", test_ping_silence);
  ADD ("/inquiry/probe/asks-for-nothing-and-gives-up-early", test_probe);
  ADD ("/inquiry/path/stops-at-the-last-rfc7851-4.3.1.2-1", test_path_of_one);
  ADD ("/inquiry/path/goes-on-through-those-who-answered", test_path_of_two);
  ADD ("/inquiry/path/ends-where-nobody-answers", test_path_in_a_circle);
  ADD ("/inquiry/path/what-is-ours-is-no-step-away", test_path_is_ours);
  return g_test_run ();
}
