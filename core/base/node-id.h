/* SPDX-License-Identifier: GPL-3.0-or-later */
/* node-id.h: 128-bit identifiers on a ring and their arithmetic modulo 2^128 (RFC 6940, 10.1). */
#pragma once
#include "core/base/bytes.h"

enum { NODE_ID_SIZE = 16 };

typedef struct NodeId {
  uint8_t bytes[NODE_ID_SIZE];
} NodeId;

static inline bool
node_id_equal (const NodeId *a, const NodeId *b)
{
  return __builtin_memcmp (a->bytes, b->bytes, NODE_ID_SIZE) == 0;
}

/* memcmp order. */
int node_id_compare (const NodeId *a, const NodeId *b);

/* All zeros: the invalid Node-ID of RFC 6940, 6.3.1.1. */
bool node_id_is_zero (const NodeId *id);

/* All ones: the wildcard Node-ID of RFC 6940, 6.3.1.1. */
bool node_id_is_wildcard (const NodeId *id);

/* Whether `id` lies in the half-open arc (after, up_to], going clockwise; an empty arc
 * (after equals up_to) is the whole ring. */
bool node_id_in_arc (const NodeId *id, const NodeId *after, const NodeId *up_to);

/* The clockwise distance from `from` to `to`: to - from modulo 2^128. */
NodeId node_id_distance (const NodeId *from, const NodeId *to);

/* id + 2^exponent modulo 2^128; exponent < 128. */
NodeId node_id_add_power (const NodeId *id, unsigned exponent);

/* The distance as a fraction of the ring, 0..1. */
double node_id_fraction (const NodeId *distance);

/* 32 hexadecimal digits and a NUL, into the caller's array. */
const char *node_id_to_hex (const NodeId *id, char ret_hex[33]);

bool node_id_from_hex (const char *hex, NodeId *ret_id);

/* Whether `bytes` is of the right size, then copied. */
bool node_id_from_bytes (Bytes bytes, NodeId *ret_id);

Bytes node_id_bytes (const NodeId *id);
