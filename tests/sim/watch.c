/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/watch.h"

#include "core/node-private.h"
#include "core/overlay/configuration.h"
#include "core/overlay/hash.h"
#include "core/overlay/overlay-private.h"
#include "core/overlay/storage-private.h"
#include "core/wire/frame.h"

#include <string.h>

/* A judge that shares the accused's opinions is none: the few fields of a Forwarding Header are
 * read from their places here, and the access policies are said once more. Peers write their via
 * lists whole, so a message that has gone over n links names n peers. */

enum {
  TTL_AT = 11,
  FRAGMENT_AT = 12,
  VIA_SIZE_AT = 32,
  WAY_SIZE_AT = 34,
  OPTIONS_SIZE_AT = 36,
  VIA_AT = 38,
  VIA_ENTRY = 2 + NODE_ID_SIZE, /* its type, its length, a Node-ID */
};

static size_t
number_at (const uint8_t *bytes)
{
  return (size_t) bytes[0] << 8 | bytes[1];
}

/* Twice is no fault: of messages that are told where to go first, and of those that look for whom
 * the ring has in the place of their sender. */
static bool
is_loop (const uint8_t *via, size_t count, const SimPeer *from)
{
  const uint8_t *own = sim_peer_id (from)->bytes;

  for (size_t i = 0; i <= count; i++) {
    const uint8_t *id = i < count ? via + i * VIA_ENTRY + 2 : own;
    unsigned times = memcmp (id, own, NODE_ID_SIZE) == 0;
    for (size_t k = 0; k < count; k++)
      times += memcmp (via + k * VIA_ENTRY + 2, id, NODE_ID_SIZE) == 0;
    if (times > 2)
      return true;
  }
  return false;
}

/* What a message is, 0 for all but the first of its fragments, which alone has a code. */
static size_t
code_of (Bytes message)
{
  const uint8_t *header = message.data;
  size_t contents = VIA_AT + number_at (header + VIA_SIZE_AT) + number_at (header + WAY_SIZE_AT) +
                    number_at (header + OPTIONS_SIZE_AT);

  if (contents + 2 > message.size || number_at (header + FRAGMENT_AT + 2) != 0 ||
      header[FRAGMENT_AT + 1] != 0)
    return 0;
  return number_at (header + contents);
}

/* What look-ups are made of. */
static void
count_asking (Watch *self, size_t code, size_t size)
{
  bool is_fetch = code == MESSAGE_FETCH_REQ || code == MESSAGE_FETCH_REQ + 1;

  self->asking +=
    is_fetch || code == MESSAGE_ROUTE_QUERY_REQ || code == MESSAGE_ROUTE_QUERY_REQ + 1;
  self->fetched += is_fetch ? size : 0;
}

static void
on_frame (SimPeer *from, SimPeer *to, Bytes bytes, void *user_data)
{
  Watch *self = user_data;
  const Configuration *configuration = sim_world_configuration (self->world);
  FramedMessage frame;
  const uint8_t *message;
  size_t count;

  if (!frame_decode (bytes, &frame) || frame.type != FRAME_DATA || frame.message.size < VIA_AT)
    return;
  message = frame.message.data;
  count = number_at (message + VIA_SIZE_AT) / VIA_ENTRY;
  if (VIA_AT + count * VIA_ENTRY > frame.message.size)
    return;
  self->messages++;
  count_asking (self, code_of (frame.message), bytes.size);
  self->unspent += message[TTL_AT] + count > configuration->initial_ttl;
  self->loops += count > 1 && is_loop (message + VIA_AT, count, from);
}

/* H(Node-ID || i), i one byte from 0 on. */
static bool
is_of_multiple (const ConfigurationKind *kind, const NodeId *signer, const NodeId *resource)
{
  uint8_t name[NODE_ID_SIZE + 1] = { 0 };

  memcpy (name, signer->bytes, NODE_ID_SIZE);
  for (unsigned i = 0; i <= kind->max_node_multiple && i <= UINT8_MAX; i++) {
    NodeId place;
    name[NODE_ID_SIZE] = (uint8_t) i;
    place = resource_id_of ((Bytes){ name, sizeof name });
    if (node_id_equal (&place, resource))
      return true;
  }
  return false;
}

static bool
is_lawful (const ConfigurationKind *kind, const StoredValue *value, const NodeId *resource)
{
  const NodeId *signer = &value->certificate->node_ids[0];
  NodeId of_user = resource_id_of (bytes_of_text (value->certificate->user));
  NodeId second = resource_id_of_second (value->certificate->user);
  NodeId of_node = resource_id_of ((Bytes){ signer->bytes, NODE_ID_SIZE });
  Bytes key = stored_value_key (value);
  bool is_own_key = key.size == NODE_ID_SIZE && memcmp (key.data, signer->bytes, NODE_ID_SIZE) == 0;

  switch (kind->access_policy) {
  case ACCESS_POLICY_USER_MATCH:
    return node_id_equal (&of_user, resource);
  case ACCESS_POLICY_NODE_MATCH:
    return node_id_equal (&of_node, resource);
  case ACCESS_POLICY_USER_NODE_MATCH:
    return (node_id_equal (&of_user, resource) ||
            (kind->has_second_place && node_id_equal (&second, resource))) &&
           is_own_key;
  case ACCESS_POLICY_NODE_MULTIPLE:
    return is_of_multiple (kind, signer, resource);
  case ACCESS_POLICY_NODE_ID_MATCH:
    return is_own_key;
  }
  return false;
}

typedef struct Inspection {
  SimPeer *peer;
  unsigned unlawful;
} Inspection;

static void
on_resource (void *user_data, const NodeId *id)
{
  Inspection *self = user_data;
  const StoredResource *resource = storage_find_resource (self->peer->node->overlay->storage, id);

  for (size_t i = 0; i < resource->kind_count; i++) {
    const StoredKind *stored = &resource->kinds[i];
    const ConfigurationKind *kind =
      configuration_kind (sim_world_configuration (self->peer->world), stored->id);
    stored_kind_for_each (stored, value)
    {
      self->unlawful += kind == NULL || !is_lawful (kind, value, id);
    }
  }
}

unsigned
watch_unlawful (const Watch *self)
{
  unsigned unlawful = 0;

  for (unsigned i = 0; i < sim_world_size (self->world); i++) {
    Inspection inspection = { .peer = sim_world_peer (self->world, i) };
    if (inspection.peer->node != NULL)
      storage_for_each (inspection.peer->node->overlay->storage, on_resource, &inspection);
    unlawful += inspection.unlawful;
  }
  return unlawful;
}

Watch *
watch_new (SimWorld *world)
{
  Watch *self = g_new0 (Watch, 1);

  self->world = world;
  sim_world_set_tap (world, on_frame, self);
  return self;
}

void
watch_free (Watch *self)
{
  if (self == NULL)
    return;
  sim_world_set_tap (self->world, NULL, NULL);
  g_free (self);
}
