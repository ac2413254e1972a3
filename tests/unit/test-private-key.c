/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/private-key.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

static void
assert_same (const PrivateKey *a, const PrivateKey *b)
{
  g_assert_nonnull (b);
  g_assert_cmpint (EVP_PKEY_eq (a, b), ==, 1);
}

static void
test_pem (void)
{
  g_autoptr (PrivateKey) key = private_key_new ();
  char *pem = private_key_to_pem (key);
  g_autoptr (PrivateKey) read = private_key_from_pem (bytes_of_text (pem));

  g_assert_true (g_str_has_prefix (pem, "-----BEGIN PRIVATE KEY-----\n"));
  assert_same (key, read);
  secret_text_free (pem);
  secret_text_free (NULL);
}

static void
test_der (void)
{
  g_autoptr (PrivateKey) key = private_key_new ();
  g_autoptr (GBytes) der = private_key_to_der (key);
  gsize size;
  const uint8_t *data = g_bytes_get_data (der, &size);
  g_autoptr (PrivateKey) read = private_key_from_der ((Bytes){ data, size });

  assert_same (key, read);
  g_assert_null (private_key_from_der ((Bytes){ data, size - 1 }));
  g_assert_null (private_key_from_der ((Bytes){ data, 0 }));
}

/* The public half alone, another curve, another algorithm, an encrypted key. */
static void
test_others (void)
{
  EVP_PKEY *others[] = { EVP_EC_gen ("P-384"), EVP_PKEY_Q_keygen (NULL, NULL, "ED25519") };

  for (size_t i = 0; i < G_N_ELEMENTS (others); i++) {
    char *pem = private_key_to_pem (others[i]);

    g_assert_null (private_key_from_pem (bytes_of_text (pem)));
    secret_text_free (pem);
    EVP_PKEY_free (others[i]);
  }
  g_assert_null (private_key_from_pem (bytes_of_text ("")));
  g_assert_null (private_key_from_pem (bytes_of_text ("-----BEGIN PRIVATE KEY-----\n")));
}

static void
test_encrypted (void)
{
  g_autoptr (PrivateKey) key = private_key_new ();
  BIO *memory = BIO_new (BIO_s_mem ());
  char *data;
  long size;

  PEM_write_bio_PKCS8PrivateKey (memory, key, EVP_aes_256_cbc (), "pass", 4, NULL, NULL);
  size = BIO_get_mem_data (memory, &data);
  g_assert_null (private_key_from_pem ((Bytes){ (const uint8_t *) data, (size_t) size }));
  g_assert_cmpuint (ERR_peek_error (), ==, 0);
  BIO_free (memory);
}

static void
test_names (void)
{
  g_autoptr (PrivateKey) key = private_key_new ();
  g_autoptr (PrivateKey) other = private_key_new ();
  UserKey user_key, other_user_key;
  NodeId id, again, other_id;

  private_key_get_user_key (key, &user_key);
  private_key_get_user_key (other, &other_user_key);
  g_assert_cmpint (user_key.bytes[0], ==, 4);
  g_assert_true (memcmp (&user_key, &other_user_key, sizeof user_key) != 0);

  private_key_get_node_id (key, &id);
  private_key_get_node_id (key, &again);
  private_key_get_node_id (other, &other_id);
  g_assert_true (node_id_equal (&id, &again));
  g_assert_false (node_id_equal (&id, &other_id));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/private-key/pem/comes-back", test_pem);
  g_test_add_func ("/private-key/der/comes-back", test_der);
  g_test_add_func ("/private-key/pem/other-keys-are-refused", test_others);
  g_test_add_func ("/private-key/pem/encrypted-is-refused-without-a-question", test_encrypted);
  g_test_add_func ("/private-key/names/are-of-the-public-half", test_names);
  return g_test_run ();
}
