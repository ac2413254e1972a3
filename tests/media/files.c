/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/media/files.h"

#include "media/media.h"
#include "tests/media/sound.h"

#include <glib/gstdio.h>

void
files_set_up (Files *self, const void *data)
{
  g_autoptr (GError) error = NULL;
  self->media = media_new (&error);
  g_assert_no_error (error);
  self->folder = g_dir_make_tmp ("peal-sound-XXXXXX", &error);
  g_assert_no_error (error);
  self->tone_a = g_build_filename (self->folder, "tone-a.wav", NULL);
  self->tone_b = g_build_filename (self->folder, "tone-b.wav", NULL);
  self->heard_a = g_build_filename (self->folder, "heard-a.wav", NULL);
  self->heard_b = g_build_filename (self->folder, "heard-b.wav", NULL);
  sound_write_tone (self->tone_a, FILES_HZ_A, 60, false);
  sound_write_tone (self->tone_b, FILES_HZ_B, 60, false);
}

void
files_tear_down (Files *self, const void *data)
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

Duo *
files_open_duo (Files *self)
{
  CallMediaOptions a = { .play_path = self->tone_a, .record_path = self->heard_a };
  CallMediaOptions b = { .play_path = self->tone_b, .record_path = self->heard_b };
  return duo_new (self->media, &a, &b);
}

bool
files_both_heard (Duo *duo)
{
  return duo->a.first_sounds > 0 && duo->b.first_sounds > 0;
}

double
files_share_heard (const char *path, double seconds, double hz)
{
  size_t count, wanted = (size_t) (seconds * SOUND_RATE);
  g_autofree int16_t *samples = sound_read (path, &count);
  g_assert_cmpuint (count, >=, wanted);
  return sound_share (samples + count - wanted, wanted, hz);
}
