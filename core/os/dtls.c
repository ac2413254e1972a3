/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/dtls.h"

#include "core/os/proof.h"

#include <openssl/err.h>
#include <openssl/srtp.h>
#include <string.h>

/* OpenSSL behind two memory BIOs. What needs care:
 *
 * - Datagrams go in one at a time, each followed by a step: a memory BIO would glue them together.
 *   What comes out is glued together, so it is cut at record borders (RFC 6347, 4.1) and packed
 * into datagrams of at most DATAGRAM_MAX bytes.
 * - OpenSSL would wait a second before its first retransmission, and double; a call would take
 * eight seconds to set up where a fifth of the packets is lost. Here it is 100 ms, doubling to 800.
 * - When our last flight is lost, the peer repeats its own. OpenSSL then repeats ours from within
 *   SSL_read(), hence reading goes on in every step, up or not. */

enum {
  DATAGRAM_MAX = 1200,
  RECORD_HEADER = 13,
  RETRANSMIT_FIRST_US = 100000,
  RETRANSMIT_MAX_US = 800000,
  PLAIN_MAX = 16384,
};

struct Dtls {
  SSL *ssl; /* owned, and its BIOs */
  BIO *input;
  BIO *output;
  TlsPeer peer;
  Proof *proof; /* owned; NULL when none is wanted */
  Timers *timers;
  Timer timer;
  const DtlsEvents *events;
  void *owner;
  bool is_secure; /* the handshake is over */
  bool is_up;     /* and so is all that follows it */
  bool is_over;
};

static unsigned
on_retransmit_delay (SSL *ssl, unsigned last_us)
{
  return last_us == 0 ? RETRANSMIT_FIRST_US : MIN (2 * last_us, (unsigned) RETRANSMIT_MAX_US);
}

static size_t
record_size (const uint8_t *record, size_t left)
{
  size_t size;

  if (left < RECORD_HEADER)
    return left;
  size = RECORD_HEADER + ((size_t) record[11] << 8) + record[12];
  return MIN (size, left);
}

static void
dtls_flush (Dtls *self)
{
  char *output = NULL;
  long pending = BIO_get_mem_data (self->output, &output);
  g_autofree uint8_t *bytes = bytes_dup ((Bytes){ (uint8_t *) output, (size_t) pending });
  size_t start = 0;
  size_t end = 0;

  BIO_reset (self->output);
  while (end < (size_t) pending) {
    size_t size = record_size (bytes + end, (size_t) pending - end);
    if (end > start && end + size - start > DATAGRAM_MAX) {
      self->events->send (self->owner, (Bytes){ bytes + start, end - start });
      start = end;
    }
    end += size;
  }
  if (end > start)
    self->events->send (self->owner, (Bytes){ bytes + start, end - start });
}

static void
dtls_end (Dtls *self, LinkEnd end)
{
  if (self->is_over)
    return;
  self->is_over = true;
  timer_stop (&self->timer);
  self->events->down (self->owner, end);
}

static void
dtls_arm (Dtls *self)
{
  struct timeval left;

  if (self->is_over || DTLSv1_get_timeout (self->ssl, &left) != 1) {
    timer_stop (&self->timer);
    return;
  }
  timer_start (&self->timer, self->timers,
               MAX ((uint64_t) left.tv_sec * TIME_SECOND + (uint64_t) left.tv_usec, TIME_MS));
}

static void
dtls_up (Dtls *self)
{
  self->is_up = true;
  self->events->up (self->owner);
}

static void
on_proof_send (void *owner, Bytes record)
{
  Dtls *self = owner;

  if (self->is_over)
    return;
  ERR_clear_error ();
  SSL_write (self->ssl, record.data, (int) record.size);
  dtls_flush (self);
}

static void
dtls_take_proof (Dtls *self, ProofState state)
{
  if (state == PROOF_BAD) {
    SSL_shutdown (self->ssl);
    dtls_flush (self);
    dtls_end (self, LINK_END_CERTIFICATE);
  } else if (state == PROOF_GOOD && !self->is_up) {
    self->peer.certificate = certificate_ref (proof_certificate (self->proof));
    dtls_up (self);
  }
}

static void
dtls_secured (Dtls *self)
{
  self->is_secure = true;
  if (!tls_is_keyed_well (self->ssl)) {
    dtls_end (self, LINK_END_REFUSED);
  } else if (tls_wants_proof (self->ssl)) {
    self->proof = proof_new (self->peer.signer, self->ssl, self->timers, on_proof_send, self);
    dtls_take_proof (self, proof_start (self->proof));
  } else {
    dtls_up (self);
  }
}

static void
dtls_handshake (Dtls *self)
{
  LinkEnd end;
  int result = SSL_do_handshake (self->ssl);

  dtls_flush (self);
  if (result == 1) {
    dtls_secured (self);
  } else if (tls_is_over (self->ssl, result, &end)) {
    dtls_end (self, end);
  }
}

static void
dtls_read (Dtls *self)
{
  uint8_t plain[PLAIN_MAX];

  while (!self->is_over) {
    LinkEnd end;
    Bytes bytes;
    int size;
    ERR_clear_error ();
    size = SSL_read (self->ssl, plain, sizeof plain);
    if (size <= 0) {
      if (tls_is_over (self->ssl, size, &end))
        dtls_end (self, end == LINK_END_CLOSED ? end : LINK_END_LOST);
      return;
    }
    bytes = (Bytes){ plain, (size_t) size };
    if (self->proof != NULL)
      dtls_take_proof (self, proof_hear (self->proof, &bytes));
    if (bytes.size > 0 && !self->is_over)
      self->events->receive (self->owner, bytes);
  }
}

static void
dtls_step (Dtls *self)
{
  ERR_clear_error ();
  if (!self->is_secure)
    dtls_handshake (self);
  if (self->is_secure)
    dtls_read (self);
  dtls_flush (self);
  dtls_arm (self);
}

static void
on_timer (Timer *timer, void *owner)
{
  Dtls *self = owner;

  ERR_clear_error ();
  if (DTLSv1_handle_timeout (self->ssl) < 0) {
    ERR_clear_error ();
    dtls_end (self, LINK_END_UNREACHABLE);
    return;
  }
  dtls_flush (self);
  dtls_arm (self);
}

Dtls *
dtls_new (Tls *tls, SSL *ssl, Timers *timers, const DtlsEvents *events, void *owner)
{
  Dtls *self = g_new0 (Dtls, 1);

  self->ssl = ssl;
  self->input = SSL_get_rbio (ssl);
  self->output = SSL_get_wbio (ssl);
  self->timers = timers;
  self->events = events;
  self->owner = owner;
  timer_init (&self->timer, on_timer, self);
  tls_set_peer (tls, ssl, &self->peer);
  DTLS_set_timer_cb (ssl, on_retransmit_delay);
  return self;
}

void
dtls_free (Dtls *self)
{
  if (self == NULL)
    return;
  timer_stop (&self->timer);
  proof_free (self->proof);
  SSL_free (self->ssl);
  tls_peer_clear (&self->peer);
  g_free (self);
}

void
dtls_set_fingerprint (Dtls *self, Bytes fingerprint)
{
  g_assert (fingerprint.size == sizeof self->peer.fingerprint);
  memcpy (self->peer.fingerprint, fingerprint.data, fingerprint.size);
}

void
dtls_start (Dtls *self)
{
  dtls_step (self);
}

void
dtls_feed (Dtls *self, Bytes datagram)
{
  if (self->is_over || datagram.size == 0 || datagram.size > G_MAXUINT16)
    return;
  BIO_write (self->input, datagram.data, (int) datagram.size);
  dtls_step (self);
  /* What is left of a broken datagram must not be glued to the next one. */
  BIO_reset (self->input);
}

void
dtls_send (Dtls *self, Bytes bytes)
{
  if (!self->is_up || self->is_over || bytes.size == 0 || bytes.size > PLAIN_MAX)
    return;
  ERR_clear_error ();
  SSL_write (self->ssl, bytes.data, (int) bytes.size);
  dtls_flush (self);
}

void
dtls_close (Dtls *self)
{
  if (self->is_over)
    return;
  self->is_over = true;
  timer_stop (&self->timer);
  ERR_clear_error ();
  if (self->is_secure)
    SSL_shutdown (self->ssl);
  dtls_flush (self);
  ERR_clear_error ();
}

Certificate *
dtls_certificate (const Dtls *self)
{
  return self->peer.certificate;
}

/* RFC 5764, 4.2: both keys come before both salts, the client's first. */
bool
dtls_srtp_keys (const Dtls *self, SrtpKeys *ret_keys)
{
  enum { KEY = 16, SALT_MAX = 14 };

  static const char label[] = "EXTRACTOR-dtls_srtp";
  SRTP_PROTECTION_PROFILE *profile = SSL_get_selected_srtp_profile (self->ssl);
  uint8_t material[2 * (KEY + SALT_MAX)];
  bool is_server = SSL_is_server (self->ssl);
  size_t salt;
  uint8_t *client;
  uint8_t *server;

  if (!self->is_up || profile == NULL)
    return false;
  salt = profile->id == SRTP_AEAD_AES_128_GCM ? 12 : SALT_MAX;
  if (SSL_export_keying_material (self->ssl, material, 2 * (KEY + salt), label, sizeof label - 1,
                                  NULL, 0, 0) != 1)
    return false;
  *ret_keys = (SrtpKeys){ .profile = (SrtpProfile) profile->id };
  client = is_server ? ret_keys->receive : ret_keys->send;
  server = is_server ? ret_keys->send : ret_keys->receive;
  memcpy (client, material, KEY);
  memcpy (server, material + KEY, KEY);
  memcpy (client + KEY, material + 2 * KEY, salt);
  memcpy (server + KEY, material + 2 * KEY + salt, salt);
  OPENSSL_cleanse (material, sizeof material);
  return true;
}
