/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/node-id.h"

#include <string.h>

typedef unsigned __int128 Number;

static Number
number_of (const NodeId *id)
{
  uint64_t halves[2];

  G_STATIC_ASSERT (sizeof halves == NODE_ID_SIZE);
  memcpy (halves, id->bytes, NODE_ID_SIZE);
  return (Number) GUINT64_FROM_BE (halves[0]) << 64 | GUINT64_FROM_BE (halves[1]);
}

static NodeId
id_of (Number number)
{
  uint64_t halves[2] = { GUINT64_TO_BE ((uint64_t) (number >> 64)),
                         GUINT64_TO_BE ((uint64_t) number) };
  NodeId id;

  memcpy (id.bytes, halves, NODE_ID_SIZE);
  return id;
}

int
node_id_compare (const NodeId *a, const NodeId *b)
{
  Number left = number_of (a);
  Number right = number_of (b);

  return (left > right) - (left < right);
}

bool
node_id_is_zero (const NodeId *id)
{
  return number_of (id) == 0;
}

bool
node_id_is_wildcard (const NodeId *id)
{
  return ~number_of (id) == 0;
}

bool
node_id_in_arc (const NodeId *id, const NodeId *after, const NodeId *up_to)
{
  int turn = node_id_compare (after, up_to);

  if (turn == 0)
    return true;
  if (turn < 0)
    return node_id_compare (id, after) > 0 && node_id_compare (id, up_to) <= 0;
  return node_id_compare (id, after) > 0 || node_id_compare (id, up_to) <= 0;
}

NodeId
node_id_distance (const NodeId *from, const NodeId *to)
{
  return id_of (number_of (to) - number_of (from));
}

NodeId
node_id_add_power (const NodeId *id, unsigned exponent)
{
  g_assert (exponent < 8 * NODE_ID_SIZE);
  return id_of (number_of (id) + ((Number) 1 << exponent));
}

double
node_id_fraction (const NodeId *distance)
{
  double fraction = 0;

  for (int i = NODE_ID_SIZE - 1; i >= 0; i--)
    fraction = (fraction + distance->bytes[i]) / 256.0;
  return fraction;
}

const char *
node_id_to_hex (const NodeId *id, char ret_hex[33])
{
  static const char digits[] = "0123456789abcdef";

  for (size_t i = 0; i < NODE_ID_SIZE; i++) {
    ret_hex[2 * i] = digits[id->bytes[i] >> 4];
    ret_hex[2 * i + 1] = digits[id->bytes[i] & 15];
  }
  ret_hex[32] = '\0';
  return ret_hex;
}

bool
node_id_from_hex (const char *hex, NodeId *ret_id)
{
  return bytes_from_hex (hex, ret_id->bytes, NODE_ID_SIZE);
}

bool
node_id_from_bytes (Bytes bytes, NodeId *ret_id)
{
  if (bytes.size != NODE_ID_SIZE)
    return false;
  memcpy (ret_id->bytes, bytes.data, NODE_ID_SIZE);
  return true;
}

Bytes
node_id_bytes (const NodeId *id)
{
  return (Bytes){ id->bytes, NODE_ID_SIZE };
}
