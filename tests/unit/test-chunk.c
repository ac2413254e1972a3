/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/limits.h"
#include "core/sip/chunk.h"
#include <string.h>

static void
keep (Bytes frame, void *user_data)
{
  g_assert_cmpuint (frame.size, <=, 13 + LIMIT_SIP_CHUNK_SIZE);
  g_ptr_array_add (user_data, g_bytes_new (frame.data, frame.size));
}

static GPtrArray *
frames_of (size_t size, uint32_t number)
{
  GPtrArray *frames = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autofree char *text = g_strnfill (size, 'a');

  text[size - 1] = 'z';
  chunk_write (bytes_of_text (text), number, keep, frames);
  return frames;
}

static Bytes
frame_at (GPtrArray *frames, guint i)
{
  Bytes frame;

  frame.data = g_bytes_get_data (frames->pdata[i], &frame.size);
  return frame;
}

static void
test_sizes (void)
{
  static const size_t sizes[] = { 1, 1100, 1101, 2200, 2201, LIMIT_SIP_SIZE };
  g_autoptr (Timers) timers = timers_new (0);
  g_autoptr (ChunkReader) reader = chunk_reader_new (timers);

  for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (GPtrArray) frames = frames_of (sizes[i], (uint32_t) i);
    Bytes message = { 0 };

    g_assert_cmpuint (frames->len, ==, sizes[i] <= 1100 ? 1 : (sizes[i] + 1099) / 1100);
    for (guint j = 0; j < frames->len; j++)
      g_assert_cmpint (chunk_reader_add (reader, frame_at (frames, frames->len - 1 - j), &message),
                       ==, j + 1 == frames->len);
    g_assert_cmpuint (message.size, ==, sizes[i]);
    g_assert_cmpint (message.data[message.size - 1], ==, 'z');
  }
}

static void
test_repeated (void)
{
  g_autoptr (Timers) timers = timers_new (0);
  g_autoptr (ChunkReader) reader = chunk_reader_new (timers);
  g_autoptr (GPtrArray) frames = frames_of (3000, 1);
  Bytes message;

  g_assert_false (chunk_reader_add (reader, frame_at (frames, 0), &message));
  g_assert_false (chunk_reader_add (reader, frame_at (frames, 0), &message));
  g_assert_false (chunk_reader_add (reader, frame_at (frames, 2), &message));
  g_assert_true (chunk_reader_add (reader, frame_at (frames, 1), &message));
}

static void
test_timeout (void)
{
  g_autoptr (Timers) timers = timers_new (0);
  g_autoptr (ChunkReader) reader = chunk_reader_new (timers);
  g_autoptr (GPtrArray) frames = frames_of (2000, 1);
  Bytes message;

  g_assert_false (chunk_reader_add (reader, frame_at (frames, 0), &message));
  timers_advance (timers, LIMIT_SIP_CHUNK_S * TIME_SECOND, 10);
  g_assert_cmpuint (timers_next (timers), ==, TIME_NEVER);
  g_assert_false (chunk_reader_add (reader, frame_at (frames, 1), &message));
}

static void
test_oldest (void)
{
  g_autoptr (Timers) timers = timers_new (0);
  g_autoptr (ChunkReader) reader = chunk_reader_new (timers);
  g_autoptr (GPtrArray) first = frames_of (2000, 1);
  Bytes message;

  g_assert_false (chunk_reader_add (reader, frame_at (first, 0), &message));
  for (uint32_t i = 0; i < LIMIT_SIP_CHUNKED; i++) {
    g_autoptr (GPtrArray) frames = frames_of (2000, 2 + i);

    timers_advance (timers, timers_now (timers) + 1, 10);
    g_assert_false (chunk_reader_add (reader, frame_at (frames, 0), &message));
  }
  g_assert_false (chunk_reader_add (reader, frame_at (first, 1), &message));
}

static void
put (uint8_t *frame, uint32_t total, uint32_t offset)
{
  uint32_t values[] = { GUINT32_TO_BE (7), GUINT32_TO_BE (total), GUINT32_TO_BE (offset) };

  frame[0] = 1;
  memcpy (frame + 1, values, sizeof values);
}

static void
test_lies (void)
{
  static const struct {
    uint32_t total, offset;
    size_t size;
  } lies[] = {
    { 0, 0, 1 },         { 5000, 1, 1100 },      { 5000, 5000, 1 },
    { 5000, 0, 1099 },   { 70000, 0, 1100 },     { UINT32_MAX, 0, 1100 },
    { 5000, 4400, 601 }, { 100, UINT32_MAX, 1 }, { 1100, 1100, 0 },
  };

  g_autoptr (Timers) timers = timers_new (0);
  g_autoptr (ChunkReader) reader = chunk_reader_new (timers);
  uint8_t frame[13 + 1100] = { 0 };
  Bytes message;

  for (size_t i = 0; i < G_N_ELEMENTS (lies); i++) {
    put (frame, lies[i].total, lies[i].offset);
    g_assert_false (chunk_reader_add (reader, (Bytes){ frame, 13 + lies[i].size }, &message));
  }
  g_assert_false (chunk_reader_add (reader, (Bytes){ NULL, 0 }, &message));
  g_assert_false (chunk_reader_add (reader, (Bytes){ frame, 12 }, &message));
  frame[0] = 2;
  g_assert_false (chunk_reader_add (reader, (Bytes){ frame, sizeof frame }, &message));
  g_assert_cmpuint (timers_next (timers), ==, TIME_NEVER);
  put (frame, 5000, 0);
  g_assert_false (chunk_reader_add (reader, (Bytes){ frame, sizeof frame }, &message));
  put (frame, 2200, 1100); /* another size under the same number */
  g_assert_false (chunk_reader_add (reader, (Bytes){ frame, sizeof frame }, &message));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sip/chunk/any-size-in-any-order", test_sizes);
  g_test_add_func ("/sip/chunk/repeated-chunks-do-no-harm", test_repeated);
  g_test_add_func ("/sip/chunk/an-incomplete-message-is-forgotten", test_timeout);
  g_test_add_func ("/sip/chunk/the-oldest-gives-way", test_oldest);
  g_test_add_func ("/sip/chunk/lies-are-dropped", test_lies);
  return g_test_run ();
}
