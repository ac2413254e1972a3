/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/tls.h"

#include "core/base/big-endian.h"
#include "core/base/limits.h"

#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>

/* Both ends show a certificate, but on links that a shared secret keys. OpenSSL's own verdict about
 * it is replaced by ours: of the signer (overlay and application links), of the fingerprint in the
 * SDP (media), or none at all for a newcomer who asks for an invitation, the only connection
 * without *admission*.
 *
 * A shared secret keys TLS 1.2 and DTLS 1.2 with ephemeral ECDH too, so that who learns it later
 * reads nothing of before; nobody without it finishes a handshake, and no other suite is taken.
 *
 * Only TLS 1.2 and later with ephemeral ECDH and AEAD (threat 4.4); nothing is resumed, compressed
 * or renegotiated, so that each handshake proves the key anew (threat 4.3). */

#define SUITES                                                   \
  "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:" \
  "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-AES128-GCM-SHA256:"   \
  "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305"
#define SECRET_SUITES "ECDHE-PSK-CHACHA20-POLY1305"
#define SIGNATURES                                           \
  "ECDSA+SHA256:ECDSA+SHA384:RSA-PSS+SHA256:RSA-PSS+SHA384:" \
  "RSA+SHA256:RSA+SHA384"
#define SRTP_PROFILES "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80"

enum { CHAIN_MAX = 4, COOKIE_SIZE = 32, RECORD_MTU = 1200 };

/* RFC 7301, 3.1: each name with its length before it. */
static const uint8_t alpn_reload[] = "\x06reload";
static const uint8_t alpn_invite[] = "\x0bpeal-invite";
static const uint8_t alpn_relay[] = "\x09peal-turn";
static const uint8_t alpn_knock[] = "\x0apeal-knock";
static const uint8_t alpn_turn[] = "\x09stun.turn"; /* RFC 7443 */
static const uint8_t alpn_server[] =
  "\x0bpeal-invite\x09peal-turn\x0apeal-knock\x09stun.turn\x06reload";

struct Tls {
  SSL_CTX *contexts[TLS_USE_MEDIA + 1];
  const Signer *signer;
  char *secret; /* owned; NULL: none is shared */
  uint8_t cookie_secret[32];
};

static TlsPeer *
peer_of (X509_STORE_CTX *store)
{
  SSL *ssl = X509_STORE_CTX_get_ex_data (store, SSL_get_ex_data_X509_STORE_CTX_idx ());

  return SSL_get_app_data (ssl);
}

/* SSL_VERIFY_PEER with this verdict ends the handshake with an alert. */
static int
refuse (TlsPeer *peer, X509_STORE_CTX *store)
{
  peer->is_refused = true;
  X509_STORE_CTX_set_error (store, X509_V_ERR_CERT_REJECTED);
  return 0;
}

static int
accept_peer (X509_STORE_CTX *store)
{
  X509_STORE_CTX_set_error (store, X509_V_OK);
  return 1;
}

static bool
is_good (TlsPeer *peer, X509_STORE_CTX *store)
{
  STACK_OF (X509) *sent = X509_STORE_CTX_get0_untrusted (store);
  uint8_t *der[CHAIN_MAX] = { NULL };
  Bytes chain[CHAIN_MAX];
  size_t count = 0;
  bool is_good = false;

  for (int i = 0; i < sk_X509_num (sent) && count < CHAIN_MAX; i++) {
    int size = i2d_X509 (sk_X509_value (sent, i), &der[count]);
    if (size <= 0)
      break;
    chain[count] = (Bytes){ der[count], (size_t) size };
    count++;
  }
  if (count > 0) {
    g_clear_pointer (&peer->certificate, certificate_unref);
    is_good = peer->signer->check (peer->signer->key_ring, chain[0], chain + 1, count - 1,
                                   &peer->certificate) == CERTIFICATE_GOOD;
  }
  for (size_t i = 0; i < count; i++)
    OPENSSL_free (der[i]);
  return is_good;
}

static int
verify_by_signer (X509_STORE_CTX *store, void *user_data)
{
  TlsPeer *peer = peer_of (store);

  if (peer == NULL || (!peer->is_newcomer && !is_good (peer, store)))
    return peer == NULL ? 0 : refuse (peer, store);
  return accept_peer (store);
}

static int
verify_by_fingerprint (X509_STORE_CTX *store, void *user_data)
{
  TlsPeer *peer = peer_of (store);
  uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;

  if (peer == NULL)
    return 0;
  if (!X509_digest (X509_STORE_CTX_get0_cert (store), EVP_sha256 (), digest, &size) ||
      CRYPTO_memcmp (digest, peer->fingerprint, sizeof peer->fingerprint) != 0)
    return refuse (peer, store);
  return accept_peer (store);
}

/* A member on a local network: all that a newcomer has is the hint where it listens. Who answers
 * there is trusted to be a member, as on any first visit; the person sees the overlay's name. */
static int
verify_nothing (X509_STORE_CTX *store, void *user_data)
{
  return accept_peer (store);
}

static bool
is_name (Bytes chosen, const uint8_t *name)
{
  return bytes_equal (chosen, (Bytes){ name + 1, name[0] });
}

static bool
is_secret_suite (const SSL_CIPHER *suite)
{
  return suite != NULL && SSL_CIPHER_get_auth_nid (suite) == NID_auth_psk;
}

/* The suite has been chosen by then: who asks for the overlay without its secret is sent away
 * before it thinks that a link stands. */
static int
on_alpn (SSL *ssl,
         const unsigned char **ret_name,
         unsigned char *ret_size,
         const unsigned char *offered,
         unsigned offered_size,
         void *user_data)
{
  TlsPeer *peer = SSL_get_app_data (ssl);
  unsigned char *name = NULL;

  if (SSL_select_next_proto (&name, ret_size, alpn_server, sizeof alpn_server - 1, offered,
                             offered_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *ret_name = name;
  if (peer != NULL) {
    const Bytes chosen = { name, *ret_size };
    peer->is_newcomer = is_name (chosen, alpn_invite);
    peer->wants_relay = is_name (chosen, alpn_relay);
    peer->wants_knock = is_name (chosen, alpn_knock);
    peer->wants_turn = is_name (chosen, alpn_turn);
    /* Clients of TURN have no certificates, but prove who they are inside (RFC 8656, 5). */
    if (peer->wants_turn)
      SSL_set_verify (ssl, SSL_VERIFY_NONE, NULL);
    if (is_secret_suite (SSL_get_pending_cipher (ssl)) != tls_wants_proof (ssl))
      return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  return SSL_TLSEXT_ERR_OK;
}

/* The cookie binds a ClientHello to the address it came from; nothing is remembered. */
static int
on_cookie_make (SSL *ssl, unsigned char *ret_cookie, unsigned *ret_size)
{
  const Tls *self = SSL_CTX_get_app_data (SSL_get_SSL_CTX (ssl));
  const TlsPeer *peer = SSL_get_app_data (ssl);
  uint8_t text[19] = { (uint8_t) peer->address.family };

  big_endian_write (text + 1, 2, peer->address.port);
  memcpy (text + 3, peer->address.bytes, 16);
  return HMAC (EVP_sha256 (), self->cookie_secret, sizeof self->cookie_secret, text, sizeof text,
               ret_cookie, ret_size) != NULL;
}

static int
on_cookie_check (SSL *ssl, const unsigned char *cookie, unsigned size)
{
  uint8_t right[COOKIE_SIZE];
  unsigned right_size = sizeof right;

  return on_cookie_make (ssl, right, &right_size) && size == right_size &&
         CRYPTO_memcmp (cookie, right, right_size) == 0;
}

static SSL_CTX *
context_new (const SSL_METHOD *method,
             EVP_PKEY *key,
             X509 *certificate,
             int (*verify) (X509_STORE_CTX *, void *))
{
  SSL_CTX *context = SSL_CTX_new (method);

  SSL_CTX_set_options (context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                  SSL_OP_NO_QUERY_MTU | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode (context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode (context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets (context, 0);
  SSL_CTX_set_max_cert_list (context, CHAIN_MAX * LIMIT_CERTIFICATE_SIZE);
  SSL_CTX_set_verify (context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
  SSL_CTX_set_cert_verify_callback (context, verify, NULL);
  if (SSL_CTX_set_cipher_list (context, SUITES) == 1 &&
      SSL_CTX_set1_groups_list (context, "P-256:X25519") == 1 &&
      SSL_CTX_set1_sigalgs_list (context, SIGNATURES) == 1 &&
      SSL_CTX_use_certificate (context, certificate) == 1 &&
      SSL_CTX_use_PrivateKey (context, key) == 1)
    return context;
  SSL_CTX_free (context);
  return NULL;
}

Tls *
tls_new (const Signer *signer, EVP_PKEY *key, X509 *certificate)
{
  g_autoptr (Tls) self = g_new0 (Tls, 1);
  SSL_CTX *datagrams = context_new (DTLS_method (), key, certificate, verify_by_signer);
  SSL_CTX *stream = context_new (TLS_method (), key, certificate, verify_by_signer);
  SSL_CTX *media = context_new (DTLS_method (), key, certificate, verify_by_fingerprint);

  self->signer = signer;
  self->contexts[TLS_USE_DATAGRAMS] = datagrams;
  self->contexts[TLS_USE_STREAM] = stream;
  self->contexts[TLS_USE_MEDIA] = media;
  if (datagrams == NULL || stream == NULL || media == NULL ||
      RAND_bytes (self->cookie_secret, sizeof self->cookie_secret) != 1)
    return NULL;
  SSL_CTX_set_min_proto_version (datagrams, DTLS1_2_VERSION);
  SSL_CTX_set_min_proto_version (media, DTLS1_2_VERSION);
  SSL_CTX_set_min_proto_version (stream, TLS1_2_VERSION);
  SSL_CTX_set_app_data (datagrams, self);
  SSL_CTX_set_app_data (stream, self);
  SSL_CTX_set_cookie_generate_cb (datagrams, on_cookie_make);
  SSL_CTX_set_cookie_verify_cb (datagrams, on_cookie_check);
  SSL_CTX_set_alpn_select_cb (stream, on_alpn, NULL);
  SSL_CTX_set_tlsext_use_srtp (media, SRTP_PROFILES);
  return g_steal_pointer (&self);
}

void
tls_set_secret (Tls *self, const char *secret)
{
  char *copy = g_strdup (secret);

  g_assert (secret == NULL || (secret[0] != '\0' && strlen (secret) <= LIMIT_SHARED_SECRET));
  if (self->secret != NULL)
    OPENSSL_cleanse (self->secret, strlen (self->secret));
  g_free (self->secret);
  self->secret = copy;
}

void
tls_free (Tls *self)
{
  if (self == NULL)
    return;
  for (size_t i = 0; i < G_N_ELEMENTS (self->contexts); i++)
    SSL_CTX_free (self->contexts[i]);
  tls_set_secret (self, NULL);
  OPENSSL_cleanse (self->cookie_secret, sizeof self->cookie_secret);
  g_free (self);
}

static SSL *
connection_new (SSL_CTX *context, bool is_server)
{
  SSL *ssl = SSL_new (context);
  BIO *input = BIO_new (BIO_s_mem ());
  BIO *output = BIO_new (BIO_s_mem ());

  BIO_set_mem_eof_return (input, -1);
  BIO_set_mem_eof_return (output, -1);
  SSL_set_bio (ssl, input, output);
  if (is_server)
    SSL_set_accept_state (ssl);
  else
    SSL_set_connect_state (ssl);
  return ssl;
}

SSL *
tls_connection (Tls *self, TlsUse use, bool is_server)
{
  SSL *ssl = connection_new (self->contexts[use], is_server);

  if (use == TLS_USE_STREAM && !is_server)
    SSL_set_alpn_protos (ssl, alpn_reload, sizeof alpn_reload - 1);
  if (use != TLS_USE_STREAM)
    SSL_set_mtu (ssl, RECORD_MTU);
  return ssl;
}

SSL *
tls_relay_connection (Tls *self)
{
  SSL *ssl = connection_new (self->contexts[TLS_USE_STREAM], false);

  SSL_set_alpn_protos (ssl, alpn_relay, sizeof alpn_relay - 1);
  return ssl;
}

SSL *
tls_knock_connection (Tls *self)
{
  SSL *ssl = connection_new (self->contexts[TLS_USE_STREAM], false);

  SSL_set_alpn_protos (ssl, alpn_knock, sizeof alpn_knock - 1);
  return ssl;
}

void
tls_set_peer (Tls *self, SSL *ssl, TlsPeer *peer)
{
  const TlsPeer *last = SSL_get_app_data (ssl);

  if (last != NULL)
    peer->address = last->address;
  peer->signer = self->signer;
  SSL_set_app_data (ssl, peer);
}

void
tls_peer_clear (TlsPeer *peer)
{
  g_clear_pointer (&peer->certificate, certificate_unref);
}

/* ---- A shared secret ---- */

static unsigned
copy_secret (SSL *ssl, unsigned char *ret_key, unsigned size_max)
{
  const Tls *self = SSL_CTX_get_app_data (SSL_get_SSL_CTX (ssl));
  size_t size = self->secret != NULL ? strlen (self->secret) : 0;

  if (size == 0 || size > size_max)
    return 0;
  memcpy (ret_key, self->secret, size);
  return (unsigned) size;
}

/* There is one secret, whoever asks; as a name it has that of the overlay. */
static unsigned
on_secret_client (SSL *ssl,
                  const char *hint,
                  char *ret_identity,
                  unsigned identity_max,
                  unsigned char *ret_key,
                  unsigned key_max)
{
  const Tls *self = SSL_CTX_get_app_data (SSL_get_SSL_CTX (ssl));
  const char *overlay = strchr (self->signer->own->user, '@') + 1;

  return g_strlcpy (ret_identity, overlay, identity_max) < identity_max
           ? copy_secret (ssl, ret_key, key_max)
           : 0;
}

static unsigned
on_secret_server (SSL *ssl, const char *identity, unsigned char *ret_key, unsigned key_max)
{
  return copy_secret (ssl, ret_key, key_max);
}

void
tls_key_by_secret (SSL *ssl)
{
  const Tls *self = SSL_CTX_get_app_data (SSL_get_SSL_CTX (ssl));
  TlsPeer *peer = SSL_get_app_data (ssl);
  bool takes_newcomers = SSL_is_server (ssl) && !SSL_is_dtls (ssl);
  int result;

  if (self->secret == NULL)
    return;
  peer->is_keyed = true;
  result = SSL_set_cipher_list (ssl, takes_newcomers ? SECRET_SUITES ":" SUITES : SECRET_SUITES);
  g_assert (result == 1);
  if (!takes_newcomers)
    SSL_set_max_proto_version (ssl, SSL_is_dtls (ssl) ? DTLS1_2_VERSION : TLS1_2_VERSION);
  SSL_set_psk_client_callback (ssl, on_secret_client);
  SSL_set_psk_server_callback (ssl, on_secret_server);
}

bool
tls_is_keyed_well (SSL *ssl)
{
  return is_secret_suite (SSL_get_current_cipher (ssl)) == tls_wants_proof (ssl);
}

bool
tls_wants_proof (SSL *ssl)
{
  const TlsPeer *peer = SSL_get_app_data (ssl);

  return peer != NULL && peer->is_keyed && !peer->is_newcomer;
}

/* Says nothing about anybody: it only has to be there. */
static X509 *
throw_away_certificate (EVP_PKEY *key)
{
  X509 *certificate = X509_new ();

  X509_set_version (certificate, X509_VERSION_3);
  ASN1_INTEGER_set (X509_get_serialNumber (certificate), 1);
  X509_gmtime_adj (X509_getm_notBefore (certificate), -48 * 3600);
  X509_gmtime_adj (X509_getm_notAfter (certificate), 48 * 3600);
  X509_set_pubkey (certificate, key);
  X509_sign (certificate, key, EVP_sha256 ());
  return certificate;
}

SSL *
tls_newcomer_connection (void)
{
  EVP_PKEY *key = EVP_EC_gen ("P-256");
  X509 *certificate = throw_away_certificate (key);
  SSL_CTX *context = context_new (TLS_client_method (), key, certificate, verify_nothing);
  SSL *ssl;

  g_assert (context != NULL);
  SSL_CTX_set_min_proto_version (context, TLS1_2_VERSION);
  ssl = connection_new (context, false);
  SSL_set_alpn_protos (ssl, alpn_invite, sizeof alpn_invite - 1);
  SSL_CTX_free (context);
  X509_free (certificate);
  EVP_PKEY_free (key);
  return ssl;
}

bool
tls_is_over (SSL *ssl, int result, LinkEnd *ret_end)
{
  const TlsPeer *peer = SSL_get_app_data (ssl);
  int error = SSL_get_error (ssl, result);

  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
    return false;
  if (error == SSL_ERROR_ZERO_RETURN)
    *ret_end = LINK_END_CLOSED;
  else if (peer != NULL && peer->is_refused)
    *ret_end = LINK_END_CERTIFICATE;
  else
    *ret_end = LINK_END_REFUSED;
  ERR_clear_error ();
  return true;
}
