/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/voice.h"
#include "tests/unit/phone-stage.h"

typedef struct Fixture {
  Stage stage;
  PealCall *call;
  Voice *voice;
} Fixture;

static void
on_send (void *user_data, Bytes datagram)
{
}

static void
on_first_sound (void *user_data)
{
}

static bool
is_relayed (void *user_data)
{
  return false;
}

static int hearings[2]; /* by what was told */

static void
on_heard (void *user_data, bool is_heard)
{
  hearings[is_heard]++;
}

static const VoiceEvents events = {
  .send = on_send, .first_sound = on_first_sound, .heard = on_heard, .is_relayed = is_relayed
};

static void
set_up (Fixture *self, gconstpointer data)
{
  SrtpKeys keys = { .profile = SRTP_AEAD_AES_128_GCM };
  MediaCodec opus = { .name = "opus", .clock_rate = 48000 };

  stage_set_up (&self->stage, NULL);
  self->call = peal_call_new (&(PealCallStart){ .address = "bob@home-x.peal.alt",
                                                .display_address = "bob@home",
                                                .name = "Bob" },
                              NULL, NULL);
  self->voice = voice_new (&self->stage.media, NULL, self->call, &events, NULL);
  peal_call_show_state (self->call, PEAL_CALL_UP);
  voice_start (self->voice, &keys, &opus, 1);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  voice_free (self->voice);
  g_object_unref (self->call);
  stage_tear_down (&self->stage, NULL);
}

static void
report (Fixture *self, const CallMediaQuality *quality)
{
  self->stage.media_events->quality (self->stage.media_data, quality);
}

static void
test_thresholds (Fixture *self, gconstpointer data)
{
  const struct {
    double loss, rtt_ms;
    const char *word;
  } rows[] = {
    { 0, -1, "Good" },      { 0.019, 249, "Good" }, { 0.02, 100, "Fair" },
    { 0.059, 499, "Fair" }, { 0, 500, "Poor" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    report (self, &(CallMediaQuality){
                    .loss_received = rows[i].loss, .loss_sent = -1, .rtt_ms = rows[i].rtt_ms });
    g_assert_cmpstr (stage_text (self->call, "quality-text"), ==, rows[i].word);
  }
}

static void
test_worse_at_once_and_better_later (Fixture *self, gconstpointer data)
{
  CallMediaQuality good = { .rtt_ms = 10 }, poor = { .loss_sent = 0.5 };

  report (self, &good);
  report (self, &poor);
  g_assert_cmpstr (stage_text (self->call, "quality-text"), ==, "Poor");
  for (int i = 0; i < 4; i++)
    report (self, &good);
  g_assert_cmpstr (stage_text (self->call, "quality-text"), ==, "Poor");
  report (self, &poor);
  for (int i = 0; i < 4; i++)
    report (self, &good);
  g_assert_cmpstr (stage_text (self->call, "quality-text"), ==, "Poor");
  report (self, &good);
  g_assert_cmpstr (stage_text (self->call, "quality-text"), ==, "Good");
}

static void
test_a_gap_is_poor (Fixture *self, gconstpointer data)
{
  const CallMediaQuality rows[] = { { .silence_s = 1 }, { .hearing = CALL_MEDIA_HEARING_UNHEARD } };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    for (int k = 0; k < 5; k++)
      report (self, &(CallMediaQuality){ .silence_s = 0.5 });
    g_assert_cmpstr (stage_text (self->call, "quality-text"), ==, "Good");
    report (self, &rows[i]);
    g_assert_cmpstr (stage_text (self->call, "quality-text"), ==, "Poor");
  }
  voice_set_hold (self->voice, false, true);
  for (int k = 0; k < 5; k++)
    report (self, &(CallMediaQuality){ .silence_s = 9 });
  g_assert_cmpstr (stage_text (self->call, "quality-text"), ==, "Good");
}

static void
test_warnings (Fixture *self, gconstpointer data)
{
  const struct {
    CallMediaQuality quality;
    const char *words;
    PealCallRemedy remedy;
  } rows[] = {
    { { .silence_s = 2.9 }, "", PEAL_CALL_REMEDY_NONE },
    { { .silence_s = 3 }, "You can't hear Bob: nothing is arriving", PEAL_CALL_REMEDY_NONE },
    { { .is_microphone_silent = true },
      "Bob can't hear you: your microphone is silent",
      PEAL_CALL_REMEDY_CHOOSE_MICROPHONE },
    { { .is_speaking_muted = true }, "You are muted", PEAL_CALL_REMEDY_NONE },
    { { .hearing = CALL_MEDIA_HEARING_UNHEARD },
      "Bob can't hear you: nothing of yours arrives there",
      PEAL_CALL_REMEDY_NONE },
    { { .hearing = CALL_MEDIA_HEARING_HEARD }, "", PEAL_CALL_REMEDY_NONE },
    { { 0 }, "", PEAL_CALL_REMEDY_NONE },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    report (self, &rows[i].quality);
    g_assert_cmpstr (stage_text (self->call, "warning-text"), ==, rows[i].words);
    g_assert_cmpint (peal_call_get_warning_remedy (self->call), ==, rows[i].remedy);
  }
}

static void
test_hearing (Fixture *self, gconstpointer data)
{
  hearings[false] = hearings[true] = 0;
  report (self, &(CallMediaQuality){ .hearing = CALL_MEDIA_HEARING_UNKNOWN });
  g_assert_cmpint (hearings[false] + hearings[true], ==, 0);
  report (self, &(CallMediaQuality){ .hearing = CALL_MEDIA_HEARING_HEARD });
  report (self, &(CallMediaQuality){ .hearing = CALL_MEDIA_HEARING_UNHEARD });
  g_assert_cmpint (hearings[false], ==, 1);
  g_assert_cmpint (hearings[true], ==, 1);
  voice_set_hold (self->voice, false, true);
  report (self, &(CallMediaQuality){ .hearing = CALL_MEDIA_HEARING_UNHEARD });
  g_assert_cmpint (hearings[false], ==, 1);
}

/* Another way has been taken, of which nothing has been said yet. */
static void
test_hearing_is_known_until_said_anew (Fixture *self, gconstpointer data)
{
  const char *words = "Bob can't hear you: nothing of yours arrives there";

  hearings[false] = hearings[true] = 0;
  report (self, &(CallMediaQuality){ .hearing = CALL_MEDIA_HEARING_UNHEARD });
  report (self, &(CallMediaQuality){ .hearing = CALL_MEDIA_HEARING_UNKNOWN });
  g_assert_cmpstr (stage_text (self->call, "warning-text"), ==, words);
  g_assert_cmpint (voice_get_quality (self->voice)->hearing, ==, CALL_MEDIA_HEARING_UNHEARD);
  g_assert_cmpint (hearings[false], ==, 1);
  voice_set_hold (self->voice, false, true);
  voice_set_hold (self->voice, false, false);
  report (self, &(CallMediaQuality){ .hearing = CALL_MEDIA_HEARING_UNKNOWN });
  g_assert_cmpstr (stage_text (self->call, "warning-text"), ==, "");
}

static void
test_silence_on_hold_is_no_fault (Fixture *self, gconstpointer data)
{
  CallMediaQuality silent = { .silence_s = 9 };

  voice_set_hold (self->voice, true, false);
  report (self, &silent);
  g_assert_cmpstr (stage_text (self->call, "warning-text"), ==, "");
  voice_set_hold (self->voice, false, false);
  g_assert_cmpstr (stage_text (self->call, "warning-text"), ==,
                   "You can't hear Bob: nothing is arriving");
}

static void
test_fault_stays (Fixture *self, gconstpointer data)
{
  CallMediaQuality good = { 0 };

  self->stage.media_events->fault (self->stage.media_data, CALL_MEDIA_NO_MICROPHONE);
  report (self, &good);
  g_assert_cmpstr (stage_text (self->call, "warning-text"), ==,
                   "No microphone found. You can listen, but Bob will not hear you.");
  g_assert_cmpint (peal_call_get_warning_remedy (self->call), ==, PEAL_CALL_REMEDY_SOUND_SETTINGS);
  self->stage.media_events->fault (self->stage.media_data, CALL_MEDIA_MICROPHONE_BUSY);
  g_assert_cmpstr (stage_text (self->call, "warning-text"), ==,
                   "Another program is using the microphone.");
  g_assert_cmpint (peal_call_get_warning_remedy (self->call), ==,
                   PEAL_CALL_REMEDY_CHOOSE_MICROPHONE);
}

static void
test_microphone_that_is_heard (Fixture *self, gconstpointer data)
{
  self->stage.media_events->fault (self->stage.media_data, CALL_MEDIA_MICROPHONE_BUSY);
  self->stage.media_events->level (self->stage.media_data, -120, -20);
  g_assert_cmpstr (stage_text (self->call, "warning-text"), !=, "");
  self->stage.media_events->level (self->stage.media_data, -30, -20);
  g_assert_cmpstr (stage_text (self->call, "warning-text"), ==, "");
  self->stage.media_events->fault (self->stage.media_data, CALL_MEDIA_NO_SPEAKER);
  self->stage.media_events->level (self->stage.media_data, -30, -20);
  g_assert_cmpstr (stage_text (self->call, "warning-text"), !=, "");
}

static void
test_levels (Fixture *self, gconstpointer data)
{
  double microphone, speaker;

  self->stage.media_events->level (self->stage.media_data, -30, -90);
  g_object_get (self->call, "microphone-level", &microphone, "speaker-level", &speaker, NULL);
  g_assert_cmpfloat (microphone, ==, 0.5);
  g_assert_cmpfloat (speaker, ==, 0);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/voice/thresholds", test_thresholds);
  ADD ("/voice/worse-at-once-and-better-later", test_worse_at_once_and_better_later);
  ADD ("/voice/warnings", test_warnings);
  ADD ("/voice/where-nothing-arrives-it-is-poor", test_a_gap_is_poor);
  ADD ("/voice/it-is-told-whether-we-are-heard", test_hearing);
  ADD ("/voice/what-is-heard-there-is-known-until-said-anew",
       test_hearing_is_known_until_said_anew);
  ADD ("/voice/silence-on-hold-is-no-fault", test_silence_on_hold_is_no_fault);
  ADD ("/voice/fault-stays", test_fault_stays);
  ADD ("/voice/a-microphone-that-is-heard-has-no-fault", test_microphone_that_is_heard);
  ADD ("/voice/levels", test_levels);
  return g_test_run ();
}
