/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/limits.h"
#include "core/crypto/certificate-request.h"
#include "core/os/enrolment-form.h"
#include "tests/fuzz/driver.h"

#include <string.h>

/* What a stranger posts to an enrolment server: the form, and the request inside. */

static bool
is_within (Bytes part, Bytes whole)
{
  return part.size == 0 ||
         (part.data >= whole.data && part.data + part.size <= whole.data + whole.size);
}

static void
try_request (Bytes der)
{
  g_auto (CertificateRequest) request = { NULL };

  if (certificate_request_read (der, &request))
    g_assert (request.key != NULL && g_str_is_ascii (request.address));
}

/* What was read can be written, and then says the same. */
static void
try_again (const EnrolmentForm *form)
{
  g_autofree char *type = NULL;
  g_autoptr (GBytes) body = enrolment_form_write (form, &type);
  EnrolmentForm again;
  gsize size;
  const void *data = g_bytes_get_data (body, &size);

  if (size > LIMIT_ENROLMENT_FORM)
    return;
  g_assert (enrolment_form_read ((Bytes){ data, size }, type, &again));
  g_assert (bytes_equal (again.username, form->username));
  g_assert (bytes_equal (again.password, form->password));
  g_assert (bytes_equal (again.csr, form->csr));
  g_assert (again.node_id_count == form->node_id_count);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const Bytes body = { data, size };
  g_autofree char *type = g_strndup ((const char *) data, MIN (size, 100));
  EnrolmentForm form;

  try_request (body);
  enrolment_form_read (body, type, &form);
  if (!enrolment_form_read (body, "multipart/form-data; boundary=\"xyz\"", &form))
    return 0;
  g_assert (is_within (form.username, body) && is_within (form.password, body));
  g_assert (is_within (form.csr, body) && form.csr.size > 0 && form.node_id_count > 0);
  try_request (form.csr);
  try_again (&form);
  return 0;
}
