/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forwarding"
#include "core/overlay/forwarding.h"

#include "core/base/log.h"
#include "core/overlay/diagnostics.h"
#include "core/overlay/fragment.h"
#include "core/overlay/overlay-private.h"
#include "core/overlay/passage.h"

/* The first entry of the destination list decides (6.1):
 *
 *   wildcard, or a Resource-ID of ours            for us
 *   our Node-ID, the only entry                   for us
 *   our Node-ID, with more behind it              taken off, and again from the top
 *   a Node-ID or Resource-ID of somebody else     on: direct link, else as the topology says
 *   an opaque ID                                  dropped: we never made one
 *
 * Every peer that passes a message on appends to the via list the node it came from. The body is
 * not looked at. Whoever sends too much loses messages of his own link first, a client sooner than
 * a peer (guest.c). */

enum { PASSES_MAX = 2 };

/* A message to ourselves, on its way through the timer. */
typedef struct Loop {
  ListLink link;
  GByteArray *message;
} Loop;

struct Forwarding {
  Overlay *overlay;
  Reassembly *reassembly; /* owned; NULL before the first fragment */
  Passages *passages;
  Arena *arena; /* of the message being looked at; NULL between them */
  ListLink loops;
  Timer loop_timer;
};

static void receive (
  Forwarding *self, uint32_t number, const NodeId *previous, TokenBucket *bucket, Bytes message);

static void
loop_free (Loop *loop)
{
  list_remove (&loop->link);
  g_byte_array_unref (loop->message);
  g_free (loop);
}

static void
on_loop (Timer *timer, void *owner)
{
  Forwarding *self = owner;
  ListLink batch;

  list_init (&batch);
  list_for_each (&self->loops, l)
  {
    list_remove (l);
    list_append (&batch, l);
  }
  while (!list_is_empty (&batch)) {
    Loop *loop = list_element (batch.next, Loop, link);
    Bytes message = { loop->message->data, loop->message->len };
    receive (self, 0, &self->overlay->id, NULL, message);
    loop_free (loop);
  }
}

Forwarding *
forwarding_new (Overlay *overlay)
{
  Forwarding *self = g_new0 (Forwarding, 1);

  self->overlay = overlay;
  self->passages = passages_new ();
  list_init (&self->loops);
  timer_init (&self->loop_timer, on_loop, self);
  return self;
}

void
forwarding_free (Forwarding *self)
{
  if (self == NULL)
    return;
  timer_stop (&self->loop_timer);
  list_for_each (&self->loops, l) loop_free (list_element (l, Loop, link));
  reassembly_free (self->reassembly);
  passages_free (self->passages);
  g_free (self);
}

void
forwarding_settle (Forwarding *self)
{
  on_loop (&self->loop_timer, self);
}

static bool
resource_as_id (const Destination *destination, NodeId *ret_id)
{
  if (destination->type == DESTINATION_NODE) {
    *ret_id = destination->node_id;
    return true;
  }
  return destination->type == DESTINATION_RESOURCE &&
         node_id_from_bytes (destination->resource_id, ret_id);
}

static bool
is_for_us (Forwarding *self, const DestinationList *list)
{
  const Destination *first = &list->items[0];
  Topology *topology = &self->overlay->topology;
  NodeId id;

  if (first->type == DESTINATION_NODE)
    return list->count == 1 && (node_id_is_wildcard (&first->node_id) ||
                                node_id_equal (&first->node_id, &self->overlay->id));
  return resource_as_id (first, &id) && topology->plugin->is_responsible (topology->self, &id);
}

/* The link towards the first entry of the destination list. */
static Connection *
next_link (Forwarding *self, const Destination *first, const NodeId *exclude)
{
  Overlay *overlay = self->overlay;
  Connection *connection;
  NodeId id, next;

  if (!resource_as_id (first, &id))
    return NULL;
  connection = connection_table_find_way (overlay->connections, &id);
  if (connection != NULL && first->type == DESTINATION_NODE)
    return connection;
  /* Nobody else could know of a node whose place is ours (6.1.1). */
  if (first->type == DESTINATION_NODE &&
      overlay->topology.plugin->is_responsible (overlay->topology.self, &id))
    return NULL;
  if (!overlay->topology.plugin->next_hop (overlay->topology.self, &id, exclude, &next))
    return NULL;
  return connection_table_find_way (overlay->connections, &next);
}

static bool
is_request (const ForwardingHeader *header, Bytes payload)
{
  return payload.size >= 2 && header_fragment_offset (header) == 0 &&
         message_code_is_request ((uint16_t) (payload.data[0] << 8 | payload.data[1]));
}

/* Of several links to one Node-ID an answer takes that of its request. */
static Connection *
way_back (Forwarding *self, const ForwardingHeader *header, Bytes payload)
{
  const Destination *first = &header->destination_list.items[0];
  Connection *connection;

  if (first->type != DESTINATION_NODE || is_request (header, payload))
    return NULL;
  connection = connection_table_by_number (self->overlay->connections,
                                           passages_way_back (self->passages, header));
  return connection != NULL && connection->is_up && !link_is_suspected (&connection->link) &&
             node_id_equal (&connection->peer, &first->node_id)
           ? connection
           : NULL;
}

static void
send_fragments (Connection *connection, const ForwardingHeader *header, Bytes payload, size_t piece)
{
  ForwardingHeader part = *header;
  uint32_t start = header_fragment_offset (header);

  for (size_t at = 0; at < payload.size; at += piece) {
    g_autoptr (GByteArray) bytes = g_byte_array_new ();
    Bytes cut = { payload.data + at, MIN (piece, payload.size - at) };
    bool is_last = at + cut.size == payload.size && header_is_last_fragment (header);
    part.fragment = FRAGMENT_ALWAYS | (is_last ? FRAGMENT_LAST : 0) | (start + (uint32_t) at);
    if (header_encode (&part, cut, bytes))
      link_send (&connection->link, (Bytes){ bytes->data, bytes->len });
  }
}

static bool
send_over (Connection *connection, const ForwardingHeader *header, Bytes payload)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  size_t size_max = link_message_size_max (&connection->link);
  size_t piece;

  if (!header_encode (header, payload, bytes))
    return false;
  if (bytes->len <= size_max) {
    link_send (&connection->link, (Bytes){ bytes->data, bytes->len });
    return true;
  }
  piece = fragment_size (bytes->len - payload.size, payload.size, size_max);
  if (piece == 0)
    return false;
  send_fragments (connection, header, payload, piece);
  return true;
}

static unsigned
passes_through (const DestinationList *via, const NodeId *id)
{
  unsigned count = 0;

  for (size_t i = 0; i < via->count; i++)
    count += destination_is_node (&via->items[i], id);
  return count;
}

/* It may lawfully come by twice, but not on its way to the same next entry (threats 1.9). */
static bool
goes_round (Forwarding *self, const ForwardingHeader *header)
{
  unsigned passes = passes_through (&header->via_list, &self->overlay->id);

  return passes >= PASSES_MAX || (passes > 0 && passages_know (self->passages, header));
}

static bool
has_duplicates (const DestinationList *list)
{
  for (size_t i = 0; i < list->count; i++)
    for (size_t k = 0; k < i; k++)
      if (destination_equal (&list->items[i], &list->items[k]))
        return true;
  return false;
}

static bool
has_critical_option (const ForwardingHeader *header, uint8_t flag)
{
  for (size_t i = 0; i < header->options.count; i++)
    if ((header->options.items[i].flags & flag) != 0)
      return true;
  return false;
}

/* Errors from here are made before any signature was checked, so they have a small budget of their
 * own for each link, and there is none about an error (threats R4). */
static void
complain_with (Forwarding *self,
               uint32_t number,
               const ForwardingHeader *header,
               Bytes payload,
               ReloadCode code,
               Bytes info)
{
  Connection *connection = connection_table_by_number (self->overlay->connections, number);

  if (connection == NULL || !is_request (header, payload) ||
      !token_bucket_take (&connection_allowance (connection)->errors, overlay_now (self->overlay),
                          LIMIT_ERRORS_PER_S, LIMIT_ERRORS_PER_S))
    return;
  transport_complain (self->overlay->transport, connection, header, code, info);
}

static void
complain (
  Forwarding *self, uint32_t number, const ForwardingHeader *header, Bytes payload, ReloadCode code)
{
  complain_with (self, number, header, payload, code, (Bytes){ NULL, 0 });
}

/* Whether a diagnostic message ends here (RFC 7851, 6.2); the peer that sent it is named. */
static bool
is_found_wrong (Forwarding *self,
                uint32_t number,
                const NodeId *previous,
                const ForwardingHeader *header,
                Bytes payload)
{
  char hex[2 * NODE_ID_SIZE + 1];
  ReloadCode code = diagnostics_judge_transit (self->overlay, header, previous, payload);

  if (code == RELOAD_OK)
    return false;
  complain_with (self, number, header, payload, code,
                 bytes_of_text (node_id_to_hex (previous, hex)));
  return true;
}

/* Whoever may be one of several nodes says by an Attach which one it is, before anything else goes
 * through us (6.1.2). Answers go back the way they came. */
static bool
is_unattached (Forwarding *self, uint32_t number, const ForwardingHeader *header, Bytes payload)
{
  Connection *connection = connection_table_by_number (self->overlay->connections, number);
  uint16_t code;

  if (connection == NULL || connection->kind != CONNECTION_INCOMING || !connection->is_up ||
      link_certificate (&connection->link)->node_id_count < 2 || !is_request (header, payload))
    return false;
  code = (uint16_t) (payload.data[0] << 8 | payload.data[1]);
  return code != MESSAGE_PING_REQ && code != MESSAGE_ATTACH_REQ;
}

static void
forward (Forwarding *self,
         uint32_t number,
         const NodeId *previous,
         ForwardingHeader *header,
         Bytes payload)
{
  Overlay *overlay = self->overlay;
  Destination from = destination_of_node (previous);
  Connection *connection;

  if (is_unattached (self, number, header, payload)) {
    overlay->counters.refused++;
    complain (self, number, header, payload, RELOAD_FORBIDDEN);
    return;
  }
  if (is_found_wrong (self, number, previous, header, payload))
    return;
  if (header->ttl == 0) {
    overlay->counters.ttl_exceeded++;
    complain (self, number, header, payload, RELOAD_TTL_EXCEEDED);
    return;
  }
  if (has_critical_option (header, FORWARD_CRITICAL)) {
    overlay->counters.unsupported_option++;
    complain (self, number, header, payload, RELOAD_UNSUPPORTED_FORWARDING_OPTION);
    return;
  }
  if (goes_round (self, header)) {
    overlay->counters.loops++;
    return;
  }
  connection = way_back (self, header, payload);
  if (connection == NULL)
    connection = next_link (self, &header->destination_list.items[0], previous);
  if (connection == NULL || connection->number == number) {
    overlay->counters.no_route++;
    return;
  }
  passages_note (self->passages, header, is_request (header, payload) ? number : 0);
  header->ttl--;
  header->via_list = destination_list_append (self->arena, &header->via_list, &from);
  overlay->counters.forwarded++;
  send_over (connection, header, payload);
}

static void
deliver (Forwarding *self,
         uint32_t number,
         const NodeId *previous,
         const ForwardingHeader *header,
         Bytes payload)
{
  Overlay *overlay = self->overlay;
  g_autoptr (GBytes) whole = NULL;
  size_t size_max = overlay_message_size_max (overlay);

  if (header_is_whole (header)) {
    whole = g_bytes_new (payload.data, payload.size);
  } else {
    if (self->reassembly == NULL)
      self->reassembly = reassembly_new (overlay->ports->timers);
    switch (reassembly_add (self->reassembly, number, header, payload, size_max, &whole)) {
    case REASSEMBLY_WAITING:
      return;
    case REASSEMBLY_REFUSED:
      overlay->counters.bad_fragment++;
      return;
    case REASSEMBLY_WHOLE:
      break;
    }
  }
  transport_receive (overlay->transport, number, previous, header, whole);
}

/* A Resource-ID is where a message ends, and nowhere on its way (6.3.2.2). */
static bool
has_misplaced_resource (const ForwardingHeader *header)
{
  const DestinationList *list = &header->destination_list;

  for (size_t i = 0; i + 1 < list->count; i++)
    if (list->items[i].type == DESTINATION_RESOURCE)
      return true;
  for (size_t i = 0; i < header->via_list.count; i++)
    if (header->via_list.items[i].type == DESTINATION_RESOURCE)
      return true;
  return false;
}

/* Whether the header is one that we work on at all (6.3.2). */
static bool
is_acceptable (Forwarding *self, const ForwardingHeader *header)
{
  Overlay *overlay = self->overlay;

  if (header->overlay != overlay->hash) {
    overlay->counters.drop_overlay++;
    return false;
  }
  if (header->destination_list.count == 0 || header->destination_list.count > LIMIT_DESTINATIONS ||
      (header->fragment & FRAGMENT_ALWAYS) == 0 || has_misplaced_resource (header)) {
    overlay->counters.bad_header++;
    return false;
  }
  return true;
}

/* 6.6: nobody needs a link to one who sends such things. */
static void
refuse_size (Forwarding *self, uint32_t number, const ForwardingHeader *header, Bytes payload)
{
  Overlay *overlay = self->overlay;
  Connection *connection = connection_table_by_number (overlay->connections, number);
  bool is_header_alone = header->length - payload.size > overlay_message_size_max (overlay);

  overlay->counters.bad_header++;
  if (!is_header_alone)
    complain (self, number, header, payload, RELOAD_MESSAGE_TOO_LARGE);
  if (connection == NULL)
    return;
  link_flush (&connection->link);
  connection_table_end (overlay->connections, connection, LINK_END_CLOSED);
}

static void
route (Forwarding *self,
       uint32_t number,
       const NodeId *previous,
       ForwardingHeader *header,
       Bytes payload)
{
  DestinationList *list = &header->destination_list;

  /* The way there visits nobody twice (13.6.5); a way back may have to. */
  if (is_request (header, payload) && has_duplicates (list)) {
    self->overlay->counters.loops++;
    complain (self, number, header, payload, RELOAD_INVALID_MESSAGE);
    return;
  }
  while (list->count > 1 && destination_is_node (&list->items[0], &self->overlay->id))
    *list = destination_list_skip (list, 1);
  if (is_for_us (self, list)) {
    if (list->count == 1)
      deliver (self, number, previous, header, payload);
    return;
  }
  if (list->items[0].type == DESTINATION_OPAQUE || number == 0) {
    self->overlay->counters.no_route++;
    return;
  }
  forward (self, number, previous, header, payload);
}

/* What was written under another document than ours may lawfully say more than ours allows: how
 * else would they hear of each other who are on both sides of a change of initial-ttl? It goes no
 * further for that. Everything else that says more is discarded (6.3.2). */
static bool
hold_to_ttl (Forwarding *self, ForwardingHeader *header)
{
  const Configuration *configuration = self->overlay->configuration;

  if (header->ttl <= configuration->initial_ttl)
    return true;
  if (header->configuration_sequence == configuration->sequence)
    return false;
  header->ttl = configuration->initial_ttl;
  return true;
}

static void
look_at (
  Forwarding *self, uint32_t number, const NodeId *previous, TokenBucket *bucket, Bytes message)
{
  Overlay *overlay = self->overlay;
  ForwardingHeader header;
  Bytes payload;
  const char *failure;

  if (!header_decode (message, self->arena, &header, &payload, &failure)) {
    log_debug (overlay->ports, "malformed header: %s", failure);
    overlay->counters.bad_header++;
    return;
  }
  if (!is_acceptable (self, &header))
    return;
  if (message.size > overlay_message_size_max (overlay)) {
    refuse_size (self, number, &header, payload);
    return;
  }
  if (bucket != NULL && !token_bucket_take (bucket, overlay_now (overlay), LIMIT_FORWARD_PER_S,
                                            LIMIT_FORWARD_PER_S)) {
    overlay->counters.over_rate++;
    return;
  }
  if (!hold_to_ttl (self, &header)) {
    overlay->counters.ttl_exceeded++;
    complain (self, number, &header, payload, RELOAD_TTL_EXCEEDED);
    return;
  }
  route (self, number, previous, &header, payload);
}

static void
receive (
  Forwarding *self, uint32_t number, const NodeId *previous, TokenBucket *bucket, Bytes message)
{
  Arena *outer = self->arena; /* one message may be handled in the midst of another */

  self->arena = arena_new ();
  look_at (self, number, previous, bucket, message);
  arena_free (self->arena);
  self->arena = outer;
}

void
forwarding_receive (Forwarding *self, Connection *connection, Bytes message)
{
  NodeId previous = connection->peer;

  if (!guests_admit (self->overlay->guests, connection)) {
    self->overlay->counters.over_rate++;
    return;
  }
  receive (self, connection->number, &previous, &connection_allowance (connection)->messages,
           message);
}

/* Whether a request may reach its place by another way than over that link. What names the next
 * peer may not; nor may a Ping of ours, which asks what is behind just that link. */
static bool
may_detour (const ForwardingHeader *header, Bytes payload, const NodeId *peer)
{
  uint16_t code;

  if (!header_is_whole (header) || !is_request (header, payload) ||
      destination_is_node (&header->destination_list.items[0], peer))
    return false;
  code = (uint16_t) (payload.data[0] << 8 | payload.data[1]);
  return header->via_list.count > 0 || code != MESSAGE_PING_REQ;
}

/* The next best peer that is nearer than we are, and was not on the way. */
static Connection *
detour_link (Forwarding *self, const ForwardingHeader *header, const NodeId *peer)
{
  Overlay *overlay = self->overlay;
  Connection *connection;
  NodeId id, next;

  if (!resource_as_id (&header->destination_list.items[0], &id) ||
      !overlay->topology.plugin->next_hop (overlay->topology.self, &id, peer, &next) ||
      node_id_equal (&next, peer) || !node_id_in_arc (&next, &overlay->id, &id) ||
      passes_through (&header->via_list, &next) > 0)
    return NULL;
  connection = connection_table_find_way (overlay->connections, &next);
  return connection != NULL && !link_is_suspected (&connection->link) ? connection : NULL;
}

void
forwarding_detour (Forwarding *self, const Connection *stalled, Bytes message)
{
  g_autoptr (Arena) arena = arena_new ();
  ForwardingHeader header;
  Connection *connection;
  Bytes payload;

  if (!header_decode (message, arena, &header, &payload, NULL) ||
      !may_detour (&header, payload, &stalled->peer))
    return;
  connection = detour_link (self, &header, &stalled->peer);
  if (connection != NULL)
    send_over (connection, &header, payload);
}

static void
loop_back (Forwarding *self, const ForwardingHeader *header, Bytes payload)
{
  Loop *loop = g_new0 (Loop, 1);

  loop->message = g_byte_array_new ();
  if (!header_encode (header, payload, loop->message)) {
    g_byte_array_unref (loop->message);
    g_free (loop);
    return;
  }
  list_append (&self->loops, &loop->link);
  timer_start (&self->loop_timer, self->overlay->ports->timers, 0);
}

void
forwarding_tidy (Forwarding *self)
{
  passages_tidy (self->passages);
}

bool
forwarding_send (
  Forwarding *self, const ForwardingHeader *header, Bytes payload, FirstHop hop, NodeId *ret_hop)
{
  Overlay *overlay = self->overlay;
  const Destination *first = &header->destination_list.items[0];
  Connection *connection;

  if (hop.connection != 0) {
    connection = connection_table_by_number (overlay->connections, hop.connection);
    connection = connection != NULL && connection->is_up ? connection : NULL;
  } else if (is_for_us (self, &header->destination_list)) {
    *ret_hop = overlay->id;
    loop_back (self, header, payload);
    return true;
  } else {
    connection = next_link (self, first, hop.exclude);
    if (connection == NULL && hop.exclude != NULL)
      connection = next_link (self, first, NULL);
  }
  if (connection == NULL)
    return false;
  *ret_hop = connection->peer;
  return send_over (connection, header, payload);
}

bool
forwarding_next_peer (Forwarding *self, const Destination *target, NodeId *ret_next)
{
  Topology *topology = &self->overlay->topology;
  Connection *connection;
  NodeId id;

  if (!resource_as_id (target, &id))
    return false;
  *ret_next = self->overlay->id;
  if (node_id_equal (&id, &self->overlay->id))
    return true;
  connection = connection_table_find (self->overlay->connections, &id);
  if ((target->type != DESTINATION_NODE || connection == NULL) &&
      topology->plugin->is_responsible (topology->self, &id))
    return true;
  connection = next_link (self, target, NULL);
  if (connection == NULL)
    return false;
  *ret_next = connection->peer;
  return true;
}

bool
forwarding_is_direct (Forwarding *self, const ForwardingHeader *header)
{
  const DestinationList *list = &header->destination_list;

  return list->count == 1 && list->items[0].type == DESTINATION_NODE &&
         connection_table_find (self->overlay->connections, &list->items[0].node_id) != NULL;
}
