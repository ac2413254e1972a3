/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/wire/structures.h"

/* Random structures of every type survive encode, decode and print unchanged. */

enum { SEEDS = 300 };

typedef struct Made {
  Arena *arena;      /* owned */
  void *value;       /* of the arena */
  GByteArray *bytes; /* owned; encoded */
} Made;

static Made
make (const WireType *type, uint64_t seed)
{
  Made made = { arena_new (), NULL, g_byte_array_new () };

  made.value = arena_alloc (made.arena, type->size);
  wire_make (type, seed, made.arena, &structure_kinds, made.value);
  g_assert_true (wire_encode (type, made.value, made.bytes));
  return made;
}

static void
unmake (Made *made)
{
  arena_free (made->arena);
  g_byte_array_unref (made->bytes);
}

static char *
print (const WireType *type, const void *value)
{
  GString *text = g_string_new (NULL);

  wire_print (type, value, 0, text);
  return g_string_free (text, FALSE);
}

static void
test_same_after_decoding (const void *user_data)
{
  const WireType *type = user_data;

  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    Made made = make (type, seed);
    Bytes bytes = { made.bytes->data, made.bytes->len };
    void *decoded = arena_alloc (made.arena, type->size);
    g_autofree char *before = print (type, made.value);
    g_autofree char *after = NULL;

    g_assert_true (structure_check (type, bytes));
    g_assert_true (wire_decode (type, bytes, made.arena, &structure_kinds, decoded, NULL));
    after = print (type, decoded);
    g_assert_cmpstr (before, ==, after);
    unmake (&made);
  }
}

/* Bytes that are left over are no part of any structure that ends by itself. */
static void
test_cut_anywhere (const void *user_data)
{
  const WireType *type = user_data;

  for (uint64_t seed = 1; seed <= 20; seed++) {
    Made made = make (type, seed);

    for (size_t size = 0; size < made.bytes->len; size++) {
      g_autofree uint8_t *cut = g_memdup2 (made.bytes->data, size);
      g_assert_false (structure_check (type, (Bytes){ cut, size }));
    }
    unmake (&made);
  }
}

static void
test_trailing_byte (const void *user_data)
{
  const WireType *type = user_data;
  Made made = make (type, 1);

  g_byte_array_append (made.bytes, (const uint8_t *) "", 1);
  g_assert_false (structure_check (type, (Bytes){ made.bytes->data, made.bytes->len }));
  unmake (&made);
}

static void
add (const char *what, const WireType *type, GTestDataFunc test)
{
  g_autofree char *path = g_strdup_printf ("/wire/%s/%s", type->name, what);

  g_test_add_data_func (path, type, test);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < structure_count; i++) {
    add ("make-encode-decode-is-the-same", structures[i], test_same_after_decoding);
    add ("threat-1.1-cut-at-any-byte-is-refused", structures[i], test_cut_anywhere);
    add ("threat-1.1-a-trailing-byte-is-refused", structures[i], test_trailing_byte);
  }
  return g_test_run ();
}
