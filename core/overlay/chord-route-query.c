/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/chord-private.h"

/* Whom we would send to (RFC 6940, 10.8), and, for one who asks for that, whom we know around the
 * destination: somebody near it knows all who keep what belongs there, and all who know them
 * (threats 2.1). */

static const MessageExtension *
find_vicinity (const MessageExtensionList *list)
{
  for (size_t i = 0; i < list->count; i++)
    if (list->items[i].type == MESSAGE_EXTENSION_VICINITY)
      return &list->items[i];
  return NULL;
}

/* Memory of the request. */
static MessageExtensionList
write_vicinity (Chord *self, Incoming *request, const NodeId *target)
{
  NodeId before[LIMIT_VICINITY], behind[LIMIT_VICINITY];
  ChordVicinity vicinity = { .before = { before, 0 }, .behind = { behind, 0 } };
  MessageExtensionList list = { arena_new_array (request->arena, MessageExtension, 1), 1 };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  vicinity.before.count = routing_table_nearest (self->table, target, ROUTING_BEFORE, before);
  vicinity.behind.count = routing_table_nearest (self->table, target, ROUTING_BEHIND, behind);
  chord_vicinity_encode (&vicinity, bytes);
  list.items[0] = (MessageExtension){
    .type = MESSAGE_EXTENSION_VICINITY,
    .extension_contents = arena_dup (request->arena, (Bytes){ bytes->data, bytes->len }),
  };
  return list;
}

void
chord_handle_route_query (void *topology, Incoming *request)
{
  Chord *self = topology;
  RouteQueryReq body;
  ChordRouteQueryAns answer;
  NodeId target;
  uint32_t number = request->connection;
  MessageExtensionList extensions = { NULL, 0 };
  bool wants_update;

  if (!incoming_decode (request, &body))
    return;
  wants_update = body.send_update && request->is_direct;
  if (body.destination.type == DESTINATION_NODE)
    target = body.destination.node_id;
  else if (body.destination.type != DESTINATION_RESOURCE ||
           !node_id_from_bytes (body.destination.resource_id, &target)) {
    incoming_refuse (request, RELOAD_INVALID_MESSAGE, (Bytes){ NULL, 0 });
    return;
  }
  if (body.destination.type == DESTINATION_NODE && chord_link_to (self, &target) != NULL)
    answer.next_peer = target;
  else if (self->overlay->topology.plugin->is_responsible (self, &target) ||
           !chord_next_hop (self, &target, NULL, &answer.next_peer))
    answer.next_peer = self->overlay->id;
  if (!self->overlay->is_plain && find_vicinity (&request->message.contents.extensions) != NULL)
    extensions = write_vicinity (self, request, &target);
  incoming_answer_extended (request, &answer, extensions, NULL);
  if (wants_update) {
    Connection *connection = connection_table_by_number (self->overlay->connections, number);
    if (connection != NULL && connection->is_up)
      self->overlay->topology.plugin->send_update (self, connection);
  }
}
