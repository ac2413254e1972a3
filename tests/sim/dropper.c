/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/dropper.h"

#include "core/wire/frame.h"
#include "core/wire/header.h"
#include "core/wire/methods.h"

unsigned
dropper_turn (SimWorld *world, double share)
{
  unsigned wanted = (unsigned) (share * sim_world_running (world));
  unsigned turned = 0;

  while (turned < wanted) {
    SimPeer *peer = sim_world_peer (world, sim_world_random (world, sim_world_size (world)));
    turned += peer->node != NULL && !peer->is_dropper;
    peer->is_dropper = peer->node != NULL;
  }
  return turned;
}

static bool
is_fetch (Bytes payload)
{
  return payload.size >= 2 && (payload.data[0] << 8 | payload.data[1]) == MESSAGE_FETCH_REQ;
}

bool
dropper_drops (const SimPeer *self, Bytes bytes)
{
  g_autoptr (Arena) arena = arena_new ();
  const DestinationList *list;
  ForwardingHeader header;
  FramedMessage frame;
  Bytes payload;

  if (!frame_decode (bytes, &frame) || frame.type != FRAME_DATA || frame.message.size == 0 ||
      !header_decode (frame.message, arena, &header, &payload, NULL))
    return false;
  list = &header.destination_list;
  return list->count != 1 || list->items[0].type != DESTINATION_NODE ||
         (!destination_is_node (&list->items[0], sim_peer_id (self)) &&
          !node_id_is_wildcard (&list->items[0].node_id)) ||
         is_fetch (payload);
}
