/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/limits.h"
#include "tests/unit/forge.h"

#include <openssl/err.h>
#include <string.h>

#define URI_OF(destination, overlay) "reload://" destination "@" overlay "/"
#define OTHER_ID                     "00112233445566778899aabbccddeeff"
#define LONG_USER                    "abcdefghijklmnopqrstuvwxyz0123456"

static CertificateTrust
trust_of_members (void)
{
  CertificateTrust trust = { .instance_name = FORGE_INSTANCE,
                             .is_self_signed_permitted = true,
                             .has_secret = true };

  memcpy (trust.secret, forge_secret, sizeof trust.secret);
  return trust;
}

static void
assert_verdict (const CertificateTrust *trust,
                Bytes der,
                const Bytes *chain,
                size_t chain_count,
                CertificateVerdict expected)
{
  g_autoptr (Certificate) certificate = NULL;
  CertificateVerdict verdict =
    certificate_check (trust, der, chain, chain_count, FORGE_NOW_S, &certificate);

  g_assert_cmpstr (certificate_verdict_name (verdict), ==, certificate_verdict_name (expected));
  g_assert_true ((certificate != NULL) == (verdict == CERTIFICATE_GOOD));
  g_assert_cmpuint (ERR_peek_error (), ==, 0);
}

typedef struct Row {
  const char *path;
  CertificateVerdict expected;
  ForgeRecipe recipe;
} Row;

static const Row rows[] = {
  { "good", CERTIFICATE_GOOD, { 0 } },
  { "good/rsa-2048", CERTIFICATE_GOOD, { .key = FORGE_KEY_RSA_2048 } },
  { "good/sha-384", CERTIFICATE_GOOD, { .digest = "SHA384" } },
  { "good/two-node-ids", CERTIFICATE_GOOD, { .second_uri = URI_OF ("0110%s", FORGE_INSTANCE) } },
  { "good/starts-now", CERTIFICATE_GOOD, { .from_days = -1 } },
  { "threat-1.6/trailing-byte", CERTIFICATE_MALFORMED, { FORGE_TRAILING } },
  { "threat-1.6/truncated", CERTIFICATE_MALFORMED, { FORGE_TRUNCATED } },
  { "threat-1.6/indefinite-length", CERTIFICATE_MALFORMED, { FORGE_INDEFINITE } },
  { "threat-1.6/version-1", CERTIFICATE_MALFORMED, { FORGE_VERSION_1 } },
  { "threat-1.6/negative-serial", CERTIFICATE_MALFORMED, { FORGE_NEGATIVE_SERIAL } },
  { "threat-1.6/huge-serial", CERTIFICATE_MALFORMED, { FORGE_HUGE_SERIAL } },
  { "threat-1.6/names-twice", CERTIFICATE_MALFORMED, { FORGE_NAMES_TWICE } },
  { "threat-1.6/not-for-signing", CERTIFICATE_MALFORMED, { FORGE_NO_SIGNING_USAGE } },
  { "threat-1.8/oversize", CERTIFICATE_MALFORMED, { FORGE_OVERSIZE } },
  { "threat-1.8/rsa-16384", CERTIFICATE_MALFORMED, { .key = FORGE_KEY_RSA_16384 } },
  { "threat-1.8/rsa-5120", CERTIFICATE_WEAK, { .key = FORGE_KEY_RSA_5120 } },
  { "threat-1.8/huge-exponent", CERTIFICATE_WEAK, { .key = FORGE_KEY_RSA_EXPONENT } },
  { "threat-1.6/rsa-1024", CERTIFICATE_WEAK, { .key = FORGE_KEY_RSA_1024 } },
  { "threat-1.6/p-384", CERTIFICATE_WEAK, { .key = FORGE_KEY_P384 } },
  { "threat-1.6/secp256k1", CERTIFICATE_WEAK, { .key = FORGE_KEY_SECP256K1 } },
  { "threat-1.6/explicit-curve", CERTIFICATE_WEAK, { .key = FORGE_KEY_P256_EXPLICIT } },
  { "threat-1.6/compressed-point", CERTIFICATE_WEAK, { .key = FORGE_KEY_P256_COMPRESSED } },
  { "threat-1.6/ed25519", CERTIFICATE_WEAK, { .key = FORGE_KEY_ED25519 } },
  { "threat-1.6/sha-1", CERTIFICATE_WEAK, { .digest = "SHA1" } },
  { "threat-1.6/rsa-sha-1", CERTIFICATE_WEAK, { .digest = "SHA1", .key = FORGE_KEY_RSA_2048 } },
  { "threat-1.6/rsa-md5", CERTIFICATE_WEAK, { .digest = "MD5", .key = FORGE_KEY_RSA_2048 } },
  { "threat-1.6/not-yet-valid", CERTIFICATE_NOT_YET_VALID, { .from_days = 1 } },
  { "threat-1.6/expired", CERTIFICATE_EXPIRED, { .from_days = -9, .until_days = -1 } },
  { "threat-1.6/unknown-critical", CERTIFICATE_UNKNOWN_EXTENSION, { FORGE_CRITICAL_EXTENSION } },
  { "threat-1.6/no-names", CERTIFICATE_BAD_NAMES, { FORGE_NO_NAMES } },
  { "threat-1.6/no-user", CERTIFICATE_BAD_NAMES, { .email = "" } },
  { "threat-1.6/two-users", CERTIFICATE_BAD_NAMES, { FORGE_TWO_EMAILS } },
  { "threat-1.6/nul-in-user", CERTIFICATE_BAD_NAMES, { FORGE_NUL_IN_EMAIL } },
  { "threat-1.6/dns-name", CERTIFICATE_BAD_NAMES, { FORGE_DNS_NAME } },
  { "threat-1.6/subject", CERTIFICATE_BAD_NAMES, { FORGE_SUBJECT } },
  { "threat-1.6/capital-user", CERTIFICATE_BAD_NAMES, { .email = "Bob@" FORGE_INSTANCE } },
  { "threat-1.6/long-user", CERTIFICATE_BAD_NAMES, { .email = LONG_USER "@" FORGE_INSTANCE } },
  { "threat-1.6/user-without-domain", CERTIFICATE_BAD_NAMES, { .email = "bob" } },
  { "threat-1.6/uri-short",
    CERTIFICATE_BAD_NAMES,
    { .uri = URI_OF ("010f00112233", FORGE_INSTANCE) } },
  { "threat-1.6/uri-not-hex",
    CERTIFICATE_BAD_NAMES,
    { .uri = URI_OF ("01100011223344556677889-aabbccddeeff", FORGE_INSTANCE) } },
  { "threat-1.6/uri-of-resource",
    CERTIFICATE_BAD_NAMES,
    { .uri = URI_OF ("0210%s", FORGE_INSTANCE) } },
  { "threat-1.6/uri-of-two", CERTIFICATE_BAD_NAMES, { .uri = URI_OF ("0110%s0110%s", "x") } },
  { "threat-1.6/uri-without-slash",
    CERTIFICATE_BAD_NAMES,
    { .uri = "reload://0110%s@" FORGE_INSTANCE } },
  { "threat-1.6/uri-with-specifier",
    CERTIFICATE_BAD_NAMES,
    { .uri = "reload://0110%s@" FORGE_INSTANCE "/00" } },
  { "threat-1.6/uri-of-web", CERTIFICATE_BAD_NAMES, { .uri = "https://www.example.org/" } },
  { "threat-1.6/stolen-node-id",
    CERTIFICATE_BAD_NAMES,
    { .uri = URI_OF ("0110" OTHER_ID, FORGE_INSTANCE) } },
  { "threat-1.6/stolen-second-node-id",
    CERTIFICATE_BAD_NAMES,
    { .second_uri = URI_OF ("0110" OTHER_ID, FORGE_INSTANCE) } },
  { "threat-1.6/sha-1-node-id", CERTIFICATE_BAD_NAMES, { .is_sha1_node_id = true } },
  { "threat-1.7/uri-of-other-overlay",
    CERTIFICATE_WRONG_OVERLAY,
    { .uri = URI_OF ("0110%s", "other.peal.alt") } },
  { "threat-1.7/user-of-other-overlay",
    CERTIFICATE_WRONG_OVERLAY,
    { .email = "bob@other.peal.alt" } },
  { "threat-1.6/other-signer", CERTIFICATE_BAD_SIGNATURE, { FORGE_OTHER_SIGNER } },
  { "threat-1.6/flipped-signature", CERTIFICATE_BAD_SIGNATURE, { FORGE_FLIPPED } },
  { "threat-2.6/no-admission", CERTIFICATE_NO_ADMISSION, { FORGE_NO_ADMISSION } },
  { "threat-2.6/copied-admission", CERTIFICATE_NO_ADMISSION, { FORGE_ADMISSION_COPIED } },
  { "threat-2.6/wrong-secret", CERTIFICATE_NO_ADMISSION, { FORGE_ADMISSION_WRONG_SECRET } },
  { "threat-2.6/short-admission", CERTIFICATE_NO_ADMISSION, { FORGE_ADMISSION_SHORT } },
  { "threat-2.6/bare-admission", CERTIFICATE_NO_ADMISSION, { FORGE_ADMISSION_BARE } },
  { "threat-2.6/admission-twice", CERTIFICATE_MALFORMED, { FORGE_ADMISSION_TWICE } },
  { "threat-1.6/no-owner", CERTIFICATE_BAD_OWNER, { FORGE_NO_OWNER } },
  { "threat-1.6/owner-of-other-device", CERTIFICATE_BAD_OWNER, { FORGE_OWNER_OF_OTHER_DEVICE } },
  { "threat-1.6/owner-of-other-name", CERTIFICATE_BAD_OWNER, { FORGE_OWNER_OF_OTHER_NAME } },
  { "threat-1.6/owner-of-other-overlay", CERTIFICATE_BAD_OWNER, { FORGE_OWNER_OF_OTHER_OVERLAY } },
  { "threat-1.6/owner-off-the-curve", CERTIFICATE_BAD_OWNER, { FORGE_OWNER_OFF_CURVE } },
  { "threat-1.6/owner-without-signature", CERTIFICATE_BAD_OWNER, { FORGE_OWNER_TRUNCATED } },
  { "threat-1.6/owner-twice", CERTIFICATE_MALFORMED, { FORGE_OWNER_TWICE } },
};

static void
test_row (const void *data)
{
  const Row *row = data;
  g_autoptr (GBytes) der = forge_self_signed (&row->recipe);
  CertificateTrust trust = trust_of_members ();

  assert_verdict (&trust, forge_bytes (der), NULL, 0, row->expected);
}

static void
test_newcomer (void)
{
  g_autoptr (GBytes) der = forge_self_signed (&(ForgeRecipe){ FORGE_NO_ADMISSION });
  CertificateTrust trust = trust_of_members ();

  trust.has_secret = false;
  assert_verdict (&trust, forge_bytes (der), NULL, 0, CERTIFICATE_GOOD);
}

static void
test_not_permitted (void)
{
  g_autoptr (GBytes) der = forge_self_signed (&(ForgeRecipe){ 0 });
  CertificateTrust trust = trust_of_members ();

  trust.is_self_signed_permitted = false;
  assert_verdict (&trust, forge_bytes (der), NULL, 0, CERTIFICATE_BAD_SIGNATURE);
}

static void
test_revoked (void)
{
  g_autoptr (GBytes) der =
    forge_self_signed (&(ForgeRecipe){ .second_uri = URI_OF ("0110%s", FORGE_INSTANCE) });
  g_autoptr (Certificate) certificate = NULL;
  CertificateTrust trust = trust_of_members ();

  certificate_check (&trust, forge_bytes (der), NULL, 0, FORGE_NOW_S, &certificate);
  for (size_t i = 0; i < 2; i++) {
    NodeId bad[2] = { { { 1 } }, certificate->node_ids[i] };

    trust.bad_nodes = bad;
    trust.bad_node_count = 1;
    assert_verdict (&trust, forge_bytes (der), NULL, 0, CERTIFICATE_GOOD);
    trust.bad_node_count = 2;
    assert_verdict (&trust, forge_bytes (der), NULL, 0, CERTIFICATE_REVOKED);
  }
}

static void
test_sha1_node_id (void)
{
  g_autoptr (GBytes) der = forge_self_signed (&(ForgeRecipe){ .is_sha1_node_id = true });
  CertificateTrust trust = trust_of_members ();

  trust.is_node_id_sha1 = true;
  assert_verdict (&trust, forge_bytes (der), NULL, 0, CERTIFICATE_GOOD);
}

static void
test_cut_and_flipped (void)
{
  g_autoptr (GBytes) der = forge_self_signed (&(ForgeRecipe){ 0 });
  Bytes bytes = forge_bytes (der);
  g_autofree uint8_t *copy = bytes_dup (bytes);
  CertificateTrust trust = trust_of_members ();

  for (size_t size = 0; size < bytes.size; size++)
    assert_verdict (&trust, (Bytes){ bytes.data, size }, NULL, 0, CERTIFICATE_MALFORMED);
  for (size_t i = 0; i < bytes.size; i++) {
    g_autoptr (Certificate) certificate = NULL;

    copy[i] ^= (uint8_t) (1 << i % 8);
    g_assert_cmpint (certificate_check (&trust, (Bytes){ copy, bytes.size }, NULL, 0, FORGE_NOW_S,
                                        &certificate),
                     !=, CERTIFICATE_GOOD);
    copy[i] = bytes.data[i];
  }
}

/* ---- Enrolled: three intermediates below a root, and whoever claims to be that root ---- */

enum { LEVELS = 4 };

typedef struct Enrolment {
  EVP_PKEY *keys[LEVELS];
  GBytes *certificates[LEVELS]; /* 0: the root */
  Bytes chain[LEVELS - 1];      /* the intermediates, nearest to the end last */
  Bytes root;
  EVP_PKEY *end_key;
  CertificateTrust trust;
} Enrolment;

static const char *const level_names[LEVELS] = { "root", "one", "two", "three" };

static void
enrolment_init (Enrolment *self, const ForgeRecipe *intermediate)
{
  const ForgeRecipe root = { .is_ca = true, .until_days = 900 };

  memset (self, 0, sizeof *self);
  self->end_key = EVP_EC_gen ("P-256");
  for (size_t i = 0; i < LEVELS; i++) {
    size_t above = i > 0 ? i - 1 : 0;

    self->keys[i] = EVP_EC_gen ("P-256");
    self->certificates[i] = forge_issued (i == 0 ? &root : intermediate,
                                          &(ForgeIssuer){ level_names[above], self->keys[above] },
                                          level_names[i], self->keys[i]);
    if (i > 0)
      self->chain[i - 1] = forge_bytes (self->certificates[i]);
  }
  self->root = forge_bytes (self->certificates[0]);
  self->trust =
    (CertificateTrust){ .instance_name = FORGE_INSTANCE, .roots = &self->root, .root_count = 1 };
}

static void
enrolment_clear (Enrolment *self)
{
  for (size_t i = 0; i < LEVELS; i++) {
    EVP_PKEY_free (self->keys[i]);
    g_bytes_unref (self->certificates[i]);
  }
  EVP_PKEY_free (self->end_key);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Enrolment, enrolment_clear)

/* An end's certificate issued at `level`, checked with all intermediates at hand. */
static void
assert_enrolled (Enrolment *self,
                 const ForgeRecipe *recipe,
                 size_t level,
                 CertificateVerdict expected)
{
  g_autoptr (GBytes) der =
    forge_issued (recipe, &(ForgeIssuer){ level_names[level], self->keys[level] }, "",
                  self->end_key);

  assert_verdict (&self->trust, forge_bytes (der), self->chain, LEVELS - 1, expected);
}

static const ForgeRecipe enrolled = { .uri = URI_OF ("0110" OTHER_ID, FORGE_INSTANCE) };
static const ForgeRecipe authority = { .is_ca = true };

static void
test_enrolled (void)
{
  g_auto (Enrolment) e = { 0 };
  g_autoptr (GBytes) der = NULL;
  g_autoptr (Certificate) certificate = NULL;
  NodeId id;

  enrolment_init (&e, &authority);
  der = forge_issued (&enrolled, &(ForgeIssuer){ "root", e.keys[0] }, "", e.end_key);
  g_assert_cmpint (certificate_check (&e.trust, forge_bytes (der), NULL, 0, FORGE_NOW_S,
                                      &certificate),
                   ==, CERTIFICATE_GOOD);
  g_assert_true (node_id_from_hex (OTHER_ID, &id));
  g_assert_true (certificate_has_node_id (certificate, &id));
  g_assert_cmpstr (certificate->user, ==, "bob@" FORGE_INSTANCE);
  g_assert_cmpint (certificate->user_key.bytes[0], ==, 0); /* no point on a curve */
}

/* The owner is the same after a renewal, and another for another name. */
static void
test_enrolled_owner (void)
{
  const ForgeRecipe renewed = { .uri = enrolled.uri, .until_days = 91 };
  const ForgeRecipe eve = { .uri = enrolled.uri, .email = "eve@" FORGE_INSTANCE };
  const ForgeRecipe *const recipes[] = { &enrolled, &renewed, &eve };
  g_auto (Enrolment) e = { 0 };
  UserKey owners[3];

  enrolment_init (&e, &authority);
  for (size_t i = 0; i < G_N_ELEMENTS (recipes); i++) {
    g_autoptr (GBytes) der =
      forge_issued (recipes[i], &(ForgeIssuer){ "root", e.keys[0] }, "", e.end_key);
    g_autoptr (Certificate) certificate = NULL;

    certificate_check (&e.trust, forge_bytes (der), NULL, 0, FORGE_NOW_S, &certificate);
    owners[i] = certificate->user_key;
  }
  g_assert_cmpmem (&owners[0], sizeof (UserKey), &owners[1], sizeof (UserKey));
  g_assert_true (memcmp (&owners[0], &owners[2], sizeof (UserKey)) != 0);
}

static void
test_chain_depth (void)
{
  g_auto (Enrolment) e = { 0 };

  enrolment_init (&e, &authority);
  assert_enrolled (&e, &enrolled, 0, CERTIFICATE_GOOD);
  assert_enrolled (&e, &enrolled, 1, CERTIFICATE_GOOD);
  assert_enrolled (&e, &enrolled, 2, CERTIFICATE_GOOD);
  assert_enrolled (&e, &enrolled, 3, CERTIFICATE_BAD_SIGNATURE);
}

static void
test_chain_faults (void)
{
  static const ForgeRecipe intermediates[] = {
    { .is_ca = false },
    { .is_ca = true, .from_days = -9, .until_days = -1 },
    { .is_ca = true, .digest = "SHA1" },
    { .is_ca = true, .path_length = 1 },
    { .is_ca = true, .fault = FORGE_CRITICAL_EXTENSION },
    { .is_ca = true, .fault = FORGE_FLIPPED },
    { .is_ca = true, .fault = FORGE_OVERSIZE },
  };
  static const CertificateVerdict expected[] = {
    CERTIFICATE_BAD_SIGNATURE, CERTIFICATE_EXPIRED,       CERTIFICATE_BAD_SIGNATURE,
    CERTIFICATE_BAD_SIGNATURE, CERTIFICATE_BAD_SIGNATURE, CERTIFICATE_BAD_SIGNATURE,
    CERTIFICATE_BAD_SIGNATURE,
  };

  for (size_t i = 0; i < G_N_ELEMENTS (intermediates); i++) {
    g_auto (Enrolment) e = { 0 };

    enrolment_init (&e, &intermediates[i]);
    assert_enrolled (&e, &enrolled, 0, CERTIFICATE_GOOD);
    assert_enrolled (&e, &enrolled, 2, expected[i]);
  }
}

static void
test_namesake (void)
{
  g_auto (Enrolment) ours = { 0 };
  g_auto (Enrolment) theirs = { 0 };
  g_autoptr (GBytes) der = NULL;
  Bytes chain[2];

  enrolment_init (&ours, &authority);
  enrolment_init (&theirs, &authority);
  der = forge_issued (&enrolled, &(ForgeIssuer){ "root", theirs.keys[0] }, "", theirs.end_key);
  chain[0] = theirs.root;
  chain[1] = theirs.chain[0];
  assert_verdict (&theirs.trust, forge_bytes (der), NULL, 0, CERTIFICATE_GOOD);
  assert_verdict (&ours.trust, forge_bytes (der), chain, 2, CERTIFICATE_BAD_SIGNATURE);
}

static void
test_enrolled_faults (void)
{
  const ForgeRecipe wrong_overlay = { .uri = URI_OF ("0110" OTHER_ID, "other.peal.alt") };
  const ForgeRecipe expired = { .uri = enrolled.uri, .from_days = -9, .until_days = -1 };
  const ForgeRecipe no_node = { .uri = URI_OF ("0110"
                                               "00000000000000000000000000000000",
                                               FORGE_INSTANCE) };
  g_auto (Enrolment) e = { 0 };
  g_autoptr (GBytes) self_signed = forge_self_signed (&(ForgeRecipe){ 0 });

  enrolment_init (&e, &authority);
  assert_enrolled (&e, &wrong_overlay, 0, CERTIFICATE_WRONG_OVERLAY);
  assert_enrolled (&e, &expired, 0, CERTIFICATE_EXPIRED);
  assert_enrolled (&e, &no_node, 0, CERTIFICATE_BAD_NAMES);
  assert_verdict (&e.trust, forge_bytes (self_signed), NULL, 0, CERTIFICATE_BAD_SIGNATURE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *path = g_strconcat ("/certificate/self-signed/", rows[i].path, NULL);

    g_test_add_data_func (path, &rows[i], test_row);
  }
  g_test_add_func ("/certificate/self-signed/newcomers-need-no-admission", test_newcomer);
  g_test_add_func ("/certificate/self-signed/only-where-permitted", test_not_permitted);
  g_test_add_func ("/certificate/self-signed/bad-nodes-are-revoked", test_revoked);
  g_test_add_func ("/certificate/self-signed/sha-1-node-id-where-asked-for", test_sha1_node_id);
  g_test_add_func ("/certificate/self-signed/every-cut-and-flip-is-refused", test_cut_and_flipped);
  g_test_add_func ("/certificate/enrolled/names-come-from-the-certificate", test_enrolled);
  g_test_add_func ("/certificate/enrolled/owner-is-root-and-address", test_enrolled_owner);
  g_test_add_func ("/certificate/enrolled/threat-1.8-depth", test_chain_depth);
  g_test_add_func ("/certificate/enrolled/threat-1.6-intermediates", test_chain_faults);
  g_test_add_func ("/certificate/enrolled/threat-1.7-namesake-of-the-root", test_namesake);
  g_test_add_func ("/certificate/enrolled/threat-1.6-faults", test_enrolled_faults);
  return g_test_run ();
}
