/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stun-desk.h: STUN on the listener's port: answers to those who ask how we see them, and what
 * others say of us. */
#pragma once
#include "core/os/listener.h"
#include "core/os/mirrors.h"

typedef struct StunDesk StunDesk;

typedef struct StunDeskEvents {
  /* A peer answers; `is_beyond`: it sees us at another address than we know ourselves. */
  void (*heard) (void *owner, const Address *peer, bool is_beyond);
  bool (*relies_on) (void *owner, const Address *peer); /* see mirrors.h */
  void (*silent) (void *owner, const Address *peer); /* one that was added has not answered yet, */
  void (*lost) (void *owner, const Address *peer);   /* or answers no more */
} StunDeskEvents;

StunDesk *stun_desk_new (Loop *loop, Listener *listener, const StunDeskEvents *events, void *owner);
void stun_desk_free (StunDesk *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StunDesk, stun_desk_free)

void stun_desk_hear (StunDesk *self, const Path *from, Bytes datagram);

/* An attached peer listens at `peer`. */
void stun_desk_add_peer (StunDesk *self, const Address *peer);
void stun_desk_network_changed (StunDesk *self);

/* Those who have answered, and how they see us; as many as fit. */
size_t stun_desk_mirrors (const StunDesk *self, Mirror *ret_mirrors, size_t size);

/* Whether datagrams come back from beyond our own network. */
bool stun_desk_reaches_out (const StunDesk *self);

/* The peer to ask when candidates are gathered; false when none sees us at another address than we
 * know ourselves: then nothing would be found. */
bool stun_desk_server (const StunDesk *self, Address *ret_server);
