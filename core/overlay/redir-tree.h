/* SPDX-License-Identifier: GPL-3.0-or-later */
/* redir-tree.h: where a ReDiR tree has its nodes and intervals (RFC 7374, 3): pure arithmetic. */
#pragma once
#include "core/base/node-id.h"
#include "core/wire/redir.h"

#define KIND_REDIR UINT32_C (0x104)

enum {
  REDIR_LEVELS = 17,     /* of the deepest tree, a binary one */
  REDIR_LEVEL_START = 2, /* where walks begin (RFC 7374, 4.2) */
};

/* The deepest level whose nodes can be numbered with 16 bits. */
unsigned redir_level_max (unsigned factor);

/* The tree node of that level that has `id` in one of its intervals. */
uint16_t redir_node_of (unsigned factor, unsigned level, const NodeId *id);

/* Whether both lie in the same interval of that level: I(level, a) = I(level, b). */
bool redir_is_same_interval (unsigned factor, unsigned level, const NodeId *a, const NodeId *b);

/* H(namespace, level, node): the namespace's bytes, then both numbers as they are in the record. */
NodeId redir_resource (Bytes namespace, uint16_t level, uint16_t node);

/* NODE-ID-MATCH for a record that exists: whether `node_id` may stand at `resource` with it. */
bool redir_is_in_place (unsigned factor,
                        const RedirServiceProvider *record,
                        const NodeId *node_id,
                        const NodeId *resource);
