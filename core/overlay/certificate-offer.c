/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/certificate-offer.h"

#include "core/base/limits.h"
#include "core/crypto/certificate.h"
#include "core/crypto/digest.h"

#include <string.h>

/* A certificate of one Node-ID is named by its SHA-256, one of several by that of Node-ID and
 * certificate (RFC 6940, 6.3.4). The Node-IDs stand in its SAN URIs as text, "reload://0110" and 32
 * digits, and are found there without reading the rest: what looks like one and is none makes a
 * hash that nothing is named by. Each list of names is made when a signature first asks for it. */

#define URI "reload://0110"

enum { URI_SIZE = sizeof URI - 1, HEX_SIZE = 2 * NODE_ID_SIZE };

typedef struct Name {
  uint8_t hash[DIGEST_SHA256_SIZE];
  size_t index;
} Name;

typedef struct Names {
  Name *items;
  size_t count;
  bool is_made;
} Names;

struct CertificateOffer {
  Arena *arena;
  Bytes certificates[LIMIT_CERTIFICATES];
  size_t count;
  unsigned spent; /* checks of signatures, at most LIMIT_CHECKS_MESSAGE (threats 1.8) */
  Names by_certificate;
  Names by_node_id;
};

CertificateOffer *
certificate_offer_new (Arena *arena, const GenericCertificateList *list)
{
  CertificateOffer *self = arena_new_array (arena, CertificateOffer, 1);

  self->arena = arena;
  if (list->count > LIMIT_CERTIFICATES)
    return self;
  for (size_t i = 0; i < list->count; i++)
    if (list->items[i].type == CERTIFICATE_TYPE_X509 &&
        list->items[i].certificate.size <= LIMIT_CERTIFICATE_SIZE)
      self->certificates[self->count++] = list->items[i].certificate;
  return self;
}

bool
certificate_offer_spend (CertificateOffer *self, unsigned checks)
{
  if (self->spent + checks > LIMIT_CHECKS_MESSAGE)
    return false;
  self->spent += checks;
  return true;
}

static void
name_certificates (CertificateOffer *self)
{
  Names *names = &self->by_certificate;

  names->items = arena_new_array (self->arena, Name, self->count);
  for (; names->count < self->count; names->count++) {
    names->items[names->count].index = names->count;
    digest_sha256 (self->certificates[names->count], names->items[names->count].hash);
  }
  names->is_made = true;
}

/* The next Node-ID in the text of a SAN URI at or after *at. */
static bool
next_node_id (Bytes der, size_t *at, NodeId *ret_id)
{
  for (; *at + URI_SIZE + HEX_SIZE <= der.size; (*at)++) {
    char hex[HEX_SIZE + 1] = { 0 };
    if (memcmp (der.data + *at, URI, URI_SIZE) != 0)
      continue;
    memcpy (hex, der.data + *at + URI_SIZE, HEX_SIZE);
    *at += URI_SIZE;
    if (node_id_from_hex (hex, ret_id))
      return true;
  }
  return false;
}

static void
name_node_ids (CertificateOffer *self)
{
  Names *names = &self->by_node_id;

  names->items = arena_new_array (self->arena, Name, self->count * CERTIFICATE_NODE_IDS);
  for (size_t i = 0; i < self->count; i++) {
    g_autoptr (GByteArray) input = g_byte_array_new ();
    Bytes der = self->certificates[i];
    size_t at = 0;
    g_byte_array_set_size (input, NODE_ID_SIZE);
    g_byte_array_append (input, der.data, (guint) der.size);
    for (unsigned k = 0; k < CERTIFICATE_NODE_IDS; k++) {
      Name *name = &names->items[names->count];
      NodeId id;
      if (!next_node_id (der, &at, &id))
        break;
      memcpy (input->data, id.bytes, NODE_ID_SIZE);
      digest_sha256 ((Bytes){ input->data, input->len }, name->hash);
      name->index = i;
      names->count++;
    }
  }
  names->is_made = true;
}

bool
certificate_offer_find (CertificateOffer *self,
                        const SignerIdentity *identity,
                        Bytes *ret_certificate)
{
  bool is_by_node_id = identity->identity_type == SIGNER_CERT_HASH_NODE_ID;
  Names *names = is_by_node_id ? &self->by_node_id : &self->by_certificate;

  g_assert (identity->certificate_hash.size == DIGEST_SHA256_SIZE);
  if (!names->is_made && is_by_node_id)
    name_node_ids (self);
  else if (!names->is_made)
    name_certificates (self);
  for (size_t i = 0; i < names->count; i++)
    if (memcmp (names->items[i].hash, identity->certificate_hash.data, DIGEST_SHA256_SIZE) == 0) {
      *ret_certificate = self->certificates[names->items[i].index];
      return true;
    }
  return false;
}

const Bytes *
certificate_offer_all (const CertificateOffer *self, size_t *ret_count)
{
  *ret_count = self->count;
  return self->certificates;
}
