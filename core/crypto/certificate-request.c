/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/certificate-request.h"

#include "core/base/limits.h"
#include "core/crypto/digest.h"
#include "core/crypto/x509-draft-private.h"
#include "core/crypto/x509-form.h"

#include <openssl/err.h>

static void
add_extensions (X509_REQ *request, const char *address)
{
  STACK_OF (X509_EXTENSION) *extensions = sk_X509_EXTENSION_new_null ();
  GENERAL_NAMES *names = sk_GENERAL_NAME_new_null ();

  x509_draft_add_name (names, GEN_EMAIL, address);
  sk_X509_EXTENSION_push (extensions, X509V3_EXT_i2d (NID_subject_alt_name, 1, names));
  if (!X509_REQ_add_extensions (request, extensions))
    g_error ("a request cannot hold its name");
  GENERAL_NAMES_free (names);
  sk_X509_EXTENSION_pop_free (extensions, X509_EXTENSION_free);
}

GBytes *
certificate_request_make (const PrivateKey *key, const char *address)
{
  X509_REQ *request = X509_REQ_new ();
  uint8_t *der = NULL;
  GBytes *bytes;
  int size;

  X509_REQ_set_version (request, X509_REQ_VERSION_1);
  add_extensions (request, address);
  if (!X509_REQ_set_pubkey (request, (EVP_PKEY *) key) ||
      X509_REQ_sign (request, (EVP_PKEY *) key, EVP_sha256 ()) <= 0)
    g_error ("the device key cannot sign");
  size = i2d_X509_REQ (request, &der);
  g_assert (size > 0);
  bytes = g_bytes_new (der, (size_t) size);
  OPENSSL_free (der);
  X509_REQ_free (request);
  return bytes;
}

/* NULL unless there is exactly one name, an rfc822Name of printable ASCII. */
static char *
read_address (X509_REQ *request)
{
  STACK_OF (X509_EXTENSION) *extensions = X509_REQ_get_extensions (request);
  GENERAL_NAMES *names = X509V3_get_d2i (extensions, NID_subject_alt_name, NULL, NULL);
  const GENERAL_NAME *name =
    sk_GENERAL_NAME_num (names) == 1 ? sk_GENERAL_NAME_value (names, 0) : NULL;
  char *address = NULL;

  if (name != NULL && name->type == GEN_EMAIL)
    address = g_strndup ((const char *) ASN1_STRING_get0_data (name->d.rfc822Name),
                         (size_t) ASN1_STRING_length (name->d.rfc822Name));
  for (size_t i = 0; address != NULL && i < (size_t) ASN1_STRING_length (name->d.rfc822Name); i++)
    if (!g_ascii_isgraph (address[i]))
      g_clear_pointer (&address, g_free);
  GENERAL_NAMES_free (names);
  sk_X509_EXTENSION_pop_free (extensions, X509_EXTENSION_free);
  return address;
}

static void
hash_key (X509_REQ *request, uint8_t ret_hash[CERTIFICATE_HASH_SIZE])
{
  uint8_t *der = NULL;
  int size = i2d_X509_PUBKEY (X509_REQ_get_X509_PUBKEY (request), &der);

  g_assert (size > 0);
  digest_sha256 ((Bytes){ der, (size_t) size }, ret_hash);
  OPENSSL_free (der);
}

/* Names before signatures, and strength before either: a public key operation comes last. */
static bool
judge (X509_REQ *request, CertificateRequest *ret_request)
{
  g_autofree char *address = NULL;

  if (X509_REQ_get_version (request) != X509_REQ_VERSION_1 ||
      !x509_form_request_is_strong (request))
    return false;
  address = read_address (request);
  if (address == NULL || X509_REQ_verify (request, X509_REQ_get0_pubkey (request)) != 1)
    return false;
  hash_key (request, ret_request->key_hash);
  ret_request->key = X509_REQ_get_pubkey (request);
  ret_request->address = g_steal_pointer (&address);
  return true;
}

bool
certificate_request_read (Bytes der, CertificateRequest *ret_request)
{
  const uint8_t *p = der.data;
  X509_REQ *request;
  bool is_good;

  if (der.size == 0 || der.size > LIMIT_ENROLMENT_REQUEST)
    return false;
  ERR_set_mark ();
  request = d2i_X509_REQ (NULL, &p, (long) der.size);
  is_good = request != NULL && p == der.data + der.size && judge (request, ret_request);
  X509_REQ_free (request);
  ERR_pop_to_mark ();
  return is_good;
}

void
certificate_request_clear (CertificateRequest *self)
{
  g_clear_pointer (&self->address, g_free);
  EVP_PKEY_free (self->key);
  self->key = NULL;
}
