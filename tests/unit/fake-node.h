/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fake-node.h: worlds whose nodes only write down what the world tells them. */
#pragma once
#include "core/crypto/private-key.h"
#include "core/node.h"
#include "core/os/ports.h"

/* One link as its node has heard of it. */
typedef struct Heard {
  unsigned gathered;
  unsigned up;
  unsigned down;
  LinkTraits traits;
  LinkEnd end;
  IceDescription local;
  Certificate *peer; /* owned */
  GByteArray *received;
  unsigned pieces;
  unsigned sounds; /* how often sound was told to begin */
  unsigned tried;  /* other ways for it */
  LinkTrial trial; /* what came of the last */
} Heard;

/* A world, its node, its keys. */
typedef struct Peer {
  World *world;
  Node *node;
  const NodePorts *ports;
  PrivateKey *user_key;
  PrivateKey *device_key;
  CertificateTrust trust;
  Signer *signer;
  Address address; /* of its listener */
} Peer;

/* `secret` is a text of at most 15 characters. */
Peer *peer_new (const char *instance_name, const char *secret, const char *listen);
void peer_free (Peer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Peer, peer_free)

/* A member of "home-abcd2345.peal.alt" on 127.0.0.1. */
Peer *peer_member (void);

/* A member whose world keeps things; `store` may be NULL. */
Peer *peer_keeping (struct Store *store);

/* "key=value;" of everything that was brought back. */
const char *peer_restored (const Peer *self);

/* What is known of a link; all zeros for one never heard of. */
const Heard *peer_heard (const Peer *self, uint32_t link);

/* The `index`th incoming link. */
uint32_t peer_incoming (const Peer *self, unsigned index);
unsigned peer_incoming_up (const Peer *self);

/* How many did not get through the handshake; for wait_for(). */
const unsigned *peer_refused (const Peer *self);

/* Called inside node_link_up() and node_receive(), to close links at bad moments. */
void peer_set_hook (Peer *self, void (*hook) (Peer *self, uint32_t link));

/* Turns the main loop until `*counter` is at least `least`; fails after 20 s. */
void wait_for (const unsigned *counter, unsigned least);

/* Turns it for a while in which nothing is expected. */
void wait_ms (unsigned ms);

/* Sockets and memory that this process has. */
unsigned open_files (void);
