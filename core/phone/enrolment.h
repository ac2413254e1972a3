/* SPDX-License-Identifier: GPL-3.0-or-later */
/* enrolment.h: how an account of an enrolled overlay comes to its configuration and certificate
 * (RFC 6940, 11.2 and 11.3): the first time, and again before they end. */
#pragma once
#include "core/os/enrolment-client.h"
#include "core/phone/keychain.h"

typedef struct Enrolment Enrolment;

typedef enum EnrolmentGoal {
  ENROLMENT_CONFIGURATION,
  ENROLMENT_CERTIFICATE, /* and the configuration */
} EnrolmentGoal;

/* Called once, from the main loop. Without `error` the account has what was asked for, which nobody
 * has kept yet; else it is as it was. Errors: ENROLMENT_ERROR. May free the enrolment. */
typedef void (*EnrolmentFunc) (const GError *error, void *user_data);

/* Asks the server at `url` (NULL: the one that DNS knows by the overlay's name), known by the root
 * with this SHA-256, for `keys`, whose name, code and device key are set and who outlive it. */
Enrolment *enrolment_new (EnrolmentGoal goal,
                          const char *url,
                          const uint8_t root_hash[CERTIFICATE_HASH_SIZE],
                          KeychainAccount *keys,
                          EnrolmentFunc done,
                          void *user_data);

/* Gives it up. */
void enrolment_free (Enrolment *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Enrolment, enrolment_free)

/* How an account of any overlay stands by its configuration. */
typedef enum EnrolmentStanding {
  ENROLMENT_GOOD,
  ENROLMENT_ENDED,   /* its certificate is over, and only a server can give another */
  ENROLMENT_REVOKED, /* by the owner of the overlay */
  ENROLMENT_CODE_NEEDED,
} EnrolmentStanding;

EnrolmentStanding enrolment_standing (const KeychainAccount *keys);

/* Whether an enrolled account has a certificate that is good. *ret_left_s (may be NULL) are the
 * seconds that are left of it. */
bool enrolment_is_good (const KeychainAccount *keys, int64_t *ret_left_s);

/* When the configuration of `keys`, which ends at `expiration_s`, is to be asked for anew: a moment
 * before, another one for each member and each document (11.1). INT64_MAX when it never ends. */
int64_t enrolment_refresh_time_s (const KeychainAccount *keys, int64_t expiration_s);
