/* SPDX-License-Identifier: GPL-3.0-or-later */
/* authority.h: the root of an enrolled overlay (RFC 6940, 11.3 and 13.3), and what it signs: the
 * certificates of members, and the one by which its own enrolment server is known. */
#pragma once
#include "core/crypto/certificate-request.h"

enum {
  AUTHORITY_MEMBER_DAYS = 90,
  AUTHORITY_RENEW_DAYS = 30, /* the last ones of a certificate, in which it is renewed */
};

typedef struct Authority Authority;

/* Whether an overlay of that name can have one. */
bool authority_can_be_named (const char *instance_name);

/* With a fresh key and root certificate. */
Authority *authority_new (const char *instance_name, int64_t now_s);

/* From what was kept of it; takes a reference to the key. NULL when they do not belong together. */
Authority *authority_load (PrivateKey *key, Bytes root);
void authority_free (Authority *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Authority, authority_free)

const char *authority_instance_name (const Authority *self);
const PrivateKey *authority_key (const Authority *self);
Bytes authority_root (const Authority *self); /* DER */

/* A member's certificate in DER, good for AUTHORITY_MEMBER_DAYS. The caller has seen to it that
 * `address` is canonical and this member's; `key` is its public half. */
GBytes *authority_issue (const Authority *self,
                         const struct evp_pkey_st *key,
                         const char *address,
                         const NodeId *node_ids,
                         size_t node_id_count,
                         int64_t now_s);

/* For the HTTPS server: it is known by the overlay's name, and by the host of its URL (11.2, 11.3;
 * a domain name or an address). */
GBytes *authority_issue_server (const Authority *self,
                                const PrivateKey *key,
                                const char *host,
                                int64_t now_s);

/* Whether the first of `chain` (DER) is the certificate of the server of this overlay at `host`,
 * and leads to the root with this SHA-256, which is in the chain too. */
bool authority_vouches (const uint8_t root_hash[CERTIFICATE_HASH_SIZE],
                        const Bytes *chain,
                        size_t chain_count,
                        const char *instance_name,
                        const char *host,
                        int64_t now_s);

/* Whether an enrolled certificate is in its last days, or over. */
bool authority_is_renewal_due (const Certificate *certificate, int64_t now_s);
