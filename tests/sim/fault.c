/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/fault.h"

#include "core/node-private.h"
#include "core/overlay/overlay-private.h"
#include "core/overlay/storage-private.h"
#include "core/wire/frame.h"
#include "core/wire/header.h"

#include <string.h>

/* Each sits between the network and the node at its end. A Forwarding Header is nobody's to sign,
 * so whoever passes a message on may change it. */

enum {
  TTL_AT = 11,
  SIZE_AT = 16,
  VIA_SIZE_AT = 32,
  VIA_AT = 38,
  VIA_ENTRY = 2 + NODE_ID_SIZE,
  ROUNDS = 2,
  HOARDED = 1024, /* bytes */
};

struct Fault {
  SimWorld *world;
  FaultKind kind;
  unsigned count;
  GPtrArray *hoard; /* owned */
};

static const char *const names[FAULT_KINDS] = { "none", "ttl", "loop", "record", "memory" };

FaultKind
fault_of_name (const char *name)
{
  FaultKind kind = FAULT_NONE;

  while (kind < FAULT_KINDS && g_strcmp0 (names[kind], name) != 0)
    kind++;
  return kind;
}

const char *
fault_name (FaultKind kind)
{
  return names[kind];
}

static bool
is_message (const SimArrival *arrival)
{
  return arrival->size >= FRAME_DATA_HEADER_SIZE + VIA_AT && arrival->bytes[0] == FRAME_DATA;
}

static size_t
via_size (const SimArrival *arrival)
{
  const uint8_t *size = arrival->bytes + FRAME_DATA_HEADER_SIZE + VIA_SIZE_AT;

  return (size_t) size[0] << 8 | size[1];
}

static void
add_to (uint8_t *number, size_t size, size_t value)
{
  for (size_t i = size; i-- > 0; value >>= 8) {
    value += number[i];
    number[i] = (uint8_t) value;
  }
}

/* As if the sender and the one before it had sent it to each other some more times. */
static void
go_round (const SimArrival *arrival)
{
  g_autoptr (GByteArray) frame = g_byte_array_new ();
  size_t end = FRAME_DATA_HEADER_SIZE + VIA_AT + via_size (arrival);
  size_t more = ROUNDS * 2 * VIA_ENTRY;
  uint8_t *message;

  if (via_size (arrival) < VIA_ENTRY || end > arrival->size)
    return;
  g_byte_array_append (frame, arrival->bytes, (guint) end);
  for (unsigned i = 0; i < ROUNDS; i++) {
    uint8_t sender[VIA_ENTRY] = { DESTINATION_NODE, NODE_ID_SIZE };
    memcpy (sender + 2, sim_peer_id (arrival->from)->bytes, NODE_ID_SIZE);
    g_byte_array_append (frame, sender, sizeof sender);
    g_byte_array_append (frame, arrival->bytes + end - VIA_ENTRY, VIA_ENTRY);
  }
  g_byte_array_append (frame, arrival->bytes + end, (guint) (arrival->size - end));
  message = frame->data + FRAME_DATA_HEADER_SIZE;
  message[TTL_AT] = (uint8_t) (message[TTL_AT] - 2 * ROUNDS);
  add_to (frame->data + FRAME_DATA_HEADER_SIZE - 3, 3, more);
  add_to (message + SIZE_AT, 4, more);
  add_to (message + VIA_SIZE_AT, 2, more);
  node_receive (arrival->to->node, arrival->to_link, (Bytes){ frame->data, frame->len });
}

typedef struct Theft {
  Storage *storage;
  bool is_done;
} Theft;

/* The first value that lies there, once more and next to its place; of a place that is the peer's,
 * for what it only keeps for others may go. */
static void
on_resource (void *user_data, const NodeId *id)
{
  Theft *self = user_data;
  StoredResource *resource = storage_find_resource (self->storage, id);
  StoredKind *kind = resource->kind_count > 0 ? &resource->kinds[0] : NULL;
  g_autoptr (Arena) arena = arena_new ();
  const Topology *topology = &self->storage->overlay->topology;
  NodeId elsewhere = *id;
  const StoredValue *value;
  StoredData data;

  if (self->is_done || kind == NULL || kind->first == NULL ||
      !topology->plugin->is_responsible (topology->self, id))
    return;
  value = kind->first;
  data = stored_value_to_wire (value, kind->model, storage_now (self->storage), arena);
  elsewhere.bytes[NODE_ID_SIZE - 1] ^= 1;
  storage_put_value (self->storage, &elsewhere,
                     storage_need_kind (self->storage, &elsewhere, kind->id, kind->model),
                     stored_value_new (&data, value->certificate, storage_now (self->storage)));
  self->is_done = true;
}

static void
misplace (Fault *self, SimPeer *peer)
{
  Theft theft = { .storage = peer->node->overlay->storage };

  if (self->count > 0)
    return;
  storage_for_each (theft.storage, on_resource, &theft);
  self->count += theft.is_done;
}

static void
on_arrival (const SimArrival *arrival, void *user_data)
{
  Fault *self = user_data;

  if (!is_message (arrival))
    return;
  switch (self->kind) {
  case FAULT_TTL:
    arrival->bytes[FRAME_DATA_HEADER_SIZE + TTL_AT] += via_size (arrival) > 0;
    break;
  case FAULT_LOOP:
    go_round (arrival);
    break;
  case FAULT_RECORD:
    misplace (self, arrival->to);
    break;
  case FAULT_MEMORY:
    g_ptr_array_add (self->hoard, g_malloc0 (HOARDED));
    break;
  case FAULT_NONE:
  case FAULT_KINDS:
    break;
  }
}

Fault *
fault_new (SimWorld *world, FaultKind kind)
{
  Fault *self;

  if (kind == FAULT_NONE)
    return NULL;
  self = g_new0 (Fault, 1);
  self->world = world;
  self->kind = kind;
  self->hoard = g_ptr_array_new_with_free_func (g_free);
  sim_world_set_arrival_func (world, on_arrival, self);
  return self;
}

void
fault_free (Fault *self)
{
  if (self == NULL)
    return;
  sim_world_set_arrival_func (self->world, NULL, NULL);
  g_ptr_array_unref (self->hoard);
  g_free (self);
}
