/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "certificates"
#include "core/overlay/certificate-cache.h"

#include "core/base/list.h"
#include "core/base/log.h"
#include "core/crypto/digest.h"

#include <string.h>

/* A set of entries by hash, whose first bytes are hash enough, and their order. A certificate of
 * several Node-IDs is named by H(NodeId || certificate) and has one entry for each; the hash of any
 * other is its own. */

typedef struct Entry {
  ListLink order;
  Certificate *certificate; /* owned reference */
  const uint8_t *hash;      /* certificate->hash, or owned */
  const NodeId *node_id;    /* of the certificate */
} Entry;

/* A certificate is signed, and so is its owner's statement or the one above it. */
enum { CHECKS_OF_CERTIFICATE = 2 };

struct CertificateCache {
  const NodePorts *ports;
  GHashTable *entries; /* of Entry, owned: a set, by hash */
  ListLink order;      /* the oldest first */
  uint64_t checks;
};

static guint
entry_hash (gconstpointer key)
{
  guint hash;

  memcpy (&hash, ((const Entry *) key)->hash, sizeof hash);
  return hash;
}

static gboolean
entries_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (((const Entry *) a)->hash, ((const Entry *) b)->hash, CERTIFICATE_HASH_SIZE) == 0;
}

static void
entry_free (void *data)
{
  Entry *entry = data;

  list_remove (&entry->order);
  if (entry->hash != entry->certificate->hash)
    g_free ((void *) entry->hash);
  certificate_unref (entry->certificate);
  g_free (entry);
}

CertificateCache *
certificate_cache_new (const NodePorts *ports)
{
  CertificateCache *self = g_new0 (CertificateCache, 1);

  self->ports = ports;
  self->entries = g_hash_table_new_full (entry_hash, entries_equal, entry_free, NULL);
  list_init (&self->order);
  certificate_cache_add (self, ports->signer->own);
  return self;
}

void
certificate_cache_free (CertificateCache *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->entries);
  g_free (self);
}

static Entry *
find_entry (const CertificateCache *self, const uint8_t hash[CERTIFICATE_HASH_SIZE])
{
  Entry wanted = { .hash = hash };

  return g_hash_table_lookup (self->entries, &wanted);
}

static void
add_entry (CertificateCache *self,
           Certificate *certificate,
           const NodeId *node_id,
           const uint8_t hash[CERTIFICATE_HASH_SIZE])
{
  Entry *entry;

  if (find_entry (self, hash) != NULL)
    return;
  if (g_hash_table_size (self->entries) >= LIMIT_CERTIFICATE_CACHE)
    g_hash_table_remove (self->entries, list_element (self->order.next, Entry, order));
  entry = g_new0 (Entry, 1);
  entry->certificate = certificate_ref (certificate);
  entry->node_id = node_id;
  entry->hash = hash == certificate->hash ? hash : g_memdup2 (hash, CERTIFICATE_HASH_SIZE);
  list_append (&self->order, &entry->order);
  g_hash_table_add (self->entries, entry);
}

void
certificate_cache_add (CertificateCache *self, Certificate *certificate)
{
  if (certificate->node_id_count == 1) {
    add_entry (self, certificate, &certificate->node_ids[0], certificate->hash);
    return;
  }
  for (size_t i = 0; i < certificate->node_id_count; i++) {
    uint8_t hash[CERTIFICATE_HASH_SIZE];
    g_autoptr (GByteArray) input = g_byte_array_new ();
    g_byte_array_append (input, certificate->node_ids[i].bytes, NODE_ID_SIZE);
    g_byte_array_append (input, certificate->der.data, (guint) certificate->der.size);
    digest_sha256 ((Bytes){ input->data, input->len }, hash);
    add_entry (self, certificate, &certificate->node_ids[i], hash);
  }
}

void
certificate_cache_forget (CertificateCache *self, const NodeId *node_id)
{
  list_for_each (&self->order, l)
  {
    Entry *entry = list_element (l, Entry, order);
    if (certificate_has_node_id (entry->certificate, node_id))
      g_hash_table_remove (self->entries, entry);
  }
}

/* Whether the message of `offer` may cause that many checks; counts them. */
static bool
spend (CertificateCache *self, CertificateOffer *offer, unsigned checks)
{
  if (offer != NULL && !certificate_offer_spend (offer, checks))
    return false;
  self->checks += checks;
  return true;
}

/* Judges the offered certificate that `identity` names. */
static void
learn (CertificateCache *self, CertificateOffer *offer, const SignerIdentity *identity)
{
  const Signer *signer = self->ports->signer;
  g_autoptr (Certificate) certificate = NULL;
  CertificateVerdict verdict;
  const Bytes *chain;
  size_t count;
  Bytes der;

  if (!certificate_offer_find (offer, identity, &der) ||
      !spend (self, offer, CHECKS_OF_CERTIFICATE))
    return;
  chain = certificate_offer_all (offer, &count);
  verdict = signer->check (signer->key_ring, der, chain, count, &certificate);
  if (verdict == CERTIFICATE_GOOD)
    certificate_cache_add (self, certificate);
  else
    log_debug (self->ports, "certificate refused: %s", certificate_verdict_name (verdict));
}

Certificate *
certificate_cache_find (CertificateCache *self,
                        CertificateOffer *offer,
                        const SignerIdentity *identity,
                        NodeId *ret_node_id)
{
  const Entry *entry;
  int64_t now_s = (int64_t) (self->ports->wall_clock_ms (self->ports->world) / 1000);

  if (identity->hash_alg != HASH_SHA256 ||
      identity->certificate_hash.size != CERTIFICATE_HASH_SIZE ||
      (identity->identity_type != SIGNER_CERT_HASH &&
       identity->identity_type != SIGNER_CERT_HASH_NODE_ID))
    return NULL;
  entry = find_entry (self, identity->certificate_hash.data);
  if (entry == NULL && offer != NULL) {
    learn (self, offer, identity);
    entry = find_entry (self, identity->certificate_hash.data);
  }
  if (entry == NULL || entry->certificate->not_after_s < now_s)
    return NULL;
  if ((identity->identity_type == SIGNER_CERT_HASH) != (entry->certificate->node_id_count == 1))
    return NULL;
  *ret_node_id = *entry->node_id;
  return entry->certificate;
}

Certificate *
certificate_cache_verify (CertificateCache *self,
                          CertificateOffer *offer,
                          const Signature *signature,
                          Bytes data,
                          NodeId *ret_node_id)
{
  const Signer *signer = self->ports->signer;
  Certificate *certificate =
    certificate_cache_find (self, offer, &signature->identity, ret_node_id);

  if (certificate == NULL || !spend (self, offer, 1) ||
      !signer->verify (signer->key_ring, certificate, (HashAlgorithm) signature->hash,
                       (SignatureAlgorithm) signature->signature, data, signature->signature_value))
    return NULL;
  return certificate;
}

uint64_t
certificate_cache_checks (const CertificateCache *self)
{
  return self->checks;
}

SignerIdentity
certificate_cache_own_identity (const CertificateCache *self)
{
  const Certificate *own = self->ports->signer->own;

  return (SignerIdentity){
    .identity_type = SIGNER_CERT_HASH,
    .hash_alg = HASH_SHA256,
    .certificate_hash = { own->hash, CERTIFICATE_HASH_SIZE },
  };
}

Signature
certificate_cache_sign (const CertificateCache *self, Bytes data, uint8_t value[SIGNATURE_SIZE_MAX])
{
  const Signer *signer = self->ports->signer;
  size_t size = signer->sign (signer->key_ring, data, value);

  return (Signature){
    .hash = HASH_SHA256,
    .signature = (uint8_t) signer_algorithm (signer),
    .identity = certificate_cache_own_identity (self),
    .signature_value = { value, size },
  };
}
