/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/node-id.h"

#include <string.h>

bool
node_id_equal (const NodeId *a, const NodeId *b)
{
  return memcmp (a->bytes, b->bytes, NODE_ID_SIZE) == 0;
}

int
node_id_compare (const NodeId *a, const NodeId *b)
{
  return memcmp (a->bytes, b->bytes, NODE_ID_SIZE);
}

static bool
is_all (const NodeId *id, uint8_t byte)
{
  for (size_t i = 0; i < NODE_ID_SIZE; i++)
    if (id->bytes[i] != byte)
      return false;
  return true;
}

bool
node_id_is_zero (const NodeId *id)
{
  return is_all (id, 0x00);
}

bool
node_id_is_wildcard (const NodeId *id)
{
  return is_all (id, 0xff);
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
  NodeId distance;
  int borrow = 0;

  for (int i = NODE_ID_SIZE - 1; i >= 0; i--) {
    int digit = to->bytes[i] - from->bytes[i] - borrow;
    borrow = digit < 0;
    distance.bytes[i] = (uint8_t) (digit & 0xff);
  }
  return distance;
}

NodeId
node_id_add_power (const NodeId *id, unsigned exponent)
{
  NodeId sum = *id;
  unsigned carry = 1u << (exponent % 8);

  g_assert (exponent < 8 * NODE_ID_SIZE);
  for (int i = NODE_ID_SIZE - 1 - (int) (exponent / 8); i >= 0 && carry > 0; i--) {
    carry += sum.bytes[i];
    sum.bytes[i] = (uint8_t) (carry & 0xff);
    carry >>= 8;
  }
  return sum;
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
