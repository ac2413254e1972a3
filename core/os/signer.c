/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The device key and the certificates it has met.
 *
 * A certificate costs two signature checks to judge, so each is judged once: the good ones are
 * kept, the least recently used leaving first, under the SHA-256 of their bytes. What passes with
 * time, their validity, is looked at again at every use; what the overlay decides is looked at
 * again when signer_trust_changed() is called.
 *
 * Algorithms are fetched once and the signing context is kept: looking them up anew costs more
 * than the hash itself. */
#include "core/os/signer.h"

#include "core/base/limits.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

typedef struct KeyRing {
  PrivateKey *key;
  X509 *x509;
  const CertificateTrust *trust; /* outlives us */
  EVP_PKEY_CTX *signing;
  EVP_MD *sha256, *sha384, *sha512;
  GHashTable *cache; /* hash → its link in `used`, borrowed */
  GQueue used;       /* of Certificate, owned; the latest used first */
} KeyRing;

static int64_t
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static guint
hash_of_hash (gconstpointer key)
{
  guint value;

  memcpy (&value, key, sizeof value);
  return value;
}

static gboolean
hashes_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, CERTIFICATE_HASH_SIZE) == 0;
}

static void
forget_link (KeyRing *self, GList *link)
{
  Certificate *certificate = link->data;

  g_hash_table_remove (self->cache, certificate->hash);
  g_queue_delete_link (&self->used, link);
  certificate_unref (certificate);
}

static void
forget_all (KeyRing *self)
{
  while (self->used.tail != NULL)
    forget_link (self, self->used.tail);
}

static void
remember (KeyRing *self, Certificate *certificate)
{
  if (self->used.length >= LIMIT_CERTIFICATE_CACHE)
    forget_link (self, self->used.tail);
  g_queue_push_head (&self->used, certificate_ref (certificate));
  g_hash_table_insert (self->cache, certificate->hash, self->used.head);
}

static CertificateVerdict
on_check (
  void *key_ring, Bytes der, const Bytes *chain, size_t chain_count, Certificate **ret_certificate)
{
  KeyRing *self = key_ring;
  uint8_t hash[EVP_MAX_MD_SIZE];
  CertificateVerdict verdict;
  GList *link;

  if (der.size > LIMIT_CERTIFICATE_SIZE)
    return CERTIFICATE_MALFORMED;
  EVP_Digest (der.data, der.size, hash, NULL, self->sha256, NULL);
  link = g_hash_table_lookup (self->cache, hash);
  if (link != NULL) {
    verdict = certificate_validity (link->data, now_s ());
    if (verdict != CERTIFICATE_GOOD) {
      forget_link (self, link);
      return verdict;
    }
    g_queue_unlink (&self->used, link);
    g_queue_push_head_link (&self->used, link);
    *ret_certificate = certificate_ref (link->data);
    return CERTIFICATE_GOOD;
  }

  verdict = certificate_check (self->trust, der, chain, chain_count, now_s (), ret_certificate);
  if (verdict == CERTIFICATE_GOOD)
    remember (self, *ret_certificate);
  return verdict;
}

static size_t
on_sign (void *key_ring, Bytes data, uint8_t ret_signature[SIGNATURE_SIZE_MAX])
{
  KeyRing *self = key_ring;
  uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned digest_size = 0;
  size_t size = SIGNATURE_SIZE_MAX;

  if (!EVP_Digest (data.data, data.size, digest, &digest_size, self->sha256, NULL) ||
      EVP_PKEY_sign (self->signing, ret_signature, &size, digest, digest_size) != 1)
    g_error ("the device key cannot sign");
  return size;
}

static EVP_MD *
digest_of (const KeyRing *self, HashAlgorithm hash)
{
  switch (hash) {
  case HASH_SHA256:
    return self->sha256;
  case HASH_SHA384:
    return self->sha384;
  case HASH_SHA512:
    return self->sha512;
  case HASH_NONE:
  case HASH_SHA1:
    return NULL;
  }
  return NULL;
}

static bool
algorithm_fits (EVP_PKEY *key, SignatureAlgorithm algorithm)
{
  switch (algorithm) {
  case SIGNATURE_RSA:
    return EVP_PKEY_get_base_id (key) == EVP_PKEY_RSA;
  case SIGNATURE_ECDSA:
    return EVP_PKEY_get_base_id (key) == EVP_PKEY_EC;
  }
  return false;
}

static bool
on_verify (void *key_ring,
           const Certificate *certificate,
           HashAlgorithm hash,
           SignatureAlgorithm algorithm,
           Bytes data,
           Bytes signature)
{
  KeyRing *self = key_ring;
  EVP_MD *digest = digest_of (self, hash);
  uint8_t value[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_PKEY_CTX *context;
  bool is_good;

  if (digest == NULL || !algorithm_fits (certificate->key, algorithm) ||
      signature.size > SIGNATURE_SIZE_MAX)
    return false;
  ERR_set_mark ();
  context = EVP_PKEY_CTX_new (certificate->key, NULL);
  is_good = EVP_Digest (data.data, data.size, value, &size, digest, NULL) &&
            EVP_PKEY_verify_init (context) == 1 &&
            (algorithm != SIGNATURE_RSA ||
             EVP_PKEY_CTX_set_rsa_padding (context, RSA_PKCS1_PADDING) == 1) &&
            EVP_PKEY_CTX_set_signature_md (context, digest) == 1 &&
            EVP_PKEY_verify (context, signature.data, signature.size, value, size) == 1;
  EVP_PKEY_CTX_free (context);
  ERR_pop_to_mark ();
  return is_good;
}

static KeyRing *
key_ring_new (PrivateKey *key, Bytes certificate, const CertificateTrust *trust)
{
  KeyRing *self = g_new0 (KeyRing, 1);
  const uint8_t *p = certificate.data;

  self->key = private_key_ref (key);
  self->x509 = d2i_X509 (NULL, &p, (long) certificate.size);
  self->trust = trust;
  self->sha256 = EVP_MD_fetch (NULL, "SHA256", NULL);
  self->sha384 = EVP_MD_fetch (NULL, "SHA384", NULL);
  self->sha512 = EVP_MD_fetch (NULL, "SHA512", NULL);
  self->signing = EVP_PKEY_CTX_new (key, NULL);
  if (EVP_PKEY_sign_init (self->signing) != 1 ||
      EVP_PKEY_CTX_set_signature_md (self->signing, self->sha256) != 1)
    g_error ("the device key cannot sign");
  self->cache = g_hash_table_new (hash_of_hash, hashes_equal);
  return self;
}

Signer *
signer_new (PrivateKey *key,
            Bytes certificate,
            const CertificateTrust *trust,
            CertificateVerdict *ret_verdict)
{
  g_autoptr (Certificate) own = NULL;
  CertificateVerdict verdict;
  Signer *self;

  verdict = certificate_check (trust, certificate, NULL, 0, now_s (), &own);
  if (verdict == CERTIFICATE_GOOD && EVP_PKEY_eq (own->key, key) != 1)
    verdict = CERTIFICATE_BAD_SIGNATURE;
  if (ret_verdict != NULL)
    *ret_verdict = verdict;
  if (verdict != CERTIFICATE_GOOD)
    return NULL;

  self = g_new0 (Signer, 1);
  self->key_ring = key_ring_new (key, certificate, trust);
  self->own = g_steal_pointer (&own);
  self->sign = on_sign;
  self->verify = on_verify;
  self->check = on_check;
  return self;
}

void
signer_free (Signer *self)
{
  KeyRing *ring;

  if (self == NULL)
    return;
  ring = self->key_ring;
  forget_all (ring);
  g_hash_table_unref (ring->cache);
  EVP_PKEY_CTX_free (ring->signing);
  EVP_MD_free (ring->sha256);
  EVP_MD_free (ring->sha384);
  EVP_MD_free (ring->sha512);
  X509_free (ring->x509);
  private_key_free (ring->key);
  g_free (ring);
  certificate_unref (self->own);
  g_free (self);
}

void
signer_trust_changed (Signer *self)
{
  forget_all (self->key_ring);
}

PrivateKey *
signer_private_key (const Signer *self)
{
  const KeyRing *ring = self->key_ring;

  return ring->key;
}

X509 *
signer_x509 (const Signer *self)
{
  const KeyRing *ring = self->key_ring;

  return ring->x509;
}
