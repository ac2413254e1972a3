/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/x509-form.h"

#include "core/base/limits.h"
#include "core/crypto/statement.h"
#include "tests/unit/forge.h"

#include <string.h>

static X509 *
parse_forged (const ForgeRecipe *recipe)
{
  g_autoptr (GBytes) der = forge_self_signed (recipe);

  return x509_form_parse (forge_bytes (der));
}

static void
assert_form (const ForgeRecipe *recipe, CertificateVerdict expected)
{
  X509 *x509 = parse_forged (recipe);

  g_assert_nonnull (x509);
  g_assert_cmpint (x509_form_check (x509), ==, expected);
  g_assert_true (x509_form_is_strong (x509) == (expected != CERTIFICATE_WEAK));
  X509_free (x509);
}

static void
test_check (void)
{
  assert_form (&(ForgeRecipe){ 0 }, CERTIFICATE_GOOD);
  assert_form (&(ForgeRecipe){ .is_ca = true }, CERTIFICATE_GOOD);
  assert_form (&(ForgeRecipe){ .key = FORGE_KEY_RSA_1024 }, CERTIFICATE_WEAK);
  assert_form (&(ForgeRecipe){ .digest = "SHA1" }, CERTIFICATE_WEAK);
  assert_form (&(ForgeRecipe){ FORGE_NEGATIVE_SERIAL }, CERTIFICATE_MALFORMED);
  assert_form (&(ForgeRecipe){ FORGE_NAMES_TWICE }, CERTIFICATE_MALFORMED);
  assert_form (&(ForgeRecipe){ FORGE_NO_SIGNING_USAGE }, CERTIFICATE_MALFORMED);
  assert_form (&(ForgeRecipe){ FORGE_CRITICAL_EXTENSION }, CERTIFICATE_UNKNOWN_EXTENSION);
}

static void
test_parse (void)
{
  static const ForgeFault faults[] = { FORGE_TRAILING, FORGE_TRUNCATED, FORGE_OVERSIZE,
                                       FORGE_INDEFINITE };

  for (size_t i = 0; i < G_N_ELEMENTS (faults); i++)
    g_assert_null (parse_forged (&(ForgeRecipe){ faults[i] }));
}

static void
test_find (void)
{
  X509 *x509 = parse_forged (&(ForgeRecipe){ 0 });
  X509 *bare = parse_forged (&(ForgeRecipe){ FORGE_ADMISSION_BARE });
  ASN1_OCTET_STRING *found = x509_form_find (x509, statement_admission_oid, STATEMENT_OID_SIZE);

  g_assert_cmpint (ASN1_STRING_length (found), ==, ADMISSION_SIZE);
  g_assert_null (x509_form_find (x509, statement_admission_oid, STATEMENT_OID_SIZE - 1));
  g_assert_null (x509_form_find (bare, statement_admission_oid, STATEMENT_OID_SIZE));
  ASN1_OCTET_STRING_free (found);
  X509_free (bare);
  X509_free (x509);
}

static void
test_seconds (void)
{
  static const int64_t moments[] = { 0, 1, 86399, 951827696, 1800000000, INT64_C (4102444800) };
  ASN1_TIME *time = ASN1_TIME_new ();
  int64_t seconds;

  for (size_t i = 0; i < G_N_ELEMENTS (moments); i++) {
    ASN1_TIME_set (time, moments[i]);
    g_assert_true (x509_form_seconds (time, &seconds));
    g_assert_cmpint (seconds, ==, moments[i]);
  }
  ASN1_STRING_set (time, "tomorrow", -1);
  g_assert_false (x509_form_seconds (time, &seconds));
  ASN1_TIME_free (time);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/x509-form/check/threat-1.6-form-and-strength", test_check);
  g_test_add_func ("/x509-form/parse/threat-1.8-one-certificate-and-no-more", test_parse);
  g_test_add_func ("/x509-form/find/gives-what-is-inside", test_find);
  g_test_add_func ("/x509-form/seconds/of-any-century", test_seconds);
  return g_test_run ();
}
