/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mirrors.h: peers that tell us what our address looks like from where they are: the STUN servers
 * of RFC 6940, 6.5.1.4. */
#pragma once
#include "core/base/address.h"
#include "core/base/timers.h"

typedef struct Mirrors Mirrors;

typedef struct MirrorPorts {
  /* From the socket that the answers come back to. */
  void (*send) (void *owner, const Address *to, Bytes request);
  void (*random_bytes) (void *owner, uint8_t *ret_bytes, size_t size);

  /* Whether more than our address hangs on that peer, so that its loss is to be noticed soon. */
  bool (*relies_on) (void *owner, const Address *peer);

  /* It has left the first requests unanswered: datagrams may not get there. */
  void (*silent) (void *owner, const Address *peer);

  /* It has left several requests unanswered. */
  void (*lost) (void *owner, const Address *peer);
} MirrorPorts;

typedef struct Mirror {
  Address peer; /* where it answers */
  Address seen; /* how it sees us */
} Mirror;

Mirrors *mirrors_new (Timers *timers, const MirrorPorts *ports, void *owner);
void mirrors_free (Mirrors *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Mirrors, mirrors_free)

/* A peer that we are attached to listens there. */
void mirrors_add (Mirrors *self, const Address *peer);

/* False when it answers nothing that was asked. */
bool mirrors_hear (Mirrors *self, const Address *from, Bytes answer, Address *ret_seen);

/* Our addresses may have changed: all are asked anew. */
void mirrors_ask_again (Mirrors *self);

/* All who have answered, as many as fit. */
size_t mirrors_known (const Mirrors *self, Mirror *ret_mirrors, size_t size);

/* One of each group of those who see us at the same address, as many as fit; one that answers
 * before one that does not. */
size_t mirrors_choose (const Mirrors *self, Mirror *ret_mirrors, size_t size);
