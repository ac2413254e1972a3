/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/conjurer.h"

#include "core/base/limits.h"
#include "tests/sim/liar.h"
#include "tests/sim/poisoner.h"

/* All members make up the same peers for a place, as close together as peers are, so that they bear
 * each other out. One of those on each side is real, and a member: it answers when it is asked. */

enum { PHANTOMS = LIMIT_VICINITY - 1, ID_BITS = 128 };

/* The phantoms around a place, the nearest first: within the space of one peer. */
static void
conjure (const Gang *gang, const NodeId *place, NodeId *before, NodeId *behind, size_t count)
{
  unsigned spacing = ID_BITS - g_bit_storage (sim_world_running (gang->world));

  for (size_t i = 0; i < count; i++) {
    static const NodeId zero;
    NodeId step = node_id_add_power (&zero, spacing - (unsigned) (count - i));
    behind[i] = node_id_add_power (place, spacing - (unsigned) (count - i));
    before[i] = node_id_distance (&step, place);
  }
}

bool
conjurer_takes (const Gang *gang, Overheard *message)
{
  NodeId before[LIMIT_VICINITY], behind[LIMIT_VICINITY], place;
  ChordVicinity vicinity = { { before, LIMIT_VICINITY }, { behind, LIMIT_VICINITY } };
  SimPeer *speaker = liar_speaker (gang, message);

  if (message->code == MESSAGE_FETCH_REQ)
    return true;
  if (speaker == NULL || !liar_reads_place (message, &place))
    return false;
  conjure (gang, &place, before, behind, PHANTOMS);
  before[PHANTOMS] = *sim_peer_id (gang_before (gang, &place));
  behind[PHANTOMS] = *sim_peer_id (gang_behind (gang, &place));
  liar_tells (message, speaker, &before[0], &vicinity);
  return true;
}

static void
name_phantoms (const Gang *gang, const NodeId *peer, NodeId *before, NodeId *behind, size_t count)
{
  conjure (gang, peer, before, behind, count);
}

void
conjurer_step (Gang *gang)
{
  poisoner_tell (gang, name_phantoms);
}
