/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/big-endian.h"

static void
test_order (void)
{
  const uint8_t bytes[] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef };

  g_assert_cmphex (big_endian_read (bytes, 0), ==, 0);
  g_assert_cmphex (big_endian_read (bytes, 1), ==, 0x01);
  g_assert_cmphex (big_endian_read (bytes, 3), ==, 0x012345);
  g_assert_cmphex (big_endian_read (bytes + 6, 2), ==, 0xcdef);
  g_assert_cmphex (big_endian_read (bytes, 8), ==, UINT64_C (0x0123456789abcdef));
}

static void
test_both_ways (void)
{
  const uint64_t number = UINT64_C (0xfedcba9876543210);

  for (size_t size = 0; size <= 8; size++) {
    uint8_t bytes[10] = { [0] = 0x55, [9] = 0x55 };
    uint64_t kept = size == 8 ? number : number & ((UINT64_C (1) << 8 * size) - 1);

    bytes[size + 1] = 0x55;
    big_endian_write (bytes + 1, size, number);
    g_assert_cmphex (bytes[0], ==, 0x55);
    g_assert_cmphex (bytes[size + 1], ==, 0x55);
    g_assert_cmphex (big_endian_read (bytes + 1, size), ==, kept);
  }
}

static void
test_append (void)
{
  const uint8_t expected[] = { 0x07, 0x00, 0x00, 0x01, 0x02 };
  g_autoptr (GByteArray) array = g_byte_array_new ();

  big_endian_append (array, 1, 7);
  big_endian_append (array, 4, 0x102);
  g_assert_cmpmem (array->data, array->len, expected, sizeof expected);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/big-endian/order", test_order);
  g_test_add_func ("/big-endian/both-ways", test_both_ways);
  g_test_add_func ("/big-endian/append", test_append);
  return g_test_run ();
}
