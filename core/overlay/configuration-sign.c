/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who vouches for a document (RFC 6940, 11.1).
 *
 * A signature is the SecurityBlock of 6.3.4 over the bytes of an element, its algorithm, signer and
 * value as there, with nothing added to those bytes. A document names its signer's certificate
 * once: the signatures of the Kinds leave it out and are looked up among the certificates of all
 * signatures of the document. */
#include "core/overlay/configuration-private.h"

#include "core/base/limits.h"
#include "core/wire/security.h"

#include <string.h>

static const char template[] =
#include "core/overlay/home-xml.inc"
  ;

#define SELF_SIGNED "<self-signed-permitted digest=\"sha256\">true</self-signed-permitted>"

enum { SHA256_SIZE = 32 };

/* ---- Signing ---- */

static char *
make_signature (const Signer *signer, Bytes covered, bool with_certificate)
{
  g_autoptr (GByteArray) encoded = g_byte_array_new ();
  uint8_t value[SIGNATURE_SIZE_MAX];
  size_t size = signer->sign (signer->key_ring, covered, value);
  GenericCertificate certificate = { CERTIFICATE_TYPE_X509, signer->own->der };
  const SecurityBlock block = {
    .certificates = { &certificate, with_certificate ? 1 : 0 },
    .signature = {
      .hash = HASH_SHA256,
      .signature = (uint8_t) signer_algorithm (signer),
      .identity = {
        .identity_type = SIGNER_CERT_HASH,
        .hash_alg = HASH_SHA256,
        .certificate_hash = { signer->own->hash, sizeof signer->own->hash },
      },
      .signature_value = { value, size },
    },
  };

  if (!security_block_encode (&block, encoded))
    g_error ("a signature does not fit its block");
  return g_base64_encode (encoded->data, encoded->len);
}

/* Appends what lies between *from and the end of `element`, then its signature. */
static void
append_signed (
  GString *text, const uint8_t **from, Bytes element, const char *name, const char *signature)
{
  const uint8_t *end = element.data + element.size;

  g_string_append_len (text, (const char *) *from, end - *from);
  g_string_append_printf (text, "<%s>%s</%s>", name, signature, name);
  *from = end;
}

static void
append_rest (GString *text, const uint8_t *from, Bytes document)
{
  g_string_append_len (text, (const char *) from, document.data + document.size - from);
}

static Configuration *
parse_text (const GString *text)
{
  return configuration_parse ((Bytes){ (const uint8_t *) text->str, text->len }, NULL, NULL);
}

static Configuration *
sign_kinds (Bytes document, const Signer *signer)
{
  g_autoptr (Configuration) bare = configuration_parse (document, NULL, NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  const uint8_t *from;

  if (bare == NULL)
    return NULL;
  from = bare->document.data;
  for (size_t i = 0; i < bare->kind_count; i++) {
    g_autofree char *signature = make_signature (signer, bare->kinds[i].signed_bytes, false);

    append_signed (text, &from, bare->kinds[i].signed_bytes, "kind-signature", signature);
  }
  append_rest (text, from, bare->document);
  return parse_text (text);
}

Configuration *
configuration_sign (Bytes document, const Signer *signer)
{
  g_autoptr (Configuration) bare = sign_kinds (document, signer);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *signature = NULL;
  const uint8_t *from;

  if (bare == NULL)
    return NULL;
  from = bare->document.data;
  signature = make_signature (signer, bare->signed_bytes, true);
  append_signed (text, &from, bare->signed_bytes, "signature", signature);
  append_rest (text, from, bare->document);
  return parse_text (text);
}

/* `trust` are the elements that say who may be a member. */
static Configuration *
create (const char *label, const char *instance_name, const char *trust, const Signer *signer)
{
  g_autoptr (GString) text = g_string_new (template);
  g_autofree char *escaped = g_markup_escape_text (label, -1);
  char hex[33];

  g_string_replace (text, "@INSTANCE@", instance_name, 0);
  g_string_replace (text, "@SIGNER@", node_id_to_hex (&signer->own->node_ids[0], hex), 0);
  g_string_replace (text, "@TRUST@", trust, 0);
  g_string_replace (text, "@LABEL@", escaped, 0);
  return configuration_sign ((Bytes){ (const uint8_t *) text->str, text->len }, signer);
}

Configuration *
configuration_create (const char *label, const char *instance_name, const Signer *signer)
{
  Configuration *result = create (label, instance_name, SELF_SIGNED, signer);

  g_assert (result != NULL); /* the label was checked before it came here */
  return result;
}

Configuration *
configuration_create_shared (const char *label,
                             const char *instance_name,
                             const char *secret,
                             const Signer *signer)
{
  g_autofree char *escaped = g_markup_escape_text (secret, -1);
  g_autofree char *trust =
    g_strdup_printf (SELF_SIGNED "\n  <shared-secret>%s</shared-secret>", escaped);
  Configuration *result = create (label, instance_name, trust, signer);

  g_assert (result != NULL);
  return result;
}

Configuration *
configuration_create_enrolled (
  const char *label, const char *instance_name, Bytes root, const char *url, const Signer *signer)
{
  g_autofree char *base64 = g_base64_encode (root.data, root.size);
  g_autofree char *escaped = g_markup_escape_text (url, -1);
  g_autofree char *trust =
    g_strdup_printf ("<root-cert>%s</root-cert>\n  <enrollment-server>%s</enrollment-server>",
                     base64, escaped);

  return create (label, instance_name, trust, signer);
}

/* ---- Checking ---- */

/* The certificates of a document, each judged once, however many signatures it has. */
typedef struct Pool {
  Arena *arena;
  Bytes ders[LIMIT_CERTIFICATES];
  size_t der_count;
  Certificate *certificates[LIMIT_CERTIFICATES]; /* owned; the good ones */
  size_t count;
} Pool;

static void
hash_bytes (Bytes head, Bytes bytes, uint8_t ret_hash[SHA256_SIZE])
{
  g_autoptr (GChecksum) sha256 = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = SHA256_SIZE;

  g_checksum_update (sha256, head.data, (gssize) head.size);
  g_checksum_update (sha256, bytes.data, (gssize) bytes.size);
  g_checksum_get_digest (sha256, ret_hash, &size);
}

static bool
has_hash (Bytes head, Bytes bytes, Bytes hash)
{
  uint8_t computed[SHA256_SIZE];

  hash_bytes (head, bytes, computed);
  return bytes_equal ((Bytes){ computed, sizeof computed }, hash);
}

static void
pool_add (Pool *self, Bytes signature)
{
  SecurityBlock block;

  if (!security_block_decode (signature, self->arena, &block, NULL))
    return;
  for (size_t i = 0; i < block.certificates.count && self->der_count < LIMIT_CERTIFICATES; i++)
    if (block.certificates.items[i].type == CERTIFICATE_TYPE_X509)
      self->ders[self->der_count++] = block.certificates.items[i].certificate;
}

static void
pool_add_all (Pool *self, const Configuration *configuration)
{
  for (size_t i = 0; i < configuration->signature_count; i++)
    pool_add (self, configuration->signatures[i]);
  for (size_t i = 0; i < configuration->kind_count; i++)
    pool_add (self, configuration->kinds[i].signature);
}

static void
pool_judge (Pool *self, const Signer *signer)
{
  for (size_t i = 0; i < self->der_count; i++)
    if (signer->check (signer->key_ring, self->ders[i], self->ders, self->der_count,
                       &self->certificates[self->count]) == CERTIFICATE_GOOD)
      self->count++;
}

static void
pool_clear (Pool *self)
{
  for (size_t i = 0; i < self->count; i++)
    certificate_unref (self->certificates[i]);
}

/* Which of the certificate's Node-IDs signs as `identity` (6.3.4); NULL when none does. */
static const NodeId *
match_identity (const Certificate *certificate, const SignerIdentity *identity)
{
  const Bytes none = { NULL, 0 };

  if (identity->hash_alg != HASH_SHA256)
    return NULL;
  if (identity->identity_type == SIGNER_CERT_HASH)
    return certificate->node_id_count == 1 &&
               has_hash (none, certificate->der, identity->certificate_hash)
             ? &certificate->node_ids[0]
             : NULL;
  if (identity->identity_type == SIGNER_CERT_HASH_NODE_ID)
    for (size_t i = 0; i < certificate->node_id_count; i++)
      if (has_hash (node_id_bytes (&certificate->node_ids[i]), certificate->der,
                    identity->certificate_hash))
        return &certificate->node_ids[i];
  return NULL;
}

static bool
is_among (const NodeId *id, const NodeId *list, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (node_id_equal (id, &list[i]))
      return true;
  return false;
}

/* Whether `block` is a good signature over `covered` by one of `signers`. The certificate that it
 * names is tried once, however often it was sent along (threats 1.8). */
static bool
is_signed (const Pool *pool,
           Bytes block,
           Bytes covered,
           const NodeId *signers,
           size_t signer_count,
           const Signer *signer)
{
  SecurityBlock decoded;

  if (block.size == 0 || !security_block_decode (block, pool->arena, &decoded, NULL))
    return false;
  for (size_t i = 0; i < pool->count; i++) {
    const Certificate *certificate = pool->certificates[i];
    const NodeId *id = match_identity (certificate, &decoded.signature.identity);

    if (id != NULL)
      return is_among (id, signers, signer_count) &&
             signer->verify (signer->key_ring, certificate, decoded.signature.hash,
                             decoded.signature.signature, covered,
                             decoded.signature.signature_value);
  }
  return false;
}

static bool
signatures_are_good (const Configuration *self, const Configuration *next, const Signer *signer)
{
  g_autoptr (Arena) arena = arena_new ();
  Pool pool = { .arena = arena };
  bool is_good = false;

  pool_add_all (&pool, next);
  pool_judge (&pool, signer);
  for (size_t i = 0; i < next->signature_count && !is_good; i++)
    is_good = is_signed (&pool, next->signatures[i], next->signed_bytes,
                         self->configuration_signers, self->configuration_signer_count, signer);
  for (size_t i = 0; i < next->kind_count && is_good; i++)
    is_good = is_signed (&pool, next->kinds[i].signature, next->kinds[i].signed_bytes,
                         next->kind_signers, next->kind_signer_count, signer);
  pool_clear (&pool);
  return is_good;
}

/* ---- Kinds that come alone ---- */

/* A document around the block: what it says, what is signed and by whom is then read as always. */
static Configuration *
read_block (const Configuration *self, Bytes block, ConfigurationVerdict *ret_verdict)
{
  g_autoptr (GString) text =
    g_string_new ("<overlay xmlns=\"urn:ietf:params:xml:ns:p2p:config-base\">"
                  "<configuration instance-name=\"");
  g_autoptr (Configuration) result = NULL;

  g_string_append_printf (text, "%s\"><required-kinds>", self->instance_name);
  g_string_append_len (text, (const char *) block.data, (gssize) block.size);
  g_string_append (text, "</required-kinds></configuration></overlay>");
  result = configuration_parse ((Bytes){ (const uint8_t *) text->str, text->len },
                                self->instance_name, ret_verdict);
  if (result == NULL)
    return NULL;
  if (result->kind_count == 1 && result->signature_count == 0)
    return g_steal_pointer (&result);
  *ret_verdict = CONFIGURATION_MALFORMED;
  return NULL;
}

/* Who says to have made the signature; NULL when that is nobody we have a certificate of. */
static const NodeId *
pool_signer (const Pool *self, Bytes block)
{
  SecurityBlock decoded;

  if (block.size == 0 || !security_block_decode (block, self->arena, &decoded, NULL))
    return NULL;
  for (size_t i = 0; i < self->count; i++) {
    const NodeId *id = match_identity (self->certificates[i], &decoded.signature.identity);
    if (id != NULL)
      return id;
  }
  return NULL;
}

/* Whether `kind` is signed as it must be, and does not take another signer's place (6.5.4.2). */
static bool
may_take (const Configuration *self, const Configuration *block, const Signer *signer)
{
  g_autoptr (Arena) arena = arena_new ();
  const ConfigurationKind *kind = &block->kinds[0];
  const ConfigurationKind *old = configuration_kind (self, kind->id);
  Pool pool = { .arena = arena };
  bool may_take;

  pool_add_all (&pool, self);
  pool_add_all (&pool, block);
  pool_judge (&pool, signer);
  may_take = is_signed (&pool, kind->signature, kind->signed_bytes, self->kind_signers,
                        self->kind_signer_count, signer);
  if (may_take && old != NULL) {
    const NodeId *ours = pool_signer (&pool, old->signature);
    const NodeId *theirs = pool_signer (&pool, kind->signature);
    may_take = ours != NULL && theirs != NULL && node_id_equal (ours, theirs);
  }
  pool_clear (&pool);
  return may_take;
}

/* The block's Kind becomes one of ours, which is not shared yet. */
static void
add_block (Configuration *self, Configuration *block)
{
  ConfigurationKind kind = block->kinds[0];
  size_t at = 0;

  kind.has_second_place =
    self->has_second_places && kind.access_policy == ACCESS_POLICY_USER_NODE_MATCH;
  kind.signature.data = bytes_dup (kind.signature);
  while (at < self->kind_count && self->kinds[at].id != kind.id)
    at++;
  if (at == self->kind_count)
    self->kinds = g_renew (ConfigurationKind, self->kinds, ++self->kind_count);
  else
    g_free ((uint8_t *) self->kinds[at].signature.data);
  self->kinds[at] = kind;
  self->blocks = g_renew (Configuration *, self->blocks, self->block_count + 1);
  self->blocks[self->block_count++] = configuration_ref (block);
}

Configuration *
configuration_with_kind (Configuration *self,
                         Bytes block,
                         const Signer *signer,
                         ConfigurationVerdict *ret_verdict)
{
  g_autoptr (Configuration) added = read_block (self, block, ret_verdict);
  g_autoptr (Configuration) next = NULL;

  if (added == NULL)
    return NULL;
  *ret_verdict = CONFIGURATION_UNSIGNED;
  if (!may_take (self, added, signer))
    return NULL;
  *ret_verdict = CONFIGURATION_MALFORMED;
  next = configuration_parse (self->document, self->instance_name, NULL);
  if (next == NULL || self->kind_count >= LIMIT_CONFIGURATION_KINDS)
    return NULL;
  for (size_t i = 0; i < self->block_count; i++)
    if (self->blocks[i]->kinds[0].id != added->kinds[0].id)
      add_block (next, self->blocks[i]);
  add_block (next, added);
  *ret_verdict = CONFIGURATION_GOOD;
  return g_steal_pointer (&next);
}

Bytes
configuration_kind_block (const Configuration *self, KindId id, Arena *arena)
{
  const ConfigurationKind *kind = configuration_kind (self, id);
  g_autoptr (GString) text = g_string_new ("<kind-block>");
  g_autofree char *signature = NULL;

  if (kind == NULL || kind->signed_bytes.size == 0)
    return (Bytes){ NULL, 0 };
  signature = g_base64_encode (kind->signature.data, kind->signature.size);
  g_string_append_len (text, (const char *) kind->signed_bytes.data,
                       (gssize) kind->signed_bytes.size);
  g_string_append_printf (text, "<kind-signature>%s</kind-signature></kind-block>", signature);
  return arena_dup (arena, (Bytes){ (const uint8_t *) text->str, text->len });
}

/* ---- Documents ---- */

bool
configuration_is_newer (uint16_t sequence, uint16_t other)
{
  enum { ROUND = 65535 };

  unsigned ahead = (sequence + ROUND - other % ROUND) % ROUND;

  return ahead > 0 && ahead <= ROUND / 2;
}

ConfigurationVerdict
configuration_check_successor (const Configuration *self,
                               const Configuration *next,
                               const Signer *signer)
{
  if (strcmp (self->instance_name, next->instance_name) != 0)
    return CONFIGURATION_WRONG_OVERLAY;
  if (self->document.size == 0)
    return memcmp (self->hash, next->hash, CONFIGURATION_HASH_SIZE) == 0 ? CONFIGURATION_GOOD
                                                                         : CONFIGURATION_UNEXPECTED;
  if (!configuration_is_newer (next->sequence, self->sequence))
    return CONFIGURATION_OLD;
  return signatures_are_good (self, next, signer) ? CONFIGURATION_GOOD : CONFIGURATION_UNSIGNED;
}
