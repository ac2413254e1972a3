/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A chunk that a recorder hands over was complete at that moment or before: over many chunks, the
 * earliest one tells when the recording began, whatever the scheduler did to the others.
 *
 * A chirp runs from 300 to 3000 Hz in 60 ms, as far as an echo canceller's filters leave it alone,
 * and is found by correlation. The gaps between chirps are of uneven length, so that they meet
 * every phase of frames and buffers. */
#include "tests/media/yardstick.h"

#include "tests/media/sound.h"

#include <glib-unix.h>
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
  CHIRP = SOUND_RATE * 6 / 100,
  GAP = SOUND_RATE / 2,
  GAP_STEP = 331, /* samples more each time */
  GAP_STEPS = 13,
  STRIDE = 4, /* samples skipped by the first, coarse search */
  TAIL_US = 1500 * 1000,
};

static const double FOUND = 0.5; /* of the best correlation in the recording */

typedef struct Recorder {
  GPid pid;
  int fd;
  unsigned source_id;
  GArray *samples; /* int16_t */
  double begun_s;  /* monotonic time of sample 0 */
} Recorder;

struct Yardstick {
  SoundServer *server;
  char *mouth_sink;
  Recorder mouth, ear;
  float chirp[CHIRP];
};

/* ---- recording ---- */

static gboolean
on_readable (int fd, GIOCondition condition, void *user_data)
{
  Recorder *self = user_data;
  int16_t chunk[4096];
  ssize_t size = read (fd, chunk, sizeof chunk);
  if (size <= 0) {
    self->source_id = 0;
    return G_SOURCE_REMOVE;
  }
  g_array_append_vals (self->samples, chunk, (unsigned) size / 2);
  double now_s = (double) g_get_monotonic_time () / 1e6;
  self->begun_s = MIN (self->begun_s, now_s - (double) self->samples->len / SOUND_RATE);
  return G_SOURCE_CONTINUE;
}

static void
recorder_start (Recorder *self, const char *sink)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *device = g_strdup_printf ("--device=%s.monitor", sink);
  const char *arguments[] = { "parec",          "--raw",
                              "--rate=48000",   "--channels=1",
                              "--format=s16le", "--latency-msec=5",
                              device,           NULL };
  GSpawnFlags flags = G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL;
  g_spawn_async_with_pipes (NULL, (char **) arguments, NULL, flags, NULL, NULL, &self->pid, NULL,
                            &self->fd, NULL, &error);
  g_assert_no_error (error);
  self->samples = g_array_new (false, false, sizeof (int16_t));
  self->begun_s = INFINITY;
  self->source_id = g_unix_fd_add (self->fd, G_IO_IN | G_IO_HUP, on_readable, self);
}

static void
recorder_stop (Recorder *self)
{
  g_clear_handle_id (&self->source_id, g_source_remove);
  kill (self->pid, SIGKILL);
  waitpid (self->pid, NULL, 0);
  close (self->fd);
  g_array_unref (self->samples);
}

/* ---- finding chirps ---- */

static double
correlation (const Yardstick *self, const Recorder *recorder, size_t at)
{
  const int16_t *samples = &g_array_index (recorder->samples, int16_t, at);
  float sum = 0;
  for (size_t i = 0; i < CHIRP; i++)
    sum += self->chirp[i] * samples[i];
  return fabsf (sum);
}

/* Where it fits best among [from, to), to the sample. */
static size_t
best_fit (const Yardstick *self, const Recorder *recorder, size_t from, size_t to, double *ret_fit)
{
  size_t best = from;
  *ret_fit = 0;
  to = MIN (to, recorder->samples->len > CHIRP ? recorder->samples->len - CHIRP : 0);
  for (size_t at = from; at < to; at += STRIDE) {
    double fit = correlation (self, recorder, at);
    if (fit > *ret_fit) {
      *ret_fit = fit;
      best = at;
    }
  }
  size_t first = best > from + STRIDE ? best - STRIDE : from;
  for (size_t at = first; at < MIN (best + STRIDE, to); at++) {
    double fit = correlation (self, recorder, at);
    if (fit > *ret_fit) {
      *ret_fit = fit;
      best = at;
    }
  }
  return best;
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return (x > y) - (x < y);
}

/* The delay of the chirp at `spoken`; negative when it did not arrive. */
static double
delay_ms (const Yardstick *self, size_t spoken, double *ret_fit)
{
  double spoken_s = self->mouth.begun_s + (double) spoken / SOUND_RATE;
  double from = (spoken_s - self->ear.begun_s) * SOUND_RATE;
  if (from < 0)
    return -1;
  size_t heard = best_fit (self, &self->ear, (size_t) from, (size_t) from + GAP - CHIRP, ret_fit);
  double heard_s = self->ear.begun_s + (double) heard / SOUND_RATE;
  return (heard_s - spoken_s) * 1000;
}

static Delay
compare_recordings (const Yardstick *self, size_t from, unsigned chirps)
{
  g_autofree double *delays = g_new (double, chirps), *fits = g_new (double, chirps);
  double all = 0, best = 0;
  unsigned found = 0, count = 0;
  size_t at = from;
  best_fit (self, &self->mouth, from, self->mouth.samples->len, &all);
  while (found < chirps) {
    double fit;
    size_t spoken = best_fit (self, &self->mouth, at, at + GAP, &fit);
    if (fit < FOUND * all) {
      at += GAP / 2;
      if (at >= self->mouth.samples->len)
        break;
      continue;
    }
    delays[found] = delay_ms (self, spoken, &fits[found]);
    best = MAX (best, fits[found]);
    found++;
    at = spoken + GAP / 2 + CHIRP;
  }
  for (unsigned i = 0; i < found; i++)
    if (delays[i] >= 0 && fits[i] > FOUND * best)
      delays[count++] = delays[i];
  qsort (delays, count, sizeof delays[0], compare);
  if (count == 0)
    return (Delay){ 0 };
  return (Delay){ count, delays[count / 2], delays[count * 9 / 10] - delays[count / 10] };
}

/* ---- the interface ---- */

static void
make_chirp (Yardstick *self)
{
  for (size_t i = 0; i < CHIRP; i++) {
    double t = (double) i / SOUND_RATE, length = (double) CHIRP / SOUND_RATE;
    double window = 0.5 - 0.5 * cos (2 * G_PI * t / length);
    self->chirp[i] = (float) (window * sin (2 * G_PI * (300 * t + 2700 * t * t / (2 * length))));
  }
}

Yardstick *
yardstick_new (SoundServer *server, const char *mouth_sink, const char *ear_sink)
{
  Yardstick *self = g_new0 (Yardstick, 1);
  self->server = server;
  self->mouth_sink = g_strdup (mouth_sink);
  make_chirp (self);
  recorder_start (&self->mouth, mouth_sink);
  recorder_start (&self->ear, ear_sink);
  return self;
}

void
yardstick_free (Yardstick *self)
{
  if (self == NULL)
    return;
  recorder_stop (&self->mouth);
  recorder_stop (&self->ear);
  g_free (self->mouth_sink);
  g_free (self);
}

/* Returns how long it is. */
static size_t
write_chirps (const Yardstick *self, const char *path, unsigned chirps)
{
  g_autoptr (GArray) samples = g_array_new (false, true, sizeof (int16_t));
  for (unsigned i = 0; i < chirps; i++) {
    g_array_set_size (samples, samples->len + GAP + GAP_STEP * (i % GAP_STEPS));
    for (size_t k = 0; k < CHIRP; k++) {
      int16_t sample = (int16_t) (12000 * self->chirp[k]);
      g_array_append_val (samples, sample);
    }
  }
  g_file_set_contents (path, samples->data, (gssize) (2 * samples->len), NULL);
  return samples->len;
}

static gboolean
on_over (void *user_data)
{
  *(bool *) user_data = true;
  return G_SOURCE_REMOVE;
}

Delay
yardstick_measure (Yardstick *self, unsigned chirps)
{
  g_autofree char *path = g_build_filename (sound_server_folder (self->server), "chirps.raw", NULL);
  size_t length = write_chirps (self, path, chirps);
  size_t from = self->mouth.samples->len;
  sound_server_speak (self->server, self->mouth_sink[0], path);
  bool is_over = false;
  g_timeout_add ((unsigned) (length * 1000 / SOUND_RATE + TAIL_US / 1000), on_over, &is_over);
  while (!is_over)
    g_main_context_iteration (NULL, true);
  return compare_recordings (self, from, chirps);
}
