/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/diagnostics.h"

#include "core/wire/diagnostics.h"
#include "tests/unit/overlay-stage.h"

#include <string.h>

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *alice; /* behind us */
  Stranger *bob;   /* before us */
  GByteArray *extension;
  DiagnosticAccess access[2];
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  self->stage = overlay_stage_new ();
  self->alice = stranger_new (self->stage, "alice", 0x90000000);
  self->bob = stranger_new (self->stage, "bob", 0x10000000);
  overlay_stage_join (self->stage, (Stranger *[]){ self->alice, self->bob });
  self->extension = g_byte_array_new ();
}

static void
tear_down (Fixture *self, const void *data)
{
  g_byte_array_unref (self->extension);
  overlay_stage_free (self->stage);
}

static uint64_t
now (Fixture *self)
{
  return self->stage->ports.wall_clock_ms (self->stage);
}

static DiagnosticsRequest
request_of (Fixture *self, uint64_t flags)
{
  return (DiagnosticsRequest){
    .expiration = now (self) + 60000,
    .timestamp_initiated = now (self),
    .dm_flags = flags,
  };
}

/* A Ping to us with that request in its extension. */
static Draft
ping_of (Fixture *self, const DiagnosticsRequest *request, MessageExtension *memory)
{
  static const PingReq body;

  g_byte_array_set_size (self->extension, 0);
  diagnostics_request_encode (request, self->extension);
  *memory = (MessageExtension){
    .type = MESSAGE_EXTENSION_DIAGNOSTIC_PING,
    .extension_contents = { self->extension->data, self->extension->len },
  };
  return (Draft){ .code = MESSAGE_PING_REQ, .body = &body, .extensions = { memory, 1 } };
}

static int
ping (Fixture *self, const DiagnosticsRequest *request)
{
  MessageExtension memory;
  Draft draft = ping_of (self, request, &memory);

  return stranger_verdict (self->alice, &draft);
}

static DiagnosticsResponse
ping_answer (Fixture *self, const DiagnosticsRequest *request)
{
  MessageExtension memory;
  Draft draft = ping_of (self, request, &memory);
  Letter *letter = stranger_answer (self->alice, stranger_send (self->alice, &draft));
  const MessageExtensionList *extensions = &letter->message.contents.extensions;
  DiagnosticsResponse response;

  g_assert_cmpuint (letter->message.contents.message_code, ==, MESSAGE_PING_REQ + 1);
  g_assert_cmpuint (extensions->count, ==, 1);
  g_assert_cmpuint (extensions->items[0].type, ==, MESSAGE_EXTENSION_DIAGNOSTIC_PING);
  g_assert_false (extensions->items[0].critical);
  g_assert_true (diagnostics_response_decode (extensions->items[0].extension_contents,
                                              letter->arena, &response, NULL));
  return response;
}

static void
permit (Fixture *self, uint16_t kind, unsigned place)
{
  Configuration *configuration = self->stage->overlay->configuration;

  self->access[place] = (DiagnosticAccess){ kind, self->alice->id };
  g_free (configuration->diagnostic_access);
  configuration->diagnostic_access = g_memdup2 (self->access, sizeof self->access);
  configuration->diagnostic_access_count = place + 1;
}

static void
test_bare (Fixture *self, const void *data)
{
  DiagnosticsRequest request = request_of (self, 0);
  DiagnosticsResponse response = ping_answer (self, &request);

  g_assert_cmpuint (response.timestamp_initiated, ==, request.timestamp_initiated);
  g_assert_cmpuint (response.timestamp_received, >=, request.timestamp_initiated);
  g_assert_cmpuint (response.expiration, >, now (self));
  g_assert_cmpuint (response.expiration, <=, now (self) + 600000);
  g_assert_cmpuint (response.hop_counter, ==, 20); /* as the stranger wrote it */
  g_assert_cmpuint (response.diagnostic_info_list.count, ==, 0);
}

static void
test_facts (Fixture *self, const void *data)
{
  DiagnosticsRequest request =
    request_of (self, 1 << DIAGNOSTIC_ROUTING_TABLE_SIZE | 1 << DIAGNOSTIC_SOFTWARE_VERSION);
  DiagnosticsResponse response;
  const DiagnosticInfo *info;

  permit (self, DIAGNOSTIC_ROUTING_TABLE_SIZE, 0);
  permit (self, DIAGNOSTIC_SOFTWARE_VERSION, 1);
  response = ping_answer (self, &request);
  g_assert_cmpuint (response.diagnostic_info_list.count, ==, 2);
  info = response.diagnostic_info_list.items;
  g_assert_cmpuint (info[0].kind, ==, DIAGNOSTIC_ROUTING_TABLE_SIZE);
  g_assert_cmpmem (info[0].diagnostic_info_contents.data, info[0].diagnostic_info_contents.size,
                   "\0\0\0\2", 4);
  g_assert_cmpuint (info[1].kind, ==, DIAGNOSTIC_SOFTWARE_VERSION);
  g_assert_cmpuint (memchr (info[1].diagnostic_info_contents.data, '\0', 64) ==
                      info[1].diagnostic_info_contents.data +
                        info[1].diagnostic_info_contents.size - 1,
                    ==, true);
}

static void
test_every_fact (Fixture *self, const void *data)
{
  static const struct {
    uint16_t kind;
    size_t size;
  } rows[] = {
    { DIAGNOSTIC_STATUS_INFO, 1 },
    { DIAGNOSTIC_APP_UPTIME, 8 },
    { DIAGNOSTIC_DATASIZE_STORED, 8 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    DiagnosticsRequest request = request_of (self, 1 << rows[i].kind);
    DiagnosticsResponse response;
    permit (self, rows[i].kind, 0);
    response = ping_answer (self, &request);
    g_assert_cmpuint (response.diagnostic_info_list.count, ==, 1);
    g_assert_cmpuint (response.diagnostic_info_list.items[0].diagnostic_info_contents.size, ==,
                      rows[i].size);
  }
}

/* One flag too many, and nothing is told. */
static void
test_forbidden (Fixture *self, const void *data)
{
  DiagnosticsRequest some = request_of (self, 1 << DIAGNOSTIC_APP_UPTIME);
  DiagnosticsRequest more =
    request_of (self, 1 << DIAGNOSTIC_APP_UPTIME | 1 << DIAGNOSTIC_DATASIZE_STORED);
  DiagnosticsRequest all = request_of (self, DIAGNOSTIC_FLAGS_ALL);

  g_assert_cmpint (ping (self, &some), ==, RELOAD_FORBIDDEN);
  permit (self, DIAGNOSTIC_APP_UPTIME, 0);
  g_assert_cmpint (ping (self, &some), ==, RELOAD_OK);
  g_assert_cmpint (ping (self, &more), ==, RELOAD_FORBIDDEN);
  g_assert_cmpint (ping (self, &all), ==, RELOAD_FORBIDDEN);
}

static void
test_times (Fixture *self, const void *data)
{
  DiagnosticsRequest request = request_of (self, 0);

  request.expiration = now (self) - 1;
  g_assert_cmpint (ping (self, &request), ==, RELOAD_MESSAGE_EXPIRED);
  request.expiration = now (self) + 700 * 1000;
  g_assert_cmpint (ping (self, &request), ==, RELOAD_INVALID_MESSAGE);
  request.expiration = now (self) + 590 * 1000;
  g_assert_cmpint (ping (self, &request), ==, RELOAD_OK);
}

static void
test_malformed (Fixture *self, const void *data)
{
  DiagnosticsRequest request = request_of (self, 1);
  DiagnosticExtension extension = { DIAGNOSTIC_APP_UPTIME, { NULL, 0 } };
  MessageExtension memory;
  Draft draft;

  g_assert_cmpint (ping (self, &request), ==, RELOAD_INVALID_MESSAGE);
  request.dm_flags = 0;
  request.diagnostic_extensions_list = (DiagnosticExtensionList){ &extension, 1 };
  g_assert_cmpint (ping (self, &request), ==, RELOAD_INVALID_MESSAGE);
  extension.kind = 0xf000; /* somebody's own: nothing to tell */
  g_assert_cmpint (ping (self, &request), ==, RELOAD_OK);
  draft = ping_of (self, &request, &memory);
  memory.extension_contents.size--;
  g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, RELOAD_INVALID_MESSAGE);
}

static void
test_other_methods (Fixture *self, const void *data)
{
  DiagnosticsRequest request = request_of (self, DIAGNOSTIC_FLAGS_ALL);
  ProbeReq body = { .requested_info = { NULL, 0 } };
  MessageExtension memory;
  Draft draft = ping_of (self, &request, &memory);

  draft.code = MESSAGE_PROBE_REQ;
  draft.body = &body;
  g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, RELOAD_OK);
}

/* ---- PathTrack ---- */

static PathTrackAns
track (Fixture *self, const NodeId *target)
{
  PathTrackReq body = {
    .destination = destination_of_node (target),
    .request = request_of (self, 0),
  };
  uint64_t id =
    stranger_send (self->alice, &(Draft){ .code = MESSAGE_PATH_TRACK_REQ, .body = &body });
  Letter *letter = stranger_answer (self->alice, id);
  PathTrackAns answer;

  g_assert_nonnull (letter);
  g_assert_cmpuint (letter->message.contents.message_code, ==, 0x28);
  letter_read (letter, self->stage, &answer);
  return answer;
}

static void
test_next_hop (Fixture *self, const void *data)
{
  NodeId ours = { { 0x70 } };
  PathTrackAns answer = track (self, &ours);

  g_assert_true (destination_is_node (&answer.next_hop, &self->stage->overlay->id));
  answer = track (self, &self->stage->overlay->id);
  g_assert_true (destination_is_node (&answer.next_hop, &self->stage->overlay->id));
  answer = track (self, &self->bob->id);
  g_assert_true (destination_is_node (&answer.next_hop, &self->bob->id));
}

static void
test_track_refused (Fixture *self, const void *data)
{
  PathTrackReq body = {
    .destination = destination_of_node (&self->bob->id),
    .request = request_of (self, 1 << DIAGNOSTIC_APP_UPTIME),
  };
  Draft draft = { .code = MESSAGE_PATH_TRACK_REQ, .body = &body };

  g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, RELOAD_FORBIDDEN);
  body.request = request_of (self, 0);
  body.request.expiration = 5;
  g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, RELOAD_MESSAGE_EXPIRED);
}

/* ---- On the way ---- */

/* The verdict on a PathTrack from alice that passes us on its way to bob. */
static int
pass (Fixture *self, uint64_t expiration, DestinationList via, const char **ret_info)
{
  PathTrackReq body = {
    .destination = destination_of_node (&self->bob->id),
    .request = request_of (self, 0),
  };
  Destination to = destination_of_node (&self->bob->id);
  Draft draft = { .code = MESSAGE_PATH_TRACK_REQ,
                  .body = &body,
                  .destinations = &to,
                  .destination_count = 1,
                  .via = via };
  Letter *letter;
  ErrorResponse error;

  body.request.expiration = expiration;
  letter = stranger_answer (self->alice, stranger_send (self->alice, &draft));
  if (letter == NULL)
    return -1;
  g_assert_true (
    error_response_decode (letter->message.contents.message_body, letter->arena, &error, NULL));
  *ret_info = g_strndup ((const char *) error.error_info.data, error.error_info.size);
  return error.error_code;
}

static void
test_passes (Fixture *self, const void *data)
{
  g_autofree const char *info = NULL;

  g_assert_cmpint (pass (self, now (self) + 60000, (DestinationList){ NULL, 0 }, &info), ==, -1);
  g_assert_nonnull (stranger_next (self->bob, MESSAGE_PATH_TRACK_REQ));
}

static void
test_passes_expired (Fixture *self, const void *data)
{
  g_autofree const char *info = NULL;

  g_assert_cmpint (pass (self, now (self), (DestinationList){ NULL, 0 }, &info), ==,
                   RELOAD_MESSAGE_EXPIRED);
  g_assert_null (stranger_next (self->bob, MESSAGE_PATH_TRACK_REQ));
}

/* Ours is a way to bob that comes from him: 0x90 lies between us and him. */
static void
test_passes_misrouted (Fixture *self, const void *data)
{
  Destination from = destination_of_node (&(NodeId){ { 0x85 } });
  g_autofree const char *info = NULL;
  char hex[2 * NODE_ID_SIZE + 1];

  g_assert_cmpint (pass (self, now (self) + 60000, (DestinationList){ &from, 1 }, &info), ==,
                   RELOAD_UPSTREAM_MISROUTING);
  g_assert_cmpstr (info, ==, node_id_to_hex (&self->alice->id, hex));
}

static void
test_passes_loop (Fixture *self, const void *data)
{
  Destination via[] = { destination_of_node (&(NodeId){ { 0x85 } }),
                        destination_of_node (&self->stage->overlay->id) };
  g_autofree const char *info = NULL;

  g_assert_cmpint (pass (self, now (self) + 60000, (DestinationList){ via, 2 }, &info), ==,
                   RELOAD_LOOP_DETECTED);
}

static void
test_passes_ttl (Fixture *self, const void *data)
{
  enum { TTL_AT = 11 };

  PathTrackReq body = {
    .destination = destination_of_node (&self->bob->id),
    .request = request_of (self, 0),
  };
  Destination to = destination_of_node (&self->bob->id);
  Draft draft = {
    .code = MESSAGE_PATH_TRACK_REQ, .body = &body, .destinations = &to, .destination_count = 1
  };
  g_autoptr (GByteArray) bytes = stranger_write (self->alice, &draft);
  Letter *letter;
  ErrorResponse error;

  bytes->data[TTL_AT] = 0;
  stranger_send_bytes (self->alice, (Bytes){ bytes->data, bytes->len });
  letter = stranger_next (self->alice, MESSAGE_ERROR);
  g_assert_nonnull (letter);
  g_assert_true (
    error_response_decode (letter->message.contents.message_body, letter->arena, &error, NULL));
  g_assert_cmpuint (error.error_code, ==, RELOAD_TTL_HOPS_EXCEEDED);
}

/* An expired answer goes no further, and nobody complains about answers. */
static void
test_passes_expired_answer (Fixture *self, const void *data)
{
  PathTrackAns body = {
    .next_hop = destination_of_node (&self->bob->id),
    .response = { .expiration = now (self) },
  };
  Destination to = destination_of_node (&self->bob->id);
  Draft draft = {
    .code = MESSAGE_PATH_TRACK_REQ + 1, .body = &body, .destinations = &to, .destination_count = 1
  };

  g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, -1);
  g_assert_null (stranger_next (self->bob, MESSAGE_PATH_TRACK_REQ + 1));
  body.response.expiration += 60000;
  g_assert_cmpint (stranger_verdict (self->alice, &draft), ==, -1);
  g_assert_nonnull (stranger_next (self->bob, MESSAGE_PATH_TRACK_REQ + 1));
}

/* Where our clock is known to be wrong, the others' counts. */
static void
test_wrong_clock (Fixture *self, const void *data)
{
  DiagnosticsRequest request;

  clock_check_start (self->stage->overlay->clock_check);
  overlay_stage_run (self->stage, 8 * TIME_SECOND);
  for (unsigned i = 0; i < 2; i++) {
    Stranger *stranger = i == 0 ? self->alice : self->bob;
    Letter *letter = stranger_next (stranger, MESSAGE_PING_REQ);
    PingAns answer = { .time = now (self) + 12 * 3600 * 1000 };
    g_assert_nonnull (letter);
    stranger_reply (stranger, letter, &answer);
  }
  request = request_of (self, 0);
  g_assert_cmpint (ping (self, &request), ==, RELOAD_MESSAGE_EXPIRED);
  request.expiration += 12 * 3600 * 1000;
  g_assert_cmpint (ping (self, &request), ==, RELOAD_OK);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/diagnostics/ping/answers-with-times-and-ttl-rfc7851-5.2-1", test_bare);
  ADD ("/diagnostics/ping/tells-what-is-permitted-rfc7851-6.3-1", test_facts);
  ADD ("/diagnostics/ping/facts-have-their-size-rfc7851-5.3-3", test_every_fact);
  ADD ("/diagnostics/ping/what-is-not-permitted-is-refused-rfc7851-5.3-2", test_forbidden);
  ADD ("/diagnostics/ping/expired-is-refused-rfc7851-5.1-1", test_times);
  ADD ("/diagnostics/ping/reserved-flags-and-kinds-are-refused-rfc7851-5.1-3", test_malformed);
  ADD ("/diagnostics/ping/in-other-methods-it-means-nothing-rfc7851-4.2.1-3", test_other_methods);
  ADD ("/diagnostics/path-track/names-the-next-hop-rfc7851-4.3.1.2-1", test_next_hop);
  ADD ("/diagnostics/path-track/is-refused-like-a-ping-rfc7851-6.2-2", test_track_refused);
  ADD ("/diagnostics/transit/goes-on-rfc7851-6.2-1", test_passes);
  ADD ("/diagnostics/transit/expired-ends-here-rfc7851-6.2-3", test_passes_expired);
  ADD ("/diagnostics/transit/misrouting-is-told-with-its-author-rfc7851-6.2-7",
       test_passes_misrouted);
  ADD ("/diagnostics/transit/a-loop-is-told-rfc7851-6.2-9", test_passes_loop);
  ADD ("/diagnostics/transit/too-many-hops-are-told-rfc7851-6.2-10", test_passes_ttl);
  ADD ("/diagnostics/transit/an-expired-answer-ends-here", test_passes_expired_answer);
  ADD ("/diagnostics/clock/a-wrong-one-is-corrected-rfc7851-6.4-2", test_wrong_clock);
  return g_test_run ();
}
