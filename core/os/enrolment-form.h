/* SPDX-License-Identifier: GPL-3.0-or-later */
/* enrolment-form.h: the form of a certificate request (RFC 6940, 11.3): multipart/form-data (RFC
 * 2388) with the fields username, password, nodeids and csr. */
#pragma once
#include "core/base/bytes.h"

typedef struct EnrolmentForm {
  Bytes username; /* UTF-8 without NUL, as the password; empty when not sent */
  Bytes password;
  Bytes csr;              /* DER of PKCS #10 */
  unsigned node_id_count; /* 1 when not said */
} EnrolmentForm;

/* Borrows from `body`. Fields of other names are passed over. */
bool enrolment_form_read (Bytes body, const char *content_type, EnrolmentForm *ret_form);

/* The body; *ret_content_type is freed with g_free(). */
GBytes *enrolment_form_write (const EnrolmentForm *form, char **ret_content_type);
