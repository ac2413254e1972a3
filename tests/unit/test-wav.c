/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/wav.h"

#include "media/media.h"

#include <glib/gstdio.h>
#include <string.h>

/* Mono, 8 kHz, 16 bit, 6 bytes of samples, behind a chunk that means nothing to us. */
static const uint8_t small[] = {
  'R', 'I', 'F', 'F', 54,   0,    0, 0,   'W',  'A',  'V', 'E', 'L', 'I', 'S',
  'T', 1,   0,   0,   0,    'x',  0, 'f', 'm',  't',  ' ', 16,  0,   0,   0,
  1,   0,   1,   0,   0x40, 0x1f, 0, 0,   0x80, 0x3e, 0,   0,   2,   0,   16,
  0,   'd', 'a', 't', 'a',  6,    0, 0,   0,    1,    2,   3,   4,   5,   6,
};

static bool
parse (const uint8_t *data, size_t size, WavFormat *ret_format, Bytes *ret_samples)
{
  /* In memory of just that size, so that a sanitizer sees a step beyond it. */
  g_autofree uint8_t *copy = g_memdup2 (data, MAX (size, 1));
  g_autoptr (GError) error = NULL;
  bool is_good = wav_parse ((Bytes){ copy, size }, ret_format, ret_samples, &error);
  if (!is_good)
    g_assert_error (error, MEDIA_ERROR, MEDIA_ERROR_FILE);
  return is_good;
}

static void
test_other_chunks_are_passed_over (void)
{
  WavFormat format;
  Bytes samples;
  g_assert_true (parse (small, sizeof small, &format, &samples));
  g_assert_cmpuint (format.rate, ==, 8000);
  g_assert_cmpuint (format.bits, ==, 16);
  g_assert_cmpuint (format.channels, ==, 1);
  g_assert_cmpuint (samples.size, ==, 6);
}

static void
test_a_cut_file_gives_what_is_there (void)
{
  WavFormat format;
  Bytes samples;
  g_assert_true (parse (small, sizeof small - 3, &format, &samples));
  g_assert_cmpuint (samples.size, ==, 2);
}

static void
test_every_cut_and_every_changed_byte_is_survived (void)
{
  WavFormat format;
  Bytes samples;
  for (size_t size = 0; size < sizeof small; size++)
    parse (small, size, &format, &samples);
  for (size_t i = 0; i < sizeof small; i++)
    for (unsigned value = 0; value < 256; value += 5) {
      uint8_t changed[sizeof small];
      memcpy (changed, small, sizeof small);
      changed[i] = (uint8_t) value;
      parse (changed, sizeof changed, &format, &samples);
    }
}

static void
test_what_is_written_can_be_read (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("peal-wav-XXXXXX", &error);
  g_assert_no_error (error);
  g_autofree char *path = g_build_filename (folder, "x.wav", NULL);
  WavWriter *writer = wav_writer_new (path, 48000, 1, &error);
  g_assert_no_error (error);
  wav_writer_add (writer, bytes_of_text ("abcd"));
  wav_writer_add (writer, bytes_of_text ("ef"));
  wav_writer_free (writer);

  g_autofree char *file = NULL;
  size_t size;
  g_assert_true (g_file_get_contents (path, &file, &size, &error));
  WavFormat format;
  Bytes samples;
  g_assert_true (wav_parse ((Bytes){ (uint8_t *) file, size }, &format, &samples, &error));
  g_assert_true (bytes_equal (samples, bytes_of_text ("abcdef")));
  g_assert_cmpuint (format.rate, ==, 48000);
  g_remove (path);
  g_rmdir (folder);
}

static void
test_a_path_that_cannot_be_written_is_an_error (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (wav_writer_new ("/nowhere/at/all.wav", 48000, 1, &error));
  g_assert_error (error, MEDIA_ERROR, MEDIA_ERROR_FILE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wav/other-chunks-are-passed-over", test_other_chunks_are_passed_over);
  g_test_add_func ("/wav/a-cut-file-gives-what-is-there", test_a_cut_file_gives_what_is_there);
  g_test_add_func ("/wav/every-cut-and-every-changed-byte-is-survived",
                   test_every_cut_and_every_changed_byte_is_survived);
  g_test_add_func ("/wav/what-is-written-can-be-read", test_what_is_written_can_be_read);
  g_test_add_func ("/wav/a-path-that-cannot-be-written-is-an-error",
                   test_a_path_that_cannot_be_written_is_an_error);
  return g_test_run ();
}
