/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/x509-form.h"

#include "core/base/big-endian.h"
#include "core/base/limits.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <string.h>

enum {
  SERIAL_SIZE_MAX = 20, /* RFC 5280, 4.1.2.2 */
  RSA_BITS_MIN = 2048,
  RSA_BITS_MAX = 4096,
  RSA_EXPONENT_MAX = 65537,
  POINT_UNCOMPRESSED = 4, /* first byte of such a point */
};

/* ---- Encoding ---- */

/* One SEQUENCE with a definite length of two bytes that fills `der` exactly: nothing below some
 * 300 bytes can be a certificate of ours. */
static bool
outer_header_is_sane (Bytes der)
{
  return der.size >= 4 && der.size <= LIMIT_CERTIFICATE_SIZE && der.data[0] == 0x30 &&
         der.data[1] == 0x82 && big_endian_read (der.data + 2, 2) == der.size - 4;
}

static bool
serial_is_sane (const X509 *x509)
{
  const ASN1_INTEGER *serial = X509_get0_serialNumber (x509);

  return ASN1_STRING_type (serial) == V_ASN1_INTEGER &&
         ASN1_STRING_length (serial) <= SERIAL_SIZE_MAX;
}

/* ---- Algorithms ---- */

static bool
signature_is_strong (int nid)
{
  switch (nid) {
  case NID_ecdsa_with_SHA256:
  case NID_ecdsa_with_SHA384:
  case NID_ecdsa_with_SHA512:
  case NID_sha256WithRSAEncryption:
  case NID_sha384WithRSAEncryption:
  case NID_sha512WithRSAEncryption:
    return true;
  default:
    return false;
  }
}

static bool
rsa_is_strong (const EVP_PKEY *key)
{
  BIGNUM *exponent = NULL;
  int bits = EVP_PKEY_get_bits (key);
  bool is_strong = bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX &&
                   EVP_PKEY_get_bn_param (key, OSSL_PKEY_PARAM_RSA_E, &exponent) &&
                   BN_num_bits (exponent) <= 17 && BN_get_word (exponent) <= RSA_EXPONENT_MAX &&
                   BN_get_word (exponent) >= 3;

  BN_free (exponent);
  return is_strong;
}

/* P-256 by name with a plain point, or RSA within bounds. */
static bool
key_is_strong (X509_PUBKEY *holder)
{
  const EVP_PKEY *key = X509_PUBKEY_get0 (holder);
  const uint8_t *point;
  const void *curve;
  X509_ALGOR *algorithm;
  int size, type;

  if (key == NULL)
    return false;
  if (EVP_PKEY_get_base_id (key) == EVP_PKEY_RSA)
    return rsa_is_strong (key);
  if (EVP_PKEY_get_base_id (key) != EVP_PKEY_EC ||
      !X509_PUBKEY_get0_param (NULL, &point, &size, &algorithm, holder))
    return false;
  X509_ALGOR_get0 (NULL, &type, &curve, algorithm);
  return type == V_ASN1_OBJECT && OBJ_obj2nid (curve) == NID_X9_62_prime256v1 &&
         size == USER_KEY_SIZE && point[0] == POINT_UNCOMPRESSED;
}

/* ---- Extensions ---- */

static bool
extension_is_known (X509_EXTENSION *extension)
{
  switch (OBJ_obj2nid (X509_EXTENSION_get_object (extension))) {
  case NID_subject_alt_name:
  case NID_basic_constraints:
  case NID_key_usage:
  case NID_ext_key_usage:
    return true;
  default:
    return false;
  }
}

/* RFC 5280, 4.2: at most one of each. */
static bool
is_repeated (const X509 *x509, int index)
{
  const ASN1_OBJECT *object = X509_EXTENSION_get_object (X509_get_ext (x509, index));

  return X509_get_ext_by_OBJ (x509, object, index) >= 0;
}

/* RFC 5280, 4.2.1.3: where the key's use is said, signing must be among it. */
static bool
may_sign (const X509 *x509)
{
  ASN1_BIT_STRING *usage = X509_get_ext_d2i (x509, NID_key_usage, NULL, NULL);
  bool is_allowed = usage != NULL ? ASN1_BIT_STRING_get_bit (usage, 0)
                                  : X509_get_ext_by_NID (x509, NID_key_usage, -1) < 0;

  ASN1_BIT_STRING_free (usage);
  return is_allowed;
}

/* Does without OpenSSL's flags, which cost as much as a signature check to compute. */
static CertificateVerdict
check_extensions (const X509 *x509)
{
  for (int i = 0; i < X509_get_ext_count (x509); i++) {
    X509_EXTENSION *extension = X509_get_ext (x509, i);

    if (X509_EXTENSION_get_critical (extension) && !extension_is_known (extension))
      return CERTIFICATE_UNKNOWN_EXTENSION;
    if (is_repeated (x509, i))
      return CERTIFICATE_MALFORMED;
  }
  return may_sign (x509) ? CERTIFICATE_GOOD : CERTIFICATE_MALFORMED;
}

/* ---- In the header's order ---- */

X509 *
x509_form_parse (Bytes der)
{
  const uint8_t *p = der.data;
  X509 *x509;

  if (!outer_header_is_sane (der))
    return NULL;
  x509 = d2i_X509 (NULL, &p, (long) der.size);
  if (x509 != NULL && p != der.data + der.size)
    g_clear_pointer (&x509, X509_free);
  return x509;
}

bool
x509_form_is_strong (const X509 *x509)
{
  return signature_is_strong (X509_get_signature_nid (x509)) &&
         key_is_strong (X509_get_X509_PUBKEY (x509));
}

bool
x509_form_request_is_strong (X509_REQ *request)
{
  return signature_is_strong (X509_REQ_get_signature_nid (request)) &&
         key_is_strong (X509_REQ_get_X509_PUBKEY (request));
}

CertificateVerdict
x509_form_check (const X509 *x509)
{
  if (X509_get_version (x509) != X509_VERSION_3 || !serial_is_sane (x509))
    return CERTIFICATE_MALFORMED;
  if (!x509_form_is_strong (x509))
    return CERTIFICATE_WEAK;
  return check_extensions (x509);
}

ASN1_OCTET_STRING *
x509_form_find (const X509 *x509, const uint8_t *oid, size_t oid_size)
{
  for (int i = 0; i < X509_get_ext_count (x509); i++) {
    X509_EXTENSION *extension = X509_get_ext (x509, i);
    const ASN1_OBJECT *object = X509_EXTENSION_get_object (extension);
    const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data (extension);
    const uint8_t *p = ASN1_STRING_get0_data (value);
    const uint8_t *end = p + ASN1_STRING_length (value);
    ASN1_OCTET_STRING *content;

    if (OBJ_length (object) != oid_size || memcmp (OBJ_get0_data (object), oid, oid_size) != 0)
      continue;
    content = d2i_ASN1_OCTET_STRING (NULL, &p, end - p);
    if (content != NULL && p == end)
      return content;
    ASN1_OCTET_STRING_free (content);
    return NULL;
  }
  return NULL;
}

/* Does without the C library's calendar and its time zones. */
bool
x509_form_seconds (const ASN1_TIME *time, int64_t *ret_s)
{
  ASN1_TIME *epoch = ASN1_TIME_set (NULL, 0);
  int days, seconds;
  bool is_time = ASN1_TIME_diff (&days, &seconds, epoch, time);

  ASN1_TIME_free (epoch);
  if (!is_time)
    return false;
  *ret_s = (int64_t) days * 86400 + seconds;
  return true;
}
