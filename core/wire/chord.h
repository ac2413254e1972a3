/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chord.h: what CHORD-RELOAD puts into the topology's messages (RFC 6940, 10.7 to 10.9). */
#pragma once
#include "core/wire/wire.h"

WIRE_LIST (NodeId);

/* Without lengths of their own: a run of Node-IDs. */
void walk_node_ids (Wire *w, const char *label, unsigned length_bytes, NodeIdList *list);

typedef enum ChordUpdateType {
  CHORD_UPDATE_PEER_READY = 1,
  CHORD_UPDATE_NEIGHBORS = 2,
  CHORD_UPDATE_FULL = 3,
} ChordUpdateType;

/* RFC 6940, 10.7: the body of UpdateReq. */
typedef struct ChordUpdate {
  uint32_t uptime; /* seconds */
  uint8_t type;
  NodeIdList predecessors; /* neighbors, full */
  NodeIdList successors;   /* neighbors, full */
  NodeIdList fingers;      /* full */
} ChordUpdate;

/* RFC 6940, 10.8: the body of RouteQueryAns. */
typedef struct ChordRouteQueryAns {
  NodeId next_peer;
} ChordRouteQueryAns;

/* Contents of a message extension of our own (experimental, 14.14), not critical: of the RouteQuery
 * of one who would like to know whom the other knows around the destination, and then both lists
 * are empty, and of the answer. */
#define MESSAGE_EXTENSION_VICINITY 0x1

typedef struct ChordVicinity {
  NodeIdList before; /* the destination, the nearest first */
  NodeIdList behind; /* or at it, likewise */
} ChordVicinity;

typedef enum ChordLeaveType {
  CHORD_LEAVE_FROM_SUCC = 1,
  CHORD_LEAVE_FROM_PRED = 2,
} ChordLeaveType;

/* RFC 6940, 10.9: the overlay_specific_data of LeaveReq. */
typedef struct ChordLeaveData {
  uint8_t type;
  NodeIdList successors;   /* from_succ */
  NodeIdList predecessors; /* from_pred */
} ChordLeaveData;

WIRE_DECLARE (ChordUpdate, chord_update)
WIRE_DECLARE (ChordRouteQueryAns, chord_route_query_ans)
WIRE_DECLARE (ChordVicinity, chord_vicinity)
WIRE_DECLARE (ChordLeaveData, chord_leave_data)
