/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "certificates"
#include "core/overlay/certificate-cache.h"

#include "core/base/log.h"
#include "core/crypto/digest.h"

#include <string.h>

/* A hash table keyed by the first bytes of the hash, in the order of a queue. A certificate of
 * several Node-IDs is named by H(NodeId || certificate) and has one entry for each. */

typedef struct Entry {
  uint8_t hash[CERTIFICATE_HASH_SIZE];
  NodeId node_id;
  Certificate *certificate; /* owned reference */
} Entry;

/* A certificate is signed, and so is its owner's statement or the one above it. */
enum { CHECKS_OF_CERTIFICATE = 2 };

struct CertificateCache {
  const NodePorts *ports;
  GHashTable *entries; /* hash -> Entry, owned */
  GQueue order;        /* of borrowed Entry, the oldest first */
  uint64_t checks;
};

static guint
hash_of_hash (gconstpointer key)
{
  guint hash;

  memcpy (&hash, key, sizeof hash);
  return hash;
}

static gboolean
hashes_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, CERTIFICATE_HASH_SIZE) == 0;
}

static void
entry_free (void *data)
{
  Entry *entry = data;

  certificate_unref (entry->certificate);
  g_free (entry);
}

CertificateCache *
certificate_cache_new (const NodePorts *ports)
{
  CertificateCache *self = g_new0 (CertificateCache, 1);

  self->ports = ports;
  self->entries = g_hash_table_new_full (hash_of_hash, hashes_equal, NULL, entry_free);
  g_queue_init (&self->order);
  certificate_cache_add (self, ports->signer->own);
  return self;
}

void
certificate_cache_free (CertificateCache *self)
{
  if (self == NULL)
    return;
  g_queue_clear (&self->order);
  g_hash_table_unref (self->entries);
  g_free (self);
}

static void
add_entry (CertificateCache *self,
           Certificate *certificate,
           const NodeId *node_id,
           const uint8_t hash[CERTIFICATE_HASH_SIZE])
{
  Entry *entry;

  if (g_hash_table_contains (self->entries, hash))
    return;
  if (g_queue_get_length (&self->order) >= LIMIT_CERTIFICATE_CACHE)
    g_hash_table_remove (self->entries, ((Entry *) g_queue_pop_head (&self->order))->hash);
  entry = g_new0 (Entry, 1);
  memcpy (entry->hash, hash, CERTIFICATE_HASH_SIZE);
  entry->node_id = *node_id;
  entry->certificate = certificate_ref (certificate);
  g_hash_table_insert (self->entries, entry->hash, entry);
  g_queue_push_tail (&self->order, entry);
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
  for (GList *link = self->order.head; link != NULL;) {
    GList *next = link->next;
    Entry *entry = link->data;
    if (certificate_has_node_id (entry->certificate, node_id)) {
      g_queue_delete_link (&self->order, link);
      g_hash_table_remove (self->entries, entry->hash);
    }
    link = next;
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
  if (offer != NULL && !g_hash_table_contains (self->entries, identity->certificate_hash.data))
    learn (self, offer, identity);
  entry = g_hash_table_lookup (self->entries, identity->certificate_hash.data);
  if (entry == NULL || entry->certificate->not_after_s < now_s)
    return NULL;
  if ((identity->identity_type == SIGNER_CERT_HASH) != (entry->certificate->node_id_count == 1))
    return NULL;
  *ret_node_id = entry->node_id;
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
