/* SPDX-License-Identifier: GPL-3.0-or-later */
/* certificate-offer.h: the certificates that came with a message. None of them is judged before a
 * signature has named it: thirty that nobody needs cost their hash and no more. */
#pragma once
#include "core/wire/security.h"

typedef struct CertificateOffer CertificateOffer;

/* Borrows from `list` and lives in the arena. */
CertificateOffer *certificate_offer_new (Arena *arena, const GenericCertificateList *list);

/* Whether the message may cause that many more checks of signatures; then they are counted. */
bool certificate_offer_spend (CertificateOffer *self, unsigned checks);

/* The certificate (DER) that `identity` names; false when it is not among them. */
bool certificate_offer_find (CertificateOffer *self,
                             const SignerIdentity *identity,
                             Bytes *ret_certificate);

/* All of them, in DER: one may be the issuer of another. */
const Bytes *certificate_offer_all (const CertificateOffer *self, size_t *ret_count);
