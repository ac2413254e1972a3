/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/media/sound.h"

#include "media/wav.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { AMPLITUDE = 8000, PULSE = SOUND_RATE / 4, WINDOW = SOUND_RATE / 50 };

void
sound_write_tone (const char *path, double hz, double seconds, bool is_pulsed)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WavWriter) writer = wav_writer_new (path, SOUND_RATE, 1, &error);
  g_assert_no_error (error);
  for (size_t i = 0; i < (size_t) (seconds * SOUND_RATE); i++) {
    bool is_on = !is_pulsed || i / PULSE % 2 == 0;
    int16_t sample = is_on ? (int16_t) (AMPLITUDE * sin (2 * G_PI * hz * i / SOUND_RATE)) : 0;
    wav_writer_add (writer, (Bytes){ (const uint8_t *) &sample, sizeof sample });
  }
}

void
sound_write_speech (const char *path, double seconds)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WavWriter) writer = wav_writer_new (path, SOUND_RATE, 1, &error);
  g_assert_no_error (error);
  GRand *random = g_rand_new_with_seed (7);
  double low = 0;
  for (size_t i = 0; i < (size_t) (seconds * SOUND_RATE); i++) {
    double t = (double) i / SOUND_RATE;
    double syllable = MAX (0, sin (2 * G_PI * 3.1 * t)) * (sin (2 * G_PI * 0.37 * t) > -0.5);
    low += 0.1 * (g_rand_double_range (random, -1, 1) - low);
    int16_t sample = (int16_t) (4 * AMPLITUDE * syllable * low);
    wav_writer_add (writer, (Bytes){ (const uint8_t *) &sample, sizeof sample });
  }
  g_rand_free (random);
}

int16_t *
sound_read (const char *path, size_t *ret_count)
{
  g_autofree char *file = NULL;
  size_t size;
  g_autoptr (GError) error = NULL;
  WavFormat format;
  Bytes samples;
  g_file_get_contents (path, &file, &size, &error);
  g_assert_no_error (error);
  g_assert_true (wav_parse ((Bytes){ (const uint8_t *) file, size }, &format, &samples, &error));
  g_assert_cmpuint (format.rate, ==, SOUND_RATE);
  *ret_count = samples.size / 2;
  return g_memdup2 (samples.data, MAX (samples.size, 1));
}

static double
power (const int16_t *samples, size_t count)
{
  double sum = 0;
  for (size_t i = 0; i < count; i++)
    sum += (double) samples[i] * samples[i];
  return sum;
}

static double
tone_power (const int16_t *samples, size_t count, double hz)
{
  double coefficient = 2 * cos (2 * G_PI * hz / SOUND_RATE), before = 0, last = 0;
  for (size_t i = 0; i < count; i++) {
    double now = samples[i] + coefficient * last - before;
    before = last;
    last = now;
  }
  return (last * last + before * before - coefficient * last * before) * 2 / (double) count;
}

double
sound_share (const int16_t *samples, size_t count, double hz)
{
  /* In stretches, for a tone that is interrupted or shifts its phase is still that tone. */
  double tone = 0, all = 0;
  for (size_t i = 0; i + WINDOW <= count; i += WINDOW) {
    tone += tone_power (samples + i, WINDOW, hz);
    all += power (samples + i, WINDOW);
  }
  return all > 0 ? tone / all : 0;
}

double
sound_rms (const int16_t *samples, size_t count)
{
  return count > 0 ? sqrt (power (samples, count) / (double) count) : 0;
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return (x > y) - (x < y);
}

double
sound_continuity (const int16_t *samples, size_t count, double hz)
{
  size_t windows = count / WINDOW, good = 0;
  g_assert_cmpuint (windows, >, 0);
  g_autofree double *powers = g_new (double, windows), *sorted = g_new (double, windows);
  for (size_t i = 0; i < windows; i++)
    powers[i] = tone_power (samples + i * WINDOW, WINDOW, hz);
  memcpy (sorted, powers, windows * sizeof sorted[0]);
  qsort (sorted, windows, sizeof sorted[0], compare);
  for (size_t i = 0; i < windows; i++)
    good += powers[i] >= sorted[windows / 2] / 4;
  return (double) good / (double) windows;
}
