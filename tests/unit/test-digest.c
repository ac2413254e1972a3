/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/digest.h"

/* FIPS 180-4: the examples "abc" and the empty message. */

static void
expect (const uint8_t *digest, size_t size, const char *hex)
{
  g_autofree char *got = bytes_to_hex ((Bytes){ digest, size });

  g_assert_cmpstr (got, ==, hex);
}

static void
test_sha1 (void)
{
  uint8_t digest[DIGEST_SHA1_SIZE];

  digest_sha1 (bytes_of_text ("abc"), digest);
  expect (digest, sizeof digest, "a9993e364706816aba3e25717850c26c9cd0d89d");
  digest_sha1 ((Bytes){ NULL, 0 }, digest);
  expect (digest, sizeof digest, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

static void
test_sha256 (void)
{
  uint8_t digest[DIGEST_SHA256_SIZE];

  digest_sha256 (bytes_of_text ("abc"), digest);
  expect (digest, sizeof digest,
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  digest_sha256 ((Bytes){ NULL, 0 }, digest);
  expect (digest, sizeof digest,
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/digest/sha1", test_sha1);
  g_test_add_func ("/digest/sha256", test_sha256);
  return g_test_run ();
}
