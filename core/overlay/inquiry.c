/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "diagnostics"
#include "core/overlay/inquiry.h"

#include "core/base/big-endian.h"
#include "core/base/log.h"
#include "core/overlay/overlay-private.h"

#include <string.h>

/* A Ping is one question. A path is a question to our own next hop, who names the one after it, who
 * is asked through it, and so on: each PathTrack is source-routed along the peers that have
 * answered, until one says that it is the last, or nobody answers, or somebody is named twice.
 *
 * A probe is a Ping that asks for nothing. It is given up early: it must not cost more than whom it
 * misses is worth.
 *
 * Whatever the configuration lets us know is asked for, and no more: one flag too many, and all is
 * refused. */

enum { EXPIRES_MS = 120 * 1000, STEP_TRIES = 3 };

G_STATIC_ASSERT ((int) FINDINGS_MAX <= (int) LIMIT_DESTINATIONS);

typedef struct Inquiry {
  ListLink all;
  Inquiries *inquiries;
  uint32_t number;
  NodeId target;
  bool is_path;
  NodeId asked; /* last */
  uint64_t asked_at;
  Timer end_timer; /* for what is known at once */
  Findings findings;
} Inquiry;

struct Inquiries {
  Overlay *overlay;
  InquiryFunc done;
  void *owner;
  ListLink inquiries;
};

static void
inquiry_free (Inquiry *inquiry)
{
  list_remove (&inquiry->all);
  timer_stop (&inquiry->end_timer);
  transport_cancel_owner (inquiry->inquiries->overlay->transport, inquiry);
  g_free (inquiry);
}

static void
conclude (Inquiry *inquiry)
{
  Inquiries *self = inquiry->inquiries;

  list_remove (&inquiry->all);
  self->done (self->owner, inquiry->number, &inquiry->findings);
  inquiry_free (inquiry);
}

static void
on_end_timer (Timer *timer, void *owner)
{
  conclude (owner);
}

static void
conclude_soon (Inquiry *inquiry)
{
  timer_start (&inquiry->end_timer, inquiry->inquiries->overlay->ports->timers, 0);
}

/* ---- Reading ---- */

static uint64_t
read_number (Bytes bytes)
{
  return big_endian_read (bytes.data, MIN (bytes.size, sizeof (uint64_t)));
}

/* Entries of a Kind-ID and a number: all of them together. */
static uint64_t
read_instances (Bytes bytes)
{
  enum { INDEX = 4, NUMBER = 8 };

  uint64_t sum = 0;

  for (size_t at = 0; at + INDEX + NUMBER <= bytes.size; at += INDEX + NUMBER)
    sum += read_number ((Bytes){ bytes.data + at + INDEX, NUMBER });
  return sum;
}

static void
read_software (Bytes bytes, char software[FINDING_SOFTWARE_SIZE])
{
  size_t size = 0;

  for (; size < bytes.size && size + 1 < FINDING_SOFTWARE_SIZE; size++) {
    if (bytes.data[size] == '\0')
      break;
    software[size] = g_ascii_isprint ((char) bytes.data[size]) ? (char) bytes.data[size] : '?';
  }
  software[size] = '\0';
}

static void
read_facts (const DiagnosticInfoList *list, Finding *finding)
{
  for (size_t i = 0; i < list->count; i++) {
    const DiagnosticInfo *info = &list->items[i];
    Bytes contents = info->diagnostic_info_contents;

    if (info->kind == 0 || info->kind >= FINDING_KINDS ||
        info->kind == DIAGNOSTIC_MESSAGES_SENT_RCVD)
      continue;
    if (info->kind == DIAGNOSTIC_SOFTWARE_VERSION)
      read_software (contents, finding->software);
    else if (info->kind == DIAGNOSTIC_INSTANCES_STORED)
      finding->numbers[info->kind] = read_instances (contents);
    else
      finding->numbers[info->kind] = read_number (contents);
    finding->known |= UINT64_C (1) << info->kind;
  }
}

/* Of a link of ours its own measurement is better than what the overlay's messages take. */
static void
measure (const Inquiry *inquiry, Finding *finding)
{
  Overlay *overlay = inquiry->inquiries->overlay;
  Connection *connection = connection_table_find (overlay->connections, &finding->node_id);

  finding->rtt_ms = (double) (overlay_now (overlay) - inquiry->asked_at) / TIME_MS;
  if (connection == NULL || link_rtt (&connection->link) == 0)
    return;
  finding->rtt_ms = (double) link_rtt (&connection->link) / TIME_MS;
  finding->is_link_rtt = true;
}

static void
read_response (const Inquiry *inquiry, const DiagnosticsResponse *response, Finding *finding)
{
  Overlay *overlay = inquiry->inquiries->overlay;
  unsigned first = overlay_first_ttl (overlay);

  read_facts (&response->diagnostic_info_list, finding);
  if (node_id_equal (&finding->node_id, &overlay->id))
    finding->hops = 0;
  else if (response->hop_counter <= first)
    finding->hops = first - response->hop_counter + 1;
}

static Finding *
add_finding (Inquiry *inquiry, const Answer *answer)
{
  Finding *finding = &inquiry->findings.items[inquiry->findings.count++];

  *finding = (Finding){
    .node_id = answer->code == RELOAD_REQUEST_TIMEOUT ? inquiry->asked : answer->responder,
    .code = (uint16_t) answer->code,
    .hops = answer->hops,
  };
  if (answer->code != RELOAD_REQUEST_TIMEOUT)
    measure (inquiry, finding);
  return finding;
}

/* ---- Asking ---- */

static DiagnosticsRequest
make_request (const Inquiry *inquiry)
{
  Overlay *overlay = inquiry->inquiries->overlay;
  uint64_t now = clock_check_time_ms (overlay->clock_check);
  DiagnosticsRequest request = {
    .expiration = now + EXPIRES_MS,
    .timestamp_initiated = now,
  };

  for (uint16_t kind = 1; kind < FINDING_KINDS; kind++)
    if (configuration_permits_diagnostic (overlay->configuration, kind, &overlay->id))
      request.dm_flags |= UINT64_C (1) << kind;
  return request;
}

static void
on_pinged (void *owner, const Answer *answer)
{
  Inquiry *inquiry = owner;
  Finding *finding = add_finding (inquiry, answer);

  /* An answer without diagnostics is an answer (4.2.1). */
  for (size_t i = 0; answer->code == RELOAD_OK && i < answer->extensions.count; i++) {
    const MessageExtension *extension = &answer->extensions.items[i];
    DiagnosticsResponse response;
    if (extension->type == MESSAGE_EXTENSION_DIAGNOSTIC_PING &&
        diagnostics_response_decode (extension->extension_contents, answer->arena, &response, NULL))
      read_response (inquiry, &response, finding);
  }
  inquiry->findings.is_complete = answer->code == RELOAD_OK;
  conclude (inquiry);
}

static void ask_step (Inquiry *inquiry, const NodeId *next);

static bool
was_asked (const Inquiry *inquiry, const NodeId *id)
{
  for (size_t i = 0; i < inquiry->findings.count; i++)
    if (node_id_equal (&inquiry->findings.items[i].node_id, id))
      return true;
  return false;
}

/* A step that leads back ends the path as what it is: a loop. */
static void
go_on (Inquiry *inquiry, const NodeId *next)
{
  Findings *findings = &inquiry->findings;

  if (findings->count < FINDINGS_MAX && !was_asked (inquiry, next)) {
    ask_step (inquiry, next);
    return;
  }
  if (findings->count < FINDINGS_MAX)
    findings->items[findings->count++] =
      (Finding){ .node_id = *next, .code = RELOAD_LOOP_DETECTED };
  conclude (inquiry);
}

static void
on_tracked (void *owner, const Answer *answer)
{
  Inquiry *inquiry = owner;
  Finding *finding = add_finding (inquiry, answer);
  PathTrackAns body;

  if (!answer_decode (answer, inquiry->inquiries->overlay, MESSAGE_PATH_TRACK_REQ, &body) ||
      body.next_hop.type != DESTINATION_NODE) {
    if (answer->code == RELOAD_OK)
      finding->code = RELOAD_INVALID_MESSAGE;
    conclude (inquiry);
    return;
  }
  read_response (inquiry, &body.response, finding);
  inquiry->findings.is_complete = node_id_equal (&body.next_hop.node_id, &finding->node_id);
  if (inquiry->findings.is_complete)
    conclude (inquiry);
  else
    go_on (inquiry, &body.next_hop.node_id);
}

static void
ask_step (Inquiry *inquiry, const NodeId *next)
{
  Overlay *overlay = inquiry->inquiries->overlay;
  const Findings *findings = &inquiry->findings;
  Destination path[FINDINGS_MAX];
  PathTrackReq body = {
    .destination = destination_of_node (&inquiry->target),
    .request = make_request (inquiry),
  };
  Request request = {
    .code = MESSAGE_PATH_TRACK_REQ,
    .body = &body,
    .destinations = path,
    .hears_the_way = true,
    .tries = STEP_TRIES,
    .answered = on_tracked,
    .owner = inquiry,
  };

  for (size_t i = 0; i < findings->count; i++)
    path[request.destination_count++] = destination_of_node (&findings->items[i].node_id);
  path[request.destination_count++] = destination_of_node (next);
  inquiry->asked = *next;
  inquiry->asked_at = overlay_now (overlay);
  transport_request (overlay->transport, &request);
}

static Inquiry *
inquiry_new (Inquiries *self, uint32_t number, const NodeId *target)
{
  Inquiry *inquiry = g_new0 (Inquiry, 1);

  inquiry->inquiries = self;
  inquiry->number = number;
  inquiry->target = *target;
  inquiry->asked = *target;
  inquiry->asked_at = overlay_now (self->overlay);
  timer_init (&inquiry->end_timer, on_end_timer, inquiry);
  list_append (&self->inquiries, &inquiry->all);
  return inquiry;
}

void
inquiry_probe (Inquiries *self, uint32_t number, const NodeId *target)
{
  PingReq body = { .padding = { NULL, 0 } };
  Destination to = destination_of_node (target);

  transport_request (self->overlay->transport, &(Request){
                                                 .code = MESSAGE_PING_REQ,
                                                 .body = &body,
                                                 .destinations = &to,
                                                 .destination_count = 1,
                                                 .tries = STEP_TRIES,
                                                 .answered = on_pinged,
                                                 .owner = inquiry_new (self, number, target),
                                               });
}

void
inquiry_ping (Inquiries *self, uint32_t number, const NodeId *target)
{
  Inquiry *inquiry = inquiry_new (self, number, target);
  DiagnosticsRequest diagnostics = make_request (inquiry);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  MessageExtension extension = { .type = MESSAGE_EXTENSION_DIAGNOSTIC_PING };
  PingReq body = { .padding = { NULL, 0 } };
  Destination to = destination_of_node (target);

  diagnostics_request_encode (&diagnostics, bytes);
  extension.extension_contents = (Bytes){ bytes->data, bytes->len };
  transport_request (self->overlay->transport, &(Request){
                                                 .code = MESSAGE_PING_REQ,
                                                 .body = &body,
                                                 .destinations = &to,
                                                 .destination_count = 1,
                                                 .hears_the_way = true,
                                                 .extensions = { &extension, 1 },
                                                 .answered = on_pinged,
                                                 .owner = inquiry,
                                               });
}

/* The first step is our own: whom would we send to? */
void
inquiry_path (Inquiries *self, uint32_t number, const NodeId *target)
{
  Inquiry *inquiry = inquiry_new (self, number, target);
  Destination destination = destination_of_node (target);
  NodeId next;

  if (!forwarding_next_peer (self->overlay->forwarding, &destination, &next)) {
    conclude_soon (inquiry);
  } else if (node_id_equal (&next, &self->overlay->id)) {
    inquiry->findings.items[inquiry->findings.count++] = (Finding){ .node_id = next };
    inquiry->findings.is_complete = true;
    conclude_soon (inquiry);
  } else {
    ask_step (inquiry, &next);
  }
}

Inquiries *
inquiries_new (Overlay *overlay, InquiryFunc done, void *owner)
{
  Inquiries *self = g_new0 (Inquiries, 1);

  self->overlay = overlay;
  self->done = done;
  self->owner = owner;
  list_init (&self->inquiries);
  return self;
}

void
inquiries_free (Inquiries *self)
{
  if (self == NULL)
    return;
  list_for_each (&self->inquiries, l) inquiry_free (list_element (l, Inquiry, all));
  g_free (self);
}
