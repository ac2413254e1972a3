/* SPDX-License-Identifier: GPL-3.0-or-later */
/* enrolment.h: how an account of an enrolled overlay comes to its configuration and certificate
 * (RFC 6940, 11.2 and 11.3): the first time, and again before the certificate ends. */
#pragma once
#include "core/os/enrolment-client.h"
#include "core/phone/keychain.h"

typedef struct Enrolment Enrolment;

/* Called once, from the main loop. Without `error` the account has a certificate, and the newest
 * configuration, that nobody has kept yet; else it is as it was. Errors: ENROLMENT_ERROR. May free
 * the enrolment. */
typedef void (*EnrolmentFunc) (const GError *error, void *user_data);

/* Asks the server at `url`, known by the root with this SHA-256, for `keys`, whose name, code and
 * device key are set and who outlive it. */
Enrolment *enrolment_new (const char *url,
                          const uint8_t root_hash[CERTIFICATE_HASH_SIZE],
                          KeychainAccount *keys,
                          EnrolmentFunc done,
                          void *user_data);

/* Gives it up. */
void enrolment_free (Enrolment *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Enrolment, enrolment_free)

/* The certificate of an enrolled account as its configuration judges it; NULL when it is not good,
 * or over. *ret_left_s (may be NULL) are the seconds that are left of it. */
bool enrolment_is_good (const KeychainAccount *keys, int64_t *ret_left_s);
