/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/forge.h"

#include "core/base/limits.h"
#include "core/crypto/statement.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <string.h>

#define DAY_S 86400

const uint8_t forge_secret[ADMISSION_SECRET_SIZE] = "an open sesame!";

/* ---- Keys ---- */

static EVP_PKEY *
make_ec (const char *group, const char *encoding, const char *format)
{
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name (NULL, "EC", NULL);
  EVP_PKEY *key = NULL;
  OSSL_PARAM parameters[] = {
    OSSL_PARAM_utf8_string (OSSL_PKEY_PARAM_GROUP_NAME, (char *) group, 0),
    OSSL_PARAM_utf8_string (OSSL_PKEY_PARAM_EC_ENCODING, (char *) encoding, 0),
    OSSL_PARAM_END,
  };

  g_assert_cmpint (EVP_PKEY_keygen_init (context), ==, 1);
  g_assert_cmpint (EVP_PKEY_CTX_set_params (context, parameters), ==, 1);
  g_assert_cmpint (EVP_PKEY_generate (context, &key), ==, 1);
  EVP_PKEY_CTX_free (context);
  EVP_PKEY_set_utf8_string_param (key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, format);
  return key;
}

/* An RSA public key of which nobody knows the private half. */
static EVP_PKEY *
make_fake_rsa (int bits, uint64_t exponent)
{
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name (NULL, "RSA", NULL);
  OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new ();
  BIGNUM *n = BN_new (), *e = BN_new ();
  EVP_PKEY *key = NULL;
  OSSL_PARAM *parameters;

  BN_rand (n, bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD);
  BN_set_word (e, exponent);
  OSSL_PARAM_BLD_push_BN (builder, OSSL_PKEY_PARAM_RSA_N, n);
  OSSL_PARAM_BLD_push_BN (builder, OSSL_PKEY_PARAM_RSA_E, e);
  parameters = OSSL_PARAM_BLD_to_param (builder);
  EVP_PKEY_fromdata_init (context);
  g_assert_cmpint (EVP_PKEY_fromdata (context, &key, EVP_PKEY_PUBLIC_KEY, parameters), ==, 1);
  OSSL_PARAM_free (parameters);
  OSSL_PARAM_BLD_free (builder);
  EVP_PKEY_CTX_free (context);
  BN_free (n);
  BN_free (e);
  return key;
}

static EVP_PKEY *
make_key (ForgeKey kind)
{
  switch (kind) {
  case FORGE_KEY_P256:
    return make_ec ("P-256", "named_curve", "uncompressed");
  case FORGE_KEY_P384:
    return make_ec ("P-384", "named_curve", "uncompressed");
  case FORGE_KEY_SECP256K1:
    return make_ec ("secp256k1", "named_curve", "uncompressed");
  case FORGE_KEY_P256_EXPLICIT:
    return make_ec ("P-256", "explicit", "uncompressed");
  case FORGE_KEY_P256_COMPRESSED:
    return make_ec ("P-256", "named_curve", "compressed");
  case FORGE_KEY_ED25519:
    return EVP_PKEY_Q_keygen (NULL, NULL, "ED25519");
  case FORGE_KEY_RSA_2048:
    return EVP_RSA_gen (2048);
  case FORGE_KEY_RSA_1024:
    return make_fake_rsa (1024, 65537);
  case FORGE_KEY_RSA_5120:
    return make_fake_rsa (5120, 65537);
  case FORGE_KEY_RSA_16384:
    return make_fake_rsa (16384, 65537);
  case FORGE_KEY_RSA_EXPONENT:
    return make_fake_rsa (2048, UINT64_C (0x100000001));
  }
  g_assert_not_reached ();
}

static bool
is_public_only (ForgeKey kind)
{
  return kind >= FORGE_KEY_RSA_1024;
}

/* ---- Extensions ---- */

static void
add_extension (X509 *x509, X509_EXTENSION *extension)
{
  g_assert_nonnull (extension);
  X509_add_ext (x509, extension, -1);
  X509_EXTENSION_free (extension);
}

static void
add_config (X509 *x509, int nid, const char *value)
{
  add_extension (x509, X509V3_EXT_conf_nid (NULL, NULL, nid, value));
}

static void
add_raw (X509 *x509, const uint8_t *oid, bool is_critical, const uint8_t *data, size_t size)
{
  ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new ();
  ASN1_OBJECT *object =
    ASN1_OBJECT_create (NID_undef, (uint8_t *) oid, STATEMENT_OID_SIZE, NULL, NULL);

  ASN1_OCTET_STRING_set (value, data, (int) size);
  add_extension (x509, X509_EXTENSION_create_by_OBJ (NULL, object, is_critical, value));
  ASN1_OBJECT_free (object);
  ASN1_OCTET_STRING_free (value);
}

static void
add_statement (X509 *x509, const uint8_t *oid, const uint8_t *data, size_t size)
{
  uint8_t inner[256] = { 0x04, size < 128 ? (uint8_t) size : 0x81, (uint8_t) size };
  size_t header = size < 128 ? 2 : 3;

  g_assert_cmpuint (size + header, <=, sizeof inner);
  memcpy (inner + header, data, size);
  add_raw (x509, oid, false, inner, size + header);
}

static Bytes
public_key_of (EVP_PKEY *key, uint8_t **ret_der)
{
  int size;

  *ret_der = NULL;
  size = i2d_PUBKEY (key, ret_der);
  g_assert_cmpint (size, >, 0);
  return (Bytes){ *ret_der, (size_t) size };
}

static void
add_owner (X509 *x509, const ForgeRecipe *recipe, EVP_PKEY *key, const char *email)
{
  g_autoptr (PrivateKey) user_key = private_key_new ();
  g_autoptr (PrivateKey) other = private_key_new ();
  g_autoptr (GByteArray) statement = NULL;
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  uint8_t content[USER_KEY_SIZE + 80];
  size_t size = 80;
  UserKey user;
  uint8_t *der;
  Bytes public_key =
    public_key_of (recipe->fault == FORGE_OWNER_OF_OTHER_DEVICE ? other : key, &der);

  statement =
    statement_owner (recipe->fault == FORGE_OWNER_OF_OTHER_OVERLAY ? "other-abcd2345.peal.alt"
                                                                   : FORGE_INSTANCE,
                     recipe->fault == FORGE_OWNER_OF_OTHER_NAME ? "eve@" FORGE_INSTANCE : email,
                     public_key);
  private_key_get_user_key (user_key, &user);
  memcpy (content, user.bytes, USER_KEY_SIZE);
  EVP_DigestSignInit (context, NULL, EVP_sha256 (), NULL, user_key);
  EVP_DigestSign (context, content + USER_KEY_SIZE, &size, statement->data, statement->len);
  EVP_MD_CTX_free (context);
  OPENSSL_free (der);

  if (recipe->fault == FORGE_OWNER_OFF_CURVE)
    content[USER_KEY_SIZE - 1] ^= 1;
  if (recipe->fault == FORGE_OWNER_TRUNCATED)
    size = 0;
  if (recipe->fault != FORGE_NO_OWNER)
    add_statement (x509, statement_owner_oid, content, USER_KEY_SIZE + size);
  if (recipe->fault == FORGE_OWNER_TWICE)
    add_statement (x509, statement_owner_oid, content, USER_KEY_SIZE + size);
}

static void
add_admission (X509 *x509, const ForgeRecipe *recipe, EVP_PKEY *key)
{
  static const uint8_t wrong_secret[ADMISSION_SECRET_SIZE] = "an open sesam?!";
  g_autoptr (PrivateKey) other = private_key_new ();
  uint8_t proof[ADMISSION_SIZE];
  uint8_t *der;
  Bytes public_key = public_key_of (recipe->fault == FORGE_ADMISSION_COPIED ? other : key, &der);

  statement_admission (recipe->fault == FORGE_ADMISSION_WRONG_SECRET ? wrong_secret : forge_secret,
                       FORGE_INSTANCE, public_key, proof);
  OPENSSL_free (der);
  if (recipe->fault == FORGE_NO_ADMISSION)
    return;
  if (recipe->fault == FORGE_ADMISSION_BARE) {
    add_raw (x509, statement_admission_oid, false, proof, sizeof proof);
    return;
  }
  add_statement (x509, statement_admission_oid, proof,
                 recipe->fault == FORGE_ADMISSION_SHORT ? 16 : sizeof proof);
  if (recipe->fault == FORGE_ADMISSION_TWICE)
    add_statement (x509, statement_admission_oid, proof, sizeof proof);
}

/* ---- Names ---- */

static void
node_id_of (EVP_PKEY *key, unsigned index, bool is_sha1, char ret_hex[33])
{
  uint8_t *der, digest[EVP_MAX_MD_SIZE];
  Bytes public_key = public_key_of (key, &der);
  g_autoptr (GByteArray) input = g_byte_array_new ();
  NodeId id;

  if (index > 0)
    g_byte_array_append (input, (const uint8_t[]){ 0, 0, 0, (uint8_t) index }, 4);
  g_byte_array_append (input, public_key.data, (guint) public_key.size);
  EVP_Digest (input->data, input->len, digest, NULL, is_sha1 ? EVP_sha1 () : EVP_sha256 (), NULL);
  memcpy (id.bytes, digest, NODE_ID_SIZE);
  node_id_to_hex (&id, ret_hex);
  OPENSSL_free (der);
}

static void
push_name (GENERAL_NAMES *names, int type, const char *text, int size)
{
  ASN1_IA5STRING *string = ASN1_IA5STRING_new ();
  GENERAL_NAME *name = GENERAL_NAME_new ();

  ASN1_STRING_set (string, text, size);
  GENERAL_NAME_set0_value (name, type, string);
  sk_GENERAL_NAME_push (names, name);
}

/* %s stands for the Node-ID. */
static void
push_uri (GENERAL_NAMES *names, const char *uri, EVP_PKEY *key, unsigned index, bool is_sha1)
{
  g_autoptr (GString) text = g_string_new (uri);
  char hex[33];

  node_id_of (key, index, is_sha1, hex);
  g_string_replace (text, "%s", hex, 0);
  push_name (names, GEN_URI, text->str, -1);
}

static void
add_names (X509 *x509, const ForgeRecipe *recipe, EVP_PKEY *key, const char *email)
{
  static const char right[] = "reload://0110%s@" FORGE_INSTANCE "/";
  GENERAL_NAMES *names = sk_GENERAL_NAME_new_null ();
  bool has_two = recipe->second_uri != NULL;

  push_uri (names, recipe->uri != NULL ? recipe->uri : right, key, has_two ? 1 : 0,
            recipe->is_sha1_node_id);
  if (has_two)
    push_uri (names, recipe->second_uri, key, 2, recipe->is_sha1_node_id);
  if (recipe->fault == FORGE_NUL_IN_EMAIL)
    push_name (names, GEN_EMAIL, "bob@" FORGE_INSTANCE "\0.evil", 7 + sizeof FORGE_INSTANCE);
  else if (email[0] != '\0')
    push_name (names, GEN_EMAIL, email, -1);
  if (recipe->fault == FORGE_TWO_EMAILS)
    push_name (names, GEN_EMAIL, "eve@" FORGE_INSTANCE, -1);
  if (recipe->fault == FORGE_DNS_NAME)
    push_name (names, GEN_DNS, "www.example.org", -1);
  if (recipe->fault != FORGE_NO_NAMES)
    add_extension (x509, X509V3_EXT_i2d (NID_subject_alt_name, 1, names));
  if (recipe->fault == FORGE_NAMES_TWICE)
    add_extension (x509, X509V3_EXT_i2d (NID_subject_alt_name, 1, names));
  GENERAL_NAMES_free (names);
}

static void
set_name (X509 *x509, int (*set) (X509 *, const X509_NAME *), const char *text)
{
  X509_NAME *name = X509_NAME_new ();

  if (text[0] != '\0')
    X509_NAME_add_entry_by_txt (name, "CN", MBSTRING_UTF8, (const uint8_t *) text, -1, -1, 0);
  set (x509, name);
  X509_NAME_free (name);
}

/* ---- The whole ---- */

static void
set_serial (X509 *x509, ForgeFault fault)
{
  BIGNUM *number = BN_new ();

  BN_set_word (number, 4711);
  if (fault == FORGE_NEGATIVE_SERIAL)
    BN_set_negative (number, 1);
  if (fault == FORGE_HUGE_SERIAL)
    BN_lshift (number, number, 8 * 20);
  BN_to_ASN1_INTEGER (number, X509_get_serialNumber (x509));
  BN_free (number);
}

static X509 *
start (const ForgeRecipe *recipe, EVP_PKEY *key)
{
  X509 *x509 = X509_new ();
  int until_days = recipe->until_days != 0 ? recipe->until_days : 90;
  int from_days = recipe->from_days != 0 ? recipe->from_days : -2;
  char constraint[64] = "critical,CA:TRUE";

  X509_set_version (x509, recipe->fault == FORGE_VERSION_1 ? X509_VERSION_1 : X509_VERSION_3);
  set_serial (x509, recipe->fault);
  ASN1_TIME_adj (X509_getm_notBefore (x509), FORGE_NOW_S, from_days, 0);
  ASN1_TIME_adj (X509_getm_notAfter (x509), FORGE_NOW_S, until_days, 0);
  X509_set_pubkey (x509, key);
  if (recipe->path_length > 0)
    g_snprintf (constraint, sizeof constraint, "critical,CA:TRUE,pathlen:%d",
                recipe->path_length - 1);
  if (recipe->is_ca)
    add_config (x509, NID_basic_constraints, constraint);
  if (recipe->fault == FORGE_CRITICAL_EXTENSION)
    add_raw (x509, (const uint8_t *) "an unknown extension", true, (const uint8_t *) "\4\0", 2);
  if (recipe->fault == FORGE_NO_SIGNING_USAGE)
    add_config (x509, NID_key_usage, "critical,keyEncipherment");
  if (recipe->fault == FORGE_OVERSIZE) {
    g_autofree uint8_t *padding = g_malloc0 (LIMIT_CERTIFICATE_SIZE);

    add_raw (x509, (const uint8_t *) "a large extension!!!", false, padding,
             LIMIT_CERTIFICATE_SIZE - 300);
  }
  return x509;
}

static GBytes *
finish (X509 *x509, const ForgeRecipe *recipe, EVP_PKEY *signer)
{
  g_autofree uint8_t *copy = NULL;
  uint8_t *der = NULL;
  size_t size;

  g_assert_cmpint (X509_sign (x509, signer,
                              EVP_PKEY_get_base_id (signer) == EVP_PKEY_ED25519
                                ? NULL
                                : EVP_get_digestbyname (recipe->digest != NULL ? recipe->digest
                                                                               : "SHA256")),
                   >, 0);
  size = (size_t) i2d_X509 (x509, &der);
  copy = g_malloc0 (size + 2);
  memcpy (copy, der, size);
  OPENSSL_free (der);
  X509_free (x509);

  if (recipe->fault == FORGE_FLIPPED)
    copy[size - 1] ^= 1;
  if (recipe->fault == FORGE_TRAILING)
    size++;
  if (recipe->fault == FORGE_TRUNCATED)
    size--;
  if (recipe->fault == FORGE_INDEFINITE) {
    memmove (copy + 2, copy + 4, size - 4);
    copy[1] = 0x80;
    copy[size - 2] = copy[size - 1] = 0;
  }
  return g_bytes_new (copy, size);
}

GBytes *
forge_self_signed (const ForgeRecipe *recipe)
{
  const char *email = recipe->email != NULL ? recipe->email : "bob@" FORGE_INSTANCE;
  EVP_PKEY *key = make_key (recipe->key);
  bool is_foreign = is_public_only (recipe->key) || recipe->fault == FORGE_OTHER_SIGNER;
  EVP_PKEY *signer = is_foreign ? EVP_EC_gen ("P-256") : key;
  const char *subject = recipe->fault == FORGE_SUBJECT ? "bob" : "";
  X509 *x509 = start (recipe, key);
  GBytes *bytes;

  set_name (x509, X509_set_subject_name, subject);
  set_name (x509, X509_set_issuer_name, subject);
  if (recipe->fault != FORGE_VERSION_1) {
    add_names (x509, recipe, key, email);
    add_owner (x509, recipe, key, email);
    add_admission (x509, recipe, key);
  }
  bytes = finish (x509, recipe, signer);
  if (is_foreign)
    EVP_PKEY_free (signer);
  EVP_PKEY_free (key);
  return bytes;
}

GBytes *
forge_issued (const ForgeRecipe *recipe,
              const ForgeIssuer *issuer,
              const char *subject,
              EVP_PKEY *key)
{
  const char *email = recipe->email != NULL ? recipe->email : "bob@" FORGE_INSTANCE;
  X509 *x509 = start (recipe, key);

  set_name (x509, X509_set_subject_name, subject);
  set_name (x509, X509_set_issuer_name, issuer->name);
  if (subject[0] == '\0')
    add_names (x509, recipe, key, email);
  return finish (x509, recipe, issuer->key);
}

Bytes
forge_bytes (GBytes *bytes)
{
  gsize size;
  const uint8_t *data = g_bytes_get_data (bytes, &size);

  return (Bytes){ data, size };
}
