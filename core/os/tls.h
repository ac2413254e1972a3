/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tls.h: what TLS and DTLS have in common here: versions, suites, and who is let in. */
#pragma once
#include "core/base/ports.h"
#include "core/crypto/signer.h"

/* OpenSSL's names for what it keeps to itself. */
typedef struct evp_pkey_st EVP_PKEY;
typedef struct ssl_st SSL;
typedef struct x509_st X509;

/* The contexts of one world. */
typedef struct Tls Tls;

/* How a connection is used decides how its peer's certificate is judged. */
typedef enum TlsUse {
  TLS_USE_DATAGRAMS, /* overlay and application links over DTLS: by the signer */
  TLS_USE_STREAM,    /* overlay links over TLS: by the signer, but for those who ask to be let in */
  TLS_USE_MEDIA,     /* DTLS-SRTP: by the fingerprint */
} TlsUse;

/* The other end of one connection; what is known of it. Lives as long as its SSL. */
typedef struct TlsPeer {
  const Signer *signer;
  uint8_t fingerprint[CERTIFICATE_HASH_SIZE]; /* what it must be, for TLS_USE_MEDIA */
  Address address;                            /* what a DTLS cookie vouches for */
  Certificate *certificate;                   /* owned; NULL until it was found good */
  bool is_refused;                            /* its certificate was not accepted */
  bool is_keyed;                              /* by the overlay's shared secret, see below */
  bool is_newcomer;                           /* it asks for an invitation, */
  bool wants_relay;                           /* or for a relay's credential, */
  bool wants_knock;                           /* or to be knocked at, */
  bool wants_turn;                            /* or to use the relay, as whoever it can prove */
} TlsPeer;

/* NULL when OpenSSL refuses key or certificate. `signer` outlives it. */
Tls *tls_new (const Signer *signer, EVP_PKEY *key, X509 *certificate);
void tls_free (Tls *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Tls, tls_free)

/* A connection with memory BIOs, its side set, nothing sent yet. */
SSL *tls_connection (Tls *self, TlsUse use, bool is_server);

/* A connection to a peer's listener that asks for a relay's credential (ALPN peal-turn). */
SSL *tls_relay_connection (Tls *self);

/* ... that asks it to knock at our own listener (ALPN peal-knock). */
SSL *tls_knock_connection (Tls *self);

/* Names the peer of a connection, whose functions find it from now on; the address for the cookie
 * is taken over from the peer it had. */
void tls_set_peer (Tls *self, SSL *ssl, TlsPeer *peer);
void tls_peer_clear (TlsPeer *peer);

/* ---- A shared secret (RFC 6940, 13.4) ---- */

/* NULL: the overlay has none. Copied; connections that stand keep theirs. At most
 * LIMIT_SHARED_SECRET bytes. */
void tls_set_secret (Tls *self, const char *secret);

/* Before the first byte of an overlay link: it is keyed by the secret, if there is one, and shows
 * no certificates: that is left to a Proof. Those who ask to be let in have no secret, and are
 * still let through to a server of TLS_USE_STREAM. */
void tls_key_by_secret (SSL *ssl);

/* After the handshake: whether it was keyed as it has to be, and whether a Proof has to follow. */
bool tls_is_keyed_well (SSL *ssl);
bool tls_wants_proof (SSL *ssl);

/* The connection of a newcomer with a throw-away key, who takes any certificate. */
SSL *tls_newcomer_connection (void);

/* Whether `result` of an SSL function means the end and not merely that it waits; then why. */
bool tls_is_over (SSL *ssl, int result, LinkEnd *ret_end);
