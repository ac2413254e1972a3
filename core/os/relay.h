/* SPDX-License-Identifier: GPL-3.0-or-later */
/* relay.h: a TURN server (RFC 8656) for the members of an overlay. No sockets: they are behind its
 * ports. */
#pragma once
#include "core/base/timers.h"
#include "core/os/ports.h"
#include "core/os/relay-credential.h"
#include "core/os/stun.h"

typedef struct Relay Relay;
typedef struct RelayAllocation RelayAllocation;

/* The 5-tuple of a client. */
typedef struct RelayClient {
  Address peer;
  Address local;   /* which of our addresses it speaks to */
  uint32_t stream; /* a number of the caller's; 0 for UDP */
} RelayClient;

typedef struct RelayWish {
  AddressFamily family;
  bool is_even; /* the port */
} RelayWish;

/* None of these calls back. */
typedef struct RelayPorts {
  uint64_t (*wall_clock_s) (void *world);
  void (*random_bytes) (void *world, uint8_t *ret_bytes, size_t size);

  /* A UDP socket as wished for one allocation, whose datagrams go to relay_hear_peer(); NULL
   * when there is none. */
  void *(*open) (void *world,
                 const RelayWish *wish,
                 const RelayClient *client,
                 RelayAllocation *allocation,
                 Address *ret_relayed);
  void (*close) (void *world, void *socket);

  /* Whether packets to it would end on this machine; the port does not count. */
  bool (*is_own) (void *world, const Address *address);
  void (*to_client) (void *world, const RelayClient *client, Bytes bytes);
  void (*to_peer) (void *world, void *socket, const Address *peer, Bytes datagram);
} RelayPorts;

/* `bytes_per_s` bounds each direction of an allocation; 0: LIMIT_RELAY_BYTES_PER_S. */
Relay *relay_new (Timers *timers, const RelayPorts *ports, void *world, uint32_t bytes_per_s);
void relay_free (Relay *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Relay, relay_free)

/* For a member who has proved to be `node`. */
void relay_admit (const Relay *self, const NodeId *node, RelayCredential *ret_credential);

/* The member's network has changed, or somebody's with whom it talks. Those of its allocations that
 * it had been silent on give way to new ones until it speaks over them again, and for a while those
 * over which it is not answered. */
void relay_doubt (Relay *self, const NodeId *node);

/* One message of a client: STUN or ChannelData. */
void relay_hear (Relay *self, const RelayClient *from, Bytes message);

/* One datagram at the relayed address. */
void relay_hear_peer (RelayAllocation *allocation, const Address *from, Bytes datagram);

/* Whether it has an allocation. */
bool relay_serves (const Relay *self, const RelayClient *client);

/* The client's connection is gone. */
void relay_drop (Relay *self, const RelayClient *client);

RelayReport relay_report (const Relay *self);
