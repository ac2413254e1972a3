/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/poisoner.h"

#include "core/node-private.h"

enum { NAMED = 4 };

bool
poisoner_takes (const Gang *gang, Overheard *message)
{
  const DestinationList *list = &message->header.destination_list;

  return message->code == MESSAGE_ATTACH_REQ && message->has_target &&
         list->items[list->count - 1].type == DESTINATION_RESOURCE &&
         overheard_redirect (message, sim_peer_id (gang_behind (gang, &message->target)));
}

static void
tell (const Gang *gang, SimPeer *member, const Connection *connection, PoisonFunc name)
{
  NodeId before[NAMED], behind[NAMED];
  ChordUpdate body = {
    .uptime = UINT16_MAX,
    .type = CHORD_UPDATE_NEIGHBORS,
    .predecessors = { before, NAMED },
    .successors = { behind, NAMED },
  };
  Destination to = destination_of_node (&connection->peer);

  name (gang, &connection->peer, before, behind, NAMED);
  transport_request (member->node->overlay->transport,
                     &(Request){ .code = MESSAGE_UPDATE_REQ,
                                 .body = &body,
                                 .destinations = &to,
                                 .destination_count = 1,
                                 .hop = { .connection = connection->number },
                                 .tries = 1 });
}

void
poisoner_tell (Gang *gang, PoisonFunc name)
{
  SimPeer *member =
    g_ptr_array_index (gang->members, sim_world_random (gang->world, gang->members->len));

  if (member->node == NULL)
    return;
  connection_table_for_each (member->node->overlay->connections, connection)
  {
    if (connection->is_up && connection->is_peer && !connection->is_closed &&
        connection->kind != CONNECTION_APPLICATION && !gang_has (gang, &connection->peer))
      tell (gang, member, connection, name);
  }
}

static void
name_members (const Gang *gang, const NodeId *peer, NodeId *before, NodeId *behind, size_t count)
{
  gang_list_before (gang, peer, before, count);
  gang_list_behind (gang, peer, behind, count);
}

void
poisoner_step (Gang *gang)
{
  poisoner_tell (gang, name_members);
}
