/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/relay-frame.h"

#include <string.h>

static RelayFrameReading
read_hex (const char *hex, size_t total, size_t *ret_size)
{
  uint8_t bytes[4096] = { 0 };
  size_t given = strlen (hex) / 2;

  g_assert_true (bytes_from_hex (hex, bytes, given));
  return relay_frame_read ((Bytes){ bytes, MAX (total, given) }, ret_size);
}

static void
test_whole (void)
{
  size_t size = 0;

  g_assert_cmpint (read_hex ("00010000", 20, &size), ==, RELAY_FRAME_DONE);
  g_assert_cmpuint (size, ==, 20);
  g_assert_cmpint (read_hex ("01030008", 100, &size), ==, RELAY_FRAME_DONE);
  g_assert_cmpuint (size, ==, 28);
}

static void
test_padding (void)
{
  size_t size = 0;

  g_assert_cmpint (read_hex ("40010005", 11, &size), ==, RELAY_FRAME_MORE);
  g_assert_cmpint (read_hex ("40010005", 12, &size), ==, RELAY_FRAME_DONE);
  g_assert_cmpuint (size, ==, 12);
  g_assert_cmpint (read_hex ("7fff0000", 4, &size), ==, RELAY_FRAME_DONE);
  g_assert_cmpuint (size, ==, 4);
}

static void
test_part (void)
{
  size_t size = 7;

  g_assert_cmpint (relay_frame_read ((Bytes){ NULL, 0 }, &size), ==, RELAY_FRAME_MORE);
  g_assert_cmpint (read_hex ("000100", 3, &size), ==, RELAY_FRAME_MORE);
  g_assert_cmpuint (size, ==, 7);
  g_assert_cmpint (read_hex ("00010004", 23, &size), ==, RELAY_FRAME_MORE);
  g_assert_cmpuint (size, ==, 24);
}

static void
test_bad (void)
{
  static const char *const bad[] = { "16030100", "80000000", "04010000", "3f000000", "00010002",
                                     "0001ffff", "000107f0", "400107fd", "4001ffff" };
  size_t size = 0;

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_cmpint (read_hex (bad[i], 4, &size), ==, RELAY_FRAME_BAD);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay-frame/whole", test_whole);
  g_test_add_func ("/relay-frame/channel-data-is-padded", test_padding);
  g_test_add_func ("/relay-frame/a-part-waits-for-more", test_part);
  g_test_add_func ("/relay-frame/threat-4.6-what-is-none-or-too-long-is-bad", test_bad);
  return g_test_run ();
}
