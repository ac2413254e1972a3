/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/destination.h"

#include "core/base/big-endian.h"
#include "core/wire/walk.h"

#include <string.h>

/* A Destination starts with its type, whose top bit is clear, or is a 16-bit identifier whose top
 * bit is set: a compressed opaque_id, which only the peer that made it understands. */

enum { COMPRESSED_BIT = 0x80, COMPRESSED_SIZE = 2, TYPE_FROM_OUTSIDE = 100 };

void
walk_resource_id (Wire *w, const char *name, ResourceId *value)
{
  wire_opaque (w, name, 1, value);
}

/* The second structure of RFC 6940, 6.3.2.2. Its first byte has been read for a type already. */
static void
decode_compressed (Wire *w, size_t start, Destination *d)
{
  uint8_t low;

  g_assert (w->mode == WIRE_DECODE);
  wire_u8 (w, "opaque_id", &low);
  wire_received (w, start, &d->opaque_id);
  d->type = DESTINATION_OPAQUE;
  d->is_compressed = true;
}

static void
write_compressed (Wire *w, const Destination *d)
{
  uint16_t id;

  g_assert (d->opaque_id.size == COMPRESSED_SIZE);
  id = (uint16_t) big_endian_read (d->opaque_id.data, 2);
  wire_u16 (w, "opaque_id", &id);
}

/* RFC 6940, 6.3.2.2 */
void
walk_destination (Wire *w, Destination *d)
{
  static const uint8_t types[] = { DESTINATION_NODE, DESTINATION_RESOURCE, DESTINATION_OPAQUE,
                                   TYPE_FROM_OUTSIDE };
  size_t start = w->at;

  if (!wire_is_filling (w) && d->is_compressed) {
    write_compressed (w, d);
    return;
  }
  wire_choice (w, "type", &d->type, types, G_N_ELEMENTS (types));
  if ((d->type & COMPRESSED_BIT) != 0) {
    decode_compressed (w, start, d);
    return;
  }
  wire_open (w, "length", 1);
  switch (d->type) {
  case DESTINATION_NODE:
    wire_node_id (w, "node_id", &d->node_id);
    break;
  case DESTINATION_RESOURCE:
    walk_resource_id (w, "resource_id", &d->resource_id);
    break;
  case DESTINATION_OPAQUE:
    wire_opaque (w, "opaque_id", 1, &d->opaque_id);
    break;
  default:
    wire_rest (w, "unknown", &d->unknown);
    break;
  }
  wire_close (w);
}

WIRE_DEFINE (Destination, destination)
WIRE_DEFINE_LIST (Destination, destination)

Destination
destination_of_node (const NodeId *node_id)
{
  return (Destination){ .type = DESTINATION_NODE, .node_id = *node_id };
}

Destination
destination_of_resource (ResourceId resource_id)
{
  return (Destination){ .type = DESTINATION_RESOURCE, .resource_id = resource_id };
}

bool
destination_equal (const Destination *a, const Destination *b)
{
  if (a->type != b->type)
    return false;
  if (a->type == DESTINATION_NODE)
    return node_id_equal (&a->node_id, &b->node_id);
  return bytes_equal (a->unknown, b->unknown);
}

bool
destination_is_node (const Destination *self, const NodeId *node_id)
{
  return self->type == DESTINATION_NODE && node_id_equal (&self->node_id, node_id);
}

DestinationList
destination_list_append (Arena *arena, const DestinationList *list, const Destination *last)
{
  DestinationList longer = { arena_new_array (arena, Destination, list->count + 1),
                             list->count + 1 };

  if (list->count > 0)
    memcpy (longer.items, list->items, list->count * sizeof *list->items);
  longer.items[list->count] = *last;
  return longer;
}

DestinationList
destination_list_skip (const DestinationList *list, size_t count)
{
  g_assert (count <= list->count);
  if (count == list->count)
    return (DestinationList){ 0 };
  return (DestinationList){ list->items + count, list->count - count };
}

DestinationList
destination_list_reverse (Arena *arena, const DestinationList *list)
{
  DestinationList reversed = { arena_new_array (arena, Destination, list->count), list->count };

  for (size_t i = 0; i < list->count; i++)
    reversed.items[i] = list->items[list->count - 1 - i];
  return reversed;
}
