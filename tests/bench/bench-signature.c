/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/identity.h"
#include "core/os/signer.h"
#include "tests/bench/bench.h"

#include <openssl/evp.h>
#include <string.h>

/* Signing a message and verifying it as a node does, and judging a certificate met for the first
 * time or again. The limit is OpenSSL's ECDSA on P-256 alone, its context kept, the message already
 * hashed. */

#define INSTANCE "bench-abcd2345.peal.alt"

typedef struct Signatures {
  CertificateTrust trust;
  Signer *signer;
  uint8_t message[512];
  uint8_t signature[SIGNATURE_SIZE_MAX];
  size_t size;

  uint8_t digest[32];
  EVP_PKEY_CTX *raw_sign, *raw_verify;
} Signatures;

static Bytes
message_of (const Signatures *self)
{
  return (Bytes){ self->message, sizeof self->message };
}

static void
sign (void *user_data)
{
  Signatures *self = user_data;

  self->size = self->signer->sign (self->signer->key_ring, message_of (self), self->signature);
}

static void
verify (void *user_data)
{
  Signatures *self = user_data;

  if (!self->signer->verify (self->signer->key_ring, self->signer->own, HASH_SHA256,
                             SIGNATURE_ECDSA, message_of (self),
                             (Bytes){ self->signature, self->size }))
    g_error ("cannot verify");
}

static void
check_again (void *user_data)
{
  Signatures *self = user_data;
  g_autoptr (Certificate) certificate = NULL;

  if (self->signer->check (self->signer->key_ring, self->signer->own->der, NULL, 0, &certificate) !=
      CERTIFICATE_GOOD)
    g_error ("cannot check");
}

static void
check_first (void *user_data)
{
  Signatures *self = user_data;

  signer_trust_changed (self->signer);
  check_again (self);
}

static void
raw_sign (void *user_data)
{
  Signatures *self = user_data;

  self->size = sizeof self->signature;
  EVP_PKEY_sign (self->raw_sign, self->signature, &self->size, self->digest, sizeof self->digest);
}

static void
raw_verify (void *user_data)
{
  Signatures *self = user_data;

  if (EVP_PKEY_verify (self->raw_verify, self->signature, self->size, self->digest,
                       sizeof self->digest) != 1)
    g_error ("cannot verify");
}

static void
signatures_init (Signatures *self)
{
  static const uint8_t secret[ADMISSION_SECRET_SIZE] = { 1 };
  g_autoptr (PrivateKey) user_key = private_key_new ();
  g_autoptr (PrivateKey) device_key = private_key_new ();
  const CertificateOptions options = { INSTANCE, "bench", secret,
                                       g_get_real_time () / G_USEC_PER_SEC };
  g_autoptr (GBytes) der = identity_make_certificate (user_key, device_key, &options);

  self->trust = (CertificateTrust){ .instance_name = INSTANCE,
                                    .is_self_signed_permitted = true,
                                    .has_secret = true };
  memcpy (self->trust.secret, secret, sizeof secret);
  self->signer =
    signer_new (device_key, (Bytes){ g_bytes_get_data (der, NULL), g_bytes_get_size (der) },
                &self->trust, NULL);
  EVP_Digest (self->message, sizeof self->message, self->digest, NULL, EVP_sha256 (), NULL);
  self->raw_sign = EVP_PKEY_CTX_new (device_key, NULL);
  self->raw_verify = EVP_PKEY_CTX_new (device_key, NULL);
  EVP_PKEY_sign_init (self->raw_sign);
  EVP_PKEY_verify_init (self->raw_verify);
}

static void
signatures_clear (Signatures *self)
{
  EVP_PKEY_CTX_free (self->raw_sign);
  EVP_PKEY_CTX_free (self->raw_verify);
  signer_free (self->signer);
}

int
bench_signature (const BenchOptions *options)
{
  Signatures self = { 0 };
  g_autofree char *extra = NULL;
  double sign_us, verify_us, first_us, again_us, raw_sign_us, raw_verify_us;

  signatures_init (&self);
  sign_us = 1e6 / bench_rate (sign, &self);
  verify_us = 1e6 / bench_rate (verify, &self);
  first_us = 1e6 / bench_rate (check_first, &self);
  again_us = 1e6 / bench_rate (check_again, &self);
  raw_sign_us = 1e6 / bench_rate (raw_sign, &self);
  raw_verify_us = 1e6 / bench_rate (raw_verify, &self);
  g_print ("sign %.1f us (OpenSSL alone %.1f), verify %.1f us (%.1f), "
           "certificate %.1f us, again %.2f us\n",
           sign_us, raw_sign_us, verify_us, raw_verify_us, first_us, again_us);
  extra = g_strdup_printf ("\"sign_us\":%.2f,\"verify_us\":%.2f,\"check_us\":%.2f,"
                           "\"check_cached_us\":%.3f",
                           sign_us, verify_us, first_us, again_us);
  bench_report (options, "signature", 1e6 / (sign_us + verify_us),
                1e6 / (raw_sign_us + raw_verify_us),
                (raw_sign_us + raw_verify_us) / (sign_us + verify_us), extra);
  signatures_clear (&self);
  return 0;
}
