/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/tls.h"

#include "core/os/signer.h"
#include "tests/unit/fake-node.h"

#include <openssl/ssl.h>
#include <string.h>

/* A client as OpenSSL would let one be, against our server, over memory. */
typedef struct Attempt {
  const char *name;
  int version_max;
  const char *suites; /* of TLS 1.2 and before, NULL for the usual ones */
  const char *alpn;   /* length and name */
  bool has_no_certificate;
  bool is_accepted;
} Attempt;

static const Attempt attempts[] = {
  { .name = "as-we-do", .is_accepted = true },
  { .name = "tls-1.2", .version_max = TLS1_2_VERSION, .is_accepted = true },
  { .name = "alpn-reload", .alpn = "\x06reload", .is_accepted = true },
  { .name = "alpn-invite", .alpn = "\x0bpeal-invite", .is_accepted = true },
  { .name = "alpn-unknown", .alpn = "\x02h2" },
  { .name = "no-certificate", .has_no_certificate = true },
  { .name = "no-certificate-tls-1.2", .version_max = TLS1_2_VERSION, .has_no_certificate = true },
  { .name = "no-certificate-invite", .alpn = "\x0bpeal-invite", .has_no_certificate = true },
  { .name = "tls-1.1", .version_max = TLS1_1_VERSION },
  { .name = "tls-1.0", .version_max = TLS1_VERSION },
  { .name = "null", .version_max = TLS1_2_VERSION, .suites = "NULL" },
  { .name = "anonymous", .version_max = TLS1_2_VERSION, .suites = "aNULL" },
  { .name = "cbc",
    .version_max = TLS1_2_VERSION,
    .suites = "ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA256" },
  { .name = "static-rsa", .version_max = TLS1_2_VERSION, .suites = "kRSA" },
  { .name = "dhe", .version_max = TLS1_2_VERSION, .suites = "kDHE" },
  { .name = "psk", .version_max = TLS1_2_VERSION, .suites = "kPSK" },
};

static int
on_any_certificate (X509_STORE_CTX *store, void *user_data)
{
  return 1;
}

static SSL *
client_new (const Attempt *attempt, const Signer *signer)
{
  SSL_CTX *context = SSL_CTX_new (TLS_client_method ());
  SSL *ssl;

  SSL_CTX_set_security_level (context, 0);
  SSL_CTX_set_min_proto_version (context, TLS1_VERSION);
  if (attempt->version_max != 0)
    SSL_CTX_set_max_proto_version (context, attempt->version_max);
  if (attempt->suites != NULL)
    g_assert_cmpint (SSL_CTX_set_cipher_list (context, attempt->suites), ==, 1);
  if (!attempt->has_no_certificate) {
    SSL_CTX_use_certificate (context, signer_x509 (signer));
    SSL_CTX_use_PrivateKey (context, signer_private_key (signer));
  }
  SSL_CTX_set_cert_verify_callback (context, on_any_certificate, NULL);
  ssl = SSL_new (context);
  SSL_CTX_free (context);
  if (attempt->alpn != NULL)
    SSL_set_alpn_protos (ssl, (const uint8_t *) attempt->alpn, (unsigned) strlen (attempt->alpn));
  SSL_set_bio (ssl, BIO_new (BIO_s_mem ()), BIO_new (BIO_s_mem ()));
  SSL_set_connect_state (ssl);
  return ssl;
}

static void
carry (SSL *from, SSL *to)
{
  uint8_t bytes[4096];
  int size;

  while ((size = BIO_read (SSL_get_wbio (from), bytes, sizeof bytes)) > 0)
    BIO_write (SSL_get_rbio (to), bytes, size);
}

static bool
handshake (SSL *client, SSL *server)
{
  bool is_done = false;

  for (int i = 0; i < 10 && !is_done; i++) {
    bool is_client_done = SSL_do_handshake (client) == 1;
    carry (client, server);
    is_done = SSL_do_handshake (server) == 1 && is_client_done;
    carry (server, client);
  }
  return is_done;
}

/* The folder of faulty certificates is judged in test-certificate.c; here it counts that whatever
 * that one function says decides about the link, by its judgement of the very bytes. */
typedef struct Judge {
  Signer signer;
  const Signer *inner;
  CertificateVerdict verdict;
  unsigned asked;
} Judge;

static CertificateVerdict
judge_check (
  void *key_ring, Bytes der, const Bytes *chain, size_t chain_count, Certificate **ret_certificate)
{
  Judge *self = key_ring;
  g_autoptr (Certificate) certificate = NULL;

  self->asked++;
  g_assert_cmpint (self->inner->check (self->inner->key_ring, der, chain, chain_count,
                                       &certificate),
                   ==, CERTIFICATE_GOOD);
  if (self->verdict == CERTIFICATE_GOOD)
    *ret_certificate = g_steal_pointer (&certificate);
  return self->verdict;
}

static void
test_verdicts (void)
{
  for (unsigned verdict = CERTIFICATE_GOOD; verdict <= CERTIFICATE_REVOKED; verdict++) {
    g_autoptr (Peer) bob = peer_member ();
    g_autoptr (Peer) alice = peer_member ();
    Judge judge = { .signer = *bob->signer,
                    .inner = bob->signer,
                    .verdict = (CertificateVerdict) verdict };
    g_autoptr (Tls) tls = NULL;
    TlsPeer peer = { 0 };
    SSL *server, *client;

    judge.signer.key_ring = &judge;
    judge.signer.check = judge_check;
    tls = tls_new (&judge.signer, signer_private_key (bob->signer), signer_x509 (bob->signer));
    server = tls_connection (tls, TLS_USE_STREAM, true);
    client = client_new (&attempts[0], alice->signer);
    tls_set_peer (tls, server, &peer);
    g_assert_true (handshake (client, server) == (verdict == CERTIFICATE_GOOD));
    g_assert_true (peer.is_refused == (verdict != CERTIFICATE_GOOD));
    g_assert_cmpuint (judge.asked, ==, 1);
    tls_peer_clear (&peer);
    SSL_free (server);
    SSL_free (client);
  }
}

static void
test_attempt (gconstpointer data)
{
  const Attempt *attempt = data;
  g_autoptr (Peer) bob = peer_member ();
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Tls) tls =
    tls_new (bob->signer, signer_private_key (bob->signer), signer_x509 (bob->signer));
  TlsPeer peer = { 0 };
  SSL *server = tls_connection (tls, TLS_USE_STREAM, true);
  SSL *client = client_new (attempt, alice->signer);
  bool is_accepted;

  tls_set_peer (tls, server, &peer);
  is_accepted = handshake (client, server);
  g_assert_true (is_accepted == attempt->is_accepted);
  if (is_accepted) {
    const SSL_CIPHER *suite = SSL_get_current_cipher (server);
    g_assert_true (SSL_CIPHER_is_aead (suite));
    g_assert_cmpint (SSL_version (server), >=, TLS1_2_VERSION);
    g_assert_cmpint (SSL_get_secure_renegotiation_support (server), ==, 1);
    g_assert_null (SSL_get_current_compression (server));
    g_assert_true (peer.is_newcomer == (strcmp (attempt->name, "alpn-invite") == 0));
    g_assert_true ((peer.certificate == NULL) == peer.is_newcomer);
  }
  SSL_free (client);
  SSL_free (server);
  tls_peer_clear (&peer);
}

/* Nothing of one connection helps the next one. */
static void
test_no_resumption (void)
{
  g_autoptr (Peer) bob = peer_member ();
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Tls) tls =
    tls_new (bob->signer, signer_private_key (bob->signer), signer_x509 (bob->signer));
  const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

  for (size_t i = 0; i < G_N_ELEMENTS (versions); i++) {
    const Attempt attempt = { .version_max = versions[i] };
    SSL_SESSION *session = NULL;
    for (int round = 0; round < 2; round++) {
      TlsPeer peer = { 0 };
      SSL *server = tls_connection (tls, TLS_USE_STREAM, true);
      SSL *client = client_new (&attempt, alice->signer);
      tls_set_peer (tls, server, &peer);
      if (session != NULL)
        SSL_set_session (client, session);
      g_assert_true (handshake (client, server));
      g_assert_false (SSL_session_reused (server));
      SSL_SESSION_free (session);
      session = SSL_get1_session (client);
      SSL_free (client);
      SSL_free (server);
      tls_peer_clear (&peer);
    }
    SSL_SESSION_free (session);
  }
}

/* Where links are keyed by a secret, certificates let in those who ask to be let in, and nobody to
 * the overlay. */
static void
test_shared_secret (void)
{
  static const Attempt rows[] = {
    { .name = "as-we-do" },
    { .name = "tls-1.2", .version_max = TLS1_2_VERSION },
    { .name = "alpn-reload", .alpn = "\x06reload" },
    { .name = "alpn-turn", .alpn = "\x09peal-turn" },
    { .name = "alpn-invite", .alpn = "\x0bpeal-invite", .is_accepted = true },
    { .name = "other-suites", .version_max = TLS1_2_VERSION, .suites = "kPSK" },
  };
  g_autoptr (Peer) bob = peer_member ();
  g_autoptr (Peer) alice = peer_member ();
  g_autoptr (Tls) tls =
    tls_new (bob->signer, signer_private_key (bob->signer), signer_x509 (bob->signer));

  tls_set_secret (tls, "open sesame");
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    TlsPeer peer = { 0 };
    SSL *server = tls_connection (tls, TLS_USE_STREAM, true);
    SSL *client = client_new (&rows[i], alice->signer);
    bool is_accepted;

    tls_set_peer (tls, server, &peer);
    tls_key_by_secret (server);
    is_accepted = handshake (client, server) && tls_is_keyed_well (server);
    g_assert_true (is_accepted == rows[i].is_accepted);
    g_assert_true (!is_accepted || !tls_wants_proof (server));
    SSL_free (client);
    SSL_free (server);
    tls_peer_clear (&peer);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (attempts); i++) {
    g_autofree char *path = g_strdup_printf ("/tls/threat-4.4-%s-is-%s", attempts[i].name,
                                             attempts[i].is_accepted ? "accepted" : "refused");
    g_test_add_data_func (path, &attempts[i], test_attempt);
  }
  g_test_add_func ("/tls/threat-4.4-nothing-is-resumed", test_no_resumption);
  g_test_add_func ("/tls/threat-1.6-every-verdict-but-good-ends-the-handshake", test_verdicts);
  g_test_add_func ("/tls/threat-4.4-shared-secret-certificates-open-no-overlay-link",
                   test_shared_secret);
  return g_test_run ();
}
