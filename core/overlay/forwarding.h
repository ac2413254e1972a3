/* SPDX-License-Identifier: GPL-3.0-or-later */
/* forwarding.h: symmetric recursive routing (RFC 6940, 6.1 and 6.2): what is not for us goes on,
 * and leaves by fragments that fit the next link. */
#pragma once
#include "core/overlay/connection-table.h"
#include "core/wire/header.h"

struct Overlay;

typedef struct Forwarding Forwarding;

Forwarding *forwarding_new (struct Overlay *overlay);
void forwarding_free (Forwarding *self);

/* Delivers messages to ourselves now, for a node that stops; not from inside a message. */
void forwarding_settle (Forwarding *self);

/* One message, or a fragment of one, from a link. */
void forwarding_receive (Forwarding *self, Connection *connection, Bytes message);

/* What has gone over that link, and may have found nobody there: another way is tried as well. */
void forwarding_detour (Forwarding *self, const Connection *stalled, Bytes message);

/* Forgets what was passed on before this was called last. */
void forwarding_tidy (Forwarding *self);

/* Where a message of ours goes first. */
typedef struct FirstHop {
  uint32_t connection;   /* over this link and no other; 0: routed */
  const NodeId *exclude; /* not through this peer if there is another; may be NULL */
} FirstHop;

/* Sends `payload` (MessageContents and SecurityBlock) under `header`, whose destination list
 * decides. Returns false when there is nowhere to send it; *ret_hop gets the Node-ID of the first
 * hop, ourselves when the message is for us. What is for us arrives later, not from inside this
 * call. */
bool forwarding_send (
  Forwarding *self, const ForwardingHeader *header, Bytes payload, FirstHop hop, NodeId *ret_hop);

/* Who is next on the way to `target`: ourselves when it is for us. False when nobody is. */
bool forwarding_next_peer (Forwarding *self, const Destination *target, NodeId *ret_next);

/* Whether the end of the destination list is a node at the other end of a link of ours, so that it
 * knows our certificate from the handshake. */
bool forwarding_is_direct (Forwarding *self, const ForwardingHeader *header);
