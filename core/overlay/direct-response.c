/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "direct"
#include "core/overlay/direct-response.h"

#include "core/base/log.h"
#include "core/overlay/overlay-private.h"
#include "core/wire/attach.h"
#include "core/wire/routing-mode.h"

/* The first send of a request carries our listening address; sends after that do not, so that an
 * answer that cannot come straight comes as it always does. When three answers in a row have come
 * the long way, we offer nothing for ten minutes, and then another of our addresses.
 *
 * The forwarding header is not signed, and an address in it may be anybody's. So an answer goes
 * only to a node with the certificate of whoever signed the request, over a link whose handshake
 * has shown it, and there are few handshakes at once: whoever meddles with addresses gains some
 * packets of a handshake. */

#define OFFER_AGAIN (600 * TIME_SECOND)

enum { FAILURES_MAX = 3 };

/* An answer that waits for its link. */
typedef struct Waiting {
  ListLink all;
  uint32_t connection;
  Incoming *request; /* owned */
  GByteArray *contents;
  GPtrArray *certificates; /* owned references; may be NULL */
} Waiting;

struct DirectResponses {
  Overlay *overlay;
  ListLink waiting;
  unsigned waiting_count;
  unsigned failures; /* since the last success */
  uint64_t offer_at;
  size_t choice; /* of our listening addresses */
};

/* ---- Whoever asks ---- */

/* An address of the link alone cannot be told: its scope does not travel. */
static bool
can_travel (const Address *address)
{
  return address->family == ADDRESS_IPV4 ||
         (address->family == ADDRESS_IPV6 &&
          !(address->bytes[0] == 0xfe && (address->bytes[1] & 0xc0) == 0x80));
}

static const Address *
choose_address (const DirectResponses *self)
{
  const Overlay *overlay = self->overlay;

  for (size_t i = 0; i < overlay->listening_count; i++) {
    const Address *address = &overlay->listening[(self->choice + i) % overlay->listening_count];
    if (can_travel (address))
      return address;
  }
  return NULL;
}

bool
direct_response_offer (DirectResponses *self, Arena *arena, ForwardingOption *ret_option)
{
  Overlay *overlay = self->overlay;
  const Address *address = choose_address (self);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  Destination us = destination_of_node (&overlay->id);
  ExtensiveRoutingModeOption option = {
    .routemode = ROUTE_MODE_DRR,
    .transport = OVERLAY_LINK_DTLS_UDP_SR_NO_ICE,
    .destinations = { &us, 1 },
  };

  if (!overlay->configuration->is_direct_response || address == NULL ||
      overlay_now (overlay) < self->offer_at)
    return false;
  option.ipaddressport = ip_address_port_of (address);
  extensive_routing_mode_option_encode (&option, bytes);
  *ret_option = (ForwardingOption){
    .type = FORWARDING_OPTION_ROUTING_MODE,
    .flags = IGNORE_STATE_KEEPING,
    .option = arena_dup (arena, (Bytes){ bytes->data, bytes->len }),
  };
  return true;
}

void
direct_response_note (DirectResponses *self, bool has_worked)
{
  if (has_worked) {
    self->failures = 0;
  } else if (++self->failures == FAILURES_MAX) {
    self->failures = 0;
    self->choice++;
    self->offer_at = overlay_now (self->overlay) + OFFER_AGAIN;
    log_debug (self->overlay->ports, "direct responses do not reach us");
  }
}

/* ---- Whoever answers ---- */

static const ForwardingOption *
find_option (const Incoming *request)
{
  const ForwardingOptionList *options = &request->header.options;

  for (size_t i = 0; i < options->count; i++)
    if (options->items[i].type == FORWARDING_OPTION_ROUTING_MODE)
      return &options->items[i];
  return NULL;
}

/* RFC 7263, 5.4.1: one destination, and it is whoever asks. */
static bool
read_option (const Incoming *request,
             const ForwardingOption *option,
             ExtensiveRoutingModeOption *ret_option)
{
  const DestinationList *list = &ret_option->destinations;

  return extensive_routing_mode_option_decode (option->option, request->arena, ret_option, NULL) &&
         ret_option->routemode == ROUTE_MODE_DRR && list->count == 1 &&
         destination_is_node (&list->items[0], &request->from);
}

bool
direct_response_is_acceptable (DirectResponses *self, const Incoming *request)
{
  const ForwardingOption *option = find_option (request);
  ExtensiveRoutingModeOption mode;

  return option == NULL ||
         (self->overlay->configuration->is_direct_response && read_option (request, option, &mode));
}

static void
waiting_free (DirectResponses *self, Waiting *waiting)
{
  list_remove (&waiting->all);
  self->waiting_count--;
  g_byte_array_unref (waiting->contents);
  g_clear_pointer (&waiting->certificates, g_ptr_array_unref);
  g_free (waiting);
}

/* Over `connection`; 0: the way that the request came. */
static void
deliver (DirectResponses *self, Waiting *waiting, uint32_t connection)
{
  transport_answer (self->overlay->transport, waiting->request, connection,
                    (Bytes){ waiting->contents->data, waiting->contents->len },
                    waiting->certificates);
  waiting_free (self, waiting);
}

static uint32_t
connect_to (DirectResponses *self, const NodeId *peer, const ExtensiveRoutingModeOption *mode)
{
  const NodePorts *ports = self->overlay->ports;
  Connection *connection =
    connection_table_open (self->overlay->connections, CONNECTION_BOOTSTRAP, peer);
  LinkTransport transport =
    mode->transport == OVERLAY_LINK_TLS_TCP_FH_NO_ICE ? LINK_TRANSPORT_TLS : LINK_TRANSPORT_DTLS;

  connection->is_ours = true;
  ports->link_connect (ports->world, connection->number, transport, &mode->ipaddressport.address);
  return connection->number;
}

/* A link to the same node that is being made already. */
static uint32_t
pending_link (const DirectResponses *self, const NodeId *peer)
{
  list_for_each (&self->waiting, l)
  {
    const Waiting *waiting = list_element (l, Waiting, all);
    if (node_id_equal (&waiting->request->from, peer))
      return waiting->connection;
  }
  return 0;
}

static GPtrArray *
copy_certificates (const GPtrArray *certificates)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func ((GDestroyNotify) certificate_unref);

  for (guint i = 0; certificates != NULL && i < certificates->len; i++)
    g_ptr_array_add (copy, certificate_ref (g_ptr_array_index (certificates, i)));
  return copy;
}

static void
wait_for_link (DirectResponses *self,
               Incoming *request,
               const ExtensiveRoutingModeOption *mode,
               GByteArray *contents,
               const GPtrArray *certificates)
{
  Waiting *waiting = g_new0 (Waiting, 1);

  waiting->connection = pending_link (self, &request->from);
  if (waiting->connection == 0)
    waiting->connection = connect_to (self, &request->from, mode);
  waiting->request = request;
  waiting->contents = g_byte_array_ref (contents);
  waiting->certificates = copy_certificates (certificates);
  list_append (&self->waiting, &waiting->all);
  self->waiting_count++;
}

bool
direct_response_take (DirectResponses *self,
                      Incoming *request,
                      GByteArray *contents,
                      const GPtrArray *certificates)
{
  Overlay *overlay = self->overlay;
  const ForwardingOption *option = find_option (request);
  ExtensiveRoutingModeOption mode;
  Connection *connection;

  if (option == NULL || request->connection == 0 || request->is_direct ||
      !overlay->configuration->is_direct_response || !read_option (request, option, &mode))
    return false;
  connection = connection_table_find (overlay->connections, &request->from);
  if (connection != NULL) {
    transport_answer (overlay->transport, request, connection->number,
                      (Bytes){ contents->data, contents->len }, certificates);
    return true;
  }
  if (mode.ipaddressport.address.family == ADDRESS_NONE || mode.ipaddressport.address.port == 0 ||
      self->waiting_count >= LIMIT_DIRECT_RESPONSES)
    return false;
  wait_for_link (self, request, &mode, contents, certificates);
  return true;
}

void
direct_response_abort (DirectResponses *self, const NodeId *from, uint64_t transaction_id)
{
  list_for_each (&self->waiting, l)
  {
    Waiting *waiting = list_element (l, Waiting, all);
    if (waiting->request->header.transaction_id == transaction_id &&
        node_id_equal (&waiting->request->from, from)) {
      incoming_free (waiting->request);
      waiting_free (self, waiting);
    }
  }
}

void
direct_response_on_up (DirectResponses *self, const Connection *connection)
{
  list_for_each (&self->waiting, l)
  {
    Waiting *waiting = list_element (l, Waiting, all);
    if (waiting->connection == connection->number)
      deliver (self, waiting, connection->number);
  }
}

void
direct_response_on_down (DirectResponses *self, const Connection *connection)
{
  list_for_each (&self->waiting, l)
  {
    Waiting *waiting = list_element (l, Waiting, all);
    if (waiting->connection == connection->number)
      deliver (self, waiting, 0);
  }
}

DirectResponses *
direct_responses_new (Overlay *overlay)
{
  DirectResponses *self = g_new0 (DirectResponses, 1);

  self->overlay = overlay;
  list_init (&self->waiting);
  return self;
}

void
direct_responses_free (DirectResponses *self)
{
  if (self == NULL)
    return;
  list_for_each (&self->waiting, l)
  {
    Waiting *waiting = list_element (l, Waiting, all);
    incoming_free (waiting->request);
    waiting_free (self, waiting);
  }
  g_free (self);
}
