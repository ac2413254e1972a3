/* SPDX-License-Identifier: GPL-3.0-or-later */
/* identity.h: making the certificate by which a device speaks for a person (RFC 6940, 11.3.1).
 *
 * A person has one user key on every device; each device has a key of its own in each overlay. The
 * certificate binds them: it is signed by the device key and carries the user key's statement. */
#pragma once
#include "core/crypto/private-key.h"

typedef struct CertificateOptions {
  const char *instance_name;
  const char *user;      /* the part before the @ */
  const uint8_t *secret; /* ADMISSION_SECRET_SIZE bytes, or NULL for a newcomer without one */
  int64_t now_s;         /* seconds since 1970 */
} CertificateOptions;

/* A self-signed certificate in DER, good from 48 h ago for ten years, with a random serial. Made
 * again with the same keys it names the same person at the same Node-ID. */
GBytes *identity_make_certificate (const PrivateKey *user_key,
                                   const PrivateKey *device_key,
                                   const CertificateOptions *options);

/* Whether it is in its last year, or over, or not yet valid: time to make it again. */
bool identity_certificate_is_due (const Certificate *certificate, int64_t now_s);

/* RFC 6940 wants a user name in every certificate: the one for a peer without a person,
 * "node-" and eight digits of its Node-ID. Freed with g_free(). */
char *identity_node_user (const PrivateKey *device_key);
