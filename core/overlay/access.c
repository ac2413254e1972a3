/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/access.h"

#include "core/overlay/hash.h"
#include "core/overlay/redir-tree.h"

#include <string.h>

static bool
user_matches (const Certificate *signer, const NodeId *resource)
{
  NodeId hashed = resource_id_of (bytes_of_text (signer->user));

  return node_id_equal (&hashed, resource);
}

static bool
second_matches (const Certificate *signer, const NodeId *resource)
{
  NodeId hashed = resource_id_of_second (signer->user);

  return node_id_equal (&hashed, resource);
}

static bool
node_matches (const NodeId *node_id, const NodeId *resource)
{
  NodeId hashed = resource_id_of (node_id_bytes (node_id));

  return node_id_equal (&hashed, resource);
}

/* H(Node-ID || i) for some small i, which does not travel (7.3.4). */
static bool
node_multiple_matches (const NodeId *node_id, const NodeId *resource, uint32_t most)
{
  uint8_t name[NODE_ID_SIZE + 1];

  memcpy (name, node_id->bytes, NODE_ID_SIZE);
  for (uint32_t i = 0; i <= MIN (most, UINT8_MAX); i++) {
    NodeId hashed;
    name[NODE_ID_SIZE] = (uint8_t) i;
    hashed = resource_id_of ((Bytes){ name, sizeof name });
    if (node_id_equal (&hashed, resource))
      return true;
  }
  return false;
}

static bool
key_is_node (const StoredDataValue *value, const NodeId *node_id)
{
  return value == NULL || (value->model == DATA_MODEL_DICTIONARY &&
                           bytes_equal (value->key, node_id_bytes (node_id)));
}

/* RFC 7374, 5: what exists stands where its own words put it, and nowhere else. */
static bool
stands_in_tree (const ConfigurationKind *kind,
                const NodeId *node_id,
                const NodeId *resource,
                const StoredDataValue *value)
{
  g_autoptr (Arena) arena = NULL;
  RedirServiceProvider record;

  if (value == NULL || !value->value.exists)
    return true;
  arena = arena_new ();
  return redir_service_provider_decode (value->value.value, arena, &record, NULL) &&
         redir_is_in_place (kind->branching_factor, &record, node_id, resource);
}

bool
access_is_allowed (const ConfigurationKind *kind,
                   const Certificate *signer,
                   const NodeId *node_id,
                   const NodeId *resource,
                   const StoredDataValue *value)
{
  switch (kind->access_policy) {
  case ACCESS_POLICY_USER_MATCH:
    return user_matches (signer, resource);
  case ACCESS_POLICY_NODE_MATCH:
    return node_matches (node_id, resource);
  case ACCESS_POLICY_USER_NODE_MATCH:
    return (user_matches (signer, resource) ||
            (kind->has_second_place && second_matches (signer, resource))) &&
           key_is_node (value, node_id);
  case ACCESS_POLICY_NODE_MULTIPLE:
    return node_multiple_matches (node_id, resource, kind->max_node_multiple);
  case ACCESS_POLICY_NODE_ID_MATCH:
    return key_is_node (value, node_id) && stands_in_tree (kind, node_id, resource, value);
  }
  return false;
}
