/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/statement.h"

#include "core/crypto/private-key.h"

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <string.h>

static void
assert_oid (const uint8_t oid[STATEMENT_OID_SIZE], const char *expected)
{
  uint8_t copy[STATEMENT_OID_SIZE];
  ASN1_OBJECT *object;
  char text[80];

  memcpy (copy, oid, sizeof copy);
  object = ASN1_OBJECT_create (NID_undef, copy, sizeof copy, NULL, NULL);
  OBJ_obj2txt (text, sizeof text, object, 1);
  g_assert_cmpstr (text, ==, expected);
  ASN1_OBJECT_free (object);
}

static void
test_oids (void)
{
  assert_oid (statement_owner_oid, "2.25.306433873791044415652478249196523136853");
  assert_oid (statement_admission_oid, "2.25.289473466660837879634404768106858550526");
}

static void
test_owner (void)
{
  static const uint8_t expected[] = "\0\x13peal device owner 1\0\1i\0\3a@i\0\2KK";
  g_autoptr (GByteArray) statement = statement_owner ("i", "a@i", bytes_of_text ("KK"));
  g_autoptr (GByteArray) shifted = statement_owner ("ia", "@i", bytes_of_text ("KK"));

  g_assert_cmpmem (statement->data, statement->len, expected, sizeof expected - 1);
  g_assert_cmpuint (shifted->len, ==, statement->len);
  g_assert_true (memcmp (statement->data, shifted->data, shifted->len) != 0);
}

/* RFC 4231 has no key of 16 bytes; this value is from another implementation of HMAC-SHA-256. */
static void
test_admission (void)
{
  static const uint8_t secret[ADMISSION_SECRET_SIZE] = { 0, 1, 2,  3,  4,  5,  6,  7,
                                                         8, 9, 10, 11, 12, 13, 14, 15 };
  uint8_t proof[ADMISSION_SIZE];
  g_autofree char *hex = NULL;
  g_autofree char *expected =
    g_compute_hmac_for_string (G_CHECKSUM_SHA256, secret, sizeof secret, "home.peal.altKEY", -1);

  statement_admission (secret, "home.peal.alt", bytes_of_text ("KEY"), proof);
  hex = bytes_to_hex ((Bytes){ proof, sizeof proof });
  g_assert_cmpstr (hex, ==, expected);
}

static void
test_user_key (void)
{
  g_autoptr (PrivateKey) key = private_key_new ();
  struct evp_pkey_st *read;
  UserKey user_key;

  private_key_get_user_key (key, &user_key);
  read = statement_user_key (&user_key);
  g_assert_cmpint (EVP_PKEY_eq (key, read), ==, 1);
  EVP_PKEY_free (read);

  user_key.bytes[40] ^= 1;
  g_assert_null (statement_user_key (&user_key));
  memset (&user_key, 0, sizeof user_key);
  g_assert_null (statement_user_key (&user_key));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/statement/oids/are-2.25-and-a-uuid", test_oids);
  g_test_add_func ("/statement/owner/has-one-reading", test_owner);
  g_test_add_func ("/statement/admission/is-an-hmac", test_admission);
  g_test_add_func ("/statement/user-key/is-a-point-on-the-curve", test_user_key);
  return g_test_run ();
}
