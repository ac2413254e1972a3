/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/statement.h"

#include "core/base/big-endian.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <string.h>

const uint8_t statement_owner_oid[STATEMENT_OID_SIZE] = {
  0x69, 0x83, 0xcd, 0x89, 0x82, 0x9c, 0xa3, 0xb6, 0x8a, 0xab,
  0xcd, 0xb9, 0xed, 0xc0, 0x8a, 0xd3, 0xe7, 0xc2, 0xce, 0x55,
};

const uint8_t statement_admission_oid[STATEMENT_OID_SIZE] = {
  0x69, 0x83, 0xb3, 0xc6, 0xc7, 0xf3, 0xe5, 0x91, 0xc2, 0xbf,
  0xb3, 0x8a, 0xe2, 0xe9, 0xd5, 0xed, 0x9d, 0xf8, 0xa9, 0x7e,
};

/* Keeps this signature apart from whatever else the user key may sign one day. */
static const char owner_context[] = "peal device owner 1";

static void
append_counted (GByteArray *array, Bytes bytes)
{
  g_assert (bytes.size <= UINT16_MAX);
  big_endian_append (array, 2, bytes.size);
  g_byte_array_append (array, bytes.data, (guint) bytes.size);
}

GByteArray *
statement_owner (const char *instance_name, const char *address, Bytes public_key)
{
  GByteArray *statement = g_byte_array_new ();

  append_counted (statement, bytes_of_text (owner_context));
  append_counted (statement, bytes_of_text (instance_name));
  append_counted (statement, bytes_of_text (address));
  append_counted (statement, public_key);
  return statement;
}

void
statement_admission (const uint8_t secret[ADMISSION_SECRET_SIZE],
                     const char *instance_name,
                     Bytes public_key,
                     uint8_t ret_proof[ADMISSION_SIZE])
{
  g_autoptr (GByteArray) input = g_byte_array_new ();
  unsigned size = 0;

  g_byte_array_append (input, (const uint8_t *) instance_name, (guint) strlen (instance_name));
  g_byte_array_append (input, public_key.data, (guint) public_key.size);
  if (HMAC (EVP_sha256 (), secret, ADMISSION_SECRET_SIZE, input->data, input->len, ret_proof,
            &size) == NULL)
    g_error ("HMAC-SHA-256 is not available");
  g_assert (size == ADMISSION_SIZE);
}

/* Built from its parts: OpenSSL takes seven times as long to decode a SubjectPublicKeyInfo. */
EVP_PKEY *
statement_user_key (const UserKey *key)
{
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name (NULL, "EC", NULL);
  OSSL_PARAM parts[] = {
    OSSL_PARAM_utf8_string (OSSL_PKEY_PARAM_GROUP_NAME, (char *) "P-256", 0),
    OSSL_PARAM_octet_string (OSSL_PKEY_PARAM_PUB_KEY, (uint8_t *) key->bytes, USER_KEY_SIZE),
    OSSL_PARAM_END,
  };
  EVP_PKEY *result = NULL;

  if (EVP_PKEY_fromdata_init (context) != 1 ||
      EVP_PKEY_fromdata (context, &result, EVP_PKEY_PUBLIC_KEY, parts) != 1)
    result = NULL;
  EVP_PKEY_CTX_free (context);
  return result;
}
