/* SPDX-License-Identifier: GPL-3.0-or-later */
/* security.h: certificates, signatures and their signers' names (RFC 6940, 6.3.4). */
#pragma once
#include "core/wire/wire.h"

/* RFC 6091, 3.1 */
enum { CERTIFICATE_TYPE_X509 = 0 };

typedef struct GenericCertificate {
  uint8_t type;
  Bytes certificate; /* DER */
} GenericCertificate;

WIRE_LIST (GenericCertificate);

typedef enum SignerIdentityType {
  SIGNER_CERT_HASH = 1,
  SIGNER_CERT_HASH_NODE_ID = 2,
  SIGNER_NONE = 3,
} SignerIdentityType;

typedef struct SignerIdentity {
  uint8_t identity_type;
  uint8_t hash_alg;       /* TLS code point */
  Bytes certificate_hash; /* of both hash types: of the certificate, or of Node-ID || certificate */
  Bytes unknown;          /* of other types */
  Bytes received;         /* all of the structure as it came; empty in one that we made */
} SignerIdentity;

typedef struct Signature {
  uint8_t hash;      /* algorithm.hash, TLS code point */
  uint8_t signature; /* algorithm.signature, TLS code point */
  SignerIdentity identity;
  Bytes signature_value;
} Signature;

typedef struct SecurityBlock {
  GenericCertificateList certificates;
  Signature signature;
} SecurityBlock;

WIRE_DECLARE (SignerIdentity, signer_identity)
WIRE_DECLARE (Signature, signature)
WIRE_DECLARE (SecurityBlock, security_block)

/* The signature of values that nobody stored (RFC 6940, 7.4.2.2): {0, 0}, "none", empty. */
Signature signature_none (void);

bool signature_is_none (const Signature *self);

/* Appends the identity as a signature covers it: as received, else as we encode it. */
bool signer_identity_append (const SignerIdentity *self, GByteArray *bytes);
