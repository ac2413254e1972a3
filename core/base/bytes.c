/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/bytes.h"

#include <string.h>

enum { PRINTED_MAX = 120 };

static int
hex_digit (char c)
{
  return g_ascii_xdigit_value (c);
}

bool
bytes_equal (Bytes a, Bytes b)
{
  return a.size == b.size && (a.size == 0 || memcmp (a.data, b.data, a.size) == 0);
}

int
bytes_compare (Bytes a, Bytes b)
{
  size_t common = MIN (a.size, b.size);
  int order = common > 0 ? memcmp (a.data, b.data, common) : 0;

  if (order != 0)
    return order;
  return (a.size > b.size) - (a.size < b.size);
}

Bytes
bytes_of_text (const char *text)
{
  return (Bytes){ (const uint8_t *) text, strlen (text) };
}

Bytes
bytes_borrow (GBytes *bytes)
{
  gsize size = 0;
  const void *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

  return (Bytes){ data, size };
}

bool
bytes_take (Bytes *input, size_t size, Bytes *ret_bytes)
{
  if (input->size < size)
    return false;
  *ret_bytes = (Bytes){ input->data, size };
  *input = (Bytes){ input->data + size, input->size - size };
  return true;
}

uint8_t *
bytes_dup (Bytes bytes)
{
  return bytes.size > 0 ? g_memdup2 (bytes.data, bytes.size) : NULL;
}

char *
bytes_to_hex (Bytes bytes)
{
  static const char digits[] = "0123456789abcdef";
  char *hex = g_malloc (2 * bytes.size + 1);

  for (size_t i = 0; i < bytes.size; i++) {
    hex[2 * i] = digits[bytes.data[i] >> 4];
    hex[2 * i + 1] = digits[bytes.data[i] & 15];
  }
  hex[2 * bytes.size] = '\0';
  return hex;
}

bool
bytes_from_hex (const char *hex, uint8_t *ret_bytes, size_t size)
{
  if (strlen (hex) != 2 * size)
    return false;
  for (size_t i = 0; i < 2 * size; i++)
    if (hex_digit (hex[i]) < 0)
      return false;
  for (size_t i = 0; i < size; i++)
    ret_bytes[i] = (uint8_t) (hex_digit (hex[2 * i]) << 4 | hex_digit (hex[2 * i + 1]));
  return true;
}

char *
bytes_to_text (Bytes bytes)
{
  GString *text = g_string_new (NULL);

  for (size_t i = 0; i < MIN (bytes.size, PRINTED_MAX); i++)
    if (bytes.data[i] >= 0x20 && bytes.data[i] < 0x7f)
      g_string_append_c (text, (char) bytes.data[i]);
    else
      g_string_append_printf (text, "\\x%02x", bytes.data[i]);
  return g_string_free (text, FALSE);
}
