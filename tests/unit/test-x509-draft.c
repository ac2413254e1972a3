/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/private-key.h"
#include "core/crypto/x509-draft-private.h"
#include "core/crypto/x509-form.h"

#define NOW_S ((int64_t) 1800000000)
#define DAY_S ((int64_t) 24 * 3600)

static GBytes *
make (PrivateKey *key)
{
  const NodeId ids[] = { { .bytes = { 1 } }, { .bytes = { 2 } } };
  X509 *draft = x509_draft_new (key, NOW_S, 30);

  x509_draft_set_member (draft, "club.example", "bob@club.example", ids, G_N_ELEMENTS (ids));
  return x509_draft_sign (draft, key);
}

static X509 *
read_back (GBytes *der)
{
  gsize size;
  const void *data = g_bytes_get_data (der, &size);

  return x509_form_parse ((Bytes){ data, size });
}

static void
test_form (void)
{
  g_autoptr (PrivateKey) key = private_key_new ();
  g_autoptr (GBytes) der = make (key);
  X509 *x509 = read_back (der);
  int64_t from_s, until_s;

  g_assert_nonnull (x509);
  g_assert_cmpint (x509_form_check (x509), ==, CERTIFICATE_GOOD);
  g_assert_true (x509_form_seconds (X509_get0_notBefore (x509), &from_s));
  g_assert_true (x509_form_seconds (X509_get0_notAfter (x509), &until_s));
  g_assert_cmpint (from_s, ==, NOW_S - 2 * DAY_S);
  g_assert_cmpint (until_s, ==, NOW_S + 30 * DAY_S);
  g_assert_cmpint (X509_NAME_entry_count (X509_get_subject_name (x509)), ==, 0);
  g_assert_cmpint (X509_verify (x509, key), ==, 1);
  X509_free (x509);
}

static void
test_names (void)
{
  g_autoptr (PrivateKey) key = private_key_new ();
  g_autoptr (GBytes) der = make (key);
  X509 *x509 = read_back (der);
  int is_critical;
  GENERAL_NAMES *names = X509_get_ext_d2i (x509, NID_subject_alt_name, &is_critical, NULL);
  const GENERAL_NAME *second = sk_GENERAL_NAME_value (names, 1);
  const GENERAL_NAME *last = sk_GENERAL_NAME_value (names, 2);

  g_assert_true (is_critical == 1);
  g_assert_cmpint (sk_GENERAL_NAME_num (names), ==, 3);
  g_assert_cmpint (second->type, ==, GEN_URI);
  g_assert_cmpstr ((const char *) ASN1_STRING_get0_data (second->d.ia5), ==,
                   "reload://011002000000000000000000000000000000@club.example/");
  g_assert_cmpint (last->type, ==, GEN_EMAIL);
  g_assert_cmpstr ((const char *) ASN1_STRING_get0_data (last->d.ia5), ==, "bob@club.example");
  GENERAL_NAMES_free (names);
  X509_free (x509);
}

static void
test_serials_differ (void)
{
  g_autoptr (PrivateKey) key = private_key_new ();
  g_autoptr (GBytes) first = make (key);
  g_autoptr (GBytes) second = make (key);
  X509 *a = read_back (first), *b = read_back (second);

  g_assert_cmpint (ASN1_INTEGER_cmp (X509_get0_serialNumber (a), X509_get0_serialNumber (b)), !=,
                   0);
  X509_free (a);
  X509_free (b);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/x509-draft/has-the-form-that-is-asked-for", test_form);
  g_test_add_func ("/x509-draft/node-ids-and-one-user-name", test_names);
  g_test_add_func ("/x509-draft/serials-differ", test_serials_differ);
  return g_test_run ();
}
