/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/private-key.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <string.h>

enum { PEM_SIZE_MAX = 4096 };

typedef struct SecretBytes {
  uint8_t *data;
  size_t size;
} SecretBytes;

static void
secret_bytes_free (void *data)
{
  SecretBytes *self = data;

  OPENSSL_clear_free (self->data, self->size);
  g_free (self);
}

/* The key itself when it is a P-256 one, with its public half; otherwise it is freed. */
static PrivateKey *
only_p256 (EVP_PKEY *key)
{
  char group[32];

  if (key == NULL || EVP_PKEY_get_base_id (key) != EVP_PKEY_EC ||
      !EVP_PKEY_get_group_name (key, group, sizeof group, NULL) ||
      OBJ_sn2nid (group) != NID_X9_62_prime256v1) {
    EVP_PKEY_free (key);
    return NULL;
  }
  return key;
}

PrivateKey *
private_key_new (void)
{
  EVP_PKEY *key = EVP_EC_gen ("P-256");

  if (key == NULL)
    g_error ("no P-256 key could be made");
  return key;
}

PrivateKey *
private_key_ref (PrivateKey *self)
{
  EVP_PKEY_up_ref (self);
  return self;
}

void
private_key_free (PrivateKey *self)
{
  EVP_PKEY_free (self); /* clears what was secret */
}

void
private_key_get_user_key (const PrivateKey *self, UserKey *ret_key)
{
  size_t size = 0;

  if (!EVP_PKEY_get_octet_string_param (self, OSSL_PKEY_PARAM_PUB_KEY, ret_key->bytes,
                                        sizeof ret_key->bytes, &size) ||
      size != USER_KEY_SIZE || ret_key->bytes[0] != POINT_CONVERSION_UNCOMPRESSED)
    g_error ("a P-256 key without an uncompressed point");
}

bool
private_key_is_of (const PrivateKey *self, const Certificate *certificate)
{
  return EVP_PKEY_eq (self, certificate->key) == 1;
}

void
private_key_get_node_id (const PrivateKey *self, NodeId *ret_id)
{
  uint8_t digest[SHA256_DIGEST_LENGTH];
  uint8_t *der = NULL;
  int size = i2d_PUBKEY (self, &der);

  g_assert (size > 0);
  SHA256 (der, (size_t) size, digest);
  memcpy (ret_id->bytes, digest, NODE_ID_SIZE);
  OPENSSL_free (der);
}

char *
private_key_to_pem (const PrivateKey *self)
{
  BIO *memory = BIO_new (BIO_s_secmem ());
  char *data, *text;
  long size;

  if (!PEM_write_bio_PKCS8PrivateKey (memory, self, NULL, NULL, 0, NULL, NULL))
    g_error ("a key could not be written");
  size = BIO_get_mem_data (memory, &data);
  text = g_strndup (data, (size_t) size);
  BIO_free (memory);
  return text;
}

/* PEM that says to be encrypted has no passphrase here; without this, OpenSSL would ask for one
 * at the terminal. */
static int
on_passphrase (char *buffer, int size, int is_writing, void *user_data)
{
  return -1;
}

PrivateKey *
private_key_from_pem (Bytes pem)
{
  EVP_PKEY *key;
  BIO *memory;

  if (pem.size == 0 || pem.size > PEM_SIZE_MAX)
    return NULL;
  ERR_set_mark ();
  memory = BIO_new_mem_buf (pem.data, (int) pem.size);
  key = PEM_read_bio_PrivateKey (memory, NULL, on_passphrase, NULL);
  BIO_free (memory);
  ERR_pop_to_mark ();
  return only_p256 (key);
}

GBytes *
private_key_to_der (const PrivateKey *self)
{
  PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8 (self);
  SecretBytes *bytes = g_new0 (SecretBytes, 1);
  int size = i2d_PKCS8_PRIV_KEY_INFO (info, &bytes->data);

  PKCS8_PRIV_KEY_INFO_free (info);
  g_assert (size > 0);
  bytes->size = (size_t) size;
  return g_bytes_new_with_free_func (bytes->data, bytes->size, secret_bytes_free, bytes);
}

PrivateKey *
private_key_from_der (Bytes der)
{
  const uint8_t *p = der.data;
  PKCS8_PRIV_KEY_INFO *info;
  EVP_PKEY *key = NULL;

  if (der.size > PEM_SIZE_MAX)
    return NULL;
  ERR_set_mark ();
  info = d2i_PKCS8_PRIV_KEY_INFO (NULL, &p, (long) der.size);
  if (info != NULL && p == der.data + der.size)
    key = EVP_PKCS82PKEY (info);
  PKCS8_PRIV_KEY_INFO_free (info);
  ERR_pop_to_mark ();
  return only_p256 (key);
}

void
secret_text_free (char *text)
{
  if (text != NULL)
    OPENSSL_cleanse (text, strlen (text));
  g_free (text);
}
