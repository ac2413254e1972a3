/* SPDX-License-Identifier: GPL-3.0-or-later */
/* certificate.h: who may speak in an overlay, and as whom (RFC 6940, 11.3 and 14.15).
 *
 * Identity comes from certificates alone. certificate_check() is the one function that judges them,
 * on links and on messages. */
#pragma once
#include "core/base/node-id.h"

enum {
  CERTIFICATE_HASH_SIZE = 32,
  CERTIFICATE_NODE_IDS = 8, /* a certificate that names more is refused */
  USER_KEY_SIZE = 65,       /* an uncompressed P-256 point */
  ADMISSION_SECRET_SIZE = 16,
};

/* The long-lived key of a person, whatever device it speaks from; what is pinned for a buddy. In an
 * enrolled overlay it is a digest of root certificate and address, in the same size but with a
 * first byte that no point has (see certificate.c). */
typedef struct UserKey {
  uint8_t bytes[USER_KEY_SIZE];
} UserKey;

/* Immutable and shared: made by certificate_check() or a Signer. */
typedef struct Certificate {
  gatomicrefcount references;
  Bytes der;                           /* owned */
  uint8_t hash[CERTIFICATE_HASH_SIZE]; /* SHA-256 of `der` */
  size_t node_id_count;
  char *user;       /* owned; the rfc822Name: user@instance-name, canonical */
  UserKey user_key; /* the owner */
  int64_t not_before_s;
  int64_t not_after_s;     /* seconds since 1970 */
  struct evp_pkey_st *key; /* owned; the device's public key; NULL in a simulated world */

  /* The first is the one that links and messages mean. Last: there may be no memory of those
   * beyond `node_id_count`. */
  NodeId node_ids[CERTIFICATE_NODE_IDS];
} Certificate;

Certificate *certificate_ref (Certificate *self);
void certificate_unref (Certificate *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Certificate, certificate_unref)

bool certificate_has_node_id (const Certificate *self, const NodeId *id);

typedef enum CertificateVerdict {
  CERTIFICATE_GOOD = 0,
  CERTIFICATE_MALFORMED, /* no X.509, odd encoding, too large, negative serial */
  CERTIFICATE_WEAK,      /* key or signature algorithm below what threats demand */
  CERTIFICATE_NOT_YET_VALID,
  CERTIFICATE_EXPIRED,
  CERTIFICATE_WRONG_OVERLAY, /* the SAN URI or the user's domain is of another overlay */
  CERTIFICATE_BAD_NAMES,     /* not exactly one rfc822Name, bad URI, Node-ID not the key's digest */
  CERTIFICATE_UNKNOWN_EXTENSION, /* a critical one */
  CERTIFICATE_BAD_SIGNATURE,     /* self-signature or chain */
  CERTIFICATE_NO_ADMISSION,      /* missing or wrong admission: a stranger */
  CERTIFICATE_BAD_OWNER,         /* missing or forged owner statement */
  CERTIFICATE_REVOKED,           /* bad-node of the configuration */
} CertificateVerdict;

/* What decides whom to let in; borrowed from the configuration and the account. */
typedef struct CertificateTrust {
  const char *instance_name;
  bool is_self_signed_permitted;
  bool is_node_id_sha1; /* self-signed-permitted digest="sha1"; SHA-256 otherwise */
  bool has_secret; /* false while a newcomer asks for an invitation: admission is not checked */
  uint8_t secret[ADMISSION_SECRET_SIZE];
  const Bytes *roots; /* DER, of an enrolled overlay */
  size_t root_count;
  const NodeId *bad_nodes;
  size_t bad_node_count;
} CertificateTrust;

/* Judges `der`. `chain` are further certificates that may lead to a root (at most three deep). On
 * CERTIFICATE_GOOD *ret_certificate is the caller's reference; otherwise it is untouched. */
CertificateVerdict certificate_check (const CertificateTrust *trust,
                                      Bytes der,
                                      const Bytes *chain,
                                      size_t chain_count,
                                      int64_t now_s,
                                      Certificate **ret_certificate);

/* CERTIFICATE_GOOD, _NOT_YET_VALID or _EXPIRED. */
CertificateVerdict certificate_validity (const Certificate *self, int64_t now_s);

/* For counters and `--json`: "expired", "no-admission" … */
const char *certificate_verdict_name (CertificateVerdict verdict);
