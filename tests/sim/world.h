/* SPDX-License-Identifier: GPL-3.0-or-later */
/* world.h: many nodes in one process on a virtual clock, a made-up network and a seed. The nodes
 * are the phone's own; only their ports are others. The same seed gives the same run, byte for
 * byte. */
#pragma once
#include "core/crypto/signer.h"
#include "core/node.h"
#include "core/overlay/configuration.h"
#include "tests/sim/disk.h"
#include "tests/sim/end-table.h"

#define SIM_INSTANCE "home-simsimsi.peal.alt"

typedef struct SimWorld SimWorld;
typedef struct SimPeer SimPeer;

struct SimPeer {
  Node *node; /* NULL while it is off */
  SimWorld *world;
  uint64_t bytes_sent;
  uint64_t messages_sent;
  SimEndList ends;   /* of its links */
  struct Gang *gang; /* that it has turned to, see gang.h; NULL: none */
  unsigned index;
  unsigned home;    /* who has the same one is near, and reached; 0: it shares none */
  bool is_secluded; /* nobody gets to its listener, and no ICE goes between two of these */
  bool is_bare;     /* it knows RFC 6940 alone */
  bool is_rider;    /* takes and does not give: see rider.h */
  bool is_walled;   /* in the one house out of which only streams go, and into which nothing */
  bool is_between;  /* no cut of the network (sim_world_cut) keeps it from anybody */
  NodeState state;
  NodePorts ports;
  Signer signer;
  const char *user;  /* its certificate's */
  uint64_t ready_at; /* when it last became NODE_READY */
  unsigned events;
  uint32_t next_incoming;
  int64_t clock_offset_ms;
  SimDisk *disk; /* owned; NULL while nothing was kept */
};

typedef struct SimOptions {
  unsigned peers;
  uint64_t seed;
  double loss;         /* 0..1, of datagrams */
  double trouble;      /* 0..1, of datagrams and of what is kept: see trouble.h */
  unsigned latency_ms; /* one way, at least */
  unsigned jitter_ms;  /* and up to this more */
  unsigned silence_ms; /* until a caller believes that nobody listens there; 0: two seconds */
  bool is_diskless;    /* nobody comes back with what it had */
  bool is_internet;    /* see terrain.h, in place of those delays */
  unsigned fixed_s;    /* seconds between periodic Updates of CHORD-RELOAD; 0: they are tuned */

  /* Makes the signer of `user`; NULL: sim_signer_init() with a random Node-ID. The peer owns a
   * reference of its certificate, the rest outlives the world. */
  void (*init_signer) (Signer *signer, const char *user, void *user_data);
  void *signer_data;
} SimOptions;

SimWorld *sim_world_new (const SimOptions *options);
void sim_world_free (SimWorld *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimWorld, sim_world_free)

SimPeer *sim_world_peer (SimWorld *self, unsigned index);
unsigned sim_world_size (const SimWorld *self);

/* What all nodes start with; borrowed. */
Configuration *sim_world_configuration (const SimWorld *self);

/* Turns the clock. */
void sim_world_run (SimWorld *self, uint64_t microseconds);
uint64_t sim_world_now (const SimWorld *self);

/* Turns the clock until `is_done`, at most `microseconds`; returns whether it was. */
bool sim_world_run_until (SimWorld *self,
                          bool (*is_done) (SimWorld *self, void *user_data),
                          void *user_data,
                          uint64_t microseconds);

/* Starts a node that knows the listeners of `hint_count` others. */
void sim_peer_start (SimPeer *self, const unsigned *hints, unsigned hint_count);

const NodeId *sim_peer_id (const SimPeer *self);

/* Whether others get to its listener. */
bool sim_peer_is_open (const SimPeer *self);

/* Where it listens when it is on. */
Address sim_peer_listener (const SimPeer *self);

/* A link that stands at once between two running peers, by the numbers that they gave it. */
void sim_world_wire (SimPeer *a, uint32_t a_link, SimPeer *b, uint32_t b_link);

/* A crash: nobody is told. */
void sim_peer_kill (SimPeer *self);

/* In good order. */
void sim_peer_stop (SimPeer *self);

/* Cuts the network between peers below `border` and the others; 0 mends it. */
void sim_world_cut (SimWorld *self, unsigned border);

/* What became of every frame. */
typedef struct SimTraffic {
  uint64_t sent;
  uint64_t delivered;
  uint64_t dropped; /* lost on the way, or nobody was there any more */
  uint64_t in_flight;
} SimTraffic;

SimTraffic sim_world_traffic (const SimWorld *self);

/* A number that depends on everything that was sent (see trace.h): equal for equal runs. */
uint64_t sim_world_trace (const SimWorld *self);
uint32_t sim_world_random (SimWorld *self, uint32_t limit);

unsigned sim_world_running (SimWorld *self);

/* By all peers, those included that are gone. */
uint64_t sim_world_bytes_sent (const SimWorld *self);

/* Called for each event of each node, after the world has noted it. */
typedef void (*SimEventFunc) (SimPeer *peer, const NodeEvent *event, void *user_data);
void sim_world_set_event_func (SimWorld *self, SimEventFunc func, void *user_data);

/* Called for each message that goes over a link, before framing is undone; for captures. */
typedef void (*SimTapFunc) (SimPeer *from, SimPeer *to, Bytes frame, void *user_data);
void sim_world_set_tap (SimWorld *self, SimTapFunc func, void *user_data);

/* What is about to reach a node, for those who tamper with it. */
typedef struct SimArrival {
  SimPeer *to;
  uint32_t to_link;
  SimPeer *from;
  uint8_t *bytes; /* of the frame; may be changed */
  size_t size;
} SimArrival;

typedef void (*SimArrivalFunc) (const SimArrival *arrival, void *user_data);
void sim_world_set_arrival_func (SimWorld *self, SimArrivalFunc func, void *user_data);
