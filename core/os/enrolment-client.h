/* SPDX-License-Identifier: GPL-3.0-or-later */
/* enrolment-client.h: asks the server of an enrolled overlay for its configuration and for a
 * certificate (RFC 6940, 11.2 and 11.3). */
#pragma once
#include "core/crypto/certificate.h"

#include <gio/gio.h>

/* The domain of errors below; messages are for logs. */
#define ENROLMENT_ERROR (enrolment_error_quark ())
GQuark enrolment_error_quark (void);

typedef enum EnrolmentError {
  ENROLMENT_ERROR_AWAY,      /* nobody answers there */
  ENROLMENT_ERROR_UNTRUSTED, /* somebody does, who is not the server of this overlay */
  ENROLMENT_ERROR_NOT_AUTHENTICATED,
  ENROLMENT_ERROR_NAME_NOT_AVAILABLE,
  ENROLMENT_ERROR_REFUSED, /* any other answer than what was asked for */
} EnrolmentError;

/* Whom to ask. Copied. */
typedef struct EnrolmentPlace {
  const char *url; /* https:; NULL: for its configuration, wherever DNS says (11.2) */
  const char *instance_name;
  const uint8_t *root_hash; /* CERTIFICATE_HASH_SIZE bytes: SHA-256 of the overlay's root */
} EnrolmentPlace;

/* Whether `url` is one at which a server can be asked; the host, without brackets, is freed with
 * g_free(). */
bool enrolment_url_is_usable (const char *url, char **ret_host);

/* Whether the configuration server of an overlay can be found by its name alone: names below .alt
 * are never asked for in DNS. */
bool enrolment_is_found_by_name (const char *instance_name);

/* One question. */
typedef struct EnrolmentQuestion EnrolmentQuestion;

/* Called once, from the main loop, at the latest after LIMIT_ENROLMENT_S; `answer` is NULL when
 * `error` is set. May free the question. */
typedef void (*EnrolmentAnswerFunc) (GBytes *answer, const GError *error, void *user_data);

/* The configuration document. */
EnrolmentQuestion *enrolment_ask_configuration (const EnrolmentPlace *place,
                                                EnrolmentAnswerFunc func,
                                                void *user_data);

/* A certificate (DER) for what `request` (PKCS #10) asks. */
EnrolmentQuestion *enrolment_ask_certificate (const EnrolmentPlace *place,
                                              const char *user,
                                              const char *code,
                                              Bytes request,
                                              EnrolmentAnswerFunc func,
                                              void *user_data);

/* Gives it up when it has not been answered. */
void enrolment_question_free (EnrolmentQuestion *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EnrolmentQuestion, enrolment_question_free)
