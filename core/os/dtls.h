/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dtls.h: one DTLS association, whatever carries its datagrams. */
#pragma once
#include "core/os/tls.h"
#include "core/phone/call-media.h"

typedef struct Dtls Dtls;

/* None of these may free the Dtls; dtls_close() is allowed, and silences it. */
typedef struct DtlsEvents {
  void (*send) (void *owner, Bytes datagram);
  void (*up) (void *owner);
  void (*receive) (void *owner, Bytes bytes);
  void (*down) (void *owner, LinkEnd end); /* the last one */
} DtlsEvents;

/* Takes `ssl` of tls_connection(), which may have heard a ClientHello already. */
Dtls *dtls_new (Tls *tls, SSL *ssl, Timers *timers, const DtlsEvents *events, void *owner);
void dtls_free (Dtls *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Dtls, dtls_free)

/* The SHA-256 of the certificate that a media peer must have; before dtls_start(). */
void dtls_set_fingerprint (Dtls *self, Bytes fingerprint);
void dtls_start (Dtls *self);
void dtls_feed (Dtls *self, Bytes datagram);

/* One datagram; dropped while it is not up. */
void dtls_send (Dtls *self, Bytes bytes);

/* Says goodbye. */
void dtls_close (Dtls *self);

/* Of the peer, once it is up; NULL for media. */
Certificate *dtls_certificate (const Dtls *self);
bool dtls_srtp_keys (const Dtls *self, SrtpKeys *ret_keys);
