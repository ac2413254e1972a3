/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The real signer, beside what core/crypto/signer.h says of every signer. */
#include "core/os/signer.h"

#include "core/base/limits.h"
#include "tests/unit/forge.h"

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

static const NodeId nobody = { { 0 } };

typedef struct Member {
  CertificateTrust trust;
  PrivateKey *device_key;
  Signer *signer;
} Member;

static GBytes *
make_certificate (PrivateKey *device_key, const char *user, int64_t now_s)
{
  g_autoptr (PrivateKey) user_key = private_key_new ();
  const CertificateOptions options = { FORGE_INSTANCE, user, forge_secret, now_s };

  return identity_make_certificate (user_key, device_key, &options);
}

static int64_t
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static void
member_init (Member *self, const char *user)
{
  g_autoptr (GBytes) der = NULL;

  self->trust = (CertificateTrust){ .instance_name = FORGE_INSTANCE,
                                    .is_self_signed_permitted = true,
                                    .has_secret = true,
                                    .bad_nodes = &nobody };
  memcpy (self->trust.secret, forge_secret, sizeof self->trust.secret);
  self->device_key = private_key_new ();
  der = make_certificate (self->device_key, user, now_s ());
  self->signer = signer_new (self->device_key, forge_bytes (der), &self->trust, NULL);
  g_assert_nonnull (self->signer);
}

static void
member_clear (Member *self)
{
  signer_free (self->signer);
  private_key_free (self->device_key);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Member, member_clear)

static bool
verifies (const Member *member,
          const Certificate *certificate,
          HashAlgorithm hash,
          SignatureAlgorithm algorithm,
          Bytes data,
          Bytes signature)
{
  bool is_good = member->signer->verify (member->signer->key_ring, certificate, hash, algorithm,
                                         data, signature);

  g_assert_cmpuint (ERR_peek_error (), ==, 0);
  return is_good;
}

static void
test_sign (void)
{
  g_auto (Member) anna = { 0 };
  g_auto (Member) bob = { 0 };
  Bytes data = bytes_of_text ("who speaks?");
  uint8_t signature[SIGNATURE_SIZE_MAX];
  Bytes signed_by_anna;

  member_init (&anna, "anna");
  member_init (&bob, "bob");
  signed_by_anna = (Bytes){ signature, anna.signer->sign (anna.signer->key_ring, data, signature) };
  g_assert_cmpint (signer_algorithm (anna.signer), ==, SIGNATURE_ECDSA);

  g_assert_true (
    verifies (&bob, anna.signer->own, HASH_SHA256, SIGNATURE_ECDSA, data, signed_by_anna));
  g_assert_false (
    verifies (&bob, bob.signer->own, HASH_SHA256, SIGNATURE_ECDSA, data, signed_by_anna));
  g_assert_false (verifies (&bob, anna.signer->own, HASH_SHA256, SIGNATURE_ECDSA,
                            bytes_of_text ("who speaks!"), signed_by_anna));
  g_assert_false (
    verifies (&bob, anna.signer->own, HASH_SHA384, SIGNATURE_ECDSA, data, signed_by_anna));
  g_assert_false (
    verifies (&bob, anna.signer->own, HASH_SHA1, SIGNATURE_ECDSA, data, signed_by_anna));
  g_assert_false (
    verifies (&bob, anna.signer->own, HASH_NONE, SIGNATURE_ECDSA, data, signed_by_anna));
  g_assert_false (verifies (&bob, anna.signer->own, 99, SIGNATURE_ECDSA, data, signed_by_anna));
  g_assert_false (
    verifies (&bob, anna.signer->own, HASH_SHA256, SIGNATURE_RSA, data, signed_by_anna));
  g_assert_false (verifies (&bob, anna.signer->own, HASH_SHA256, 0, data, signed_by_anna));
}

static void
test_damaged_signature (void)
{
  g_auto (Member) anna = { 0 };
  Bytes data = bytes_of_text ("who speaks?");
  uint8_t signature[SIGNATURE_SIZE_MAX];
  g_autofree uint8_t *huge = g_malloc0 (70000);
  size_t size;

  member_init (&anna, "anna");
  size = anna.signer->sign (anna.signer->key_ring, data, signature);
  for (size_t i = 0; i < size; i++) {
    g_assert_false (verifies (&anna, anna.signer->own, HASH_SHA256, SIGNATURE_ECDSA, data,
                              (Bytes){ signature, i }));
    signature[i] ^= 0x10;
    g_assert_false (verifies (&anna, anna.signer->own, HASH_SHA256, SIGNATURE_ECDSA, data,
                              (Bytes){ signature, size }));
    signature[i] ^= 0x10;
  }
  g_assert_false (
    verifies (&anna, anna.signer->own, HASH_SHA256, SIGNATURE_ECDSA, data, (Bytes){ huge, 70000 }));
}

/* RFC 6940, 6.3.4: RSASSA-PKCS1-v1_5 with SHA-256 is what everybody must understand. */
static void
test_rsa (void)
{
  g_auto (Member) anna = { 0 };
  Bytes data = bytes_of_text ("who speaks?");
  EVP_PKEY *key = EVP_RSA_gen (2048);
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  Certificate certificate = { .key = key };
  uint8_t signature[SIGNATURE_SIZE_MAX];
  size_t size = sizeof signature;

  member_init (&anna, "anna");
  EVP_DigestSignInit (context, NULL, EVP_sha256 (), NULL, key);
  EVP_DigestSign (context, signature, &size, data.data, data.size);
  g_assert_true (
    verifies (&anna, &certificate, HASH_SHA256, SIGNATURE_RSA, data, (Bytes){ signature, size }));
  g_assert_false (
    verifies (&anna, &certificate, HASH_SHA256, SIGNATURE_ECDSA, data, (Bytes){ signature, size }));
  signature[9] ^= 1;
  g_assert_false (
    verifies (&anna, &certificate, HASH_SHA256, SIGNATURE_RSA, data, (Bytes){ signature, size }));
  EVP_MD_CTX_free (context);
  EVP_PKEY_free (key);
}

static CertificateVerdict
check (const Member *member, GBytes *der, Certificate **ret_certificate)
{
  return member->signer->check (member->signer->key_ring, forge_bytes (der), NULL, 0,
                                ret_certificate);
}

static void
test_cache (void)
{
  g_auto (Member) anna = { 0 };
  g_autoptr (PrivateKey) key = private_key_new ();
  g_autoptr (GBytes) der = make_certificate (key, "bob", now_s ());
  g_autoptr (Certificate) first = NULL;
  g_autoptr (Certificate) second = NULL;
  g_autoptr (Certificate) third = NULL;

  member_init (&anna, "anna");
  g_assert_cmpint (check (&anna, der, &first), ==, CERTIFICATE_GOOD);
  g_assert_cmpint (check (&anna, der, &second), ==, CERTIFICATE_GOOD);
  g_assert_true (first == second);
  signer_trust_changed (anna.signer);
  g_assert_cmpint (check (&anna, der, &third), ==, CERTIFICATE_GOOD);
  g_assert_true (third != first);
}

static void
test_revoked (void)
{
  g_auto (Member) anna = { 0 };
  g_autoptr (PrivateKey) key = private_key_new ();
  g_autoptr (GBytes) der = make_certificate (key, "bob", now_s ());
  g_autoptr (Certificate) certificate = NULL;
  Certificate *none = NULL;

  member_init (&anna, "anna");
  g_assert_cmpint (check (&anna, der, &certificate), ==, CERTIFICATE_GOOD);
  anna.trust.bad_nodes = &certificate->node_ids[0];
  anna.trust.bad_node_count = 1;
  signer_trust_changed (anna.signer);
  g_assert_cmpint (check (&anna, der, &none), ==, CERTIFICATE_REVOKED);
  g_assert_null (none);
}

static void
test_validity_of_cached (void)
{
  g_auto (Member) anna = { 0 };
  g_autoptr (PrivateKey) key = private_key_new ();
  g_autoptr (GBytes) der = make_certificate (key, "bob", now_s ());
  g_autoptr (Certificate) certificate = NULL;
  Certificate *none = NULL;

  member_init (&anna, "anna");
  g_assert_cmpint (check (&anna, der, &certificate), ==, CERTIFICATE_GOOD);
  certificate->not_after_s = now_s () - 1; /* as if the years had passed */
  g_assert_cmpint (check (&anna, der, &none), ==, CERTIFICATE_EXPIRED);
  g_assert_null (none);
}

static void
test_cache_is_bounded (void)
{
  g_auto (Member) anna = { 0 };
  g_autoptr (PrivateKey) key = private_key_new ();
  g_autoptr (GBytes) kept_der = make_certificate (key, "kept", now_s ());
  g_autoptr (GBytes) first_der = make_certificate (key, "first", now_s ());
  g_autoptr (Certificate) kept = NULL;
  g_autoptr (Certificate) first = NULL;

  member_init (&anna, "anna");
  g_assert_cmpint (check (&anna, kept_der, &kept), ==, CERTIFICATE_GOOD);
  g_assert_cmpint (check (&anna, first_der, &first), ==, CERTIFICATE_GOOD);
  g_assert_true (g_atomic_ref_count_compare (&first->references, 2));
  for (unsigned i = 0; i < LIMIT_CERTIFICATE_CACHE; i++) {
    g_autoptr (GBytes) der = make_certificate (key, "other", now_s ());
    g_autoptr (Certificate) other = NULL;
    g_autoptr (Certificate) again = NULL;

    g_assert_cmpint (check (&anna, der, &other), ==, CERTIFICATE_GOOD);
    g_assert_cmpint (check (&anna, kept_der, &again), ==, CERTIFICATE_GOOD);
    g_assert_true (again == kept); /* in use, so it stays */
  }
  g_assert_true (
    g_atomic_ref_count_compare (&first->references, 1)); /* nobody but this test has it */
}

static void
test_refused (void)
{
  g_auto (Member) anna = { 0 };
  g_autoptr (GBytes) stranger = forge_self_signed (&(ForgeRecipe){ FORGE_NO_ADMISSION });
  g_autofree uint8_t *huge = g_malloc0 (1 << 16);
  Certificate *none = NULL;

  member_init (&anna, "anna");
  g_assert_cmpint (check (&anna, stranger, &none), !=, CERTIFICATE_GOOD);
  g_assert_cmpint (anna.signer->check (anna.signer->key_ring, (Bytes){ huge, 1 << 16 }, NULL, 0,
                                       &none),
                   ==, CERTIFICATE_MALFORMED);
  g_assert_cmpint (anna.signer->check (anna.signer->key_ring, (Bytes){ NULL, 0 }, NULL, 0, &none),
                   ==, CERTIFICATE_MALFORMED);
  g_assert_null (none);
}

static void
test_new (void)
{
  g_auto (Member) anna = { 0 };
  g_autoptr (PrivateKey) other = private_key_new ();
  g_autoptr (GBytes) good = NULL;
  g_autoptr (GBytes) old = NULL;
  CertificateVerdict verdict;

  member_init (&anna, "anna");
  good = make_certificate (anna.device_key, "anna", now_s ());
  old = make_certificate (anna.device_key, "anna", now_s () - (int64_t) 4000 * 86400);
  g_assert_null (signer_new (other, forge_bytes (good), &anna.trust, &verdict));
  g_assert_cmpint (verdict, ==, CERTIFICATE_BAD_SIGNATURE);
  g_assert_null (signer_new (anna.device_key, forge_bytes (old), &anna.trust, &verdict));
  g_assert_cmpint (verdict, ==, CERTIFICATE_EXPIRED);
  g_assert_true (signer_private_key (anna.signer) == anna.device_key);
  g_assert_cmpint (X509_check_private_key (signer_x509 (anna.signer), anna.device_key), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/signer/sign/verifies-as-made-and-only-so", test_sign);
  g_test_add_func ("/signer/verify/damaged-signatures-are-refused", test_damaged_signature);
  g_test_add_func ("/signer/verify/rsa-is-understood", test_rsa);
  g_test_add_func ("/signer/check/judges-once", test_cache);
  g_test_add_func ("/signer/check/judges-anew-when-trust-changed", test_revoked);
  g_test_add_func ("/signer/check/validity-is-looked-at-each-time", test_validity_of_cached);
  g_test_add_func ("/signer/check/threat-1.8-the-cache-is-bounded", test_cache_is_bounded);
  g_test_add_func ("/signer/check/strangers-are-refused", test_refused);
  g_test_add_func ("/signer/new/own-certificate-is-checked-too", test_new);
  return g_test_run ();
}
