/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "transport"
#include "core/overlay/transport-private.h"

#include "core/base/log.h"
#include "core/overlay/handlers.h"
#include "core/overlay/message-writer.h"
#include "core/wire/diagnostics.h"
#include "core/wire/self-tuning.h"

#include <string.h>

/* What comes in is checked in the order of threats R2: rate of the link, certificate, signature,
 * then the body. Answers to others are kept for 30 s, so that a request that comes again gets the
 * same one. Requests of ours are in transport-request.c. */

ForwardingHeader
transport_header (Overlay *overlay,
                  uint64_t transaction_id,
                  Destination *destinations,
                  size_t count)
{
  return (ForwardingHeader){
    .overlay = overlay->hash,
    .configuration_sequence = overlay->configuration->sequence,
    .ttl = overlay_first_ttl (overlay),
    .fragment = FRAGMENT_ONLY,
    .transaction_id = transaction_id,
    .destination_list = { destinations, count },
  };
}

/* ---- Answers to others ---- */

/* 6.3.2.3: options that an answer must carry, their flags cleared. */
static ForwardingOptionList
options_to_copy (Arena *arena, const ForwardingOptionList *options)
{
  ForwardingOptionList list = { arena_new_array (arena, ForwardingOption, options->count), 0 };

  for (size_t i = 0; i < options->count; i++) {
    const ForwardingOption *option = &options->items[i];
    if ((option->flags & RESPONSE_COPY) != 0)
      list.items[list.count++] =
        (ForwardingOption){ .type = option->type, .option = option->option };
  }
  return list;
}

/* 6.2.2: back through the peers it came by. The lists are of the arena. */
static ForwardingHeader
answer_header (Transport *self,
               Arena *arena,
               const ForwardingHeader *request,
               const NodeId *previous)
{
  DestinationList back = destination_list_reverse (arena, &request->via_list);
  Destination *list = arena_new_array (arena, Destination, back.count + 1);
  ForwardingHeader header;

  list[0] = destination_of_node (previous);
  if (back.count > 0)
    memcpy (list + 1, back.items, back.count * sizeof *list);
  header = transport_header (self->overlay, request->transaction_id, list, back.count + 1);
  header.options = options_to_copy (arena, &request->options);
  return header;
}

static GByteArray *
answer_payload (Transport *self,
                const ForwardingHeader *header,
                Bytes contents,
                const GPtrArray *certificates)
{
  Overlay *overlay = self->overlay;

  return message_payload_write (overlay, header, contents,
                                forwarding_is_direct (overlay->forwarding, header), certificates);
}

static void
send_answer (Transport *self,
             const ForwardingHeader *request,
             const NodeId *previous,
             uint32_t connection,
             Bytes contents,
             const GPtrArray *certificates)
{
  Forwarding *forwarding = self->overlay->forwarding;
  g_autoptr (Arena) arena = arena_new ();
  ForwardingHeader header = answer_header (self, arena, request, previous);
  g_autoptr (GByteArray) payload = answer_payload (self, &header, contents, certificates);
  Bytes bytes = { payload->data, payload->len };
  NodeId hop;

  if (!forwarding_send (forwarding, &header, bytes, (FirstHop){ .connection = connection }, &hop))
    forwarding_send (forwarding, &header, bytes, (FirstHop){ .connection = 0 }, &hop);
}

void
incoming_free (Incoming *incoming)
{
  arena_free (incoming->arena);
  g_bytes_unref (incoming->bytes);
  certificate_unref (incoming->signer);
  g_free (incoming);
}

/* RFC 7263, 5.4.1: a straight answer has one destination, whoever asked. */
void
transport_answer (Transport *self,
                  Incoming *request,
                  uint32_t connection,
                  Bytes contents,
                  const GPtrArray *certificates)
{
  ForwardingHeader direct = request->header;

  direct.via_list = (DestinationList){ NULL, 0 };
  if (connection != 0)
    send_answer (self, &direct, &request->from, connection, contents, certificates);
  else
    send_answer (self, &request->header, &request->previous_hop, request->connection, contents,
                 certificates);
  incoming_free (request);
}

static void
conclude (Incoming *incoming, GByteArray *contents, const GPtrArray *certificates)
{
  Transport *self = incoming->overlay->transport;
  Bytes bytes = { contents->data, contents->len };

  answer_cache_close (self->answers, &incoming->from, incoming->header.transaction_id, bytes,
                      certificates);
  if (!direct_response_take (incoming->overlay->direct_responses, incoming, contents, certificates))
    transport_answer (self, incoming, 0, bytes, certificates);
}

/* The sender may have set a limit; no link carries more than the overlay's own (6.6). */
static size_t
response_size_max (const Incoming *incoming)
{
  size_t limit = incoming->header.max_response_length;
  size_t size_max = overlay_message_size_max (incoming->overlay);

  return limit > 0 ? MIN (limit, size_max) : size_max;
}

/* At most what the answer takes, as far as that is known before it is signed. */
static size_t
estimate (const Incoming *incoming, const GByteArray *contents, const GPtrArray *certificates)
{
  enum { AROUND = LIMIT_CERTIFICATE_SIZE + 1024, HEAD = 8 };

  const ForwardingOptionList *options = &incoming->header.options;
  size_t size = AROUND + contents->len;

  for (size_t i = 0; i < options->count; i++)
    size += options->items[i].option.size + HEAD;
  for (guint i = 0; certificates != NULL && i < certificates->len; i++)
    size += ((const Certificate *) certificates->pdata[i])->der.size + HEAD;
  return size;
}

/* A limit means the whole answer, so where it comes close it is written to be measured. */
static bool
is_too_large (const Incoming *incoming, const GByteArray *contents, const GPtrArray *certificates)
{
  Transport *self = incoming->overlay->transport;
  size_t limit = response_size_max (incoming);
  g_autoptr (Arena) arena = arena_new ();
  g_autoptr (GByteArray) message = g_byte_array_new ();
  g_autoptr (GByteArray) payload = NULL;
  ForwardingHeader header;

  if (estimate (incoming, contents, certificates) <= limit)
    return false;
  header = answer_header (self, arena, &incoming->header, &incoming->previous_hop);
  payload = answer_payload (self, &header, (Bytes){ contents->data, contents->len }, certificates);
  return !header_encode (&header, (Bytes){ payload->data, payload->len }, message) ||
         message->len > limit;
}

void
incoming_answer_extended (Incoming *self,
                          const void *body,
                          MessageExtensionList extensions,
                          const GPtrArray *certificates)
{
  uint16_t code = (uint16_t) (self->message.contents.message_code + 1);
  g_autoptr (GByteArray) contents =
    message_contents_write (code, message_body_type (code), body, extensions);

  if (is_too_large (self, contents, certificates))
    incoming_refuse (self, RELOAD_RESPONSE_TOO_LARGE, (Bytes){ NULL, 0 });
  else
    conclude (self, contents, certificates);
}

void
incoming_answer (Incoming *self, const void *body, const GPtrArray *certificates)
{
  incoming_answer_extended (self, body, (MessageExtensionList){ NULL, 0 }, certificates);
}

void
incoming_refuse (Incoming *self, ReloadCode code, Bytes info)
{
  ErrorResponse error = { .error_code = (uint16_t) code, .error_info = info };
  g_autoptr (GByteArray) contents = message_contents_write (MESSAGE_ERROR, &error_response_type,
                                                            &error, (MessageExtensionList){ 0 });

  self->overlay->counters.refused++;
  log_debug (self->overlay->ports, "request %u refused: %s", self->message.contents.message_code,
             error_name ((uint16_t) code));
  conclude (self, contents, NULL);
}

void
incoming_refuse_text (Incoming *self, ReloadCode code, const char *text)
{
  incoming_refuse (self, code, text != NULL ? bytes_of_text (text) : (Bytes){ NULL, 0 });
}

void
incoming_drop (Incoming *self)
{
  answer_cache_drop (self->overlay->transport->answers, &self->from, self->header.transaction_id);
  incoming_free (self);
}

bool
incoming_is_over_rate (Incoming *self, RateKind kind)
{
  Overlay *overlay = self->overlay;

  if (rates_take (overlay->rates,
                  connection_table_by_number (overlay->connections, self->connection), &self->from,
                  kind))
    return false;
  overlay->counters.over_rate++;
  incoming_drop (self);
  return true;
}

bool
incoming_decode (Incoming *self, void *ret_body)
{
  const char *failure = NULL;
  WireKinds kinds = configuration_wire_kinds (self->overlay->configuration);

  if (wire_decode (message_body_type (self->message.contents.message_code),
                   self->message.contents.message_body, self->arena, &kinds, ret_body, &failure))
    return true;
  self->overlay->counters.bad_body++;
  incoming_refuse_text (self, RELOAD_INVALID_MESSAGE, failure);
  return false;
}

/* ---- Receiving ---- */

/* 6.3.2.1. Newer peers hand their document to those who are behind. 0 is the number of those who
 * have none, but for the moment when it follows the last. */
static bool
check_sequence (Incoming *incoming)
{
  Overlay *overlay = incoming->overlay;
  uint16_t theirs = incoming->header.configuration_sequence;
  uint16_t ours = overlay->configuration->sequence;
  bool is_newer =
    configuration_is_newer (theirs, ours) && (theirs != 0 || ours == SEQUENCE_ANY - 1);

  if (theirs == ours)
    return true;
  if (incoming->message.contents.message_code == MESSAGE_CONFIG_UPDATE_REQ &&
      (is_newer || theirs == SEQUENCE_ANY))
    return true;
  if (!is_newer)
    configuration_update_push (overlay->configuration_update, &incoming->from,
                               incoming->connection);
  incoming_refuse (incoming, is_newer ? RELOAD_CONFIG_TOO_NEW : RELOAD_CONFIG_TOO_OLD,
                   (Bytes){ 0 });
  return false;
}

static bool
is_known_extension (uint16_t type)
{
  return type == MESSAGE_EXTENSION_DIAGNOSTIC_PING || type == MESSAGE_EXTENSION_SELF_TUNING_DATA;
}

static bool
has_critical_part (const Incoming *incoming, ReloadCode *ret_code)
{
  const ForwardingOptionList *options = &incoming->header.options;
  const MessageExtensionList *extensions = &incoming->message.contents.extensions;

  for (size_t i = 0; i < options->count; i++)
    if ((options->items[i].flags & DESTINATION_CRITICAL) != 0) {
      *ret_code = RELOAD_UNSUPPORTED_FORWARDING_OPTION;
      return true;
    }
  for (size_t i = 0; i < extensions->count; i++)
    if (extensions->items[i].critical && !is_known_extension (extensions->items[i].type)) {
      *ret_code = RELOAD_UNKNOWN_EXTENSION;
      return true;
    }
  return false;
}

/* A request that came before: the answer it had, by the way it came this time. Of those that only
 * read none is remembered: an answer that waits for a link of its own is made anew. */
static bool
answer_again (Transport *self, Incoming *incoming)
{
  uint64_t id = incoming->header.transaction_id;
  const GivenAnswer *given = answer_cache_find (self->answers, &incoming->from, id);

  direct_response_abort (self->overlay->direct_responses, &incoming->from, id);
  if (given == NULL)
    return false;
  self->overlay->counters.repeated_request++;
  if (given->contents.size > 0)
    send_answer (self, &incoming->header, &incoming->previous_hop, incoming->connection,
                 given->contents, given->certificates);
  incoming_free (incoming);
  return true;
}

static void
receive_request (Transport *self, Incoming *incoming)
{
  ReloadCode code;

  if (answer_again (self, incoming))
    return;
  if (!handlers_only_read (incoming))
    answer_cache_open (self->answers, &incoming->from, incoming->header.transaction_id);
  if (has_critical_part (incoming, &code))
    incoming_refuse (incoming, code, (Bytes){ NULL, 0 });
  else if (!direct_response_is_acceptable (self->overlay->direct_responses, incoming))
    incoming_refuse_text (incoming, RELOAD_UNKNOWN_EXTENSION, "routing mode");
  else if (check_sequence (incoming))
    handlers_handle (incoming);
}

/* The signature and who made it; R2: before anything of the body is believed. */
static bool
authenticate (Transport *self, Incoming *incoming)
{
  Overlay *overlay = self->overlay;
  g_autoptr (GByteArray) input = g_byte_array_new ();
  const Signature *signature = &incoming->message.security.signature;
  Certificate *signer;

  Connection *connection = connection_table_by_number (overlay->connections, incoming->connection);

  /* Whoever has a link to us leaves its certificate out, however long ago the handshake was. */
  if (connection != NULL && connection->is_up)
    certificate_cache_add (overlay->certificates, link_certificate (&connection->link));
  incoming->offer =
    certificate_offer_new (incoming->arena, &incoming->message.security.certificates);
  message_signature_input (&incoming->header, incoming->message.contents_received,
                           &signature->identity, input);
  signer = certificate_cache_verify (overlay->certificates, incoming->offer, signature,
                                     (Bytes){ input->data, input->len }, &incoming->from);
  if (signer == NULL) {
    overlay->counters.bad_signature++;
    return false;
  }
  overlay->counters.verified_messages++;
  incoming->signer = certificate_ref (signer);
  incoming->is_direct = node_id_equal (&incoming->from, &incoming->previous_hop);
  return true;
}

/* Before any signature: an answer that nobody waits for is not looked at, a request only at the
 * rate of its link. */
static bool
is_worth_a_look (Transport *self, const Incoming *incoming, Connection *connection)
{
  OverlayCounters *counters = &self->overlay->counters;

  if (!message_code_is_request (incoming->message.contents.message_code)) {
    if (transport_is_open (self, incoming->header.transaction_id))
      return true;
    counters->unexpected_answer++;
    return false;
  }
  if (rates_admit (self->overlay->rates, connection))
    return true;
  counters->over_rate++;
  return false;
}

/* The lists of the header borrow from what is gone when a request is answered later: read them
 * again from a copy. */
static bool
adopt_header (Incoming *incoming, const ForwardingHeader *header)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  Bytes copy, rest;

  if (!header_encode (header, (Bytes){ NULL, 0 }, bytes))
    return false;
  copy = arena_dup (incoming->arena, (Bytes){ bytes->data, bytes->len });
  return header_decode (copy, incoming->arena, &incoming->header, &rest, NULL);
}

static Incoming *
incoming_new (Transport *self,
              uint32_t connection,
              const NodeId *previous,
              const ForwardingHeader *header,
              GBytes *payload)
{
  Incoming *incoming = g_new0 (Incoming, 1);
  gsize size;
  const uint8_t *data = g_bytes_get_data (payload, &size);
  const char *failure = NULL;

  incoming->overlay = self->overlay;
  incoming->arena = arena_new ();
  incoming->bytes = g_bytes_ref (payload);
  incoming->connection = connection;
  incoming->previous_hop = *previous;
  if (adopt_header (incoming, header) &&
      message_decode ((Bytes){ data, size }, incoming->arena, &incoming->message, &failure))
    return incoming;
  self->overlay->counters.bad_message++;
  log_debug (self->overlay->ports, "malformed message: %s", failure != NULL ? failure : "header");
  incoming_free (incoming);
  return NULL;
}

void
transport_receive (Transport *self,
                   uint32_t connection,
                   const NodeId *previous_hop,
                   const ForwardingHeader *header,
                   GBytes *payload)
{
  Overlay *overlay = self->overlay;
  uint64_t paid = certificate_cache_checks (overlay->certificates);
  uint64_t spent;
  Incoming *incoming = incoming_new (self, connection, previous_hop, header, payload);

  if (incoming == NULL)
    return;
  if (!is_worth_a_look (self, incoming,
                        connection_table_by_number (overlay->connections, connection))) {
    incoming_free (incoming);
    return;
  }
  paid += message_code_is_request (incoming->message.contents.message_code);
  if (!authenticate (self, incoming))
    incoming_free (incoming);
  else if (message_code_is_request (incoming->message.contents.message_code))
    receive_request (self, incoming);
  else {
    if (!transport_conclude (self, incoming))
      overlay->counters.unexpected_answer++;
    incoming_free (incoming);
  }
  /* What is handled may have closed the link. */
  spent = certificate_cache_checks (overlay->certificates);
  if (spent > paid)
    rates_charge (overlay->rates, connection_table_by_number (overlay->connections, connection),
                  spent - paid);
}

void
transport_complain (Transport *self,
                    Connection *connection,
                    const ForwardingHeader *header,
                    ReloadCode code,
                    Bytes info)
{
  ErrorResponse error = { .error_code = (uint16_t) code, .error_info = info };
  g_autoptr (GByteArray) contents = message_contents_write (MESSAGE_ERROR, &error_response_type,
                                                            &error, (MessageExtensionList){ 0 });

  send_answer (self, header, &connection->peer, connection->number,
               (Bytes){ contents->data, contents->len }, NULL);
}

Transport *
transport_new (Overlay *overlay)
{
  Transport *self = g_new0 (Transport, 1);

  self->overlay = overlay;
  list_init (&self->transactions);
  self->answers = answer_cache_new (overlay->ports->timers);
  return self;
}

void
transport_free (Transport *self)
{
  if (self == NULL)
    return;
  transport_forget_requests (self);
  answer_cache_free (self->answers);
  g_free (self);
}

void
transport_tidy (Transport *self)
{
  answer_cache_tidy (self->answers);
}
