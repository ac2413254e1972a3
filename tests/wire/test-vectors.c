/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/message.h"
#include "tests/wire/structures.h"

#include <string.h>

/* The messages in vectors/ were put together by hand from the RFC's text: NAME.hex with what each
 * field is, NAME.txt as we print it. */

static char *
vector_path (const char *name, const char *suffix)
{
  g_autofree char *file = g_strconcat (name, suffix, NULL);

  return g_test_build_filename (G_TEST_DIST, "vectors", file, NULL);
}

static GByteArray *
read_vector (const char *name)
{
  g_autofree char *path = vector_path (name, ".hex");

  return structure_read_hex (path);
}

static void
test_decodes_and_prints (const void *user_data)
{
  const char *name = user_data;
  g_autoptr (GByteArray) message = read_vector (name);
  g_autofree char *path = vector_path (name, ".txt");
  g_autofree char *expected = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  Bytes bytes = { message->data, message->len };

  g_assert_true (structure_check_message (bytes));
  message_print (bytes, &structure_kinds, text);
  g_assert_true (g_file_get_contents (path, &expected, NULL, NULL));
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_cut_anywhere (const void *user_data)
{
  g_autoptr (GByteArray) message = read_vector (user_data);

  for (size_t size = 0; size < message->len; size++) {
    g_autofree uint8_t *cut = g_memdup2 (message->data, size);
    g_assert_false (structure_check_message ((Bytes){ cut, size }));
  }
}

/* Puts `value` where a length of `size` bytes might stand. */
static void
check_with (GByteArray *message, size_t at, unsigned size, uint64_t value)
{
  uint8_t saved[4];

  memcpy (saved, message->data + at, size);
  for (unsigned i = 0; i < size; i++)
    message->data[at + i] = (uint8_t) (value >> 8 * (size - 1 - i));
  structure_check_message ((Bytes){ message->data, message->len });
  memcpy (message->data + at, saved, size);
}

/* Every place of the message is taken for a length of one to four bytes in turn, so no real length
 * is left out. What decodes all the same must encode to the same bytes. */
static void
test_odd_lengths (const void *user_data)
{
  g_autoptr (GByteArray) message = read_vector (user_data);

  for (unsigned size = 1; size <= 4; size++)
    for (size_t at = 0; at + size <= message->len; at++) {
      uint64_t value = 0;
      for (unsigned i = 0; i < size; i++)
        value = value << 8 | message->data[at + i];
      check_with (message, at, size, 0);
      check_with (message, at, size, 1);
      check_with (message, at, size, value - 1);
      check_with (message, at, size, value + 1);
      check_with (message, at, size, UINT64_MAX);
    }
}

static void
add (const char *what, const char *name, GTestDataFunc test)
{
  g_autofree char *path = g_strdup_printf ("/wire/vector/%s/%s", name, what);

  g_test_add_data_func_full (path, g_strdup (name), test, g_free);
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = NULL;
  g_autoptr (GDir) vectors = NULL;
  const char *file;

  g_test_init (&argc, &argv, NULL);
  folder = g_test_build_filename (G_TEST_DIST, "vectors", NULL);
  vectors = g_dir_open (folder, 0, NULL);
  g_assert_nonnull (vectors);
  while ((file = g_dir_read_name (vectors)) != NULL) {
    g_autofree char *name = g_strndup (file, strlen (file) - strlen (".hex"));
    if (!g_str_has_suffix (file, ".hex"))
      continue;
    add ("decodes-prints-and-encodes-the-same", name, test_decodes_and_prints);
    add ("threat-1.1-cut-at-any-byte-is-refused", name, test_cut_anywhere);
    add ("threat-1.1-odd-lengths-are-refused-or-encode-the-same", name, test_odd_lengths);
  }
  return g_test_run ();
}
