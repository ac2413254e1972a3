/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two sessions with files instead of devices: what goes over the wire and what comes of it. */
#include "media/media.h"
#include "tests/media/duo.h"
#include "tests/media/sound.h"

#include <glib/gstdio.h>
#include <gst/gst.h>
#include <string.h>

typedef struct Fixture {
  CallMedia *media;
  char *folder, *tone_a, *tone_b, *heard_a, *heard_b;
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  g_autoptr (GError) error = NULL;
  self->media = media_new (&error);
  g_assert_no_error (error);
  self->folder = g_dir_make_tmp ("peal-stream-XXXXXX", &error);
  g_assert_no_error (error);
  self->tone_a = g_build_filename (self->folder, "tone-a.wav", NULL);
  self->tone_b = g_build_filename (self->folder, "tone-b.wav", NULL);
  self->heard_a = g_build_filename (self->folder, "heard-a.wav", NULL);
  self->heard_b = g_build_filename (self->folder, "heard-b.wav", NULL);
  sound_write_tone (self->tone_a, 440, 30, false);
  sound_write_tone (self->tone_b, 880, 30, false);
}

static void
tear_down (Fixture *self, const void *data)
{
  char **paths[] = { &self->tone_a, &self->tone_b, &self->heard_a, &self->heard_b };
  for (size_t i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_remove (*paths[i]);
    g_free (*paths[i]);
  }
  g_rmdir (self->folder);
  g_free (self->folder);
  media_free (self->media);
}

static Duo *
open_duo (Fixture *self)
{
  CallMediaOptions a = { .play_path = self->tone_a, .record_path = self->heard_a };
  CallMediaOptions b = { .play_path = self->tone_b, .record_path = self->heard_b };
  return duo_new (self->media, &a, &b);
}

static bool
has_both_heard (Duo *duo)
{
  return duo->a.first_sounds > 0 && duo->b.first_sounds > 0;
}

/* Without the first half second, in which the buffers fill. */
static double
share_heard (const char *path, double hz)
{
  size_t count;
  g_autofree int16_t *samples = sound_read (path, &count);
  g_assert_cmpuint (count, >, SOUND_RATE);
  return sound_share (samples + SOUND_RATE / 2, count - SOUND_RATE / 2, hz);
}

static void
test_each_hears_the_other (Fixture *self, const void *data)
{
  Duo *duo = open_duo (self);
  duo_make_keys ((SrtpProfile) GPOINTER_TO_INT (data), &duo->a.keys, &duo->b.keys);
  duo_start (duo);
  duo_wait (duo, has_both_heard);
  duo_run (duo, &duo->b, 3);
  g_assert_cmpuint (duo->a.first_sounds, ==, 1);
  g_assert_cmpfloat (duo->a.quality.loss_received, <, 0.01);
  g_assert_cmpfloat (duo->a.quality.bitrate_sent, >, 20000);
  g_assert_cmpfloat (duo->a.quality.bitrate_received, >, 20000);
  g_assert_cmpfloat (duo->a.quality.silence_s, <, 1);
  g_assert_cmpuint (duo->a.faults->len, ==, 0);
  duo_free (duo);
  g_assert_cmpfloat (share_heard (self->heard_a, 880), >, 0.9);
  g_assert_cmpfloat (share_heard (self->heard_b, 440), >, 0.9);
}

#define ADD(path, data, func) g_test_add (path, Fixture, data, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/stream/each-hears-the-other/gcm", GINT_TO_POINTER (SRTP_AEAD_AES_128_GCM),
       test_each_hears_the_other);
  ADD ("/stream/each-hears-the-other/cm-sha1", GINT_TO_POINTER (SRTP_AES128_CM_SHA1_80),
       test_each_hears_the_other);
  return g_test_run ();
}
