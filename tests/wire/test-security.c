/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/security.h"

#include "tests/wire/structures.h"

static void
test_block (void)
{
  GenericCertificate certificate = { CERTIFICATE_TYPE_X509, bytes_of_text ("DER") };
  SecurityBlock block = { .certificates = { &certificate, 1 },
                          .signature = { .hash = 4,
                                         .signature = 3,
                                         .identity = { .identity_type = SIGNER_CERT_HASH_NODE_ID,
                                                       .hash_alg = 4,
                                                       .certificate_hash = bytes_of_text ("h") },
                                         .signature_value = bytes_of_text ("s") } };

  structure_assert_hex (&security_block_type, &block,
                        "0006 00 0003 444552 04 03 02 0003 04 01 68 0001 73");
}

static void
test_identity_as_received (void)
{
  g_autoptr (Arena) arena = arena_new ();
  g_autoptr (GByteArray) appended = g_byte_array_new ();
  g_autofree char *hex = NULL;
  Signature signature;

  structure_of_hex (&signature_type, "04 03 07 0002 abcd 0000", arena, &signature);
  g_assert_true (signer_identity_append (&signature.identity, appended));
  hex = bytes_to_hex ((Bytes){ appended->data, appended->len });
  g_assert_cmpstr (hex, ==, "070002abcd");
}

static void
test_none (void)
{
  Signature none = signature_none ();
  Signature real = { .hash = 4, .signature = 3, .identity = { .identity_type = SIGNER_CERT_HASH } };

  structure_assert_hex (&signature_type, &none, "00 00 03 0000 0000");
  g_assert_true (signature_is_none (&none));
  g_assert_false (signature_is_none (&real));
  real.identity.identity_type = SIGNER_NONE;
  g_assert_true (signature_is_none (&real));
}

static void
test_lengths (void)
{
  structure_assert_refused (&signer_identity_type, "03 0001 00", "length");
  structure_assert_refused (&signer_identity_type, "01 0002 04 01 68", "certificate_hash");
  structure_assert_refused (&security_block_type, "0005 00 0003 444552", "certificate");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/security/block", test_block);
  g_test_add_func ("/wire/security/the-identity-is-signed-as-received", test_identity_as_received);
  g_test_add_func ("/wire/security/the-empty-signature", test_none);
  g_test_add_func ("/wire/security/threat-1.1-lengths-must-agree", test_lengths);
  return g_test_run ();
}
