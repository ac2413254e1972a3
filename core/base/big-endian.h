/* SPDX-License-Identifier: GPL-3.0-or-later */
/* big-endian.h: numbers in messages and files, the most significant byte first. */
#pragma once
#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/* Of `size` bytes, at most 8. */
static inline uint64_t
big_endian_read (const uint8_t *bytes, size_t size)
{
  uint64_t number = 0;

  for (size_t i = 0; i < size; i++)
    number = number << 8 | bytes[i];
  return number;
}

/* What does not fit into `size` bytes, the caller has to rule out: its high bytes are left away. */
static inline void
big_endian_write (uint8_t *ret_bytes, size_t size, uint64_t number)
{
  for (size_t i = size; i-- > 0; number >>= 8)
    ret_bytes[i] = (uint8_t) number;
}

static inline void
big_endian_append (GByteArray *array, size_t size, uint64_t number)
{
  uint8_t bytes[sizeof number];

  big_endian_write (bytes, size, number);
  g_byte_array_append (array, bytes, (guint) size);
}
