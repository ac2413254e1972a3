/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/authority.h"
#include "core/crypto/digest.h"

#include <openssl/x509v3.h>
#include <string.h>

#define INSTANCE "club-abcd2345.peal.alt"
#define ADDRESS  "bob@" INSTANCE
#define HOST     "enrol.example"
#define NOW_S    ((int64_t) 1800000000)
#define DAY_S    ((int64_t) 24 * 3600)

typedef struct Fixture {
  Authority *authority;
  Authority *other; /* the root of the same name of somebody else */
  PrivateKey *key;
  Bytes root;
  CertificateTrust trust;
} Fixture;

static const NodeId ids[] = { { .bytes = { 1, 2, 3 } }, { .bytes = { 4, 5, 6 } } };

static void
set_up (Fixture *self, gconstpointer data)
{
  self->authority = authority_new (INSTANCE, NOW_S);
  self->other = authority_new (INSTANCE, NOW_S);
  self->key = private_key_new ();
  self->root = authority_root (self->authority);
  self->trust =
    (CertificateTrust){ .instance_name = INSTANCE, .roots = &self->root, .root_count = 1 };
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  private_key_free (self->key);
  authority_free (self->authority);
  authority_free (self->other);
}

static CertificateVerdict
judge (Fixture *self, GBytes *der, int64_t now_s, Certificate **ret_certificate)
{
  return certificate_check (&self->trust, bytes_borrow (der), NULL, 0, now_s, ret_certificate);
}

static void
test_members_are_members (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) der =
    authority_issue (self->authority, self->key, ADDRESS, ids, G_N_ELEMENTS (ids), NOW_S);
  g_autoptr (Certificate) certificate = NULL;

  g_assert_cmpint (judge (self, der, NOW_S, &certificate), ==, CERTIFICATE_GOOD);
  g_assert_cmpstr (certificate->user, ==, ADDRESS);
  g_assert_cmpuint (certificate->node_id_count, ==, 2);
  g_assert_true (node_id_equal (&certificate->node_ids[1], &ids[1]));
  g_assert_cmpint (certificate->not_after_s, ==, NOW_S + 90 * DAY_S);
  g_assert_cmpuint (certificate->der.size, <=, 1024); /* of CERTIFICATE_BY_NODE */
  g_assert_false (authority_is_renewal_due (certificate, NOW_S + 59 * DAY_S));
  g_assert_true (authority_is_renewal_due (certificate, NOW_S + 61 * DAY_S));
}

static void
test_members_end (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) der = authority_issue (self->authority, self->key, ADDRESS, ids, 1, NOW_S);
  g_autoptr (Certificate) certificate = NULL;

  g_assert_cmpint (judge (self, der, NOW_S + 91 * DAY_S, &certificate), ==, CERTIFICATE_EXPIRED);
  g_assert_null (certificate);
}

static void
test_owner_is_root_and_address (Fixture *self, gconstpointer data)
{
  g_autoptr (PrivateKey) other_key = private_key_new ();
  g_autoptr (GBytes) first = authority_issue (self->authority, self->key, ADDRESS, ids, 1, NOW_S);
  g_autoptr (GBytes) second =
    authority_issue (self->authority, other_key, ADDRESS, ids + 1, 1, NOW_S);
  g_autoptr (GBytes) third =
    authority_issue (self->authority, other_key, "eve@" INSTANCE, ids + 1, 1, NOW_S);
  g_autoptr (Certificate) a = NULL, b = NULL, c = NULL;

  g_assert_cmpint (judge (self, first, NOW_S, &a), ==, CERTIFICATE_GOOD);
  g_assert_cmpint (judge (self, second, NOW_S, &b), ==, CERTIFICATE_GOOD);
  g_assert_cmpint (judge (self, third, NOW_S, &c), ==, CERTIFICATE_GOOD);
  g_assert_cmpmem (&a->user_key, sizeof a->user_key, &b->user_key, sizeof b->user_key);
  g_assert_cmpint (memcmp (&a->user_key, &c->user_key, sizeof a->user_key), !=, 0);
}

static void
test_other_root_of_same_name (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) der = authority_issue (self->other, self->key, ADDRESS, ids, 1, NOW_S);
  g_autoptr (Certificate) certificate = NULL;

  g_assert_cmpint (judge (self, der, NOW_S, &certificate), ==, CERTIFICATE_BAD_SIGNATURE);
}

static void
test_revoked (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) der = authority_issue (self->authority, self->key, ADDRESS, ids, 2, NOW_S);
  g_autoptr (Certificate) certificate = NULL;

  self->trust.bad_nodes = &ids[1];
  self->trust.bad_node_count = 1;
  g_assert_cmpint (judge (self, der, NOW_S, &certificate), ==, CERTIFICATE_REVOKED);
}

static void
test_kept (Fixture *self, gconstpointer data)
{
  char *pem = private_key_to_pem (authority_key (self->authority));
  g_autoptr (PrivateKey) key = private_key_from_pem (bytes_of_text (pem));
  g_autoptr (Authority) again = authority_load (key, self->root);
  g_autoptr (GBytes) der = authority_issue (again, self->key, ADDRESS, ids, 1, NOW_S);
  g_autoptr (Certificate) certificate = NULL;

  secret_text_free (pem);
  g_assert_cmpint (judge (self, der, NOW_S, &certificate), ==, CERTIFICATE_GOOD);
  g_assert_null (authority_load (self->key, self->root));
  g_assert_null (authority_load (key, bytes_of_text ("no certificate")));
}

/* ---- The server's ---- */

static bool
is_vouched (Fixture *self, GBytes *server, const Authority *root, const char *host, int64_t now_s)
{
  const Bytes chain[] = { bytes_borrow (server), authority_root (root) };
  uint8_t hash[CERTIFICATE_HASH_SIZE];

  digest_sha256 (self->root, hash);
  return authority_vouches (hash, chain, G_N_ELEMENTS (chain), INSTANCE, host, now_s);
}

static void
test_server (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) named = authority_issue_server (self->authority, self->key, HOST, NOW_S);
  g_autoptr (GBytes) ipv4 = authority_issue_server (self->authority, self->key, "192.0.2.1", NOW_S);
  g_autoptr (GBytes) ipv6 =
    authority_issue_server (self->authority, self->key, "2001:db8::1", NOW_S);
  g_autoptr (GBytes) forged = authority_issue_server (self->other, self->key, HOST, NOW_S);

  g_assert_true (is_vouched (self, named, self->authority, HOST, NOW_S));
  g_assert_true (is_vouched (self, ipv4, self->authority, "192.0.2.1", NOW_S));
  g_assert_true (is_vouched (self, ipv6, self->authority, "2001:db8:0::1", NOW_S));
  g_assert_false (is_vouched (self, named, self->authority, "other.example", NOW_S));
  g_assert_false (is_vouched (self, ipv4, self->authority, "192.0.2.2", NOW_S));
  g_assert_false (is_vouched (self, named, self->authority, HOST, NOW_S + 31 * DAY_S));
  g_assert_false (is_vouched (self, forged, self->other, HOST, NOW_S));
  g_assert_false (is_vouched (self, forged, self->authority, HOST, NOW_S));
}

/* Neither can stand in for the other. */
static void
test_server_is_no_member (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) server = authority_issue_server (self->authority, self->key, HOST, NOW_S);
  g_autoptr (GBytes) member = authority_issue (self->authority, self->key, ADDRESS, ids, 1, NOW_S);
  g_autoptr (Certificate) certificate = NULL;
  uint8_t hash[CERTIFICATE_HASH_SIZE];

  g_assert_cmpint (judge (self, server, NOW_S, &certificate), ==, CERTIFICATE_BAD_NAMES);
  g_assert_false (is_vouched (self, member, self->authority, INSTANCE, NOW_S));
  digest_sha256 (self->root, hash);
  g_assert_false (authority_vouches (hash, NULL, 0, INSTANCE, HOST, NOW_S));
  g_assert_false (authority_vouches (hash, &self->root, 1, INSTANCE, HOST, NOW_S));
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/authority/members-are-members", test_members_are_members);
  ADD ("/authority/members-end", test_members_end);
  ADD ("/authority/owner-is-root-and-address", test_owner_is_root_and_address);
  ADD ("/authority/threat-1.7-other-root-of-same-name-is-refused", test_other_root_of_same_name);
  ADD ("/authority/bad-node-revokes", test_revoked);
  ADD ("/authority/kept-and-loaded", test_kept);
  ADD ("/authority/server-is-known-by-root-and-host", test_server);
  ADD ("/authority/server-is-no-member", test_server_is_no_member);
  return g_test_run ();
}
