/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/timers.h"
#include "core/crypto/identity.h"
#include "core/os/dtls.h"
#include "core/os/signer.h"
#include "tests/bench/bench.h"

#include <openssl/ssl.h>

/* Handshakes of a link, both ends in this process: DTLS with certificates of both sides, judged as
 * a node judges them. The limit is OpenSSL alone with the same key and certificate, everybody let
 * in. ICE is left out: it waits for the network, and computes next to nothing. */

#define INSTANCE "bench-abcd2345.peal.alt"

enum { ROUNDS_MAX = 50 };

typedef struct End {
  struct End *other;
  Dtls *dtls;
  GQueue coming; /* GBytes */
  bool is_up;
} End;

typedef struct Attaches {
  CertificateTrust trust;
  Signer *signer;
  Tls *tls;
  Timers *timers;
  SSL_CTX *bare;
} Attaches;

static void
on_send (void *owner, Bytes datagram)
{
  g_queue_push_tail (&((End *) owner)->other->coming, g_bytes_new (datagram.data, datagram.size));
}

static void
on_up (void *owner)
{
  ((End *) owner)->is_up = true;
}

static void
on_receive (void *owner, Bytes bytes)
{
}

static void
on_down (void *owner, LinkEnd end)
{
  g_error ("the handshake failed");
}

static const DtlsEvents events = { on_send, on_up, on_receive, on_down };

static void
deliver (End *self)
{
  GBytes *datagram;

  while ((datagram = g_queue_pop_head (&self->coming)) != NULL) {
    dtls_feed (self->dtls,
               (Bytes){ g_bytes_get_data (datagram, NULL), g_bytes_get_size (datagram) });
    g_bytes_unref (datagram);
  }
}

static void
handshake (void *user_data)
{
  Attaches *self = user_data;
  End ends[2] = { { .other = &ends[1] }, { .other = &ends[0] } };

  for (unsigned i = 0; i < 2; i++)
    ends[i].dtls = dtls_new (self->tls, tls_connection (self->tls, TLS_USE_DATAGRAMS, i == 1),
                             self->timers, &events, &ends[i]);
  dtls_start (ends[1].dtls);
  dtls_start (ends[0].dtls);
  for (unsigned round = 0; !ends[0].is_up || !ends[1].is_up; round++) {
    g_assert (round < ROUNDS_MAX);
    deliver (&ends[1]);
    deliver (&ends[0]);
  }
  for (unsigned i = 0; i < 2; i++) {
    dtls_free (ends[i].dtls);
    g_queue_clear_full (&ends[i].coming, (GDestroyNotify) g_bytes_unref);
  }
}

/* ---- OpenSSL alone ---- */

static int
let_in (X509_STORE_CTX *context, void *user_data)
{
  return 1;
}

static SSL_CTX *
bare_context (const Signer *signer)
{
  SSL_CTX *context = SSL_CTX_new (DTLS_method ());

  SSL_CTX_set_min_proto_version (context, DTLS1_2_VERSION);
  SSL_CTX_set_options (context, SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode (context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify (context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
  SSL_CTX_set_cert_verify_callback (context, let_in, NULL);
  SSL_CTX_use_certificate (context, signer_x509 (signer));
  SSL_CTX_use_PrivateKey (context, signer_private_key (signer));
  return context;
}

static void
bare_handshake (void *user_data)
{
  Attaches *self = user_data;
  SSL *client = SSL_new (self->bare), *server = SSL_new (self->bare);
  BIO *there = BIO_new (BIO_s_mem ()), *back = BIO_new (BIO_s_mem ());

  BIO_set_mem_eof_return (there, -1);
  BIO_set_mem_eof_return (back, -1);
  BIO_up_ref (there);
  BIO_up_ref (back);
  SSL_set_bio (client, back, there);
  SSL_set_bio (server, there, back);
  SSL_set_connect_state (client);
  SSL_set_accept_state (server);
  SSL_set_options (client, SSL_OP_NO_QUERY_MTU);
  SSL_set_options (server, SSL_OP_NO_QUERY_MTU);
  SSL_set_mtu (client, 1200);
  SSL_set_mtu (server, 1200);
  for (unsigned round = 0; !SSL_is_init_finished (client) || !SSL_is_init_finished (server);
       round++) {
    g_assert (round < ROUNDS_MAX);
    SSL_do_handshake (client);
    SSL_do_handshake (server);
  }
  SSL_free (client);
  SSL_free (server);
}

int
bench_attach (const BenchOptions *options)
{
  Attaches self = {
    .trust = { .instance_name = INSTANCE, .is_self_signed_permitted = true, .has_secret = true },
    .timers = timers_new (0),
  };
  g_autoptr (PrivateKey) user_key = private_key_new ();
  g_autoptr (PrivateKey) device_key = private_key_new ();
  CertificateOptions identity = { INSTANCE, "bench", self.trust.secret,
                                  g_get_real_time () / G_USEC_PER_SEC };
  g_autoptr (GBytes) der = identity_make_certificate (user_key, device_key, &identity);
  double ours, limit;

  self.signer =
    signer_new (device_key, (Bytes){ g_bytes_get_data (der, NULL), g_bytes_get_size (der) },
                &self.trust, NULL);
  self.tls = tls_new (self.signer, signer_private_key (self.signer), signer_x509 (self.signer));
  self.bare = bare_context (self.signer);
  ours = bench_rate (handshake, &self);
  limit = bench_rate (bare_handshake, &self);
  g_print ("a handshake takes both ends %.0f us, OpenSSL alone %.0f us\n", 1e6 / ours, 1e6 / limit);
  bench_report (options, "attach", ours, limit, ours / limit, NULL);
  SSL_CTX_free (self.bare);
  tls_free (self.tls);
  signer_free (self.signer);
  timers_free (self.timers);
  return 0;
}
