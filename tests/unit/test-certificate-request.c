/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/limits.h"
#include "core/crypto/certificate-request.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <string.h>

#define ADDRESS "bob@club-abcd2345.peal.alt"

/* A request with these names (in OpenSSL's words) and this key. */
static GBytes *
forge (EVP_PKEY *key, EVP_PKEY *signer, const char *names, const EVP_MD *digest)
{
  X509_REQ *request = X509_REQ_new ();
  STACK_OF (X509_EXTENSION) *extensions = sk_X509_EXTENSION_new_null ();
  uint8_t *der = NULL;
  GBytes *bytes;
  int size;

  if (names != NULL)
    sk_X509_EXTENSION_push (extensions,
                            X509V3_EXT_conf_nid (NULL, NULL, NID_subject_alt_name, names));
  if (sk_X509_EXTENSION_num (extensions) > 0)
    X509_REQ_add_extensions (request, extensions);
  X509_REQ_set_pubkey (request, key);
  X509_REQ_sign (request, signer, digest);
  size = i2d_X509_REQ (request, &der);
  bytes = g_bytes_new (der, (gsize) size);
  OPENSSL_free (der);
  sk_X509_EXTENSION_pop_free (extensions, X509_EXTENSION_free);
  X509_REQ_free (request);
  return bytes;
}

static bool
is_read (GBytes *der)
{
  g_auto (CertificateRequest) request = { NULL };

  return certificate_request_read (bytes_borrow (der), &request);
}

static void
test_made_is_read (void)
{
  g_autoptr (PrivateKey) key = private_key_new ();
  g_autoptr (GBytes) der = certificate_request_make (key, ADDRESS);
  g_auto (CertificateRequest) request = { NULL };

  g_assert_true (certificate_request_read (bytes_borrow (der), &request));
  g_assert_cmpstr (request.address, ==, ADDRESS);
  g_assert_cmpint (EVP_PKEY_eq (request.key, key), ==, 1);
}

static void
test_rsa_is_understood (void)
{
  EVP_PKEY *key = EVP_RSA_gen (2048);
  g_autoptr (GBytes) der = forge (key, key, "email:" ADDRESS, EVP_sha256 ());

  g_assert_true (is_read (der));
  EVP_PKEY_free (key);
}

static void
test_names (void)
{
  const char *const bad[] = { NULL, "DNS:club.example", "email:" ADDRESS ",email:eve@club.example",
                              "email:" ADDRESS ",URI:reload://0110@club/" };
  g_autoptr (PrivateKey) key = private_key_new ();

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GBytes) der = forge (key, key, bad[i], EVP_sha256 ());

    g_assert_false (is_read (der));
  }
}

static void
test_weak (void)
{
  g_autoptr (PrivateKey) good = private_key_new ();
  EVP_PKEY *keys[] = { EVP_RSA_gen (1024), EVP_EC_gen ("P-384"),
                       EVP_PKEY_Q_keygen (NULL, NULL, "ED25519") };
  g_autoptr (GBytes) sha1 = forge (good, good, "email:" ADDRESS, EVP_sha1 ());

  g_assert_false (is_read (sha1));
  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++) {
    g_autoptr (GBytes) der =
      forge (keys[i], keys[i], "email:" ADDRESS, i < 2 ? EVP_sha256 () : NULL);

    g_assert_false (is_read (der));
    EVP_PKEY_free (keys[i]);
  }
}

/* Whoever asks must hold the key. */
static void
test_other_signer (void)
{
  g_autoptr (PrivateKey) key = private_key_new ();
  g_autoptr (PrivateKey) other = private_key_new ();
  g_autoptr (GBytes) der = forge (key, other, "email:" ADDRESS, EVP_sha256 ());

  g_assert_false (is_read (der));
}

static void
test_every_cut_and_flip (void)
{
  g_autoptr (PrivateKey) key = private_key_new ();
  g_autoptr (GBytes) der = certificate_request_make (key, ADDRESS);
  Bytes bytes = bytes_borrow (der);
  g_autofree uint8_t *copy = g_malloc (bytes.size + 1);

  for (size_t size = 0; size < bytes.size; size++) {
    g_autoptr (GBytes) cut = g_bytes_new (bytes.data, size);

    g_assert_false (is_read (cut));
  }
  for (size_t i = 0; i < bytes.size; i++) {
    g_auto (CertificateRequest) request = { NULL };

    memcpy (copy, bytes.data, bytes.size);
    copy[i] ^= 0x10;
    g_assert_false (certificate_request_read ((Bytes){ copy, bytes.size }, &request));
  }
  memcpy (copy, bytes.data, bytes.size);
  copy[bytes.size] = 0;
  g_assert_false (
    certificate_request_read ((Bytes){ copy, bytes.size + 1 }, &(CertificateRequest){ NULL }));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/certificate-request/made-is-read", test_made_is_read);
  g_test_add_func ("/certificate-request/rsa-is-understood", test_rsa_is_understood);
  g_test_add_func ("/certificate-request/exactly-one-user-name", test_names);
  g_test_add_func ("/certificate-request/threat-1.6-weak-keys-are-refused", test_weak);
  g_test_add_func ("/certificate-request/other-signer-is-refused", test_other_signer);
  g_test_add_func ("/certificate-request/every-cut-and-flip-is-refused", test_every_cut_and_flip);
  return g_test_run ();
}
