/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/identities.h"

#include "core/crypto/digest.h"
#include "core/crypto/identity.h"
#include "core/os/signer.h"
#include "tests/sim/sim-signer.h"

#include <string.h>

/* What is signed with ECDSA takes 70 to 72 bytes, by chance. Here it is signed again until it has
 * its most likely size, so that runs differ in the bytes of signatures and in nothing else. */

enum {
  SIGNATURE_SIZE = 71,
  CERTIFICATE_SIZE = 601, /* and the user's name */
  KEY_SIZE = 32,
  TRIES = 1000, /* of which each third one succeeds */
};

/* PKCS#8 (RFC 5958, 5915) of a P-256 key, as far as the key itself. */
static const uint8_t key_head[] = {
  0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86,     0x48,
  0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d,     0x03,
  0x01, 0x07, 0x04, 0x27, 0x30, 0x25, 0x02, 0x01, 0x01, 0x04, KEY_SIZE,
};

typedef struct Member {
  Identities *all;
  Signer *real; /* owned */
} Member;

struct Identities {
  CertificateTrust trust;
  IdentityKind kind;
  uint64_t seed;
  char *instance_name;
  GPtrArray *members;       /* owned */
  GHashTable *certificates; /* of all members: a set, by their DER */
};

static void
member_free (void *data)
{
  Member *self = data;

  signer_free (self->real);
  g_free (self);
}

Identities *
identities_new (const char *instance_name, uint64_t seed, IdentityKind kind)
{
  Identities *self = g_new0 (Identities, 1);

  self->kind = kind;
  self->seed = seed;
  self->instance_name = g_strdup (instance_name);
  self->trust = (CertificateTrust){
    .instance_name = self->instance_name,
    .is_self_signed_permitted = true,
    .has_secret = true,
    .secret = { 1 },
  };
  self->members = g_ptr_array_new_with_free_func (member_free);
  self->certificates = sim_certificates_new ();
  return self;
}

void
identities_free (Identities *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->certificates);
  g_ptr_array_unref (self->members);
  g_free (self->instance_name);
  g_free (self);
}

static PrivateKey *
key_of (const Identities *self, const char *user, const char *which)
{
  g_autofree char *name = g_strdup_printf ("%s of %s, %" G_GUINT64_FORMAT, which, user, self->seed);
  uint8_t der[sizeof key_head + KEY_SIZE];
  PrivateKey *key;

  memcpy (der, key_head, sizeof key_head);
  digest_sha256 (bytes_of_text (name), der + sizeof key_head);
  der[sizeof key_head] &= 0x7f; /* below the order of the group */
  key = private_key_from_der ((Bytes){ der, sizeof der });
  g_assert_nonnull (key);
  return key;
}

static GBytes *
make_certificate (const Identities *self, const char *user, PrivateKey *device_key)
{
  g_autoptr (PrivateKey) user_key = key_of (self, user, "the key");
  const CertificateOptions options = {
    .instance_name = self->instance_name,
    .user = user,
    .secret = self->trust.secret,
    .now_s = g_get_real_time () / G_USEC_PER_SEC,
  };
  GBytes *der = identity_make_certificate (user_key, device_key, &options);
  unsigned tries = TRIES;

  while (g_bytes_get_size (der) != CERTIFICATE_SIZE + strlen (user)) {
    if (tries-- == 0)
      g_error ("a certificate of %zu bytes", g_bytes_get_size (der));
    g_bytes_unref (der);
    der = identity_make_certificate (user_key, device_key, &options);
  }
  return der;
}

static size_t
sign_really (void *key_ring, Bytes data, uint8_t ret_signature[SIGNATURE_SIZE_MAX])
{
  const Signer *real = ((Member *) key_ring)->real;
  size_t size;

  do
    size = real->sign (real->key_ring, data, ret_signature);
  while (size != SIGNATURE_SIZE);
  return size;
}

static bool
verify_really (void *key_ring,
               const Certificate *certificate,
               HashAlgorithm hash,
               SignatureAlgorithm algorithm,
               Bytes data,
               Bytes signature)
{
  const Signer *real = ((Member *) key_ring)->real;

  return real->verify (real->key_ring, certificate, hash, algorithm, data, signature);
}

static CertificateVerdict
check_really (
  void *key_ring, Bytes der, const Bytes *chain, size_t chain_count, Certificate **ret_certificate)
{
  const Signer *real = ((Member *) key_ring)->real;

  return real->check (real->key_ring, der, chain, chain_count, ret_certificate);
}

static void
hash (const Certificate *certificate, Bytes data, uint8_t ret_value[SIGNATURE_SIZE])
{
  uint64_t value = sim_keyed_hash (&certificate->node_ids[0], data);

  memset (ret_value, 0, SIGNATURE_SIZE);
  memcpy (ret_value, &value, sizeof value);
}

static size_t
sign_by_hash (void *key_ring, Bytes data, uint8_t ret_signature[SIGNATURE_SIZE_MAX])
{
  hash (((Member *) key_ring)->real->own, data, ret_signature);
  return SIGNATURE_SIZE;
}

static bool
verify_by_hash (void *key_ring,
                const Certificate *certificate,
                HashAlgorithm hash_algorithm,
                SignatureAlgorithm algorithm,
                Bytes data,
                Bytes signature)
{
  uint8_t value[SIGNATURE_SIZE];

  hash (certificate, data, value);
  return bytes_equal (signature, (Bytes){ value, sizeof value });
}

static CertificateVerdict
check_by_name (
  void *key_ring, Bytes der, const Bytes *chain, size_t chain_count, Certificate **ret_certificate)
{
  Certificate wanted = { .der = der };
  Certificate *known = g_hash_table_lookup (((Member *) key_ring)->all->certificates, &wanted);

  if (known == NULL)
    return CERTIFICATE_MALFORMED;
  *ret_certificate = certificate_ref (known);
  return CERTIFICATE_GOOD;
}

void
identities_init_signer (Signer *signer, const char *user, void *identities)
{
  Identities *self = identities;
  g_autofree char *name = g_strndup (user, strcspn (user, "@"));
  g_autoptr (PrivateKey) device_key = key_of (self, name, "the device");
  g_autoptr (GBytes) der = make_certificate (self, name, device_key);
  Member *member = g_new0 (Member, 1);
  bool is_real = self->kind == IDENTITY_REAL;

  member->all = self;
  member->real =
    signer_new (device_key, (Bytes){ g_bytes_get_data (der, NULL), g_bytes_get_size (der) },
                &self->trust, NULL);
  g_assert_nonnull (member->real);
  g_ptr_array_add (self->members, member);
  g_hash_table_add (self->certificates, certificate_ref (member->real->own));
  *signer = (Signer){
    .key_ring = member,
    .own = certificate_ref (member->real->own),
    .sign = is_real ? sign_really : sign_by_hash,
    .verify = is_real ? verify_really : verify_by_hash,
    .check = is_real ? check_really : check_by_name,
  };
}
