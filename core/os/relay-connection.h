/* SPDX-License-Identifier: GPL-3.0-or-later */
/* relay-connection.h: the TCP connection of a relay's client, bare or inside TLS. */
#pragma once
#include "core/os/tls-stream.h"

typedef struct RelayConnection RelayConnection;

/* None of these may free it; relay_connection_close() is allowed. */
typedef struct RelayConnectionEvents {
  void (*message) (void *owner, RelayConnection *connection, Bytes message); /* whole */
  void (*down) (void *owner, RelayConnection *connection);                   /* the last one */
} RelayConnectionEvents;

/* Takes `fd`. */
RelayConnection *
relay_connection_new (Loop *loop, int fd, const RelayConnectionEvents *events, void *owner);

/* Takes `stream`, which is up. */
RelayConnection *relay_connection_new_tls (Loop *loop,
                                           TlsStream *stream,
                                           const RelayConnectionEvents *events,
                                           void *owner);
void relay_connection_free (RelayConnection *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RelayConnection, relay_connection_free)

/* Where it ends on this machine. */
Address relay_connection_local (const RelayConnection *self);

/* Dropped, as datagrams are, while more than LIMIT_RELAY_QUEUE bytes wait. */
void relay_connection_send (RelayConnection *self, Bytes message);

/* Nothing is heard of it any more. */
void relay_connection_close (RelayConnection *self);

/* Whether as much waits as when this was asked last, or more: its peer is too slow. */
bool relay_connection_is_stuck (RelayConnection *self);
