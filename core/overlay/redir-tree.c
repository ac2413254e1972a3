/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/redir-tree.h"

#include "core/base/big-endian.h"
#include "core/overlay/hash.h"

/* Level l divides the ring into b^l tree nodes, and each of them into b intervals. */

static uint64_t
power (unsigned factor, unsigned exponent)
{
  uint64_t result = 1;

  while (exponent-- > 0)
    result *= factor;
  return result;
}

/* Which of `parts` equal parts of the ring holds `id`: floor (id * parts / 2^128). */
static uint64_t
part_of (const NodeId *id, uint64_t parts)
{
  uint64_t carry = 0;

  g_assert (parts <= UINT64_C (1) << 32);
  for (size_t i = NODE_ID_SIZE; i-- > 0;)
    carry = (id->bytes[i] * parts + carry) >> 8;
  return carry;
}

unsigned
redir_level_max (unsigned factor)
{
  unsigned level = 0;

  g_assert (factor >= 2 && factor <= UINT16_MAX);
  while (power (factor, level + 1) <= (UINT64_C (1) << 16))
    level++;
  return level;
}

uint16_t
redir_node_of (unsigned factor, unsigned level, const NodeId *id)
{
  g_assert (level <= redir_level_max (factor));
  return (uint16_t) part_of (id, power (factor, level));
}

bool
redir_is_same_interval (unsigned factor, unsigned level, const NodeId *a, const NodeId *b)
{
  uint64_t parts = power (factor, level + 1);

  return part_of (a, parts) == part_of (b, parts);
}

NodeId
redir_resource (Bytes namespace, uint16_t level, uint16_t node)
{
  g_autoptr (GByteArray) name = g_byte_array_new ();

  g_byte_array_append (name, namespace.data, (guint) namespace.size);
  big_endian_append (name, 2, level);
  big_endian_append (name, 2, node);
  return resource_id_of ((Bytes){ name->data, name->len });
}

bool
redir_is_in_place (unsigned factor,
                   const RedirServiceProvider *record,
                   const NodeId *node_id,
                   const NodeId *resource)
{
  NodeId expected;

  if (record->level > redir_level_max (factor) ||
      redir_node_of (factor, record->level, node_id) != record->node)
    return false;
  expected = redir_resource (record->namespace, record->level, record->node);
  return node_id_equal (&expected, resource);
}
