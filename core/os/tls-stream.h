/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tls-stream.h: one TLS connection over TCP. */
#pragma once
#include "core/os/loop.h"
#include "core/os/tls.h"

typedef struct TlsStream TlsStream;

/* None of these may free the TlsStream; stream_close() is allowed, and silences it. They are never
 * called from inside the functions below. */
typedef struct TlsStreamEvents {
  void (*up) (void *owner);
  void (*receive) (void *owner, Bytes bytes);
  void (*down) (void *owner, LinkEnd end); /* the last one */
} TlsStreamEvents;

/* Takes `fd`, which may be still connecting, and `ssl`. `tls` is NULL for a newcomer. */
TlsStream *
tls_stream_new (Loop *loop, int fd, Tls *tls, SSL *ssl, const TlsStreamEvents *events, void *owner);
void tls_stream_free (TlsStream *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TlsStream, tls_stream_free)

/* Waits in a queue of at most LIMIT_LINK_QUEUE bytes; a peer who lets it grow beyond is cut off. */
void tls_stream_send (TlsStream *self, Bytes bytes);

/* Says goodbye. */
void tls_stream_close (TlsStream *self);

/* Somebody else's from now on; also from inside `up`. */
void tls_stream_hand_over (TlsStream *self, const TlsStreamEvents *events, void *owner);

/* Bytes that the socket has not taken yet. */
size_t tls_stream_waiting (const TlsStream *self);

/* Where it ends on this machine. */
Address tls_stream_local (const TlsStream *self);

/* Of the peer, once it is up. */
const TlsPeer *tls_stream_peer (const TlsStream *self);
