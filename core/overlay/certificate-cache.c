/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "certificates"
#include "core/overlay/certificate-cache.h"

#include "core/base/log.h"
#include "core/crypto/digest.h"

#include <string.h>

/* Entries in the order of their coming; there are few enough to be gone through by the first bytes
 * of their names, which stand in a column of their own. A certificate of several Node-IDs is named
 * by H(NodeId || certificate) and has one entry for each; the name of any other is its own hash. */

/* A certificate is signed, and so is its owner's statement or the one above it. */
enum { CHECKS_OF_CERTIFICATE = 2, GROWTH = 8 };

struct CertificateCache {
  const NodePorts *ports;
  uint32_t *prefixes;         /* of the names; owned, the oldest first */
  Certificate **certificates; /* owned, and references */
  unsigned count;
  unsigned room;
  uint64_t checks;
};

CertificateCache *
certificate_cache_new (const NodePorts *ports)
{
  CertificateCache *self = g_new0 (CertificateCache, 1);

  self->ports = ports;
  certificate_cache_add (self, ports->signer->own);
  return self;
}

void
certificate_cache_free (CertificateCache *self)
{
  if (self == NULL)
    return;
  for (unsigned i = 0; i < self->count; i++)
    certificate_unref (self->certificates[i]);
  g_free (self->prefixes);
  g_free (self->certificates);
  g_free (self);
}

static void
name_of (const Certificate *certificate, size_t which, uint8_t ret_name[CERTIFICATE_HASH_SIZE])
{
  g_autoptr (GByteArray) input = NULL;

  if (certificate->node_id_count == 1) {
    memcpy (ret_name, certificate->hash, CERTIFICATE_HASH_SIZE);
    return;
  }
  input = g_byte_array_new ();
  g_byte_array_append (input, certificate->node_ids[which].bytes, NODE_ID_SIZE);
  g_byte_array_append (input, certificate->der.data, (guint) certificate->der.size);
  digest_sha256 ((Bytes){ input->data, input->len }, ret_name);
}

static uint32_t
prefix_of (const uint8_t name[CERTIFICATE_HASH_SIZE])
{
  uint32_t prefix;

  memcpy (&prefix, name, sizeof prefix);
  return prefix;
}

/* Which of the certificate's Node-IDs goes with that name; their number when none does. */
static size_t
named (const Certificate *certificate, const uint8_t name[CERTIFICATE_HASH_SIZE])
{
  uint8_t own[CERTIFICATE_HASH_SIZE];
  size_t which = 0;

  for (; which < certificate->node_id_count; which++) {
    name_of (certificate, which, own);
    if (memcmp (own, name, CERTIFICATE_HASH_SIZE) == 0)
      break;
  }
  return which;
}

/* NULL when it is not known. */
static Certificate *
find_named (const CertificateCache *self,
            const uint8_t name[CERTIFICATE_HASH_SIZE],
            size_t *ret_which)
{
  uint32_t prefix = prefix_of (name);

  for (unsigned i = 0; i < self->count; i++) {
    size_t which;
    if (self->prefixes[i] != prefix)
      continue;
    which = named (self->certificates[i], name);
    if (which < self->certificates[i]->node_id_count) {
      *ret_which = which;
      return self->certificates[i];
    }
  }
  return NULL;
}

static void
remove_at (CertificateCache *self, unsigned i)
{
  size_t behind = --self->count - i;

  certificate_unref (self->certificates[i]);
  memmove (&self->prefixes[i], &self->prefixes[i + 1], behind * sizeof *self->prefixes);
  memmove (&self->certificates[i], &self->certificates[i + 1], behind * sizeof *self->certificates);
}

static void
append (CertificateCache *self, uint32_t prefix, Certificate *certificate)
{
  if (self->count == LIMIT_CERTIFICATE_CACHE)
    remove_at (self, 0);
  if (self->count == self->room) {
    self->room += GROWTH;
    self->prefixes = g_renew (uint32_t, self->prefixes, self->room);
    self->certificates = g_renew (Certificate *, self->certificates, self->room);
  }
  self->prefixes[self->count] = prefix;
  self->certificates[self->count++] = certificate_ref (certificate);
}

void
certificate_cache_add (CertificateCache *self, Certificate *certificate)
{
  for (size_t which = 0; which < certificate->node_id_count; which++) {
    uint8_t name[CERTIFICATE_HASH_SIZE];
    size_t known;
    name_of (certificate, which, name);
    if (find_named (self, name, &known) == NULL)
      append (self, prefix_of (name), certificate);
  }
}

void
certificate_cache_forget (CertificateCache *self, const NodeId *node_id)
{
  for (unsigned i = self->count; i-- > 0;)
    if (certificate_has_node_id (self->certificates[i], node_id))
      remove_at (self, i);
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
  Certificate *certificate;
  size_t which = 0;
  int64_t now_s = (int64_t) (self->ports->wall_clock_ms (self->ports->world) / 1000);

  if (identity->hash_alg != HASH_SHA256 ||
      identity->certificate_hash.size != CERTIFICATE_HASH_SIZE ||
      (identity->identity_type != SIGNER_CERT_HASH &&
       identity->identity_type != SIGNER_CERT_HASH_NODE_ID))
    return NULL;
  certificate = find_named (self, identity->certificate_hash.data, &which);
  if (certificate == NULL && offer != NULL) {
    learn (self, offer, identity);
    certificate = find_named (self, identity->certificate_hash.data, &which);
  }
  if (certificate == NULL || certificate->not_after_s < now_s)
    return NULL;
  if ((identity->identity_type == SIGNER_CERT_HASH) != (certificate->node_id_count == 1))
    return NULL;
  *ret_node_id = certificate->node_ids[which];
  return certificate;
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
