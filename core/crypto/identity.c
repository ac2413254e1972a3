/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/identity.h"

#include "core/base/aor.h"
#include "core/crypto/statement.h"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>

#define DAY_S ((int64_t) 24 * 3600)

enum {
  SERIAL_SIZE = 16,
  BACKDATED_DAYS = 2, /* clocks of a network without a time server differ (threat 5.5) */
  VALID_DAYS = 3652,
  RENEW_DAYS = 365,
};

static void
set_serial (X509 *x509)
{
  BIGNUM *number = BN_new ();

  /* The top bit stays clear and the next is set: positive, and always of one size. */
  if (!BN_rand (number, 8 * SERIAL_SIZE - 1, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) ||
      BN_to_ASN1_INTEGER (number, X509_get_serialNumber (x509)) == NULL)
    g_error ("no serial number could be made");
  BN_free (number);
}

static void
add_extension (X509 *x509, X509_EXTENSION *extension)
{
  if (extension == NULL || !X509_add_ext (x509, extension, -1))
    g_error ("a certificate extension could not be made");
  X509_EXTENSION_free (extension);
}

static void
add_name (GENERAL_NAMES *names, int type, const char *text)
{
  ASN1_IA5STRING *string = ASN1_IA5STRING_new ();
  GENERAL_NAME *name = GENERAL_NAME_new ();

  ASN1_STRING_set (string, text, -1);
  GENERAL_NAME_set0_value (name, type, string);
  sk_GENERAL_NAME_push (names, name);
}

/* Critical, as the subject is empty (RFC 5280, 4.2.1.6). */
static void
add_names (X509 *x509, const char *instance_name, const char *address, const NodeId *node_id)
{
  GENERAL_NAMES *names = sk_GENERAL_NAME_new_null ();
  char hex[33];
  g_autofree char *uri = g_strdup_printf ("reload://01%02x%s@%s/", NODE_ID_SIZE,
                                          node_id_to_hex (node_id, hex), instance_name);

  add_name (names, GEN_URI, uri);
  add_name (names, GEN_EMAIL, address);
  add_extension (x509, X509V3_EXT_i2d (NID_subject_alt_name, 1, names));
  GENERAL_NAMES_free (names);
}

static void
add_statement (X509 *x509, const uint8_t oid[STATEMENT_OID_SIZE], Bytes content)
{
  uint8_t oid_copy[STATEMENT_OID_SIZE];
  ASN1_OCTET_STRING *inner = ASN1_OCTET_STRING_new ();
  ASN1_OCTET_STRING *outer = ASN1_OCTET_STRING_new ();
  ASN1_OBJECT *object;
  uint8_t *der = NULL;
  int size;

  memcpy (oid_copy, oid, sizeof oid_copy);
  object = ASN1_OBJECT_create (NID_undef, oid_copy, sizeof oid_copy, NULL, NULL);
  ASN1_OCTET_STRING_set (inner, content.data, (int) content.size);
  size = i2d_ASN1_OCTET_STRING (inner, &der);
  ASN1_STRING_set0 (outer, der, size);
  add_extension (x509, X509_EXTENSION_create_by_OBJ (NULL, object, 0, outer));
  ASN1_OBJECT_free (object);
  ASN1_OCTET_STRING_free (inner);
  ASN1_OCTET_STRING_free (outer);
}

static void
add_owner (X509 *x509,
           const PrivateKey *user_key,
           const char *instance_name,
           const char *address,
           Bytes public_key)
{
  g_autoptr (GByteArray) statement = statement_owner (instance_name, address, public_key);
  uint8_t content[USER_KEY_SIZE + 80]; /* an ECDSA signature takes at most 72 bytes */
  size_t size = sizeof content - USER_KEY_SIZE;
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  UserKey owner;

  private_key_get_user_key (user_key, &owner);
  memcpy (content, owner.bytes, USER_KEY_SIZE);
  if (EVP_DigestSignInit (context, NULL, EVP_sha256 (), NULL, (EVP_PKEY *) user_key) != 1 ||
      EVP_DigestSign (context, content + USER_KEY_SIZE, &size, statement->data, statement->len) !=
        1)
    g_error ("the user key cannot sign");
  EVP_MD_CTX_free (context);
  add_statement (x509, statement_owner_oid, (Bytes){ content, USER_KEY_SIZE + size });
}

static void
add_statements (X509 *x509,
                const PrivateKey *user_key,
                const CertificateOptions *options,
                const char *address)
{
  uint8_t proof[ADMISSION_SIZE];
  uint8_t *der = NULL;
  int size = i2d_X509_PUBKEY (X509_get_X509_PUBKEY (x509), &der);
  Bytes public_key = { der, (size_t) size };

  g_assert (size > 0);
  add_owner (x509, user_key, options->instance_name, address, public_key);
  if (options->secret != NULL) {
    statement_admission (options->secret, options->instance_name, public_key, proof);
    add_statement (x509, statement_admission_oid, (Bytes){ proof, sizeof proof });
  }
  OPENSSL_free (der);
}

GBytes *
identity_make_certificate (const PrivateKey *user_key,
                           const PrivateKey *device_key,
                           const CertificateOptions *options)
{
  g_autofree char *address = g_strconcat (options->user, "@", options->instance_name, NULL);
  X509 *x509 = X509_new ();
  uint8_t *der = NULL;
  GBytes *bytes;
  NodeId node_id;
  int size;

  g_assert (aor_is_canonical (address));
  private_key_get_node_id (device_key, &node_id);
  X509_set_version (x509, X509_VERSION_3);
  set_serial (x509);
  ASN1_TIME_adj (X509_getm_notBefore (x509), (time_t) options->now_s, -BACKDATED_DAYS, 0);
  ASN1_TIME_adj (X509_getm_notAfter (x509), (time_t) options->now_s, VALID_DAYS, 0);
  X509_set_pubkey (x509, (EVP_PKEY *) device_key);
  add_names (x509, options->instance_name, address, &node_id);
  add_statements (x509, user_key, options, address);

  if (X509_sign (x509, (EVP_PKEY *) device_key, EVP_sha256 ()) <= 0)
    g_error ("the device key cannot sign");
  size = i2d_X509 (x509, &der);
  g_assert (size > 0);
  bytes = g_bytes_new (der, (size_t) size);
  OPENSSL_free (der);
  X509_free (x509);
  return bytes;
}

bool
identity_certificate_is_due (const Certificate *certificate, int64_t now_s)
{
  return now_s < certificate->not_before_s || now_s > certificate->not_after_s - RENEW_DAYS * DAY_S;
}

char *
identity_node_user (const PrivateKey *device_key)
{
  NodeId id;
  char hex[33];

  private_key_get_node_id (device_key, &id);
  return g_strdup_printf ("node-%.8s", node_id_to_hex (&id, hex));
}
