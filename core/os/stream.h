/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stream.h: one TLS connection over TCP. */
#pragma once
#include "core/os/loop.h"
#include "core/os/tls.h"

typedef struct Stream Stream;

/* None of these may free the Stream; stream_close() is allowed, and silences it. They are never
 * called from inside the functions below. */
typedef struct StreamEvents {
  void (*up) (void *owner);
  void (*receive) (void *owner, Bytes bytes);
  void (*down) (void *owner, LinkEnd end); /* the last one */
} StreamEvents;

/* Takes `fd`, which may be still connecting, and `ssl`. `tls` is NULL for a newcomer. */
Stream *
stream_new (Loop *loop, int fd, Tls *tls, SSL *ssl, const StreamEvents *events, void *owner);
void stream_free (Stream *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stream, stream_free)

/* Waits in a queue of at most LIMIT_LINK_QUEUE bytes; a peer who lets it grow beyond is cut off. */
void stream_send (Stream *self, Bytes bytes);

/* Says goodbye. */
void stream_close (Stream *self);

/* Of the peer, once it is up. */
const TlsPeer *stream_peer (const Stream *self);
