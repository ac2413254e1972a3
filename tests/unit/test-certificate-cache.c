/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/certificate-cache.h"

#include "core/base/limits.h"
#include "core/base/ports.h"
#include "core/crypto/digest.h"
#include "tests/sim/sim-signer.h"

#include <string.h>

/* A signer that counts how often it is asked to judge a certificate. */

typedef struct Fixture {
  Signer own;
  Signer counting;
  unsigned checks;
  NodePorts ports;
  int64_t now_s;
  CertificateCache *cache;
  Arena *arena;
} Fixture;

static CertificateVerdict
count_check (
  void *key_ring, Bytes der, const Bytes *chain, size_t chain_count, Certificate **ret_certificate)
{
  Fixture *self = key_ring;

  self->checks++;
  return self->own.check (self->own.key_ring, der, chain, chain_count, ret_certificate);
}

static bool
pass_verify (void *key_ring,
             const Certificate *certificate,
             HashAlgorithm hash,
             SignatureAlgorithm algorithm,
             Bytes data,
             Bytes signature)
{
  Fixture *self = key_ring;

  return self->own.verify (self->own.key_ring, certificate, hash, algorithm, data, signature);
}

static uint64_t
port_wall_clock_ms (void *world)
{
  return (uint64_t) ((Fixture *) world)->now_s * 1000;
}

static void
port_log (void *world, LogLevel level, const char *domain, const char *text)
{
}

static void
set_up (Fixture *self, const void *data)
{
  NodeId id = { { 1 } };

  sim_signer_init (&self->own, &id, "self@home");
  self->counting = self->own;
  self->counting.key_ring = self;
  self->counting.check = count_check;
  self->counting.verify = pass_verify;
  self->ports = (NodePorts){
    .world = self,
    .signer = &self->counting,
    .wall_clock_ms = port_wall_clock_ms,
    .log = port_log,
  };
  self->cache = certificate_cache_new (&self->ports);
  self->arena = arena_new ();
}

static void
tear_down (Fixture *self, const void *data)
{
  certificate_cache_free (self->cache);
  arena_free (self->arena);
  sim_signer_clear (&self->own);
}

static void
make (Signer *signer, unsigned number)
{
  NodeId id = { { 2, (uint8_t) (number >> 8), (uint8_t) number } };
  g_autofree char *user = g_strdup_printf ("user%u@home", number);

  sim_signer_init (signer, &id, user);
}

static Signature
sign (const Signer *signer, Bytes data, uint8_t value[SIGNATURE_SIZE_MAX])
{
  return (Signature){
    .hash = HASH_SHA256,
    .signature = SIGNATURE_ECDSA,
    .identity = { .identity_type = SIGNER_CERT_HASH,
                  .hash_alg = HASH_SHA256,
                  .certificate_hash = { signer->own->hash, CERTIFICATE_HASH_SIZE } },
    .signature_value = { value, signer->sign (signer->key_ring, data, value) },
  };
}

static void
test_named_only (Fixture *self, const void *data)
{
  Signer signers[LIMIT_CERTIFICATES];
  GenericCertificate items[LIMIT_CERTIFICATES];
  GenericCertificateList list = { items, LIMIT_CERTIFICATES };
  uint8_t value[SIGNATURE_SIZE_MAX];
  Bytes text = bytes_of_text ("hello");
  CertificateOffer *offer;
  Signature signature;
  NodeId id;

  for (unsigned i = 0; i < LIMIT_CERTIFICATES; i++) {
    make (&signers[i], i);
    items[i] = (GenericCertificate){ CERTIFICATE_TYPE_X509, signers[i].own->der };
  }
  offer = certificate_offer_new (self->arena, &list);
  g_assert_cmpuint (self->checks, ==, 0);
  signature = sign (&signers[7], text, value);
  g_assert_nonnull (certificate_cache_verify (self->cache, offer, &signature, text, &id));
  g_assert_true (node_id_equal (&id, &signers[7].own->node_ids[0]));
  g_assert_nonnull (certificate_cache_verify (self->cache, offer, &signature, text, &id));
  g_assert_nonnull (certificate_cache_verify (self->cache, NULL, &signature, text, &id));
  g_assert_cmpuint (self->checks, ==, 1);
  signature = sign (&signers[8], text, value);
  g_assert_null (certificate_cache_verify (self->cache, NULL, &signature, text, &id));
  for (unsigned i = 0; i < LIMIT_CERTIFICATES; i++)
    sim_signer_clear (&signers[i]);
}

static void
test_too_many (Fixture *self, const void *data)
{
  Signer signer;
  GenericCertificate items[LIMIT_CERTIFICATES + 1];
  GenericCertificateList list = { items, LIMIT_CERTIFICATES + 1 };
  uint8_t value[SIGNATURE_SIZE_MAX];
  Bytes text = bytes_of_text ("hello");
  Signature signature;
  NodeId id;

  make (&signer, 1);
  for (unsigned i = 0; i <= LIMIT_CERTIFICATES; i++)
    items[i] = (GenericCertificate){ CERTIFICATE_TYPE_X509, signer.own->der };
  signature = sign (&signer, text, value);
  g_assert_null (certificate_cache_verify (self->cache, certificate_offer_new (self->arena, &list),
                                           &signature, text, &id));
  g_assert_cmpuint (self->checks, ==, 0);
  sim_signer_clear (&signer);
}

static void
test_bounded (Fixture *self, const void *data)
{
  NodeId id;
  SignerIdentity own = certificate_cache_own_identity (self->cache);

  for (unsigned i = 0; i < LIMIT_CERTIFICATE_CACHE; i++) {
    Signer signer;
    make (&signer, i);
    g_assert_nonnull (certificate_cache_find (self->cache, NULL, &own, &id));
    certificate_cache_add (self->cache, signer.own);
    sim_signer_clear (&signer);
  }
  g_assert_null (certificate_cache_find (self->cache, NULL, &own, &id));
}

static void
test_expired (Fixture *self, const void *data)
{
  Signer signer;
  SignerIdentity identity;
  NodeId id;

  make (&signer, 1);
  signer.own->not_after_s = 1000;
  certificate_cache_add (self->cache, signer.own);
  identity = sign (&signer, (Bytes){ NULL, 0 }, (uint8_t[SIGNATURE_SIZE_MAX]){ 0 }).identity;
  self->now_s = 1000;
  g_assert_nonnull (certificate_cache_find (self->cache, NULL, &identity, &id));
  self->now_s = 1001;
  g_assert_null (certificate_cache_find (self->cache, NULL, &identity, &id));
  sim_signer_clear (&signer);
}

static void
test_forgotten (Fixture *self, const void *data)
{
  Signer signer;
  SignerIdentity identity;
  NodeId id;

  make (&signer, 1);
  certificate_cache_add (self->cache, signer.own);
  identity = sign (&signer, (Bytes){ NULL, 0 }, (uint8_t[SIGNATURE_SIZE_MAX]){ 0 }).identity;
  certificate_cache_forget (self->cache, &signer.own->node_ids[0]);
  g_assert_null (certificate_cache_find (self->cache, NULL, &identity, &id));
  certificate_cache_add (self->cache, signer.own);
  g_assert_nonnull (certificate_cache_find (self->cache, NULL, &identity, &id));
  sim_signer_clear (&signer);
}

/* One of several Node-IDs is named by H(Node-ID || certificate) (6.3.4). */
static void
test_several_node_ids (Fixture *self, const void *data)
{
  static const char der[] = "..reload://011000000000000000000000000000000011@home/.."
                            "reload://011000000000000000000000000000000022@home/..";
  GenericCertificate item = { CERTIFICATE_TYPE_X509, bytes_of_text (der) };
  GenericCertificateList list = { &item, 1 };
  CertificateOffer *offer = certificate_offer_new (self->arena, &list);

  for (unsigned last = 0x11; last <= 0x33; last += 0x11) {
    uint8_t hash[CERTIFICATE_HASH_SIZE];
    uint8_t input[NODE_ID_SIZE + sizeof der - 1] = { 0 };
    SignerIdentity identity = { .identity_type = SIGNER_CERT_HASH_NODE_ID,
                                .hash_alg = HASH_SHA256,
                                .certificate_hash = { hash, sizeof hash } };
    Bytes found;
    input[NODE_ID_SIZE - 1] = (uint8_t) last;
    memcpy (input + NODE_ID_SIZE, der, sizeof der - 1);
    digest_sha256 ((Bytes){ input, sizeof input }, hash);
    g_assert_cmpint (certificate_offer_find (offer, &identity, &found), ==, last < 0x33);
    identity.identity_type = SIGNER_CERT_HASH;
    g_assert_false (certificate_offer_find (offer, &identity, &found));
  }
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/certificate-cache/threat-1.8-judged-when-a-signature-names-it-and-once", test_named_only);
  ADD ("/certificate-cache/threat-1.8-too-many-are-not-looked-at", test_too_many);
  ADD ("/certificate-cache/the-oldest-gives-way", test_bounded);
  ADD ("/certificate-cache/threat-1.6-an-expired-one-signs-no-more", test_expired);
  ADD ("/certificate-cache/threat-4.3-a-bad-node-is-forgotten", test_forgotten);
  ADD ("/certificate-offer/one-of-several-node-ids-is-found-by-its-uri", test_several_node_ids);
  return g_test_run ();
}
