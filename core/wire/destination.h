/* SPDX-License-Identifier: GPL-3.0-or-later */
/* destination.h: where a message goes, or came from (RFC 6940, 6.3.2.2). */
#pragma once
#include "core/wire/wire.h"

typedef enum DestinationType {
  DESTINATION_NODE = 1,
  DESTINATION_RESOURCE = 2,
  DESTINATION_OPAQUE = 3,
} DestinationType;

/* At most 254 bytes; 16 in CHORD-RELOAD (RFC 6940, 10.2). */
typedef Bytes ResourceId;

typedef struct Destination {
  uint8_t type;
  bool is_compressed; /* the 16-bit form; opaque_id holds its two bytes, the top bit set */

  union {
    NodeId node_id;
    ResourceId resource_id;
    Bytes opaque_id;
    Bytes unknown; /* of other types */
  };
} Destination;

WIRE_LIST (Destination);
WIRE_DECLARE (Destination, destination)
void walk_destinations (Wire *w, const char *label, unsigned length_bytes, DestinationList *list);

/* A walk of the length byte and the bytes. */
void walk_resource_id (Wire *w, const char *name, ResourceId *value);

Destination destination_of_node (const NodeId *node_id);
Destination destination_of_resource (ResourceId resource_id);

/* Same type, same identifier. The 16-bit form equals its long form. */
bool destination_equal (const Destination *a, const Destination *b);

/* Whether it names this node. */
bool destination_is_node (const Destination *self, const NodeId *node_id);

/* `list` and one more, in new memory of the arena; `list` stays as it is. */
DestinationList
destination_list_append (Arena *arena, const DestinationList *list, const Destination *last);

/* `list` without its first `count` entries; shares their memory. */
DestinationList destination_list_skip (const DestinationList *list, size_t count);

/* The entries in reverse order, in new memory: an answer's destination list is the request's via
 * list reversed (RFC 6940, 6.2.2). */
DestinationList destination_list_reverse (Arena *arena, const DestinationList *list);
