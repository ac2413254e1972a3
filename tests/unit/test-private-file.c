/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/private-file.h"
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct Fixture {
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("peal-file-XXXXXX", NULL);
  self->path = g_build_filename (self->folder, "user.key", NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_unlink (self->path);
  g_rmdir (self->folder);
  g_free (self->path);
  g_free (self->folder);
}

static void
assert_reads (Fixture *self, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = private_file_read (self->path, 100, &error);
  gsize size;
  const void *data;

  g_assert_no_error (error);
  data = g_bytes_get_data (bytes, &size);
  g_assert_cmpmem (data, size, expected, strlen (expected));
}

static void
assert_refused (Fixture *self, size_t size_max, StoreError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = private_file_read (self->path, size_max, &error);

  g_assert_null (bytes);
  g_assert_error (error, STORE_ERROR, (int) code);
}

static void
write_secret (Fixture *self, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (private_file_write (self->path, bytes_of_text (text), &error));
  g_assert_no_error (error);
}

static void
test_comes_back (Fixture *self, gconstpointer data)
{
  write_secret (self, "one");
  write_secret (self, "another");
  assert_reads (self, "another");
  write_secret (self, "");
  assert_reads (self, "");
}

static void
test_mode (Fixture *self, gconstpointer data)
{
  mode_t mask = umask (0);
  struct stat status;

  write_secret (self, "secret");
  umask (mask);
  g_assert_cmpint (lstat (self->path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0600);
}

static void
test_readable_by_others_is_refused (Fixture *self, gconstpointer data)
{
  const int modes[] = { 0644, 0640, 0604, 0620 };

  write_secret (self, "secret");
  for (size_t i = 0; i < G_N_ELEMENTS (modes); i++) {
    g_assert_cmpint (g_chmod (self->path, modes[i]), ==, 0);
    assert_refused (self, 100, STORE_ERROR_OPEN_TO_OTHERS);
  }
  g_assert_true (private_file_repair (self->path, NULL));
  assert_reads (self, "secret");
}

static void
test_link_is_refused_and_replaced (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (symlink ("/etc/hostname", self->path), ==, 0);
  assert_refused (self, 1000, STORE_ERROR_DAMAGED);
  write_secret (self, "secret");
  assert_reads (self, "secret");
}

static void
test_too_large_and_missing (Fixture *self, gconstpointer data)
{
  assert_refused (self, 100, STORE_ERROR_MISSING);
  write_secret (self, "0123456789");
  assert_refused (self, 9, STORE_ERROR_DAMAGED);
}

static void
test_leftover_of_a_crash_is_no_hindrance (Fixture *self, gconstpointer data)
{
  g_autofree char *beside = g_strconcat (self->path, ".new", NULL);

  g_assert_true (g_file_set_contents (beside, "half", -1, NULL));
  write_secret (self, "whole");
  assert_reads (self, "whole");
  g_assert_false (g_file_test (beside, G_FILE_TEST_EXISTS));
}

static void
test_folder (Fixture *self, gconstpointer data)
{
  g_autofree char *deep = g_build_filename (self->folder, "a", "b", NULL);
  g_autofree char *above = g_build_filename (self->folder, "a", NULL);
  struct stat status;

  g_assert_true (private_folder_make (deep, NULL));
  g_assert_cmpint (g_chmod (deep, 0755), ==, 0);
  g_assert_true (private_folder_make (deep, NULL));
  g_assert_cmpint (stat (deep, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0700);
  g_rmdir (deep);
  g_rmdir (above);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/private-file/comes-back", test_comes_back);
  ADD ("/private-file/threat-5.6-mode", test_mode);
  ADD ("/private-file/threat-5.6-readable-by-others-is-refused",
       test_readable_by_others_is_refused);
  ADD ("/private-file/threat-5.6-link-is-refused-and-replaced", test_link_is_refused_and_replaced);
  ADD ("/private-file/too-large-and-missing", test_too_large_and_missing);
  ADD ("/private-file/threat-5.1-leftover-of-a-crash-is-no-hindrance",
       test_leftover_of_a_crash_is_no_hindrance);
  ADD ("/private-file/folder", test_folder);
  return g_test_run ();
}
