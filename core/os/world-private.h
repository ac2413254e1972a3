/* SPDX-License-Identifier: GPL-3.0-or-later */
/* world-private.h: what the carriers of a world share. */
#pragma once
#include "core/base/list.h"
#include "core/os/handshake-limit.h"
#include "core/os/listener.h"
#include "core/os/ports.h"
#include "core/os/relay-book.h"

typedef struct Carrier Carrier;
typedef struct Gateway Gateway;
typedef struct InviteDesk InviteDesk;
typedef struct KnockDesk KnockDesk;
typedef struct Network Network;
typedef struct Pinhole Pinhole;
typedef struct Porch Porch;
typedef struct PortMapping PortMapping;
typedef struct Reach Reach;
typedef struct RelayDesk RelayDesk;
typedef struct StunDesk StunDesk;

struct World {
  NodePorts ports;
  const Signer *signer;
  struct Store *store; /* borrowed; NULL keeps nothing */
  const char *scope;   /* the instance name */
  struct Node *node;   /* borrowed; NULL while nobody listens */
  Loop *loop;
  Tls *tls;
  Listener *listener;
  HandshakeLimit *limit;
  Porch *porch;
  Network *network;
  InviteDesk *desk;
  StunDesk *stun_desk;
  KnockDesk *knock_desk;
  RelayBook *relays;
  RelayDesk *relay_desk; /* NULL while we do not relay */
  RelayWeb web;
  GHashTable *carriers; /* borrowed Carrier by number */
  ListLink all;         /* every Carrier, also those that are closed and not yet freed */
  uint32_t next_incoming;
  unsigned half_open; /* incoming handshakes under way */
  unsigned incoming;  /* incoming ones that stand */
  bool is_hiding;     /* from some, behind relays */
  Address only;       /* the one address to use; family ADDRESS_NONE when all may be used */
  void (*relay_wanted) (void *user_data);
  void *relay_data;
  uint64_t relay_wanted_again; /* not before that moment */
  PortMapping *mapping;        /* NULL while there is none, nor would be of use */
  Gateway *gateway;            /* of the mapping */
  Address outside;             /* where it leads to us from; family ADDRESS_NONE: nowhere */
  Address forwarded;           /* where it does so without having been asked by us */
  PortMapping *opening;        /* of an IPv6 firewall; NULL as above */
  Pinhole *pinhole;            /* of the opening */
  bool wants_mapping;
  void (*listening_changed) (void *user_data);
  void *listening_data;
  Reach *reach;
  ReachReport reached; /* what was found, */
  uint64_t reached_at; /* after it was asked for, the last time; 0: never yet */
  Timer reach_again;
  void (*reach_told) (void *user_data);
  void *reach_data;
  PathReport *ended; /* owned; of the media link that ended last, or NULL */
  uint32_t ended_link;
  WorldMediaFunc media;
  void *media_data;
  void (*changed) (void *user_data);
  void *changed_data;
};

/* Has others looked for who would relay for us, when too few are known. */
void world_seek_relays (World *self);

/* The relays to use for a link: over TCP only where no datagram gets out. */
size_t world_choose_relays (const World *self, RelayPlace *ret_places, size_t size);

/* A number for what the node has not asked for. */
uint32_t world_next_incoming (World *self);
