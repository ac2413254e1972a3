/* SPDX-License-Identifier: GPL-3.0-or-later */
/* structures.h: every structure of core/wire as a table, and what must hold for all of them. */
#pragma once
#include "core/wire/wire.h"

extern const WireType *const structures[];
extern const size_t structure_count;

/* The standard Kinds, and every other number has one of the four models. */
extern const WireKinds structure_kinds;

/* Decodes `bytes`; aborts unless that fails or encoding the result gives the same bytes again.
 * Returns whether it decoded. */
bool structure_check (const WireType *type, Bytes bytes);

/* The same for a whole message: header, contents, body, Security Block. */
bool structure_check_message (Bytes bytes);

/* Asserts that `value` is encoded as `hex`, in which blanks do not count, and that `hex` decodes.
 */
void structure_assert_hex (const WireType *type, const void *value, const char *hex);

/* Decodes `hex` into *ret_value, whose bytes live in the arena; asserts that it decodes. */
void structure_of_hex (const WireType *type, const char *hex, Arena *arena, void *ret_value);

/* Asserts that `hex` is refused, and at which field. */
void structure_assert_refused (const WireType *type, const char *hex, const char *field);

/* The bytes of a .hex file: hexadecimal digits, blanks, and comments from # to the line's end. Free
 * with g_byte_array_unref(). */
GByteArray *structure_read_hex (const char *path);
