/* SPDX-License-Identifier: GPL-3.0-or-later */
/* signer.h: the real Signer: the device key, the certificates of others, the time of day. */
#pragma once
#include "core/crypto/private-key.h"
#include "core/crypto/signer.h"

struct x509_st;

/* The signer of `certificate` (DER), whose key is `key`; takes a reference to the key. `trust`
 * outlives it. NULL when the certificate is not good under `trust` or is not of that key;
 * *ret_verdict (may be NULL) then says why. */
Signer *signer_new (PrivateKey *key,
                    Bytes certificate,
                    const CertificateTrust *trust,
                    CertificateVerdict *ret_verdict);
void signer_free (Signer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Signer, signer_free)

/* What `trust` says has changed: every certificate is judged anew when it is next seen. */
void signer_trust_changed (Signer *self);

/* For TLS and DTLS; owned by the signer. */
PrivateKey *signer_private_key (const Signer *self);
struct x509_st *signer_x509 (const Signer *self);
