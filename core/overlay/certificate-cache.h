/* SPDX-License-Identifier: GPL-3.0-or-later */
/* certificate-cache.h: certificates already found good, by the hash that signer identities name. */
#pragma once
#include "core/base/ports.h"
#include "core/crypto/signer.h"
#include "core/overlay/certificate-offer.h"

typedef struct CertificateCache CertificateCache;

CertificateCache *certificate_cache_new (const NodePorts *ports);
void certificate_cache_free (CertificateCache *self);

/* Remembers a certificate that has been checked. The oldest gives way. */
void certificate_cache_add (CertificateCache *self, Certificate *certificate);

/* Forgets those of a node that speaks no more (bad-node). */
void certificate_cache_forget (CertificateCache *self, const NodeId *node_id);

/* The certificate that an identity names, with the Node-ID that signed; borrowed, NULL when it is
 * not known or no longer valid. One of `offer` (may be NULL) that is named is checked, and then
 * remembered. */
Certificate *certificate_cache_find (CertificateCache *self,
                                     CertificateOffer *offer,
                                     const SignerIdentity *identity,
                                     NodeId *ret_node_id);

/* Checks `signature` over `data` by the certificate that it names. NULL when it does not hold, or
 * when the message of `offer` has had its share of checks. */
Certificate *certificate_cache_verify (CertificateCache *self,
                                       CertificateOffer *offer,
                                       const Signature *signature,
                                       Bytes data,
                                       NodeId *ret_node_id);

/* How many signatures have been checked, those of certificates among them. */
uint64_t certificate_cache_checks (const CertificateCache *self);

/* The name that our own signatures carry, and a signature over `data`; borrows from `value`. */
SignerIdentity certificate_cache_own_identity (const CertificateCache *self);
Signature certificate_cache_sign (const CertificateCache *self,
                                  Bytes data,
                                  uint8_t value[SIGNATURE_SIZE_MAX]);
