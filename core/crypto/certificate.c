/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may speak, and as whom.
 *
 * The order of the checks is cheap before dear: the size and outer header before anything is
 * parsed, then algorithms, names, dates and bindings (hashes only), and signatures last, so that a
 * stranger costs no public key operation.
 *
 * Two extensions are ours, both non-critical, their values DER octet strings:
 *
 *   owner      user key (65 bytes, an uncompressed P-256 point), then its ECDSA signature with
 *              SHA-256 over: a context, instance name, rfc822Name, SubjectPublicKeyInfo, each
 *              behind its length in two bytes
 *   admission  HMAC-SHA-256 (secret, instance name, SubjectPublicKeyInfo)
 *
 * A certificate whose issuer is its subject is self-signed and needs both; its Node-IDs are digests
 * of its key. Any other must lead to a root of the configuration; its owner is then a digest of the
 * root and the address, marked by a first byte that no point has:
 *
 *   0x00, SHA-256 (SHA-256 (root), address), 32 zeros */
#include "core/crypto/certificate.h"

#include "core/base/aor.h"
#include "core/crypto/statement.h"
#include "core/crypto/x509-form.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>

enum {
  INTERMEDIATES_MAX = 2,  /* between a certificate and its root */
  CHAIN_CANDIDATES = 8,   /* certificates looked at when a chain is built */
  DESTINATION_NODE = 1,   /* RFC 6940, 6.3.2.2 */
  POINT_UNCOMPRESSED = 4, /* first byte of such a point */
};

G_STATIC_ASSERT (CERTIFICATE_HASH_SIZE == SHA256_DIGEST_LENGTH);

/* What is being judged, and what is known of it so far. */
typedef struct Judgement {
  const CertificateTrust *trust;
  int64_t now_s;
  X509 *x509;
  Bytes der;
  Bytes public_key; /* SubjectPublicKeyInfo, DER */
  bool is_self_issued;
  Certificate *result; /* being filled in */
} Judgement;

/* ---- Names ---- */

/* NULL when there is anything but printable ASCII in it, a NUL above all. */
static char *
ascii_dup (const ASN1_STRING *string)
{
  size_t size = (size_t) ASN1_STRING_length (string);
  const uint8_t *data = ASN1_STRING_get0_data (string);

  for (size_t i = 0; i < size; i++)
    if (data[i] < 0x21 || data[i] > 0x7e)
      return NULL;
  return g_strndup ((const char *) data, size);
}

static CertificateVerdict
read_user (Judgement *j, const ASN1_STRING *string)
{
  g_autofree char *user = ascii_dup (string);

  if (user == NULL || j->result->user != NULL || !aor_is_canonical (user))
    return CERTIFICATE_BAD_NAMES;
  if (strcmp (strchr (user, '@') + 1, j->trust->instance_name) != 0)
    return CERTIFICATE_WRONG_OVERLAY;
  j->result->user = g_steal_pointer (&user);
  return CERTIFICATE_GOOD;
}

/* "reload://" destination "@" overlay "/" (14.15), the destination being one Node-ID (11.3). */
static CertificateVerdict
read_uri (Judgement *j, const ASN1_STRING *string)
{
  static const char scheme[] = "reload://";

  enum { DESTINATION_SIZE = 2 + NODE_ID_SIZE };

  uint8_t destination[DESTINATION_SIZE];
  g_autofree char *uri = ascii_dup (string);
  Certificate *result = j->result;
  char *at, *slash;

  if (uri == NULL || !g_str_has_prefix (uri, scheme) || (at = strchr (uri, '@')) == NULL ||
      (slash = strchr (at, '/')) == NULL || slash[1] != '\0')
    return CERTIFICATE_BAD_NAMES;
  *at = *slash = '\0';
  if (!bytes_from_hex (uri + strlen (scheme), destination, sizeof destination) ||
      destination[0] != DESTINATION_NODE || destination[1] != NODE_ID_SIZE ||
      result->node_id_count == CERTIFICATE_NODE_IDS)
    return CERTIFICATE_BAD_NAMES;
  if (strcmp (at + 1, j->trust->instance_name) != 0)
    return CERTIFICATE_WRONG_OVERLAY;

  NodeId *id = &result->node_ids[result->node_id_count++];

  memcpy (id->bytes, destination + 2, NODE_ID_SIZE);
  return node_id_is_zero (id) || node_id_is_wildcard (id) ? CERTIFICATE_BAD_NAMES
                                                          : CERTIFICATE_GOOD;
}

static CertificateVerdict
read_name (Judgement *j, const GENERAL_NAME *name)
{
  switch (name->type) {
  case GEN_EMAIL:
    return read_user (j, name->d.rfc822Name);
  case GEN_URI:
    return read_uri (j, name->d.uniformResourceIdentifier);
  default:
    return CERTIFICATE_BAD_NAMES; /* 11.3: no other identities */
  }
}

static CertificateVerdict
read_names (Judgement *j)
{
  CertificateVerdict verdict = CERTIFICATE_GOOD;
  GENERAL_NAMES *names;

  if (X509_NAME_entry_count (X509_get_subject_name (j->x509)) != 0)
    return CERTIFICATE_BAD_NAMES; /* 11.3 */
  names = X509_get_ext_d2i (j->x509, NID_subject_alt_name, NULL, NULL);
  for (int i = 0; i < sk_GENERAL_NAME_num (names) && verdict == CERTIFICATE_GOOD; i++)
    verdict = read_name (j, sk_GENERAL_NAME_value (names, i));
  GENERAL_NAMES_free (names);
  if (verdict != CERTIFICATE_GOOD)
    return verdict;
  return j->result->user != NULL && j->result->node_id_count > 0 ? CERTIFICATE_GOOD
                                                                 : CERTIFICATE_BAD_NAMES;
}

/* ---- What makes a self-signed certificate one of ours ---- */

/* The only Node-ID is the head of the key's digest; of several, the index counts in (11.3.1). */
static bool
node_ids_are_of_key (const Judgement *j)
{
  const Certificate *result = j->result;
  g_autofree uint8_t *input = g_malloc (4 + j->public_key.size);
  size_t skip = result->node_id_count == 1 ? 4 : 0;
  uint8_t digest[EVP_MAX_MD_SIZE];

  memset (input, 0, 4);
  memcpy (input + 4, j->public_key.data, j->public_key.size);
  for (size_t i = 0; i < result->node_id_count; i++) {
    input[3] = (uint8_t) (i + 1);
    if (j->trust->is_node_id_sha1)
      SHA1 (input + skip, 4 + j->public_key.size - skip, digest);
    else
      SHA256 (input + skip, 4 + j->public_key.size - skip, digest);
    if (memcmp (digest, result->node_ids[i].bytes, NODE_ID_SIZE) != 0)
      return false;
  }
  return true;
}

static bool
is_admitted (const Judgement *j)
{
  ASN1_OCTET_STRING *found = x509_form_find (j->x509, statement_admission_oid, STATEMENT_OID_SIZE);
  uint8_t proof[ADMISSION_SIZE];
  bool is_equal;

  statement_admission (j->trust->secret, j->trust->instance_name, j->public_key, proof);
  is_equal = found != NULL && ASN1_STRING_length (found) == ADMISSION_SIZE &&
             CRYPTO_memcmp (ASN1_STRING_get0_data (found), proof, ADMISSION_SIZE) == 0;
  ASN1_OCTET_STRING_free (found);
  return is_equal;
}

/* Reads the owner and checks that it has said so. */
static bool
is_owned (Judgement *j)
{
  ASN1_OCTET_STRING *found = x509_form_find (j->x509, statement_owner_oid, STATEMENT_OID_SIZE);
  g_autoptr (GByteArray) statement = NULL;
  EVP_PKEY *key = NULL;
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  bool is_good = false;

  if (found != NULL && ASN1_STRING_length (found) > USER_KEY_SIZE) {
    const uint8_t *data = ASN1_STRING_get0_data (found);
    size_t size = (size_t) ASN1_STRING_length (found);

    memcpy (j->result->user_key.bytes, data, USER_KEY_SIZE);
    key = statement_user_key (&j->result->user_key);
    statement = statement_owner (j->trust->instance_name, j->result->user, j->public_key);
    is_good = key != NULL && data[0] == POINT_UNCOMPRESSED &&
              EVP_DigestVerifyInit (context, NULL, EVP_sha256 (), NULL, key) == 1 &&
              EVP_DigestVerify (context, data + USER_KEY_SIZE, size - USER_KEY_SIZE,
                                statement->data, statement->len) == 1;
  }
  EVP_MD_CTX_free (context);
  EVP_PKEY_free (key);
  ASN1_OCTET_STRING_free (found);
  return is_good;
}

static CertificateVerdict
check_self_signed (Judgement *j)
{
  if (!j->trust->is_self_signed_permitted)
    return CERTIFICATE_BAD_SIGNATURE;
  if (!node_ids_are_of_key (j))
    return CERTIFICATE_BAD_NAMES;
  if (j->trust->has_secret && !is_admitted (j))
    return CERTIFICATE_NO_ADMISSION;
  if (X509_verify (j->x509, X509_get0_pubkey (j->x509)) != 1)
    return CERTIFICATE_BAD_SIGNATURE;
  return is_owned (j) ? CERTIFICATE_GOOD : CERTIFICATE_BAD_OWNER;
}

/* ---- What makes an enrolled one ---- */

static bool
can_issue (X509 *x509)
{
  uint32_t flags = X509_get_extension_flags (x509);

  return (flags & EXFLAG_INVALID) == 0 && (flags & EXFLAG_BCONS) != 0 && (flags & EXFLAG_CA) != 0 &&
         x509_form_is_strong (x509);
}

/* Those of `chain` that may issue certificates. */
static STACK_OF (X509) * collect_issuers (const Bytes *chain, size_t chain_count)
{
  STACK_OF (X509) *issuers = sk_X509_new_null ();

  for (size_t i = 0; i < MIN (chain_count, (size_t) CHAIN_CANDIDATES); i++) {
    X509 *issuer = x509_form_parse (chain[i]);

    if (issuer != NULL && can_issue (issuer))
      sk_X509_push (issuers, issuer);
    else
      X509_free (issuer);
  }
  return issuers;
}

static X509_STORE *
collect_roots (const CertificateTrust *trust)
{
  X509_STORE *roots = X509_STORE_new ();

  for (size_t i = 0; i < trust->root_count; i++) {
    const uint8_t *p = trust->roots[i].data;
    X509 *root = d2i_X509 (NULL, &p, (long) trust->roots[i].size);

    if (root != NULL && can_issue (root))
      X509_STORE_add_cert (roots, root);
    X509_free (root);
  }
  return roots;
}

/* In an enrolled overlay the root vouches for names. */
static void
name_owner (Judgement *j, X509 *root)
{
  g_autoptr (GByteArray) input = g_byte_array_new ();
  uint8_t digest[SHA256_DIGEST_LENGTH];
  unsigned size;

  X509_digest (root, EVP_sha256 (), digest, &size);
  g_byte_array_append (input, digest, sizeof digest);
  g_byte_array_append (input, (const uint8_t *) j->result->user, (guint) strlen (j->result->user));
  memset (&j->result->user_key, 0, sizeof j->result->user_key);
  SHA256 (input->data, input->len, j->result->user_key.bytes + 1);
}

static CertificateVerdict
verdict_of_chain (int error)
{
  switch (error) {
  case X509_V_ERR_CERT_HAS_EXPIRED:
    return CERTIFICATE_EXPIRED;
  case X509_V_ERR_CERT_NOT_YET_VALID:
    return CERTIFICATE_NOT_YET_VALID;
  default:
    return CERTIFICATE_BAD_SIGNATURE;
  }
}

static CertificateVerdict
check_enrolled (Judgement *j, const Bytes *chain, size_t chain_count)
{
  CertificateVerdict verdict;
  X509_STORE_CTX *context;
  X509_STORE *roots;
  STACK_OF (X509) * issuers;

  if (j->trust->root_count == 0)
    return CERTIFICATE_BAD_SIGNATURE;
  issuers = collect_issuers (chain, chain_count);
  roots = collect_roots (j->trust);
  context = X509_STORE_CTX_new ();
  if (X509_STORE_CTX_init (context, roots, j->x509, issuers) != 1)
    g_error ("out of memory");
  X509_STORE_CTX_set_time (context, 0, (time_t) j->now_s);
  X509_STORE_CTX_set_depth (context, INTERMEDIATES_MAX);

  if (X509_verify_cert (context) == 1) {
    STACK_OF (X509) *path = X509_STORE_CTX_get0_chain (context);

    name_owner (j, sk_X509_value (path, sk_X509_num (path) - 1));
    verdict = CERTIFICATE_GOOD;
  } else {
    verdict = verdict_of_chain (X509_STORE_CTX_get_error (context));
  }
  X509_STORE_CTX_free (context);
  X509_STORE_free (roots);
  sk_X509_pop_free (issuers, X509_free);
  return verdict;
}

/* ---- The judge ---- */

static CertificateVerdict
check_validity (Judgement *j)
{
  Certificate *result = j->result;

  if (!x509_form_seconds (X509_get0_notBefore (j->x509), &result->not_before_s) ||
      !x509_form_seconds (X509_get0_notAfter (j->x509), &result->not_after_s))
    return CERTIFICATE_MALFORMED;
  return certificate_validity (result, j->now_s);
}

static bool
is_revoked (const Judgement *j)
{
  for (size_t i = 0; i < j->trust->bad_node_count; i++)
    if (certificate_has_node_id (j->result, &j->trust->bad_nodes[i]))
      return true;
  return false;
}

static CertificateVerdict
judge (Judgement *j, const Bytes *chain, size_t chain_count)
{
  CertificateVerdict verdict;

  if ((verdict = x509_form_check (j->x509)) != CERTIFICATE_GOOD ||
      (verdict = read_names (j)) != CERTIFICATE_GOOD ||
      (verdict = check_validity (j)) != CERTIFICATE_GOOD)
    return verdict;
  if (is_revoked (j))
    return CERTIFICATE_REVOKED;
  return X509_NAME_cmp (X509_get_issuer_name (j->x509), X509_get_subject_name (j->x509)) == 0
           ? check_self_signed (j)
           : check_enrolled (j, chain, chain_count);
}

Certificate *
certificate_ref (Certificate *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
certificate_unref (Certificate *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->references))
    return;
  g_free ((uint8_t *) self->der.data);
  g_free (self->user);
  EVP_PKEY_free (self->key);
  g_free (self);
}

bool
certificate_has_node_id (const Certificate *self, const NodeId *id)
{
  for (size_t i = 0; i < self->node_id_count; i++)
    if (node_id_equal (&self->node_ids[i], id))
      return true;
  return false;
}

CertificateVerdict
certificate_validity (const Certificate *self, int64_t now_s)
{
  if (now_s < self->not_before_s)
    return CERTIFICATE_NOT_YET_VALID;
  return now_s > self->not_after_s ? CERTIFICATE_EXPIRED : CERTIFICATE_GOOD;
}

CertificateVerdict
certificate_check (const CertificateTrust *trust,
                   Bytes der,
                   const Bytes *chain,
                   size_t chain_count,
                   int64_t now_s,
                   Certificate **ret_certificate)
{
  Judgement j = { .trust = trust, .now_s = now_s };
  CertificateVerdict verdict = CERTIFICATE_MALFORMED;
  uint8_t *public_key = NULL;
  int size = 0;

  /* What was wrong with a stranger's bytes is of no interest to OpenSSL's next user. */
  ERR_set_mark ();
  j.x509 = x509_form_parse (der);
  if (j.x509 != NULL)
    size = i2d_X509_PUBKEY (X509_get_X509_PUBKEY (j.x509), &public_key);
  if (size > 0) {
    j.public_key = (Bytes){ public_key, (size_t) size };
    j.result = g_new0 (Certificate, 1);
    g_atomic_ref_count_init (&j.result->references);
    verdict = judge (&j, chain, chain_count);
  }
  if (verdict == CERTIFICATE_GOOD) {
    j.result->der = (Bytes){ bytes_dup (der), der.size };
    SHA256 (der.data, der.size, j.result->hash);
    j.result->key = X509_get_pubkey (j.x509);
    *ret_certificate = g_steal_pointer (&j.result);
  }
  certificate_unref (j.result);
  OPENSSL_free (public_key);
  X509_free (j.x509);
  ERR_pop_to_mark ();
  return verdict;
}

const char *
certificate_verdict_name (CertificateVerdict verdict)
{
  static const char *const names[] = {
    [CERTIFICATE_GOOD] = "good",
    [CERTIFICATE_MALFORMED] = "malformed",
    [CERTIFICATE_WEAK] = "weak",
    [CERTIFICATE_NOT_YET_VALID] = "not-yet-valid",
    [CERTIFICATE_EXPIRED] = "expired",
    [CERTIFICATE_WRONG_OVERLAY] = "wrong-overlay",
    [CERTIFICATE_BAD_NAMES] = "bad-names",
    [CERTIFICATE_UNKNOWN_EXTENSION] = "unknown-extension",
    [CERTIFICATE_BAD_SIGNATURE] = "bad-signature",
    [CERTIFICATE_NO_ADMISSION] = "no-admission",
    [CERTIFICATE_BAD_OWNER] = "bad-owner",
    [CERTIFICATE_REVOKED] = "revoked",
  };

  g_assert ((size_t) verdict < G_N_ELEMENTS (names));
  return names[verdict];
}
