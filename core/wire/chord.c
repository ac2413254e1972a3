/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/chord.h"

#include "core/wire/walk.h"

static void
walk_node_id (Wire *w, NodeId *id)
{
  wire_node_id (w, "node_id", id);
}

WIRE_DEFINE_LIST (NodeId, node_id)

/* RFC 6940, 10.7 */
void
walk_chord_update (Wire *w, ChordUpdate *u)
{
  static const uint8_t types[] = { CHORD_UPDATE_PEER_READY, CHORD_UPDATE_NEIGHBORS,
                                   CHORD_UPDATE_FULL };

  wire_u32 (w, "uptime", &u->uptime);
  wire_choice (w, "type", &u->type, types, G_N_ELEMENTS (types));
  switch (u->type) {
  case CHORD_UPDATE_PEER_READY:
    break;
  case CHORD_UPDATE_NEIGHBORS:
    walk_node_ids (w, "predecessors", 2, &u->predecessors);
    walk_node_ids (w, "successors", 2, &u->successors);
    break;
  case CHORD_UPDATE_FULL:
    walk_node_ids (w, "predecessors", 2, &u->predecessors);
    walk_node_ids (w, "successors", 2, &u->successors);
    walk_node_ids (w, "fingers", 2, &u->fingers);
    break;
  default:
    wire_fail (w, "type");
    break;
  }
}

/* RFC 6940, 10.8 */
void
walk_chord_route_query_ans (Wire *w, ChordRouteQueryAns *r)
{
  wire_node_id (w, "next_peer", &r->next_peer);
}

void
walk_chord_vicinity (Wire *w, ChordVicinity *v)
{
  walk_node_ids (w, "before", 2, &v->before);
  walk_node_ids (w, "behind", 2, &v->behind);
}

/* RFC 6940, 10.9 */
void
walk_chord_leave_data (Wire *w, ChordLeaveData *l)
{
  static const uint8_t types[] = { CHORD_LEAVE_FROM_SUCC, CHORD_LEAVE_FROM_PRED };

  wire_choice (w, "type", &l->type, types, G_N_ELEMENTS (types));
  switch (l->type) {
  case CHORD_LEAVE_FROM_SUCC:
    walk_node_ids (w, "successors", 2, &l->successors);
    break;
  case CHORD_LEAVE_FROM_PRED:
    walk_node_ids (w, "predecessors", 2, &l->predecessors);
    break;
  default:
    wire_fail (w, "type");
    break;
  }
}

WIRE_DEFINE (ChordUpdate, chord_update)
WIRE_DEFINE (ChordRouteQueryAns, chord_route_query_ans)
WIRE_DEFINE (ChordVicinity, chord_vicinity)
WIRE_DEFINE (ChordLeaveData, chord_leave_data)
