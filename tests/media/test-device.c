/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real devices of a real sound server, which come and go. */
#include "media/media.h"
#include "tests/media/duo.h"
#include "tests/media/sound-server.h"
#include "tests/media/sound.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HZ = 700, RAW_S = 60 };

typedef struct Devices {
  SoundServer *server;
  CallMedia *media;
  char *raw;
} Devices;

/* A voice that comes and goes, or the noise suppressor takes it for noise. */
static void
write_raw (const char *path)
{
  size_t count = RAW_S * SOUND_RATE;
  g_autofree int16_t *samples = g_new0 (int16_t, count);
  for (size_t i = 0; i < count; i++) {
    double envelope = MAX (0, sin (2 * G_PI * 2 * (double) i / SOUND_RATE));
    samples[i] = (int16_t) (9000 * envelope * sin (2 * G_PI * HZ * (double) i / SOUND_RATE));
  }
  g_assert_true (g_file_set_contents (path, (char *) samples, (gssize) (2 * count), NULL));
}

static void
set_up (Devices *self, const void *data)
{
  g_autoptr (GError) error = NULL;
  self->server = sound_server_new_stopped ("ab");
  if (data == NULL)
    sound_server_start (self->server);
  self->media = media_new (&error);
  g_assert_no_error (error);
  self->raw = g_build_filename (sound_server_folder (self->server), "voice.raw", NULL);
  write_raw (self->raw);
}

static void
tear_down (Devices *self, const void *data)
{
  media_free (self->media);
  sound_server_free (self->server);
  g_free (self->raw);
}

static void
use_devices (Devices *self, const char *microphone, const char *speaker)
{
  self->media->set_device (self->media->media, CALL_MEDIA_INPUT, microphone);
  self->media->set_device (self->media->media, CALL_MEDIA_OUTPUT, speaker);
}

static const CallMediaOptions with_devices = { 0 }, silent = { .is_silent = true };

static bool
does_b_hear (Duo *duo)
{
  return duo->b.speaker_db > -30;
}

static bool
does_a_speak (Duo *duo)
{
  return duo->a.microphone_db > -30;
}

enum { HEARD_S = 6 };

/* How much of its sound is the voice; a busy machine tears holes into the others. */
static double
best_second (const char *path)
{
  size_t count;
  g_autofree int16_t *samples = sound_read (path, &count);
  double best = 0;
  for (size_t at = 0; at + SOUND_RATE <= count; at += SOUND_RATE)
    best = MAX (best, sound_share (samples + at, SOUND_RATE, HZ));
  return best;
}

static void
test_the_microphone_is_heard_at_the_other_end (Devices *self, const void *data)
{
  use_devices (self, "a_mic", "a_out");
  sound_server_speak (self->server, 'a', self->raw);
  g_autofree char *heard = g_build_filename (sound_server_folder (self->server), "b.wav", NULL);
  CallMediaOptions b = { .is_silent = true, .record_path = heard };
  Duo *duo = duo_new (self->media, &with_devices, &b);
  duo_start (duo);
  duo_wait (duo, does_a_speak);
  duo_wait (duo, does_b_hear);
  duo_run (duo, &duo->b, HEARD_S);
  g_assert_cmpuint (duo->a.faults->len, ==, 0);
  g_assert_false (duo->a.quality.is_microphone_silent);
  duo_free (duo);
  g_assert_cmpfloat (best_second (heard), >, 0.7);
}

/* What the other end says comes out of the chosen speaker: its monitor is b's microphone. */
static void
test_the_speaker_plays_what_arrives (Devices *self, const void *data)
{
  g_autofree char *tone = g_build_filename (sound_server_folder (self->server), "tone.wav", NULL);
  sound_write_tone (tone, HZ, 60, true);
  use_devices (self, "a_out.monitor", "a_out");
  CallMediaOptions b = { .is_silent = true, .play_path = tone };
  g_autoptr (Duo) duo = duo_new (self->media, &with_devices, &b);
  duo_start (duo);
  duo_wait (duo, does_a_speak);
  g_assert_cmpuint (duo->a.faults->len, ==, 0);
}

enum { ECHO_WINDOW_S = 3, ECHO_WINDOWS = 10 };

/* The microphone hears nothing but the speaker, as loud as it is: what the far end gets back of its
 * own voice is what the canceller leaves. A busy machine interrupts the sound and with it what the
 * canceller has learnt, so one good stretch is enough; without a canceller there is none. */
static void
test_the_far_end_does_not_hear_itself (Devices *self, const void *data)
{
  g_autofree char *voice = g_build_filename (sound_server_folder (self->server), "v.wav", NULL);
  sound_write_speech (voice, 60);
  use_devices (self, "a_out.monitor", "a_out");
  CallMediaOptions b = { .is_silent = true, .play_path = voice };
  g_autoptr (Duo) duo = duo_new (self->media, &with_devices, &b);
  duo_start (duo);
  duo_wait (duo, does_a_speak);
  double best_db = 0;
  for (unsigned i = 0; i < ECHO_WINDOWS && best_db > -10; i++) {
    duo_forget (duo);
    duo_run (duo, &duo->b, ECHO_WINDOW_S);
    if (does_a_speak (duo))
      best_db = MIN (best_db, duo->b.speaker_db - duo->a.microphone_db);
  }
  g_assert_cmpfloat (best_db, <, -5);
}

enum { RUNNING_S = 20 };

/* Somebody plays something there. */
static bool
is_running (Devices *self, const char *sink)
{
  g_autofree char *sinks = sound_server_control (self->server, "list", "short", "sinks", NULL);
  g_autofree char *row =
    g_strconcat (sink, "\tmodule-null-sink.c\ts16le 1ch 48000Hz\tRUNNING", NULL);
  return strstr (sinks, row) != NULL;
}

static void
test_another_microphone_in_the_call (Devices *self, const void *data)
{
  use_devices (self, "b_mic", "a_out");
  sound_server_speak (self->server, 'a', self->raw);
  g_autoptr (Duo) duo = duo_new (self->media, &with_devices, &silent);
  duo_start (duo);
  duo_run (duo, &duo->b, 3);
  g_assert_cmpfloat (duo->a.microphone_db, <, -60);
  use_devices (self, "a_mic", "b_out");
  duo_wait (duo, does_a_speak);
  duo_wait (duo, does_b_hear);
  for (unsigned i = 0; i < RUNNING_S && !is_running (self, "b_out"); i++)
    duo_run (duo, &duo->b, 1);
  g_assert_true (is_running (self, "b_out"));
  g_assert_cmpuint (duo->a.faults->len, ==, 0);
}

static bool
has_no_microphone (Duo *duo)
{
  return duo_has_fault (&duo->a, CALL_MEDIA_NO_MICROPHONE);
}

static bool
has_no_speaker (Duo *duo)
{
  return duo_has_fault (&duo->a, CALL_MEDIA_NO_SPEAKER);
}

static bool
has_no_server (Duo *duo)
{
  return duo_has_fault (&duo->a, CALL_MEDIA_NO_SOUND_SERVER);
}

static bool
has_heard_both (Duo *duo)
{
  return duo->a.first_sounds > 0 && duo->b.first_sounds > 0;
}

static bool
is_a_reached (Duo *duo)
{
  return duo->a.quality.silence_s < 1;
}

static bool
is_b_reached (Duo *duo)
{
  return duo->b.quality.silence_s < 1;
}

static void
unload_all (Devices *self, const char *module)
{
  g_free (sound_server_control (self->server, "unload-module", module, NULL));
}

static void
test_without_any_device_the_call_goes_on (Devices *self, const void *data)
{
  unload_all (self, "module-remap-source");
  unload_all (self, "module-null-sink");
  g_autoptr (Duo) duo = duo_new (self->media, &with_devices, &silent);
  duo_wait (duo, has_no_microphone);
  duo_wait (duo, has_no_speaker);
  duo_start (duo);
  duo_wait (duo, has_heard_both);
  duo_run (duo, &duo->a, 3);
  g_assert_cmpuint (duo->a.faults->len, ==, 2); /* once each, however often it was tried */
}

/* With a speaker and no microphone the server offers what the speaker plays. */
static void
test_what_the_speaker_plays_is_no_microphone (Devices *self, const void *data)
{
  unload_all (self, "module-remap-source");
  g_autoptr (Duo) duo = duo_new (self->media, &with_devices, &silent);
  duo_wait (duo, has_no_microphone);
  duo_start (duo);
  duo_run (duo, &duo->a, 3);
  g_assert_cmpuint (duo->a.faults->len, ==, 1);
}

/* Pulled out in the call. */
static void
test_an_unplugged_microphone_is_not_replaced_by_the_speaker (Devices *self, const void *data)
{
  g_free (sound_server_control (self->server, "set-default-source", "a_mic", NULL));
  g_free (sound_server_control (self->server, "load-module", "module-rescue-streams", NULL));
  sound_server_speak (self->server, 'a', self->raw);
  g_autoptr (Duo) duo = duo_new (self->media, &with_devices, &silent);
  duo_start (duo);
  duo_wait (duo, does_b_hear);
  unload_all (self, "module-remap-source");
  duo_wait (duo, has_no_microphone);
}

static void
test_a_device_that_is_gone_is_replaced_by_the_default (Devices *self, const void *data)
{
  g_free (sound_server_control (self->server, "set-default-source", "a_mic", NULL));
  sound_server_speak (self->server, 'a', self->raw);
  use_devices (self, "unplugged", "unplugged");
  g_autoptr (Duo) duo = duo_new (self->media, &with_devices, &silent);
  duo_start (duo);
  duo_wait (duo, does_a_speak);
  g_assert_cmpuint (duo->a.faults->len, ==, 0);
}

static void
test_devices_that_vanish_in_the_call_and_come_back (Devices *self, const void *data)
{
  use_devices (self, "a_mic", "a_out");
  sound_server_speak (self->server, 'a', self->raw);
  g_autoptr (Duo) duo = duo_new (self->media, &with_devices, &silent);
  duo_start (duo);
  duo_wait (duo, does_b_hear);
  unload_all (self, "module-remap-source");
  unload_all (self, "module-null-sink");
  duo_wait (duo, has_no_microphone);
  duo_wait (duo, has_no_speaker);
  duo_forget (duo);
  duo_run (duo, &duo->a, 2);
  duo_wait (duo, is_a_reached);

  g_free (sound_server_control (self->server, "load-module", "module-null-sink", "sink_name=a_in",
                                "rate=48000", NULL));
  g_free (sound_server_control (self->server, "load-module", "module-remap-source",
                                "source_name=a_mic", "master=a_in.monitor", NULL));
  sound_server_speak (self->server, 'a', self->raw);
  duo_wait (duo, does_a_speak);
}

static void
test_without_a_server_the_call_goes_on_until_it_comes (Devices *self, const void *data)
{
  use_devices (self, "a_mic", "a_out");
  g_autoptr (Duo) duo = duo_new (self->media, &with_devices, &silent);
  g_assert_cmpuint (duo->a.faults->len, ==, 0); /* not from inside the call */
  duo_wait (duo, has_no_server);
  duo_start (duo);
  duo_wait (duo, has_heard_both);
  sound_server_start (self->server);
  sound_server_speak (self->server, 'a', self->raw);
  duo_wait (duo, does_a_speak);
}

static void
test_a_server_that_dies_in_the_call (Devices *self, const void *data)
{
  use_devices (self, "a_mic", "a_out");
  sound_server_speak (self->server, 'a', self->raw);
  g_autoptr (Duo) duo = duo_new (self->media, &with_devices, &silent);
  duo_start (duo);
  duo_wait (duo, does_b_hear);
  sound_server_stop (self->server);
  duo_wait (duo, has_no_server);
  duo_run (duo, &duo->b, 2);
  duo_wait (duo, is_b_reached);
}

/* ---- the list, tones, the sound check ---- */

static unsigned
count_devices (CallMedia *media, CallMediaDirection direction, const char *id)
{
  g_autoptr (GPtrArray) devices = media->devices (media->media);
  g_ptr_array_set_free_func (devices, (GDestroyNotify) call_media_device_free);
  unsigned count = 0;
  for (unsigned i = 0; i < devices->len; i++) {
    const CallMediaDevice *device = devices->pdata[i];
    g_assert_null (strstr (device->id, ".monitor"));
    count += device->direction == direction && g_str_equal (device->id, id);
  }
  return count;
}

static void
on_changed (void *user_data)
{
  *(bool *) user_data = true;
}

static void
iterate_until (const bool *flag)
{
  while (!*flag)
    g_main_context_iteration (NULL, true);
}

static void
test_the_list_names_devices_and_tells_of_changes (Devices *self, const void *data)
{
  bool is_changed = false;
  self->media->watch_devices (self->media->media, on_changed, &is_changed);
  g_assert_cmpuint (count_devices (self->media, CALL_MEDIA_INPUT, "a_mic"), ==, 1);
  g_assert_cmpuint (count_devices (self->media, CALL_MEDIA_OUTPUT, "a_out"), ==, 1);
  g_free (sound_server_control (self->server, "load-module", "module-null-sink",
                                "sink_name=headset", NULL));
  while (count_devices (self->media, CALL_MEDIA_OUTPUT, "headset") == 0) {
    is_changed = false; /* an earlier change may still be on its way */
    iterate_until (&is_changed);
  }
}

static void
on_microphone_level (void *user_data, double db)
{
  *(bool *) user_data |= db > -30;
}

static void
test_a_ring_sounds_on_the_ring_device (Devices *self, const void *data)
{
  bool is_heard = false;
  use_devices (self, "b_out.monitor", "a_out");
  self->media->set_ring_device (self->media->media, "b_out");
  self->media->set_tone (self->media->media, CALL_MEDIA_TONE_RING);
  self->media->watch_microphone (self->media->media, on_microphone_level, &is_heard);
  iterate_until (&is_heard);
  self->media->set_tone (self->media->media, CALL_MEDIA_TONE_NONE);
  self->media->watch_microphone (self->media->media, NULL, NULL);
}

typedef struct Check {
  bool is_done, was_heard;
} Check;

static void
on_done (void *user_data, bool was_heard)
{
  *(Check *) user_data = (Check){ true, was_heard };
}

static void
test_the_sound_check_hears_the_microphone (Devices *self, const void *data)
{
  Check check = { 0 };
  use_devices (self, "b_mic", "a_out");
  self->media->record_and_play (self->media->media, on_done, &check);
  iterate_until (&check.is_done);
  g_assert_false (check.was_heard);

  check.is_done = false;
  use_devices (self, "a_mic", "a_out");
  sound_server_speak (self->server, 'a', self->raw);
  self->media->record_and_play (self->media->media, on_done, &check);
  iterate_until (&check.is_done);
  g_assert_true (check.was_heard);
}

static void
test_nothing_breaks_without_a_server (Devices *self, const void *data)
{
  Check check = { 0 };
  g_autoptr (GPtrArray) devices = self->media->devices (self->media->media);
  g_assert_cmpuint (devices->len, ==, 0);
  self->media->set_tone (self->media->media, CALL_MEDIA_TONE_BUSY);
  self->media->record_and_play (self->media->media, on_done, &check);
  g_assert_false (check.is_done);
  iterate_until (&check.is_done);
  g_assert_false (check.was_heard);
}

#define ADD(path, data, func) g_test_add (path, Devices, data, set_up, func, tear_down)
#define STOPPED               GINT_TO_POINTER (1)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!sound_server_is_installed ()) {
    g_print ("1..0 # SKIP pulseaudio is not installed\n");
    return 0;
  }
  ADD ("/device/the-microphone-is-heard-at-the-other-end", NULL,
       test_the_microphone_is_heard_at_the_other_end);
  ADD ("/device/the-speaker-plays-what-arrives", NULL, test_the_speaker_plays_what_arrives);
  ADD ("/device/the-far-end-does-not-hear-itself", NULL, test_the_far_end_does_not_hear_itself);
  ADD ("/device/another-microphone-in-the-call", NULL, test_another_microphone_in_the_call);
  ADD ("/device/what-the-speaker-plays-is-no-microphone", NULL,
       test_what_the_speaker_plays_is_no_microphone);
  ADD ("/device/an-unplugged-microphone-is-not-replaced-by-the-speaker", NULL,
       test_an_unplugged_microphone_is_not_replaced_by_the_speaker);
  ADD ("/device/without-any-device-the-call-goes-on", NULL,
       test_without_any_device_the_call_goes_on);
  ADD ("/device/one-that-is-gone-is-replaced-by-the-default", NULL,
       test_a_device_that_is_gone_is_replaced_by_the_default);
  ADD ("/device/devices-vanish-in-the-call-and-come-back", NULL,
       test_devices_that_vanish_in_the_call_and_come_back);
  ADD ("/device/without-a-server-the-call-goes-on-until-it-comes", STOPPED,
       test_without_a_server_the_call_goes_on_until_it_comes);
  ADD ("/device/a-server-that-dies-in-the-call", NULL, test_a_server_that_dies_in_the_call);
  ADD ("/device/the-list-names-devices-and-tells-of-changes", NULL,
       test_the_list_names_devices_and_tells_of_changes);
  ADD ("/device/a-ring-sounds-on-the-ring-device", NULL, test_a_ring_sounds_on_the_ring_device);
  ADD ("/device/the-sound-check-hears-the-microphone", NULL,
       test_the_sound_check_hears_the_microphone);
  ADD ("/device/nothing-breaks-without-a-server", STOPPED, test_nothing_breaks_without_a_server);
  return g_test_run ();
}
