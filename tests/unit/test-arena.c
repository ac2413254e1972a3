/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/arena.h"

#include <string.h>

/* Sizes around the borders of the first block and of the later ones. */
static const size_t sizes[] = { 0, 1, 15, 16, 17, 2000, 2048, 2049, 8191, 8192, 8193, 100000 };

static void
test_alloc (void)
{
  g_autoptr (Arena) arena = arena_new ();
  uint8_t *memory[3 * G_N_ELEMENTS (sizes)];

  for (size_t i = 0; i < G_N_ELEMENTS (memory); i++) {
    size_t size = sizes[i % G_N_ELEMENTS (sizes)];

    memory[i] = arena_alloc (arena, size);
    g_assert_cmpuint ((uintptr_t) memory[i] % 16, ==, 0);
    for (size_t at = 0; at < size; at++)
      g_assert_cmpuint (memory[i][at], ==, 0);
    if (size > 0)
      memset (memory[i], (int) i + 1, size);
  }
  for (size_t i = 0; i < G_N_ELEMENTS (memory); i++)
    for (size_t at = 0; at < sizes[i % G_N_ELEMENTS (sizes)]; at++)
      g_assert_cmpuint (memory[i][at], ==, i + 1);
}

static void
test_reset (void)
{
  g_autoptr (Arena) arena = arena_new ();
  uint8_t *first = arena_alloc (arena, 100);

  memset (first, 0xff, 100);
  arena_alloc (arena, 50000);
  arena_reset (arena);
  g_assert_true (arena_alloc (arena, 100) == first);
  for (size_t at = 0; at < 100; at++)
    g_assert_cmpuint (first[at], ==, 0);
}

static void
test_dup (void)
{
  g_autoptr (Arena) arena = arena_new ();
  char text[] = "bob";
  Bytes copy = arena_dup (arena, bytes_of_text (text));

  text[0] = 'r';
  g_assert_cmpmem (copy.data, copy.size, "bob", 3);
  g_assert_cmpuint (arena_dup (arena, (Bytes){ NULL, 0 }).size, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/arena/memory-is-zeroed-aligned-and-apart", test_alloc);
  g_test_add_func ("/arena/reset-starts-over-in-the-first-block", test_reset);
  g_test_add_func ("/arena/a-copy-does-not-change-with-its-source", test_dup);
  return g_test_run ();
}
