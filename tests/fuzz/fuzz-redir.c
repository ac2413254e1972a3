/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/access.h"
#include "core/overlay/redir-tree.h"
#include "tests/fuzz/driver.h"

#include <string.h>

/* What somebody stores as a provider's record: it may stand at one place at most, which follows
 * from its own words and the Node-ID, however many branches the trees have.
 *
 * The input is the branching factor less two (two bytes), the Node-ID, and the record. */

enum { FACTOR = 2, HEAD = FACTOR + NODE_ID_SIZE };

static bool
is_allowed (const ConfigurationKind *kind, const NodeId *id, const NodeId *resource, Bytes record)
{
  Certificate signer = { .node_ids = { *id }, .node_id_count = 1 };
  StoredDataValue value = { .model = DATA_MODEL_DICTIONARY,
                            .key = node_id_bytes (id),
                            .value = { true, record } };

  return access_is_allowed (kind, &signer, id, resource, &value);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (Arena) arena = arena_new ();
  ConfigurationKind kind = { .id = KIND_REDIR,
                             .data_model = DATA_MODEL_DICTIONARY,
                             .access_policy = ACCESS_POLICY_NODE_ID_MATCH };
  Bytes bytes;
  RedirServiceProvider record;
  NodeId id, place, elsewhere;
  bool is_right;

  if (size < HEAD)
    return 0;
  kind.branching_factor = MIN ((uint32_t) (data[0] << 8 | data[1]) + 2, UINT16_MAX);
  memcpy (id.bytes, data + FACTOR, NODE_ID_SIZE);
  bytes = (Bytes){ data + HEAD, size - HEAD };
  elsewhere = node_id_add_power (&id, 0);
  g_assert (!is_allowed (&kind, &id, &elsewhere, bytes));
  if (!redir_service_provider_decode (bytes, arena, &record, NULL))
    return 0;
  place = redir_resource (record.namespace, record.level, record.node);
  is_right = record.level <= redir_level_max (kind.branching_factor) &&
             redir_node_of (kind.branching_factor, record.level, &id) == record.node;
  g_assert (is_allowed (&kind, &id, &place, bytes) == is_right);
  return 0;
}
