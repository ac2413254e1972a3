/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/security.h"

#include "core/wire/walk.h"

/* RFC 6940, 6.3.4 */
static void
walk_generic_certificate (Wire *w, GenericCertificate *c)
{
  wire_u8 (w, "type", &c->type);
  wire_opaque (w, "certificate", 2, &c->certificate);
}

WIRE_DEFINE_LIST (GenericCertificate, generic_certificate)

/* RFC 6940, 6.3.4 */
void
walk_signer_identity (Wire *w, SignerIdentity *s)
{
  static const uint8_t types[] = { SIGNER_CERT_HASH, SIGNER_CERT_HASH_NODE_ID, SIGNER_NONE, 9 };
  size_t start = w->at;

  wire_choice (w, "identity_type", &s->identity_type, types, G_N_ELEMENTS (types));
  wire_open (w, "length", 2);
  switch (s->identity_type) {
  case SIGNER_CERT_HASH:
    wire_u8 (w, "hash_alg", &s->hash_alg);
    wire_opaque (w, "certificate_hash", 1, &s->certificate_hash);
    break;
  case SIGNER_CERT_HASH_NODE_ID:
    wire_u8 (w, "hash_alg", &s->hash_alg);
    wire_opaque (w, "certificate_node_id_hash", 1, &s->certificate_hash);
    break;
  case SIGNER_NONE:
    break;
  default:
    wire_rest (w, "unknown", &s->unknown);
    break;
  }
  wire_close (w);
  wire_received (w, start, &s->received);
}

/* RFC 6940, 6.3.4; SignatureAndHashAlgorithm is that of RFC 5246, 7.4.1.4.1 */
void
walk_signature (Wire *w, Signature *s)
{
  wire_u8 (w, "hash", &s->hash);
  wire_u8 (w, "signature", &s->signature);
  wire_enter (w, "identity");
  walk_signer_identity (w, &s->identity);
  wire_leave (w);
  wire_opaque (w, "signature_value", 2, &s->signature_value);
}

/* RFC 6940, 6.3.4 */
void
walk_security_block (Wire *w, SecurityBlock *s)
{
  walk_generic_certificates (w, "certificates", 2, &s->certificates);
  wire_enter (w, "signature");
  walk_signature (w, &s->signature);
  wire_leave (w);
}

WIRE_DEFINE (SignerIdentity, signer_identity)
WIRE_DEFINE (Signature, signature)
WIRE_DEFINE (SecurityBlock, security_block)

Signature
signature_none (void)
{
  return (Signature){ .identity = { .identity_type = SIGNER_NONE } };
}

bool
signature_is_none (const Signature *self)
{
  return self->identity.identity_type == SIGNER_NONE || (self->hash == 0 && self->signature == 0);
}

bool
signer_identity_append (const SignerIdentity *self, GByteArray *bytes)
{
  if (self->received.size == 0)
    return signer_identity_encode (self, bytes);
  g_byte_array_append (bytes, self->received.data, (guint) self->received.size);
  return true;
}
