/* SPDX-License-Identifier: GPL-3.0-or-later */
/* certificate-request.h: PKCS #10 (RFC 2986), as enrolment uses it (RFC 6940, 11.3): a key that
 * shows itself, and the one user name it asks for, as an rfc822Name in the extensions asked for. */
#pragma once
#include "core/crypto/private-key.h"

typedef struct CertificateRequest {
  char *address;                           /* owned; as asked for: any printable ASCII */
  struct evp_pkey_st *key;                 /* owned */
  uint8_t key_hash[CERTIFICATE_HASH_SIZE]; /* SHA-256 of the SubjectPublicKeyInfo */
} CertificateRequest;

/* DER of a request by the holder of `key`. */
GBytes *certificate_request_make (const PrivateKey *key, const char *address);

/* False, and nothing written, unless `der` is one whole request, of a key that is strong enough,
 * signed by that key, with exactly one name in it. */
bool certificate_request_read (Bytes der, CertificateRequest *ret_request);

void certificate_request_clear (CertificateRequest *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CertificateRequest, certificate_request_clear)
