/* SPDX-License-Identifier: GPL-3.0-or-later */
/* x509-form.h: what an X.509 certificate must look like, whoever made it and whatever it says. */
#pragma once
#include "core/crypto/certificate.h"

struct asn1_string_st;
struct x509_st;
struct X509_req_st;

/* NULL unless `der` is one certificate within LIMIT_CERTIFICATE_SIZE and nothing else. */
struct x509_st *x509_form_parse (Bytes der);

/* Whether its key and the algorithm of its signature are good enough: P-256 by name with a plain
 * point, or RSA within bounds; SHA-2. */
bool x509_form_is_strong (const struct x509_st *x509);

/* The same of a certificate signing request. */
bool x509_form_request_is_strong (struct X509_req_st *request);

/* That, and version, serial number and extensions. */
CertificateVerdict x509_form_check (const struct x509_st *x509);

/* The octet string inside the extension `oid` (the content bytes of its DER), to be freed with
 * ASN1_OCTET_STRING_free(); NULL when there is none. */
struct asn1_string_st *
x509_form_find (const struct x509_st *x509, const uint8_t *oid, size_t oid_size);

/* An ASN1_TIME in seconds since 1970. */
bool x509_form_seconds (const struct asn1_string_st *time, int64_t *ret_s);
