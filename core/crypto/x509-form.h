/* SPDX-License-Identifier: GPL-3.0-or-later */
/* x509-form.h: what an X.509 certificate must look like, whoever made it and whatever it says. */
#pragma once
#include "core/crypto/certificate.h"

#include <openssl/x509.h>

/* NULL unless `der` is one certificate within LIMIT_CERTIFICATE_SIZE and nothing else. */
X509 *x509_form_parse (Bytes der);

/* Whether its key and the algorithm of its signature are good enough: P-256 by name with a plain
 * point, or RSA within bounds; SHA-2. */
bool x509_form_is_strong (const X509 *x509);

/* That, and version, serial number and extensions. */
CertificateVerdict x509_form_check (const X509 *x509);

/* The octet string inside the extension `oid` (the content bytes of its DER), to be freed with
 * ASN1_OCTET_STRING_free(); NULL when there is none. */
ASN1_OCTET_STRING *x509_form_find (const X509 *x509, const uint8_t *oid, size_t oid_size);

/* Seconds since 1970. */
bool x509_form_seconds (const ASN1_TIME *time, int64_t *ret_s);
