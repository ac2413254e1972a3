/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bytes.h: a borrowed run of bytes, and its printed form. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Somebody else owns the memory; `data` may be NULL only when `size` is 0. */
typedef struct Bytes {
  const uint8_t *data;
  size_t size;
} Bytes;

bool bytes_equal (Bytes a, Bytes b);

/* memcmp order, the shorter first when one is a prefix of the other. */
int bytes_compare (Bytes a, Bytes b);

/* The characters of `text` without its terminating NUL. */
Bytes bytes_of_text (const char *text);

/* What `bytes` holds, while somebody has a reference to it; empty when NULL. */
Bytes bytes_borrow (GBytes *bytes);

/* Takes `size` bytes off the front; false, and nothing is changed, when there are fewer. */
bool bytes_take (Bytes *input, size_t size, Bytes *ret_bytes);

/* A copy to be freed with g_free(); NULL when empty. */
uint8_t *bytes_dup (Bytes bytes);

/* Lower case hexadecimal, to be freed with g_free(). */
char *bytes_to_hex (Bytes bytes);

/* Reads exactly `size` bytes out of 2 * `size` hexadecimal digits; false on anything else. */
bool bytes_from_hex (const char *hex, uint8_t *ret_bytes, size_t size);

/* A printable copy for logs: what is no printable ASCII becomes \xNN; at most 120 bytes of it. */
char *bytes_to_text (Bytes bytes);
