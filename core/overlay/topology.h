/* SPDX-License-Identifier: GPL-3.0-or-later */
/* topology.h: what an overlay asks of its Topology Plug-in (RFC 6940, 6.4.1). */
#pragma once
#include "core/overlay/connection-table.h"
#include "core/overlay/incoming.h"

typedef enum TopologyState {
  TOPOLOGY_OFF,
  TOPOLOGY_LOOKING, /* no ring yet */
  TOPOLOGY_JOINING,
  TOPOLOGY_ALONE, /* a ring of one */
  TOPOLOGY_JOINED,
  TOPOLOGY_CLIENT, /* outside of the ring, but linked to peers of it */
} TopologyState;

/* Shares of the ring that say more than a share: all of it is a ring of one, and this little is
 * none, but there is a ring behind a client. */
#define PPB_ALONE  UINT32_C (1000000000)
#define PPB_CLIENT UINT32_C (1)

/* One row of what a topology can do; CHORD-RELOAD is in chord.c. */
typedef struct TopologyPlugin {
  const char *name; /* as in the configuration's topology-plugin */

  /* Whether this peer answers for `id` now. */
  bool (*is_responsible) (void *self, const NodeId *id);

  /* Whether `id` is one that this peer keeps a copy of. */
  bool (*is_replica) (void *self, const NodeId *id);

  /* The peer to send to next; `exclude` may be NULL. */
  bool (*next_hop) (void *self, const NodeId *id, const NodeId *exclude, NodeId *ret_next);

  /* Whether `id` lies nearer to `previous` than to us: what is meant for it should not have come
   * here from there. */
  bool (*is_detour) (void *self, const NodeId *id, const NodeId *previous);

  /* Whether, as far as we know, `responder` may answer for `id`: no neighbor of ours is nearer
   * (RFC 6940, 6.3.4). */
  bool (*may_answer) (void *self, const NodeId *id, const NodeId *responder);

  /* Whether a replica of `id`, or what is to be ours, may come from `sender` (RFC 6940, 7.4.1.1).
   */
  bool (*may_replicate) (void *self, const NodeId *id, const NodeId *sender);

  /* Where copies of our own range go, nearest first. Returns how many, at most `size`. */
  size_t (*replicas) (void *self, NodeId *ret_peers, size_t size);

  /* Who, as far as we know, answers for `id`, of those that we have a link to. */
  bool (*owner) (void *self, const NodeId *id, NodeId *ret_owner);

  /* We answer for what lies behind that peer and up to ourselves; false when there is none. */
  bool (*range_start) (void *self, NodeId *ret_peer);

  /* How long a peer stays here, roughly; TIME_NEVER when that is not known. */
  uint64_t (*lifetime) (void *self);

  /* Some peer with a link of ours, other than `exclude` (may be NULL). */
  bool (*random_peer) (void *self, const NodeId *exclude, NodeId *ret_peer);

  /* The handlers of Join, Leave, Update and RouteQuery. */
  void (*join) (void *self, Incoming *request);
  void (*leave) (void *self, Incoming *request);
  void (*update) (void *self, Incoming *request);
  void (*route_query) (void *self, Incoming *request);

  /* What a Probe says beside its question, and what its answer says so; memory of the request. */
  MessageExtensionList (*hear_probe) (void *self, const Incoming *request);

  /* An Update with the whole Routing Table, as asked for by send_update. */
  void (*send_update) (void *self, Connection *connection);

  /* Links to peers come, go, fall silent. */
  void (*peer_up) (void *self, Connection *connection);
  void (*peer_down) (void *self, Connection *connection, LinkEnd end);
  void (*peer_suspected) (void *self, Connection *connection, bool is_suspected);

  /* Addresses of this machine have come or gone. */
  void (*network_changed) (void *self);

  /* What this machine sends is paid for from now on, or not any more. */
  void (*metered_changed) (void *self);

  TopologyState (*state) (void *self);

  /* Of the ring that we are in, in parts per billion (RFC 6940, 6.4.2.5.2). */
  uint32_t (*responsible_ppb) (void *self);

  /* How many peers the overlay has, as far as can be told from the spacing of neighbors. */
  unsigned (*estimate) (void *self);

  /* How many peers the Routing Table has. */
  unsigned (*table_size) (void *self);

  /* What that peer is to us, for people who look: "successor", "finger" … */
  const char *(*role) (void *self, const NodeId *peer);

  void (*start) (void *self);
  void (*stop) (void *self, bool says_goodbye);
  void (*free) (void *self);
} TopologyPlugin;

typedef struct Topology {
  const TopologyPlugin *plugin;
  void *self; /* owned; first argument of the plugin's functions */
} Topology;
