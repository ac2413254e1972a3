/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/bytes.h"

#include <string.h>

static void
test_order (void)
{
  const char *ascending[] = { "", "a", "ab", "b" };

  for (size_t i = 0; i < G_N_ELEMENTS (ascending); i++)
    for (size_t j = 0; j < G_N_ELEMENTS (ascending); j++) {
      Bytes a = bytes_of_text (ascending[i]), b = bytes_of_text (ascending[j]);
      int order = bytes_compare (a, b);

      g_assert_cmpint ((order > 0) - (order < 0), ==, (i > j) - (i < j));
      g_assert_true (bytes_equal (a, b) == (i == j));
    }
}

static void
test_hex (void)
{
  const uint8_t data[] = { 0x00, 0x7f, 0xab, 0xff };
  g_autofree char *hex = bytes_to_hex ((Bytes){ data, sizeof data });
  uint8_t back[4];

  g_assert_cmpstr (hex, ==, "007fabff");
  g_assert_true (bytes_from_hex ("007FabFF", back, sizeof back));
  g_assert_cmpmem (back, sizeof back, data, sizeof data);
}

static void
test_bad_hex (void)
{
  const char *bad[] = { "", "007fab", "007fabff0", "007fabfg", "0x7fabff", "007fab f" };
  uint8_t kept[4] = { 1, 2, 3, 4 };
  const uint8_t before[4] = { 1, 2, 3, 4 };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (bytes_from_hex (bad[i], kept, sizeof kept));
  g_assert_cmpmem (kept, sizeof kept, before, sizeof before);
}

static void
test_text (void)
{
  g_autofree char *mixed = bytes_to_text ((Bytes){ (const uint8_t *) "a\n\xff~", 4 });
  g_autofree char *wide = g_strnfill (500, 'x');
  g_autofree char *cut = bytes_to_text (bytes_of_text (wide));

  g_assert_cmpstr (mixed, ==, "a\\x0a\\xff~");
  g_assert_cmpuint (strlen (cut), ==, 120);
}

static void
test_borrow (void)
{
  g_autoptr (GBytes) held = g_bytes_new ("peal", 4);

  g_assert_true (bytes_equal (bytes_borrow (held), bytes_of_text ("peal")));
  g_assert_true (bytes_borrow (held).data == g_bytes_get_data (held, NULL));
  g_assert_cmpuint (bytes_borrow (NULL).size, ==, 0);
}

static void
test_take (void)
{
  Bytes input = bytes_of_text ("peal");
  Bytes taken;

  g_assert_true (bytes_take (&input, 3, &taken));
  g_assert_true (bytes_equal (taken, bytes_of_text ("pea")));
  g_assert_false (bytes_take (&input, 2, &taken));
  g_assert_true (bytes_equal (taken, bytes_of_text ("pea")));
  g_assert_true (bytes_take (&input, 1, &taken) && bytes_take (&input, 0, &taken));
  g_assert_cmpuint (input.size, ==, 0);
}

static void
test_dup (void)
{
  g_autofree uint8_t *copy = bytes_dup (bytes_of_text ("peal"));

  g_assert_cmpmem (copy, 4, "peal", 4);
  g_assert_null (bytes_dup ((Bytes){ NULL, 0 }));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bytes/order-is-that-of-memcmp-then-of-length", test_order);
  g_test_add_func ("/bytes/hex-comes-back-as-it-was", test_hex);
  g_test_add_func ("/bytes/bad-hex-is-refused-and-writes-nothing", test_bad_hex);
  g_test_add_func ("/bytes/printed-form-is-ascii-and-short", test_text);
  g_test_add_func ("/bytes/borrow", test_borrow);
  g_test_add_func ("/bytes/take", test_take);
  g_test_add_func ("/bytes/nothing-is-copied-to-nothing", test_dup);
  return g_test_run ();
}
