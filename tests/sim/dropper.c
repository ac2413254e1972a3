/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/dropper.h"

#include "core/overlay/hash.h"
#include "core/wire/frame.h"
#include "core/wire/header.h"
#include "core/wire/methods.h"
#include "tests/sim/census.h"

enum { COPIES = 3 };

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

double
dropper_ceiling (SimWorld *world)
{
  g_autoptr (GPtrArray) ring = census_ring (world);
  unsigned size = sim_world_size (world);
  unsigned kept = 0;

  for (unsigned i = 0; i < size; i++) {
    NodeId place = resource_id_of (bytes_of_text (sim_world_peer (world, i)->user));
    bool is_kept = false;
    for (unsigned k = 0; k < COPIES; k++) {
      const SimPeer *holder = census_owner_in (ring, &place);
      is_kept = is_kept || !holder->is_dropper;
      place = node_id_add_power (sim_peer_id (holder), 0);
    }
    kept += is_kept;
  }
  return (double) kept / size;
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
