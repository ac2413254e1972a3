/* SPDX-License-Identifier: GPL-3.0-or-later */
/* statement.h: what our two certificate extensions say, for those who write and who check them.
 *
 * Both OIDs are 2.25 and a random UUID (ITU-T X.667), here as the content bytes of their DER. */
#pragma once
#include "core/crypto/certificate.h"

enum { STATEMENT_OID_SIZE = 20, ADMISSION_SIZE = 32 };

/* 2.25.306433873791044415652478249196523136853 */
extern const uint8_t statement_owner_oid[STATEMENT_OID_SIZE];

/* 2.25.289473466660837879634404768106858550526 */
extern const uint8_t statement_admission_oid[STATEMENT_OID_SIZE];

/* The bytes that the user key signs to own a device key: a context, instance name, rfc822Name and
 * SubjectPublicKeyInfo, each behind its length, so that no two statements have the same bytes. */
GByteArray *statement_owner (const char *instance_name, const char *address, Bytes public_key);

/* HMAC-SHA-256 (secret, instance name, SubjectPublicKeyInfo). */
void statement_admission (const uint8_t secret[ADMISSION_SECRET_SIZE],
                          const char *instance_name,
                          Bytes public_key,
                          uint8_t ret_proof[ADMISSION_SIZE]);

/* An uncompressed P-256 point as a key; NULL when it is not on the curve. */
struct evp_pkey_st *statement_user_key (const UserKey *key);
