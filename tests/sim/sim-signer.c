/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/sim-signer.h"

#include <openssl/sha.h>
#include <string.h>

static const uint8_t magic[4] = { 'S', 'I', 'M', 'C' };

static uint64_t
mix (uint64_t hash, const uint8_t *data, size_t size)
{
  for (size_t i = 0; i < size; i++)
    hash = (hash ^ data[i]) * UINT64_C (0x100000001b3);
  return hash ^ hash >> 29;
}

uint64_t
sim_keyed_hash (const NodeId *id, Bytes data)
{
  return mix (mix (UINT64_C (0xcbf29ce484222325), id->bytes, NODE_ID_SIZE), data.data, data.size);
}

static size_t
sim_sign (void *key_ring, Bytes data, uint8_t ret_signature[SIGNATURE_SIZE_MAX])
{
  Signer *signer = key_ring;
  uint64_t hash = sim_keyed_hash (&signer->own->node_ids[0], data);

  memcpy (ret_signature, &hash, sizeof hash);
  return sizeof hash;
}

static bool
sim_verify (void *key_ring,
            const Certificate *certificate,
            HashAlgorithm hash_algorithm,
            SignatureAlgorithm algorithm,
            Bytes data,
            Bytes signature)
{
  uint64_t hash = sim_keyed_hash (&certificate->node_ids[0], data);

  return signature.size == sizeof hash && memcmp (signature.data, &hash, sizeof hash) == 0;
}

static Certificate *
certificate_of (Bytes der)
{
  Certificate *certificate = g_new0 (Certificate, 1);
  size_t user_size = der.size - sizeof magic - NODE_ID_SIZE;

  g_atomic_ref_count_init (&certificate->references);
  certificate->der = (Bytes){ bytes_dup (der), der.size };
  SHA256 (der.data, der.size, certificate->hash);
  memcpy (certificate->node_ids[0].bytes, der.data + sizeof magic, NODE_ID_SIZE);
  certificate->node_id_count = 1;
  certificate->user = g_strndup ((const char *) der.data + sizeof magic + NODE_ID_SIZE, user_size);
  certificate->user_key.bytes[0] = 4;
  SHA256 ((const uint8_t *) certificate->user, user_size, certificate->user_key.bytes + 1);
  certificate->not_after_s = INT64_MAX;
  return certificate;
}

CertificateVerdict
sim_signer_check (
  void *key_ring, Bytes der, const Bytes *chain, size_t chain_count, Certificate **ret_certificate)
{
  if (der.size <= sizeof magic + NODE_ID_SIZE || memcmp (der.data, magic, sizeof magic) != 0)
    return CERTIFICATE_MALFORMED;
  *ret_certificate = certificate_of (der);
  return CERTIFICATE_GOOD;
}

void
sim_signer_init_as (Signer *signer, const NodeId *id, const char *user, const char *owner)
{
  g_autoptr (GByteArray) der = g_byte_array_new ();

  g_byte_array_append (der, magic, sizeof magic);
  g_byte_array_append (der, id->bytes, NODE_ID_SIZE);
  g_byte_array_append (der, (const uint8_t *) user, (guint) strlen (user));
  if (owner != NULL) {
    g_byte_array_append (der, (const uint8_t *) "", 1); /* ends the name, not the key's hash */
    g_byte_array_append (der, (const uint8_t *) owner, (guint) strlen (owner));
  }
  *signer = (Signer){
    .key_ring = signer,
    .own = certificate_of ((Bytes){ der->data, der->len }),
    .sign = sim_sign,
    .verify = sim_verify,
    .check = sim_signer_check,
  };
}

void
sim_signer_init (Signer *signer, const NodeId *id, const char *user)
{
  sim_signer_init_as (signer, id, user, NULL);
}

void
sim_signer_clear (Signer *signer)
{
  g_clear_pointer (&signer->own, certificate_unref);
}

static guint
certificate_hash (gconstpointer key)
{
  const Certificate *certificate = key;
  guint hash = 5381;

  for (size_t i = 0; i < certificate->der.size; i++)
    hash = hash * 33 ^ certificate->der.data[i];
  return hash;
}

static gboolean
certificate_equal (gconstpointer a, gconstpointer b)
{
  return bytes_equal (((const Certificate *) a)->der, ((const Certificate *) b)->der);
}

GHashTable *
sim_certificates_new (void)
{
  return g_hash_table_new_full (certificate_hash, certificate_equal,
                                (GDestroyNotify) certificate_unref, NULL);
}
