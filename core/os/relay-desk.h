/* SPDX-License-Identifier: GPL-3.0-or-later */
/* relay-desk.h: a relay on the listener's port, over UDP, TCP and TLS, with sockets of its own for
 * what it relays. */
#pragma once
#include "core/os/listener.h"
#include "core/os/relay.h"
#include "core/os/tls-stream.h"

typedef struct RelayDesk RelayDesk;

/* `bytes_per_s` as in relay_new(). */
RelayDesk *relay_desk_new (Loop *loop, Listener *listener, uint32_t bytes_per_s);
void relay_desk_free (RelayDesk *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RelayDesk, relay_desk_free)

void relay_desk_hear (RelayDesk *self, const Path *from, Bytes datagram);

/* A client's connection over TCP; takes `fd`. Or one over TLS that is up; takes `stream`, also from
 * inside `up`. */
void relay_desk_take_tcp (RelayDesk *self, const Address *from, int fd);
void relay_desk_take_tls (RelayDesk *self, const Address *from, TlsStream *stream);
void relay_desk_network_changed (RelayDesk *self);

/* Borrowed. */
Relay *relay_desk_relay (RelayDesk *self);
