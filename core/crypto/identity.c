/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/identity.h"

#include "core/base/aor.h"
#include "core/crypto/statement.h"
#include "core/crypto/x509-draft-private.h"

#include <openssl/evp.h>
#include <string.h>

#define DAY_S ((int64_t) 24 * 3600)

enum { VALID_DAYS = 3652, RENEW_DAYS = 365 };

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
  x509_draft_extend (x509, X509_EXTENSION_create_by_OBJ (NULL, object, 0, outer));
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
  NodeId node_id;
  X509 *x509;

  g_assert (aor_is_canonical (address));
  private_key_get_node_id (device_key, &node_id);
  x509 = x509_draft_new ((EVP_PKEY *) device_key, options->now_s, VALID_DAYS);
  x509_draft_set_member (x509, options->instance_name, address, &node_id, 1);
  add_statements (x509, user_key, options, address);
  return x509_draft_sign (x509, (EVP_PKEY *) device_key);
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
