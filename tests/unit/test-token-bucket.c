/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/token-bucket.h"

#include <glib.h>

static unsigned
take (TokenBucket *bucket, uint64_t now, unsigned tries)
{
  unsigned taken = 0;

  for (unsigned i = 0; i < tries; i++)
    taken += token_bucket_take (bucket, now, 10, 5);
  return taken;
}

static void
test_burst (void)
{
  TokenBucket bucket = { 0 };

  g_assert_cmpuint (take (&bucket, 1000, 100), ==, 5);
  g_assert_cmpuint (take (&bucket, 101000, 100), ==, 1);
  g_assert_cmpuint (take (&bucket, 401000, 100), ==, 3);
  g_assert_cmpuint (take (&bucket, 60000000, 100), ==, 5);
}

static void
test_charge (void)
{
  TokenBucket bucket = { 0 };

  token_bucket_charge (&bucket, 1000, 10, 7);
  g_assert_cmpuint (take (&bucket, 1000, 100), ==, 0);
  g_assert_cmpuint (take (&bucket, 201000, 100), ==, 0);
  g_assert_cmpuint (take (&bucket, 301000, 100), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/token-bucket/gives-a-burst-and-then-its-rate", test_burst);
  g_test_add_func ("/token-bucket/a-debt-is-paid-first", test_charge);
  return g_test_run ();
}
