/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "diagnostics"
#include "core/overlay/diagnostics.h"

#include "core/base/log.h"
#include "core/overlay/overlay-private.h"
#include "core/wire/diagnostics.h"

#include <string.h>

/* A DiagnosticsRequest comes in an extension of a Ping or in a PathTrack. Everybody may ask how far
 * away we are and who comes after us; what we are doing is told to those alone whom the
 * configuration names for it (section 7). It holds nothing that only the operating system knows.
 *
 * Times are compared by the neighbors' clocks when ours is known to be off: a request is good for
 * ten minutes at most, and a clock may be wrong by more. */

enum {
  EXPIRES_MS = 60 * 1000,      /* our answers */
  EXPIRES_MAX_MS = 600 * 1000, /* theirs, */
  CLOCK_SLACK_MS = 30 * 1000,  /* by a clock that may differ from ours by this much */
  CONGESTION_MAX = 0x0f,
};

/* ---- What we can tell ---- */

static void
put_number (GByteArray *bytes, uint64_t number, unsigned size)
{
  for (unsigned i = size; i-- > 0;) {
    uint8_t byte = (uint8_t) (number >> (8 * i));
    g_byte_array_append (bytes, &byte, 1);
  }
}

/* How full the table of our own open transactions is: the one that fills first. */
static void
write_status (Overlay *overlay, GByteArray *bytes)
{
  unsigned open = transport_open_count (overlay->transport);

  put_number (bytes, MIN (open * CONGESTION_MAX / LIMIT_TRANSACTIONS, (unsigned) CONGESTION_MAX),
              1);
}

static void
write_table_size (Overlay *overlay, GByteArray *bytes)
{
  put_number (bytes, overlay->topology.plugin->table_size (overlay->topology.self), 4);
}

static void
write_software (Overlay *overlay, GByteArray *bytes)
{
  static const char name[] = "Peal/" PEAL_VERSION;

  g_byte_array_append (bytes, (const uint8_t *) name, sizeof name);
}

static void
write_uptime (Overlay *overlay, GByteArray *bytes)
{
  put_number (bytes, (overlay_now (overlay) - overlay->started_at) / TIME_SECOND, 8);
}

static void
write_data_size (Overlay *overlay, GByteArray *bytes)
{
  put_number (bytes, storage_bytes (overlay->storage), 8);
}

/* An entry for each required Kind: its Kind-ID, which is the index, and how many values there are.
 */
static void
write_instances (Overlay *overlay, GByteArray *bytes)
{
  const Configuration *configuration = overlay->configuration;

  for (size_t i = 0; i < configuration->kind_count; i++) {
    put_number (bytes, configuration->kinds[i].id, 4);
    put_number (bytes, storage_count_of_kind (overlay->storage, configuration->kinds[i].id), 8);
  }
}

static const struct {
  uint16_t kind;
  void (*write) (Overlay *overlay, GByteArray *bytes);
} facts[] = {
  { DIAGNOSTIC_STATUS_INFO, write_status },
  { DIAGNOSTIC_ROUTING_TABLE_SIZE, write_table_size },
  { DIAGNOSTIC_SOFTWARE_VERSION, write_software },
  { DIAGNOSTIC_APP_UPTIME, write_uptime },
  { DIAGNOSTIC_DATASIZE_STORED, write_data_size },
  { DIAGNOSTIC_INSTANCES_STORED, write_instances },
};

static bool
is_asked (uint64_t flags, unsigned kind)
{
  return (flags >> kind & 1) != 0;
}

/* All ones mean all there is; then the reserved bits say nothing. */
static bool
may_know (const Overlay *overlay, uint64_t flags, const NodeId *asker)
{
  for (unsigned kind = 1; kind <= DIAGNOSTIC_KIND_LAST_FLAG; kind++) {
    if (flags == DIAGNOSTIC_FLAGS_ALL && kind > DIAGNOSTIC_BATTERY_STATUS)
      return true;
    if (is_asked (flags, kind) &&
        !configuration_permits_diagnostic (overlay->configuration, (uint16_t) kind, asker))
      return false;
  }
  return true;
}

/* Extensions of other people's making are left out of the answer, but may not stand for flags. */
static bool
is_well_formed (const DiagnosticsRequest *request)
{
  for (size_t i = 0; i < request->diagnostic_extensions_list.count; i++)
    if (request->diagnostic_extensions_list.items[i].kind < DIAGNOSTIC_KIND_EXTENSION)
      return false;
  return request->dm_flags == DIAGNOSTIC_FLAGS_ALL ||
         (request->dm_flags & DIAGNOSTIC_FLAGS_RESERVED) == 0;
}

static DiagnosticInfoList
list_facts (Overlay *overlay, uint64_t flags, Arena *arena)
{
  DiagnosticInfoList list = { arena_new_array (arena, DiagnosticInfo, G_N_ELEMENTS (facts)), 0 };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (size_t i = 0; i < G_N_ELEMENTS (facts); i++) {
    if (!is_asked (flags, facts[i].kind))
      continue;
    g_byte_array_set_size (bytes, 0);
    facts[i].write (overlay, bytes);
    list.items[list.count++] = (DiagnosticInfo){
      .kind = facts[i].kind,
      .diagnostic_info_contents = arena_dup (arena, (Bytes){ bytes->data, bytes->len }),
    };
  }
  return list;
}

/* ---- Answering ---- */

static ReloadCode
check_times (const Overlay *overlay, uint64_t expiration)
{
  uint64_t now = clock_check_time_ms (overlay->clock_check);

  if (expiration <= now)
    return RELOAD_MESSAGE_EXPIRED;
  return expiration <= now + EXPIRES_MAX_MS + CLOCK_SLACK_MS ? RELOAD_OK : RELOAD_INVALID_MESSAGE;
}

static ReloadCode
respond (Overlay *overlay,
         const Incoming *incoming,
         const DiagnosticsRequest *request,
         DiagnosticsResponse *ret_response)
{
  ReloadCode code = check_times (overlay, request->expiration);
  uint64_t now = clock_check_time_ms (overlay->clock_check);

  if (code == RELOAD_OK && !is_well_formed (request))
    code = RELOAD_INVALID_MESSAGE;
  if (code == RELOAD_OK && !may_know (overlay, request->dm_flags, &incoming->from))
    code = RELOAD_FORBIDDEN;
  if (code == RELOAD_OK)
    *ret_response = (DiagnosticsResponse){
      .expiration = now + EXPIRES_MS,
      .timestamp_initiated = request->timestamp_initiated,
      .timestamp_received = now,
      .hop_counter = incoming->header.ttl,
      .diagnostic_info_list = list_facts (overlay, request->dm_flags, incoming->arena),
    };
  return code;
}

static const MessageExtension *
find_extension (const MessageContents *contents)
{
  for (size_t i = 0; i < contents->extensions.count; i++)
    if (contents->extensions.items[i].type == MESSAGE_EXTENSION_DIAGNOSTIC_PING)
      return &contents->extensions.items[i];
  return NULL;
}

/* The extension of our answer; RELOAD_OK also when none was asked for. */
static ReloadCode
extend_answer (Overlay *overlay, Incoming *incoming, MessageExtensionList *extensions)
{
  const MessageExtension *extension = find_extension (&incoming->message.contents);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  DiagnosticsRequest request;
  DiagnosticsResponse response;
  ReloadCode code;

  if (extension == NULL)
    return RELOAD_OK;
  if (!diagnostics_request_decode (extension->extension_contents, incoming->arena, &request, NULL))
    return RELOAD_INVALID_MESSAGE;
  code = respond (overlay, incoming, &request, &response);
  if (code != RELOAD_OK)
    return code;
  diagnostics_response_encode (&response, bytes);
  extensions->items = arena_new_array (incoming->arena, MessageExtension, 1);
  extensions->items[extensions->count++] = (MessageExtension){
    .type = MESSAGE_EXTENSION_DIAGNOSTIC_PING,
    .extension_contents = arena_dup (incoming->arena, (Bytes){ bytes->data, bytes->len }),
  };
  return RELOAD_OK;
}

void
diagnostics_handle_ping (Overlay *overlay, Incoming *request)
{
  const NodePorts *ports = overlay->ports;
  MessageExtensionList extensions = { NULL, 0 };
  PingReq body;
  PingAns answer;
  ReloadCode code;

  if (!incoming_decode (request, &body))
    return;
  code = extend_answer (overlay, request, &extensions);
  if (code != RELOAD_OK) {
    incoming_refuse_text (request, code, "diagnostics");
    return;
  }
  ports->random_bytes (ports->world, (uint8_t *) &answer.response_id, sizeof answer.response_id);
  answer.time = ports->wall_clock_ms (ports->world);
  incoming_answer_extended (request, &answer, extensions, NULL);
}

void
diagnostics_handle_path_track (Overlay *overlay, Incoming *request)
{
  PathTrackReq body;
  PathTrackAns answer;
  NodeId next;
  ReloadCode code;

  if (!incoming_decode (request, &body))
    return;
  code = respond (overlay, request, &body.request, &answer.response);
  if (code == RELOAD_OK && !forwarding_next_peer (overlay->forwarding, &body.destination, &next))
    code = RELOAD_NOT_FOUND;
  if (code != RELOAD_OK) {
    incoming_refuse_text (request, code, "diagnostics");
    return;
  }
  answer.next_hop = destination_of_node (&next);
  incoming_answer (request, &answer, NULL);
}

/* ---- What passes ---- */

/* The expiration of a diagnostic message; false for all others. */
static bool
read_expiration (Bytes payload, Arena *arena, uint64_t *ret_expiration)
{
  const MessageExtension *extension;
  MessageContents contents;
  DiagnosticsRequest request;
  PathTrackReq track;
  PathTrackAns answer;
  size_t size;

  if (!wire_decode_part (&message_contents_type, payload, arena, &contents, &size, NULL))
    return false;
  extension = find_extension (&contents);
  if (contents.message_code == MESSAGE_PING_REQ && extension != NULL &&
      diagnostics_request_decode (extension->extension_contents, arena, &request, NULL))
    *ret_expiration = request.expiration;
  else if (contents.message_code == MESSAGE_PATH_TRACK_REQ &&
           path_track_req_decode (contents.message_body, arena, &track, NULL))
    *ret_expiration = track.request.expiration;
  else if (contents.message_code == MESSAGE_PATH_TRACK_REQ + 1 &&
           path_track_ans_decode (contents.message_body, arena, &answer, NULL))
    *ret_expiration = answer.response.expiration;
  else
    return false;
  return true;
}

static bool
has_been_here (const Overlay *overlay, const DestinationList *via)
{
  for (size_t i = 0; i < via->count; i++)
    if (destination_is_node (&via->items[i], &overlay->id))
      return true;
  return false;
}

/* The peer before us was itself on the way, chose us freely, and was nearer than we are. */
static bool
is_misrouted (Overlay *overlay, const ForwardingHeader *header, const NodeId *previous)
{
  const Destination *target = &header->destination_list.items[0];
  NodeId id;

  if (header->via_list.count == 0 || header->destination_list.count != 1)
    return false;
  if (target->type == DESTINATION_NODE)
    id = target->node_id;
  else if (target->type != DESTINATION_RESOURCE || !node_id_from_bytes (target->resource_id, &id))
    return false;
  return overlay->topology.plugin->is_detour (overlay->topology.self, &id, previous);
}

ReloadCode
diagnostics_judge_transit (Overlay *overlay,
                           const ForwardingHeader *header,
                           const NodeId *previous,
                           Bytes payload)
{
  uint16_t message_code =
    payload.size >= 2 ? (uint16_t) (payload.data[0] << 8 | payload.data[1]) : 0;
  g_autoptr (Arena) arena = NULL;
  uint64_t expiration;

  if (!header_is_whole (header) ||
      (message_code != MESSAGE_PING_REQ && message_code != MESSAGE_PATH_TRACK_REQ &&
       message_code != MESSAGE_PATH_TRACK_REQ + 1))
    return RELOAD_OK;
  arena = arena_new ();
  if (!read_expiration (payload, arena, &expiration))
    return RELOAD_OK;
  if (expiration <= clock_check_time_ms (overlay->clock_check))
    return RELOAD_MESSAGE_EXPIRED;
  if (!message_code_is_request (message_code))
    return RELOAD_OK;
  if (header->ttl == 0) {
    overlay->counters.ttl_exceeded++;
    return RELOAD_TTL_HOPS_EXCEEDED;
  }
  if (has_been_here (overlay, &header->via_list)) {
    overlay->counters.loops++;
    return RELOAD_LOOP_DETECTED;
  }
  return is_misrouted (overlay, header, previous) ? RELOAD_UPSTREAM_MISROUTING : RELOAD_OK;
}
