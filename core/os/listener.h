/* SPDX-License-Identifier: GPL-3.0-or-later */
/* listener.h: where strangers knock: DTLS over UDP and TLS over TCP on one port number. */
#pragma once
#include "core/os/loop.h"
#include "core/os/tls.h"

typedef struct Listener Listener;

/* The way to one peer over the shared UDP socket; lives inside its owner. */
typedef struct Path {
  Address peer;
  Address local; /* which of our addresses it speaks to */
  void *owner;
} Path;

typedef struct ListenerEvents {
  /* A ClientHello with the right cookie; `ssl` is the receiver's. */
  void (*hello) (void *owner, const Path *path, SSL *ssl);
  void (*datagram) (void *path_owner, Bytes datagram);
  void (*accepted) (void *owner, const Address *from, int fd); /* `fd` is the receiver's */

  /* STUN, or data of a TURN channel, whoever it is from; NULL drops them. */
  void (*stun) (void *owner, const Path *from, Bytes datagram);
} ListenerEvents;

/* `listen` as in WorldOptions. */
Listener *listener_new (Loop *loop,
                        Tls *tls,
                        const char *listen,
                        const ListenerEvents *events,
                        void *owner,
                        GError **error);
void listener_free (Listener *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Listener, listener_free)

/* Port and address that it is bound to; the address may be unspecified. */
const Address *listener_address (const Listener *self);

/* The addresses at which others may reach it, at most `size`. */
size_t listener_reachable (const Listener *self, Address *ret_addresses, size_t size);

/* Takes callers over TCP at the port of the web too, which hardly any firewall keeps from going
 * out; false, and errno, when that is not to be had. Does nothing when it does so. */
bool listener_open_web (Listener *self);

/* Takes nobody new from now on; paths stay. Not from inside `accepted`. */
void listener_shut (Listener *self);

/* Datagrams of path->peer go to path->owner until it is removed. */
void listener_add_path (Listener *self, Path *path);
void listener_remove_path (Listener *self, Path *path);
void listener_send (Listener *self, const Path *path, Bytes datagram);
