/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/foresight.h"

#include "core/node-private.h"
#include "core/overlay/chord-private.h"
#include "core/overlay/connection-table-private.h"
#include "core/wire/frame.h"
#include "tests/sim/world-private.h"

/* parcel -> end -> peer -> node -> overlay -> connection table -> its columns -> connection -> what
 * is on its way there. Each stage reads what the one before it has asked for. What brings a
 * message, and is not just acknowledged, will look at the Routing Table as well, and leave over
 * another of the peer's ends. */

enum { LINE = 64 }; /* of a cache */

static void
ask_for (const void *memory, size_t size)
{
  uintptr_t first = (uintptr_t) memory / LINE * LINE;

  for (uintptr_t at = first; at < (uintptr_t) memory + size; at += LINE)
    __builtin_prefetch ((const void *) at);
}

/* As far as each message needs it. */
static void
ask_for_overlay (const Node *node)
{
  ask_for (node->overlay, offsetof (Overlay, storage));
}

static bool
has_message (const Parcel *parcel)
{
  return parcel->size > FRAME_DATA_HEADER_SIZE;
}

static void
ask_for_parts (const Overlay *overlay)
{
  ask_for (overlay->guests, LINE);
  ask_for (overlay->forwarding, LINE);
  ask_for (overlay->transport, LINE);
  ask_for (overlay->topology.self, LINE);
}

static void
ask_for_routes (const ConnectionTable *table, const Chord *chord)
{
  ask_for (table->peers, table->count * sizeof *table->peers);
  ask_for (chord->table, 2 * LINE);
}

static void
ask_for_ends (SimWorld *self, const Parcel *parcel)
{
  sim_end_ask_for (self->ends, parcel->end);
  ask_for (parcel->bytes, MIN (parcel->size, (size_t) 4 * LINE));
}

static void
ask_for_peer (SimWorld *self, const SimEnd *end)
{
  ask_for (&self->peers[end->peer], offsetof (SimPeer, signer));
  sim_end_ask_for (self->ends, end->other);
}

static void
ask_for_node (SimWorld *self, const SimEnd *end, const Node *node)
{
  const SimEnd *other = sim_end_by_id (self->ends, end->other);

  ask_for (node, LINE);
  if (other != NULL)
    ask_for (&self->peers[other->peer], LINE);
}

static void
ask_for_ways_out (const SimEndList *ends)
{
  ask_for (ends->numbers, ends->count * sizeof *ends->numbers);
  ask_for (ends->places, ends->count * sizeof *ends->places);
}

static void
ask_for_columns (const ConnectionTable *table)
{
  ask_for (table->numbers, table->count * sizeof *table->numbers);
  ask_for (table->dues, table->count * sizeof *table->dues);
  ask_for (table->connections, table->count * sizeof (void *));
}

static const Chord *
chord_of (const Node *node)
{
  return node->overlay->topology.self;
}

static void
ask_for_lists (const RoutingTable *table)
{
  size_t successors, predecessors;
  const NodeId *after = routing_table_successors (table, &successors);
  const NodeId *before = routing_table_predecessors (table, &predecessors);

  ask_for (after, successors * sizeof *after);
  ask_for (before, predecessors * sizeof *before);
}

static void
ask_for_work (const Connection *connection)
{
  ask_for (connection->link.work, LINE);
  ask_for (connection->allowance, LINE);
}

/* The frame is for a peer that is there. */
static void
approach (SimWorld *self, const SimEnd *end, const Parcel *parcel, unsigned stage)
{
  const SimPeer *peer = &self->peers[end->peer];
  ConnectionTable *table = stage > 4 ? peer->node->overlay->connections : NULL;
  const Connection *connection = stage > 5 ? connection_table_by_number (table, end->number) : NULL;

  switch (stage) {
  case 2:
    ask_for_node (self, end, peer->node);
    break;
  case 3:
    ask_for_overlay (peer->node);
    if (has_message (parcel))
      ask_for_ways_out (&peer->ends);
    break;
  case 4:
    ask_for (peer->node->overlay->connections, sizeof (ConnectionTable));
    if (has_message (parcel))
      ask_for_parts (peer->node->overlay);
    break;
  case 5:
    ask_for_columns (table);
    if (has_message (parcel))
      ask_for_routes (table, chord_of (peer->node));
    break;
  case 6:
    ask_for (connection, sizeof *connection);
    break;
  case 7:
    if (connection != NULL)
      ask_for_work (connection);
    if (has_message (parcel))
      ask_for_lists (chord_of (peer->node)->table);
    break;
  }
}

void
foresight_approach (SimWorld *self, const Parcel *parcel, unsigned stage)
{
  const SimEnd *end = stage > 0 ? sim_end_by_id (self->ends, parcel->end) : NULL;

  if (stage == 0)
    ask_for_ends (self, parcel);
  else if (end != NULL && stage == 1)
    ask_for_peer (self, end);
  else if (end != NULL && self->peers[end->peer].node != NULL)
    approach (self, end, parcel, stage);
}
