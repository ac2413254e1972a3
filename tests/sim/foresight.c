/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/foresight.h"

#include "core/node-private.h"
#include "core/overlay/connection-table-private.h"
#include "core/overlay/overlay-private.h"
#include "tests/sim/world-private.h"

/* parcel -> end -> peer -> node -> overlay -> connection table -> its columns -> connection, which
 * will answer over the other end. Each stage reads what the one before it has asked for. */

enum { LINE = 64 }; /* of a cache */

static void
ask_for (const void *memory, size_t size)
{
  for (size_t at = 0; at < size; at += LINE)
    __builtin_prefetch ((const uint8_t *) memory + at);
}

static Node *
node_of (SimWorld *self, uint64_t id)
{
  const SimEnd *end = sim_end_by_id (self->ends, id);

  return end != NULL ? self->peers[end->peer].node : NULL;
}

static void
ask_for_ends (SimWorld *self, const Parcel *parcel)
{
  sim_end_ask_for (self->ends, parcel->end);
  ask_for (parcel->bytes, MIN (parcel->size, (size_t) 4 * LINE));
}

static void
ask_for_peer (SimWorld *self, const Parcel *parcel)
{
  const SimEnd *end = sim_end_by_id (self->ends, parcel->end);

  if (end == NULL)
    return;
  ask_for (&self->peers[end->peer], offsetof (SimPeer, signer));
  sim_end_ask_for (self->ends, end->other);
}

static void
ask_for_node (SimWorld *self, const Parcel *parcel)
{
  const SimEnd *end = sim_end_by_id (self->ends, parcel->end);
  const SimEnd *other = end != NULL ? sim_end_by_id (self->ends, end->other) : NULL;

  if (other == NULL || self->peers[end->peer].node == NULL)
    return;
  ask_for (self->peers[end->peer].node, LINE);
  ask_for (&self->peers[other->peer], LINE);
}

static ConnectionTable *
table_of (SimWorld *self, const Parcel *parcel)
{
  Node *node = node_of (self, parcel->end);

  return node != NULL ? node->overlay->connections : NULL;
}

static void
ask_for_connection (SimWorld *self, const Parcel *parcel)
{
  const SimEnd *end = sim_end_by_id (self->ends, parcel->end);
  const ConnectionTable *table = table_of (self, parcel);

  for (unsigned i = 0; table != NULL && i < table->count; i++)
    if (table->numbers[i] == end->number)
      ask_for (table->connections[i], sizeof (Connection));
}

static void
ask_for_columns (const ConnectionTable *table)
{
  if (table == NULL)
    return;
  ask_for (table->numbers, table->count * sizeof *table->numbers);
  ask_for (table->dues, table->count * sizeof *table->dues);
  ask_for (table->connections, table->count * sizeof (void *));
}

static void
ask_for_work (SimWorld *self, const Parcel *parcel)
{
  const SimEnd *end = sim_end_by_id (self->ends, parcel->end);
  ConnectionTable *table = table_of (self, parcel);
  const Connection *connection =
    table != NULL ? connection_table_by_number (table, end->number) : NULL;

  if (connection != NULL && connection->link.work != NULL)
    ask_for (connection->link.work, LINE);
  if (connection != NULL && connection->allowance != NULL)
    ask_for (connection->allowance, LINE);
}

void
foresight_approach (SimWorld *self, const Parcel *parcel, unsigned stage)
{
  Node *node = stage > 2 ? node_of (self, parcel->end) : NULL;

  switch (stage) {
  case 0:
    ask_for_ends (self, parcel);
    break;
  case 1:
    ask_for_peer (self, parcel);
    break;
  case 2:
    ask_for_node (self, parcel);
    break;
  case 3:
    if (node != NULL)
      ask_for (node->overlay, sizeof *node->overlay);
    break;
  case 4:
    ask_for (table_of (self, parcel), sizeof (ConnectionTable));
    break;
  case 5:
    ask_for_columns (table_of (self, parcel));
    break;
  case 6:
    ask_for_connection (self, parcel);
    break;
  case 7:
    ask_for_work (self, parcel);
    break;
  }
}
