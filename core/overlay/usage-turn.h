/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usage-turn.h: who relays for others, and where: the Kind TURN-SERVICE (RFC 6940, 9). */
#pragma once
#include "core/base/address.h"
#include "core/base/node-id.h"

struct Overlay;

#define KIND_TURN_SERVICE UINT32_C (0x2)

/* The service of that name (RFC 7374, 10.4). */
#define TURN_NAMESPACE "turn-server"

typedef struct TurnUsage TurnUsage;

typedef struct RelayOffer {
  NodeId node_id;
  Address address;
} RelayOffer;

enum { RELAYS_MAX = 2 };

/* How a search ended. */
typedef struct RelaysFound {
  bool was_answered; /* false: nobody answered at all */
  RelayOffer relays[RELAYS_MAX];
  size_t count;
} RelaysFound;

typedef void (*RelaysFunc) (void *owner, uint32_t search, const RelaysFound *found);

TurnUsage *turn_usage_new (struct Overlay *overlay, RelaysFunc found, void *owner);
void turn_usage_free (TurnUsage *self);

/* We relay at `address` from now on; NULL: no more. */
void turn_usage_offer (TurnUsage *self, const Address *address);

/* Stores what we offer; called whenever the node has joined. */
void turn_usage_start (TurnUsage *self);

/* Stores it again where that belongs now. */
void turn_usage_refresh (TurnUsage *self, uint64_t within);

/* Takes it back, before leaving; `done` is told of each record when that is heard, or will not be,
 * never from inside the call. Returns how many. */
unsigned turn_usage_stop (TurnUsage *self, void (*done) (void *owner), void *owner);

/* `search` is given back with the answer, which comes exactly once and not from inside the call. */
void turn_usage_find (TurnUsage *self, uint32_t search);
