/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/driver.h"

#include "tests/wire/structures.h"

#include <string.h>

/* driver [--mutations N] PATH...: runs the target over every file of the corpus (folders are
 * searched; .hex files are hexadecimal text) and over N mutations of them, the same ones at every
 * run. Under clang the same target is linked with libFuzzer instead (option libfuzzer). */

enum { MUTATIONS = 10000, EDITS_MAX = 6, GROWTH_MAX = 16 };

static void
add_file (GPtrArray *corpus, const char *path)
{
  char *contents;
  gsize size;

  if (g_str_has_suffix (path, ".txt"))
    return;
  if (g_str_has_suffix (path, ".hex")) {
    g_ptr_array_add (corpus, structure_read_hex (path));
    return;
  }
  if (!g_file_get_contents (path, &contents, &size, NULL))
    g_error ("cannot read %s", path);
  g_ptr_array_add (corpus, g_byte_array_new_take ((guint8 *) contents, size));
}

static int
compare_names (const void *a, const void *b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* In the order of names, so that the seed alone decides what is tried. */
static void
add_path (GPtrArray *corpus, const char *path)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) folder = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_DIR)) {
    add_file (corpus, path);
    return;
  }
  folder = g_dir_open (path, 0, NULL);
  g_assert (folder != NULL);
  while ((name = g_dir_read_name (folder)) != NULL)
    g_ptr_array_add (names, g_build_filename (path, name, NULL));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    add_file (corpus, names->pdata[i]);
}

/* A few edits at random places: bits flipped, bytes set to what lengths go wrong at, parts cut out
 * or doubled, tails taken from another input. */
static void
edit (GRand *random, GByteArray *bytes, const GByteArray *other)
{
  static const guint8 odd[] = { 0, 1, 0x7f, 0x80, 0xfe, 0xff };
  guint at = bytes->len > 0 ? (guint) g_rand_int_range (random, 0, (gint32) bytes->len) : 0;
  guint size = (guint) g_rand_int_range (random, 1, GROWTH_MAX);
  g_autofree guint8 *part = NULL;

  if (bytes->len == 0) {
    g_byte_array_append (bytes, other->data, other->len);
    return;
  }
  size = MIN (size, bytes->len - at);
  switch (g_rand_int_range (random, 0, 6)) {
  case 0:
    bytes->data[at] ^= (guint8) (1 << g_rand_int_range (random, 0, 8));
    break;
  case 1:
    bytes->data[at] = odd[g_rand_int_range (random, 0, G_N_ELEMENTS (odd))];
    break;
  case 2:
    bytes->data[at] = (guint8) (bytes->data[at] + g_rand_int_range (random, -2, 3));
    break;
  case 3:
    g_byte_array_remove_range (bytes, at, size);
    break;
  case 4:
    part = g_memdup2 (bytes->data + at, size);
    g_byte_array_append (bytes, part, size);
    break;
  default:
    g_byte_array_set_size (bytes, at);
    if (at < other->len)
      g_byte_array_append (bytes, other->data + at, other->len - at);
    break;
  }
}

static void
run (const GByteArray *bytes)
{
  /* A block of exactly this size, so that a sanitizer sees one byte too many. */
  g_autofree guint8 *exact = g_memdup2 (bytes->data, bytes->len);

  LLVMFuzzerTestOneInput (exact, bytes->len);
}

static void
mutate (GRand *random, const GPtrArray *corpus)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  const GByteArray *from = corpus->pdata[g_rand_int_range (random, 0, (gint32) corpus->len)];
  const GByteArray *other = corpus->pdata[g_rand_int_range (random, 0, (gint32) corpus->len)];

  g_byte_array_append (bytes, from->data, from->len);
  for (gint32 edits = g_rand_int_range (random, 1, EDITS_MAX); edits > 0; edits--)
    edit (random, bytes, other);
  run (bytes);
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) corpus =
    g_ptr_array_new_with_free_func ((GDestroyNotify) g_byte_array_unref);
  GRand *random = g_rand_new_with_seed (1);
  unsigned mutations = MUTATIONS;

  for (int i = 1; i < argc; i++)
    if (strcmp (argv[i], "--mutations") == 0 && i + 1 < argc)
      mutations = (unsigned) g_ascii_strtoull (argv[++i], NULL, 10);
    else
      add_path (corpus, argv[i]);
  for (guint i = 0; i < corpus->len; i++)
    run (corpus->pdata[i]);
  for (unsigned i = 0; corpus->len > 0 && i < mutations; i++)
    mutate (random, corpus);
  g_print ("%u inputs, %u mutations\n", corpus->len, mutations);
  g_rand_free (random);
  return corpus->len > 0 ? 0 : 1;
}
