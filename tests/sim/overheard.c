/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/overheard.h"

#include "core/node-private.h"
#include "core/overlay/message-writer.h"
#include "core/overlay/transport-private.h"
#include "core/wire/frame.h"

/* The Forwarding Header is nobody's to sign: whoever passes a message on may change where it goes.
 * What is in it is signed, so an answer needs somebody's key; members of a gang lend each other
 * theirs. */

static Overlay *
overlay_of (const SimPeer *peer)
{
  return peer->node->overlay;
}

static bool
place_of (const Destination *destination, NodeId *ret_id)
{
  if (destination->type == DESTINATION_NODE)
    *ret_id = destination->node_id;
  return destination->type == DESTINATION_NODE ||
         (destination->type == DESTINATION_RESOURCE &&
          node_id_from_bytes (destination->resource_id, ret_id));
}

static bool
is_transit (const Overheard *self)
{
  const DestinationList *list = &self->header.destination_list;

  return list->count != 1 || list->items[0].type != DESTINATION_NODE ||
         (!destination_is_node (&list->items[0], sim_peer_id (self->self)) &&
          !node_id_is_wildcard (&list->items[0].node_id));
}

static void
read_contents (Overheard *self)
{
  Message message;

  if (!header_is_whole (&self->header)) {
    if (header_fragment_offset (&self->header) == 0 && self->payload.size >= 2)
      self->code = (uint16_t) (self->payload.data[0] << 8 | self->payload.data[1]);
    return;
  }
  if (!message_decode (self->payload, self->arena, &message, NULL))
    return;
  self->code = message.contents.message_code;
  self->body = message.contents.message_body;
}

bool
overheard_read (Overheard *self, SimPeer *peer, uint32_t link, Bytes frame)
{
  FramedMessage framed;
  const DestinationList *list = &self->header.destination_list;
  FetchReq fetch;

  *self = (Overheard){ .arena = arena_new (), .self = peer };
  self->connection = connection_table_by_number (overlay_of (peer)->connections, link);
  if (self->connection == NULL || !self->connection->is_up || !frame_decode (frame, &framed) ||
      framed.type != FRAME_DATA || framed.message.size == 0 ||
      !header_decode (framed.message, self->arena, &self->header, &self->payload, NULL) ||
      list->count == 0)
    return false;
  read_contents (self);
  self->is_transit = is_transit (self);
  self->has_target = place_of (&list->items[list->count - 1], &self->target);
  if (self->code == MESSAGE_FETCH_REQ && overheard_decode (self, &fetch))
    self->has_target = node_id_from_bytes (fetch.resource, &self->target);
  return true;
}

void
overheard_clear (Overheard *self)
{
  g_clear_pointer (&self->arena, arena_free);
}

bool
overheard_decode (Overheard *self, void *ret_body)
{
  WireKinds kinds = configuration_wire_kinds (overlay_of (self->self)->configuration);

  return wire_decode (message_body_type (self->code), self->body, self->arena, &kinds, ret_body,
                      NULL);
}

void
overheard_answer (const Overheard *self,
                  const SimPeer *speaker,
                  const void *body,
                  MessageExtensionList extensions,
                  const GPtrArray *certificates)
{
  Overlay *overlay = overlay_of (self->self);
  uint16_t code = (uint16_t) (self->code + 1);
  Destination previous = destination_of_node (&self->connection->peer);
  DestinationList via = destination_list_append (self->arena, &self->header.via_list, &previous);
  DestinationList back = destination_list_reverse (self->arena, &via);
  ForwardingHeader header =
    transport_header (overlay, self->header.transaction_id, back.items, back.count);
  g_autoptr (GByteArray) contents =
    message_contents_write (code, message_body_type (code), body, extensions);
  g_autoptr (GByteArray) payload =
    message_payload_write (overlay_of (speaker), &header, (Bytes){ contents->data, contents->len },
                           false, certificates);
  NodeId hop;

  forwarding_send (overlay->forwarding, &header, (Bytes){ payload->data, payload->len },
                   (FirstHop){ .connection = self->connection->number }, &hop);
}

bool
overheard_pass_on (Overheard *self, Connection *next)
{
  const NodeId *own = sim_peer_id (self->self);
  Destination previous = destination_of_node (&self->connection->peer);
  ForwardingHeader header = self->header;
  DestinationList *list = &header.destination_list;
  g_autoptr (GByteArray) message = g_byte_array_new ();

  while (list->count > 1 && destination_is_node (&list->items[0], own))
    *list = destination_list_skip (list, 1);
  if (next == NULL || header.ttl == 0)
    return false;
  header.ttl--;
  header.via_list = destination_list_append (self->arena, &header.via_list, &previous);
  if (!header_encode (&header, self->payload, message) ||
      message->len > link_message_size_max (&next->link))
    return false;
  link_send (&next->link, (Bytes){ message->data, message->len });
  return true;
}

bool
overheard_redirect (Overheard *self, const NodeId *to)
{
  Overlay *overlay = overlay_of (self->self);
  Destination *destination = arena_new_array (self->arena, Destination, 1);
  NodeId next;

  *destination = destination_of_node (to);
  if (!forwarding_next_peer (overlay->forwarding, destination, &next) ||
      overheard_came_by (self, &next))
    return false;
  self->header.destination_list = (DestinationList){ destination, 1 };
  return overheard_pass_on (self, connection_table_find (overlay->connections, &next));
}

bool
overheard_came_by (const Overheard *self, const NodeId *peer)
{
  const DestinationList *via = &self->header.via_list;

  for (size_t i = 0; i < via->count; i++)
    if (destination_is_node (&via->items[i], peer))
      return true;
  return node_id_equal (&self->connection->peer, peer);
}
