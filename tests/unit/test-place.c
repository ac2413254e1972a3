/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/place.h"

#include <string.h>

static const Address listener = { .family = ADDRESS_IPV4, .bytes = { 10, 1, 2, 3 }, .port = 6084 };

static void
test_kept (void)
{
  for (Way way = WAY_DATAGRAMS; way <= WAY_WEB; way++) {
    Place place = { .way = way, .address = listener, .seen_s = 1790000000, .failures = 7 };
    uint8_t value[PLACE_VALUE_SIZE];
    Place back = { 0 };

    place_write (&place, value);
    g_assert_true (place_read (&back, (Bytes){ value, sizeof value }));
    g_assert_cmpint (back.way, ==, way);
    g_assert_true (address_equal (&back.address, &listener));
    g_assert_cmpuint (back.seen_s, ==, 1790000000);
    g_assert_cmpuint (back.failures, ==, 7);
  }
}

static void
test_old (void)
{
  Place place = { .way = WAY_STREAM, .address = listener, .seen_s = 1790000000, .failures = 7 };
  uint8_t value[PLACE_VALUE_SIZE];
  Place back = { 0 };

  place_write (&place, value);
  g_assert_true (place_read (&back, (Bytes){ value, PLACE_VALUE_SIZE - 5 }));
  g_assert_cmpint (back.way, ==, WAY_STREAM);
  g_assert_true (address_equal (&back.address, &listener));
  g_assert_cmpuint (back.seen_s, ==, 0);
  g_assert_cmpuint (back.failures, ==, 0);
}

static void
test_damaged (void)
{
  Place place = { .way = WAY_STREAM, .address = listener };
  uint8_t value[PLACE_VALUE_SIZE], damaged[PLACE_VALUE_SIZE];
  Place back = { 0 };

  place_write (&place, value);
  for (gsize size = 0; size < sizeof value; size++)
    g_assert_true (size == PLACE_VALUE_SIZE - 5 || !place_read (&back, (Bytes){ value, size }));
  for (unsigned at = 0; at < 2; at++) {
    memcpy (damaged, value, sizeof value);
    damaged[at] = 77; /* no such way; no such family */
    g_assert_false (place_read (&back, (Bytes){ damaged, sizeof damaged }));
  }
  value[PLACE_VALUE_SIZE - 1] = 255;
  g_assert_true (place_read (&back, (Bytes){ value, sizeof value }));
  g_assert_cmpuint (back.failures, ==, PLACE_FAILURES_MAX);
}

static void
test_better (void)
{
  Place fine = { .address = listener, .seen_s = 1790000000 };
  Place failed = { .address = listener, .seen_s = 1790000000, .failures = 1 };
  Place older = { .address = listener, .seen_s = 1780000000 };
  Place named = { .address = listener, .heard_at = 1 };

  g_assert_true (place_is_better (&fine, &failed));
  g_assert_true (place_is_better (&fine, &older));
  g_assert_true (place_is_better (&named, &fine));
  g_assert_false (place_is_better (&older, &fine));
}

static void
test_peer (void)
{
  NodeId bob = { .bytes = { 1 } };
  NodeId carol = { .bytes = { 2 } };
  Place place = { .peer = bob };

  g_assert_false (place_is_of (&place, &bob));
  place.has_peer = true;
  g_assert_true (place_is_of (&place, &bob));
  g_assert_false (place_is_of (&place, &carol));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/place/kept/comes-back-as-it-was", test_kept);
  g_test_add_func ("/place/kept/what-an-earlier-release-wrote-does-too", test_old);
  g_test_add_func ("/place/kept/what-is-damaged-does-not", test_damaged);
  g_test_add_func ("/place/the-promising-is-better", test_better);
  g_test_add_func ("/place/it-is-one-peer's", test_peer);
  return g_test_run ();
}
