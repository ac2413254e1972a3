/* SPDX-License-Identifier: GPL-3.0-or-later */
/* relay-private.h: the inside of a relay, for relay.c, relay-allocation.c and relay-request.c. */
#pragma once
#include "core/base/limits.h"
#include "core/base/list.h"
#include "core/base/token-bucket.h"
#include "core/os/relay.h"

typedef struct RelayPermission {
  Address host; /* its port is 0 */
  uint64_t until;
} RelayPermission;

typedef struct RelayChannel {
  Address peer;
  uint64_t until;
  uint16_t number;
} RelayChannel;

struct RelayAllocation {
  Relay *relay;
  RelayClient client;
  NodeId node; /* whose quota it counts against */
  char user[RELAY_USER_SIZE];
  uint8_t id[STUN_ID_SIZE]; /* of the Allocate request */
  Address relayed;
  void *socket;
  Timer expiry;
  RelayPermission permissions[LIMIT_RELAY_PERMISSIONS];
  size_t permission_count;
  RelayChannel channels[LIMIT_RELAY_CHANNELS];
  size_t channel_count;
  uint64_t heard_at; /* when its client last spoke */
  uint64_t used_at;  /* when something was last relayed, else made */
  bool is_left;      /* its client's network has changed, and from it nothing has come since */
  uint64_t doubted_until;
  uint64_t unanswered_since; /* peers have been sent something, and none has since; 0: nothing */
  TokenBucket requests;
  TokenBucket outgoing; /* bytes */
  TokenBucket incoming;
};

struct Relay {
  Timers *timers;
  const RelayPorts *ports;
  void *world;
  uint32_t bytes_per_s;
  uint8_t key[RELAY_KEY_SIZE];
  uint8_t nonce_key[RELAY_KEY_SIZE];
  GHashTable *allocations; /* owned, by their clients */
  TokenBucket strangers;   /* requests of those who have no allocation */
  RelayReport report;
};

/* ---- Allocations (relay-allocation.c) ---- */
RelayAllocation *relay_find (const Relay *self, const RelayClient *client);

/* NULL when there is no socket. */
RelayAllocation *
relay_allocate (Relay *self, const RelayClient *client, const RelayWish *wish, uint64_t lifetime);

/* A lifetime of 0 ends it. */
void relay_refresh (RelayAllocation *allocation, uint64_t lifetime);
void relay_allocation_free (RelayAllocation *allocation);
/* Its client has spoken. */
void relay_hear_client (RelayAllocation *allocation);
size_t relay_count_of (const Relay *self, const NodeId *node);

/* Ends that of the node's allocations which has been silent longest, when its client cannot come
 * back to it as it seems; `newer` is where the node speaks from now. False when there is none. */
bool relay_end_stale (Relay *self, const NodeId *node, const RelayClient *newer);

/* Where all are taken: ends one of a member who has more of them than `node`, the longest unused of
 * whoever has most: one that nobody has used for a while, or any of who has two more than `node`,
 * so that a few who talk over many do not keep out the others. False when there is none. */
bool relay_make_room (Relay *self, const NodeId *node);

/* Whether data may go there at all, permission or not. */
bool relay_may_send (const RelayAllocation *allocation, const Address *peer);

/* False when there is no room. */
bool relay_permit (RelayAllocation *allocation, const Address *peer);
bool relay_is_permitted (const RelayAllocation *allocation, const Address *peer);

/* Both NULL when there is none. */
RelayChannel *relay_channel_by_number (RelayAllocation *allocation, unsigned number);
RelayChannel *relay_channel_by_peer (RelayAllocation *allocation, const Address *peer);

/* Neither half is bound to anything else. False when there is no room. */
bool relay_bind (RelayAllocation *allocation, unsigned number, const Address *peer);

/* From the client, and to it. */
void relay_send (RelayAllocation *allocation, const Address *peer, Bytes datagram);

/* ---- Requests (relay-request.c) ---- */
void relay_answer (Relay *self, const RelayClient *from, Bytes request);
