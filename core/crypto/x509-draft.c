/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/x509-draft-private.h"

#include <openssl/bn.h>

enum { SERIAL_SIZE = 16 };

static void
set_serial (X509 *self)
{
  BIGNUM *number = BN_new ();

  /* The top bit stays clear and the next is set: positive, and always of one size. */
  if (!BN_rand (number, 8 * SERIAL_SIZE - 1, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) ||
      BN_to_ASN1_INTEGER (number, X509_get_serialNumber (self)) == NULL)
    g_error ("no serial number could be made");
  BN_free (number);
}

X509 *
x509_draft_new (EVP_PKEY *key, int64_t now_s, int valid_days)
{
  X509 *self = X509_new ();

  X509_set_version (self, X509_VERSION_3);
  set_serial (self);
  ASN1_TIME_adj (X509_getm_notBefore (self), (time_t) now_s, -X509_DRAFT_BACKDATED_DAYS, 0);
  ASN1_TIME_adj (X509_getm_notAfter (self), (time_t) now_s, valid_days, 0);
  if (!X509_set_pubkey (self, key))
    g_error ("a certificate cannot hold its key");
  return self;
}

void
x509_draft_extend (X509 *self, X509_EXTENSION *extension)
{
  if (extension == NULL || !X509_add_ext (self, extension, -1))
    g_error ("a certificate extension could not be made");
  X509_EXTENSION_free (extension);
}

void
x509_draft_add_name (GENERAL_NAMES *names, int type, const char *text)
{
  ASN1_IA5STRING *string = ASN1_IA5STRING_new ();
  GENERAL_NAME *name = GENERAL_NAME_new ();

  ASN1_STRING_set (string, text, -1);
  GENERAL_NAME_set0_value (name, type, string);
  sk_GENERAL_NAME_push (names, name);
}

void
x509_draft_set_names (X509 *self, GENERAL_NAMES *names)
{
  x509_draft_extend (self, X509V3_EXT_i2d (NID_subject_alt_name, 1, names));
  GENERAL_NAMES_free (names);
}

void
x509_draft_set_member (X509 *self,
                       const char *instance_name,
                       const char *address,
                       const NodeId *node_ids,
                       size_t node_id_count)
{
  GENERAL_NAMES *names = sk_GENERAL_NAME_new_null ();
  char hex[33];

  for (size_t i = 0; i < node_id_count; i++) {
    g_autofree char *uri = g_strdup_printf ("reload://01%02x%s@%s/", NODE_ID_SIZE,
                                            node_id_to_hex (&node_ids[i], hex), instance_name);

    x509_draft_add_name (names, GEN_URI, uri);
  }
  x509_draft_add_name (names, GEN_EMAIL, address);
  x509_draft_set_names (self, names);
}

GBytes *
x509_draft_sign (X509 *self, EVP_PKEY *issuer_key)
{
  uint8_t *der = NULL;
  GBytes *bytes;
  int size;

  if (X509_sign (self, issuer_key, EVP_sha256 ()) <= 0)
    g_error ("the issuer's key cannot sign");
  size = i2d_X509 (self, &der);
  g_assert (size > 0);
  bytes = g_bytes_new (der, (size_t) size);
  OPENSSL_free (der);
  X509_free (self);
  return bytes;
}
