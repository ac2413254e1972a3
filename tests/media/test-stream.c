/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two sessions with files instead of devices: what goes over the wire and what comes of it. */
#include "media/media.h"
#include "tests/media/files.h"
#include "tests/media/sound.h"

static void
test_each_hears_the_other (Files *self, const void *data)
{
  Duo *duo = files_open_duo (self);
  duo_make_keys ((SrtpProfile) GPOINTER_TO_INT (data), &duo->a.keys, &duo->b.keys);
  duo_start (duo);
  duo_wait (duo, files_both_heard);
  duo_run (duo, &duo->b, 3);
  g_assert_cmpuint (duo->a.first_sounds, ==, 1);
  g_assert_cmpfloat (duo->a.quality.loss_received, <, 0.01);
  g_assert_cmpfloat (duo->a.quality.bitrate_sent, >, 20000);
  g_assert_cmpfloat (duo->a.quality.bitrate_received, >, 20000);
  g_assert_cmpfloat (duo->a.quality.silence_s, <, 1);
  g_assert_cmpfloat (duo->a.microphone_db, >, -20);
  g_assert_cmpfloat (duo->a.speaker_db, >, -20);
  g_assert_cmpuint (duo->a.faults->len, ==, 0);
  duo_free (duo);
  g_assert_cmpfloat (files_share_heard (self->heard_a, 2, FILES_HZ_B), >, 0.9);
  g_assert_cmpfloat (files_share_heard (self->heard_b, 2, FILES_HZ_A), >, 0.9);
}

static bool
has_rtt (Duo *duo)
{
  return duo->a.quality.rtt_ms >= 0 && duo->a.quality.loss_sent >= 0;
}

static void
test_reports_bring_round_trip_and_loss (Files *self, const void *data)
{
  g_autoptr (Duo) duo = files_open_duo (self);
  duo_start (duo);
  duo_run (duo, &duo->a, 1);
  duo_wait (duo, has_rtt);
  g_assert_cmpfloat (duo->a.quality.rtt_ms, <, 1000);
  g_assert_cmpfloat (duo->a.quality.loss_sent, <, 0.05);
}

static void
test_mute_silences_and_keeps_rtp_flowing (Files *self, const void *data)
{
  CallMediaOptions a = { .play_path = self->tone_a, .is_silent = true };
  CallMediaOptions b = { .record_path = self->heard_b, .is_silent = true };
  g_autoptr (Duo) duo = duo_new (self->media, &a, &b);
  duo_start (duo);
  duo_wait (duo, files_both_heard);
  self->media->session_set_muted (duo->a.session, true);
  duo_run (duo, &duo->b, 2);
  duo_forget (duo);
  uint64_t sent = duo->a.sent_rtp;
  duo_run (duo, &duo->b, 1);
  g_assert_cmpuint (duo->a.sent_rtp, >, sent + 20);
  g_assert_cmpfloat (duo->b.speaker_db, <, -60);
  g_assert_true (duo->a.quality.is_speaking_muted);

  self->media->session_set_muted (duo->a.session, false);
  duo_run (duo, &duo->b, 2);
  g_assert_cmpfloat (duo->b.speaker_db, >, -20);
}

static void
test_hold_stops_rtp_and_not_rtcp (Files *self, const void *data)
{
  g_autoptr (Duo) duo = files_open_duo (self);
  duo_start (duo);
  duo_wait (duo, files_both_heard);
  self->media->session_set_direction (duo->a.session, false, false);
  duo_run (duo, &duo->a, 1);
  duo_forget (duo);
  uint64_t rtp = duo->a.sent_rtp, rtcp = duo->a.sent_rtcp;
  duo_run (duo, &duo->a, 4);
  g_assert_cmpuint (duo->a.sent_rtp, ==, rtp);
  g_assert_cmpuint (duo->a.sent_rtcp, >, rtcp);
  g_assert_cmpfloat (duo->a.speaker_db, <, -60);
  g_assert_cmpfloat (duo->b.quality.silence_s, >, 3);

  self->media->session_set_direction (duo->a.session, true, true);
  duo_run (duo, &duo->a, 2);
  g_assert_cmpfloat (duo->a.speaker_db, >, -20);
  g_assert_cmpfloat (duo->b.speaker_db, >, -20);
}

static void
test_new_keys_do_not_end_a_silence (Files *self, const void *data)
{
  g_autoptr (Duo) duo = files_open_duo (self);
  duo_start (duo);
  duo_wait (duo, files_both_heard);
  self->media->session_set_direction (duo->a.session, false, false);
  duo_run (duo, &duo->b, 3);
  duo_make_keys (SRTP_AES128_CM_SHA1_80, &duo->a.keys, &duo->b.keys);
  duo_start (duo);
  duo_run (duo, &duo->b, 1);
  g_assert_cmpfloat (duo->b.quality.silence_s, >, 2);
}

static bool
has_all_digits (Duo *duo)
{
  return duo->b.digits->len >= 5;
}

static void
test_digits_arrive_once_each_and_in_order (Files *self, const void *data)
{
  g_autoptr (Duo) duo = files_open_duo (self);
  duo_start (duo);
  duo_wait (duo, files_both_heard);
  for (const char *digit = "159#a"; *digit != '\0'; digit++) {
    self->media->session_send_digit (duo->a.session, *digit);
    duo_run (duo, &duo->a, 1);
  }
  duo_wait (duo, has_all_digits);
  g_assert_cmpstr (duo->b.digits->str, ==, "159#A");
  self->media->session_send_digit (duo->a.session, 'x');
  duo_run (duo, &duo->a, 1);
  g_assert_cmpstr (duo->b.digits->str, ==, "159#A");
}

static void
test_echo_returns_what_it_hears (Files *self, const void *data)
{
  CallMediaOptions a = { .play_path = self->tone_a, .record_path = self->heard_a };
  CallMediaOptions b = { .is_echo = true };
  Duo *duo = duo_new (self->media, &a, &b);
  duo_start (duo);
  duo_wait (duo, files_both_heard);
  duo_run (duo, &duo->a, 3);
  duo_free (duo);
  g_assert_cmpfloat (files_share_heard (self->heard_a, 2, FILES_HZ_A), >, 0.9);
}

static void
test_a_silent_session_sends_silence (Files *self, const void *data)
{
  CallMediaOptions a = { .is_silent = true }, b = { .is_silent = true };
  g_autoptr (Duo) duo = duo_new (self->media, &a, &b);
  duo_start (duo);
  duo_wait (duo, files_both_heard);
  duo_run (duo, &duo->a, 2);
  g_assert_cmpfloat (duo->a.speaker_db, <, -80);
  g_assert_cmpuint (duo->a.faults->len, ==, 0);
}

static void
test_new_keys_in_a_call_change_nothing_to_hear (Files *self, const void *data)
{
  Duo *duo = files_open_duo (self);
  duo_start (duo);
  duo_wait (duo, files_both_heard);
  duo_make_keys (SRTP_AES128_CM_SHA1_80, &duo->a.keys, &duo->b.keys);
  duo_start (duo);
  duo_run (duo, &duo->a, 1);
  duo_forget (duo);
  duo_run (duo, &duo->a, 3);
  g_assert_cmpfloat (duo->a.quality.loss_received, <, 0.01);
  duo_free (duo);
  g_assert_cmpfloat (files_share_heard (self->heard_a, 2, FILES_HZ_B), >, 0.9);
  g_assert_cmpfloat (files_share_heard (self->heard_b, 2, FILES_HZ_A), >, 0.9);
}

static bool
has_broken (Duo *duo)
{
  return duo_has_fault (&duo->a, CALL_MEDIA_BROKEN);
}

static void
test_a_missing_file_is_a_fault_and_no_end (Files *self, const void *data)
{
  CallMediaOptions a = { .play_path = "/nowhere.wav", .is_silent = true };
  CallMediaOptions b = { .play_path = self->tone_b, .record_path = self->heard_b };
  g_autoptr (Duo) duo = duo_new (self->media, &a, &b);
  g_assert_cmpuint (duo->a.faults->len, ==, 0); /* not from inside the call */
  duo_wait (duo, has_broken);
  duo_start (duo);
  duo_wait (duo, files_both_heard);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FILES_ADD ("/stream/each-hears-the-other/gcm", GINT_TO_POINTER (SRTP_AEAD_AES_128_GCM),
             test_each_hears_the_other);
  FILES_ADD ("/stream/each-hears-the-other/cm-sha1", GINT_TO_POINTER (SRTP_AES128_CM_SHA1_80),
             test_each_hears_the_other);
  FILES_ADD ("/stream/reports-bring-round-trip-and-loss", NULL,
             test_reports_bring_round_trip_and_loss);
  FILES_ADD ("/stream/mute-silences-and-keeps-rtp-flowing", NULL,
             test_mute_silences_and_keeps_rtp_flowing);
  FILES_ADD ("/stream/hold-stops-rtp-and-not-rtcp", NULL, test_hold_stops_rtp_and_not_rtcp);
  FILES_ADD ("/stream/new-keys-do-not-end-a-silence", NULL, test_new_keys_do_not_end_a_silence);
  FILES_ADD ("/stream/digits-arrive-once-each-and-in-order", NULL,
             test_digits_arrive_once_each_and_in_order);
  FILES_ADD ("/stream/echo-returns-what-it-hears", NULL, test_echo_returns_what_it_hears);
  FILES_ADD ("/stream/a-silent-session-sends-silence", NULL, test_a_silent_session_sends_silence);
  FILES_ADD ("/stream/new-keys-in-a-call-change-nothing-to-hear", NULL,
             test_new_keys_in_a_call_change_nothing_to_hear);
  FILES_ADD ("/stream/a-missing-file-is-a-fault-and-no-end", NULL,
             test_a_missing_file_is_a_fault_and_no_end);
  return g_test_run ();
}
