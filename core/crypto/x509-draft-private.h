/* SPDX-License-Identifier: GPL-3.0-or-later */
/* x509-draft-private.h: certificates in the making, whoever will sign them. */
#pragma once
#include "core/base/bytes.h"
#include "core/base/node-id.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>

/* For clocks that are behind: networks without a time server (threat 5.5). */
enum { X509_DRAFT_BACKDATED_DAYS = 2 };

/* Version 3, with a random serial, an empty subject, and good from two days ago. */
X509 *x509_draft_new (EVP_PKEY *key, int64_t now_s, int valid_days);

/* Takes the extension. */
void x509_draft_extend (X509 *self, X509_EXTENSION *extension);

/* Adds a copy of `text` under GEN_EMAIL, GEN_URI or GEN_DNS. */
void x509_draft_add_name (GENERAL_NAMES *names, int type, const char *text);

/* Takes the names: subjectAltName, critical, as the subject is empty (RFC 5280, 4.2.1.6). */
void x509_draft_set_names (X509 *self, GENERAL_NAMES *names);

/* What RFC 6940, 11.3 wants: a URI for each Node-ID (14.15) and one rfc822Name. */
void x509_draft_set_member (X509 *self,
                            const char *instance_name,
                            const char *address,
                            const NodeId *node_ids,
                            size_t node_id_count);

/* Signs with SHA-256 and frees the draft; the certificate in DER. */
GBytes *x509_draft_sign (X509 *self, EVP_PKEY *issuer_key);
