/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/voice.h"
#include "core/phone/words.h"

/* Media reports a window of measurements once a second. The word for them gets worse at once and
 * better when BETTER_WINDOWS of them in a row were better. Where nothing arrives, nothing is lost
 * and nothing is late either, and yet it is poor. */

enum { BETTER_WINDOWS = 5, SILENCE_S = 3, GAP_S = 1 };

#define LEVEL_FLOOR_DB (-60.0)

struct Voice {
  const CallMedia *media;
  CallMediaSession *session;
  PealCall *call; /* owned */
  const VoiceEvents *events;
  void *user_data;
  char *codec;
  const char *cipher;
  CallMediaQuality window;
  PealCallQuality shown;
  unsigned better_windows;
  CallMediaFault fault;
  bool has_fault;
  bool is_started;
  bool is_held; /* by either side: silence is what is wanted */
};

static PealCallQuality
judge (const Voice *self)
{
  const CallMediaQuality *window = &self->window;
  double loss = MAX (window->loss_received, window->loss_sent);
  bool goes_one_way = window->silence_s >= GAP_S || window->hearing == CALL_MEDIA_HEARING_UNHEARD;

  if (goes_one_way && !self->is_held)
    return PEAL_CALL_QUALITY_POOR;
  if (loss < 0.02 && window->rtt_ms < 250)
    return PEAL_CALL_QUALITY_GOOD;
  if (loss < 0.06 && window->rtt_ms < 500)
    return PEAL_CALL_QUALITY_FAIR;
  return PEAL_CALL_QUALITY_POOR;
}

/* The quality to show after a window judged `now`. */
static PealCallQuality
settle (Voice *self, PealCallQuality now)
{
  if (now >= self->shown) {
    self->better_windows = 0;
    return now;
  }
  if (++self->better_windows < BETTER_WINDOWS)
    return self->shown;
  self->better_windows = 0;
  return now;
}

/* What matters most now, and what to do about it; NULL: nothing. */
static char *
find_warning (Voice *self, PealCallRemedy *ret_remedy)
{
  const char *name = peal_call_get_name (self->call);

  *ret_remedy = PEAL_CALL_REMEDY_NONE;
  if (self->is_started && !self->is_held && self->window.silence_s >= SILENCE_S)
    return words_cannot_hear (name);
  if (self->is_started && !self->is_held && self->window.hearing == CALL_MEDIA_HEARING_UNHEARD)
    return words_does_not_arrive (name);
  if (self->has_fault) {
    *ret_remedy = words_fault_remedy (self->fault);
    return words_fault (self->fault, name);
  }
  if (self->is_started && !self->is_held && self->window.is_microphone_silent) {
    *ret_remedy = PEAL_CALL_REMEDY_CHOOSE_MICROPHONE;
    return words_cannot_be_heard (name);
  }
  if (self->window.is_speaking_muted)
    return g_strdup (words_muted ());
  return NULL;
}

static void
show_warning (Voice *self)
{
  PealCallRemedy remedy;
  g_autofree char *warning = find_warning (self, &remedy);

  peal_call_show_warning (self->call, warning, remedy);
}

static void
on_send (void *user_data, Bytes datagram)
{
  Voice *self = user_data;

  self->events->send (self->user_data, datagram);
}

static double
level_of (double db)
{
  return CLAMP (1 - db / LEVEL_FLOOR_DB, 0, 1);
}

/* Another one may have been chosen, and then it is heard. */
static bool
is_of_microphone (const Voice *self)
{
  return self->has_fault &&
         (self->fault == CALL_MEDIA_NO_MICROPHONE || self->fault == CALL_MEDIA_MICROPHONE_BUSY);
}

static void
on_level (void *user_data, double microphone_db, double speaker_db)
{
  Voice *self = user_data;

  peal_call_show_levels (self->call, level_of (microphone_db), level_of (speaker_db));
  if (microphone_db > LEVEL_FLOOR_DB && is_of_microphone (self)) {
    self->has_fault = false;
    show_warning (self);
  }
}

static void
on_quality (void *user_data, const CallMediaQuality *quality)
{
  Voice *self = user_data;
  WordsDetails details = { .codec = self->codec,
                           .cipher = self->cipher,
                           .is_relayed = self->events->is_relayed (self->user_data),
                           .quality = *quality };
  CallMediaHearing hearing = self->window.hearing;
  g_autofree char *text = NULL;

  self->window = *quality;
  if (quality->hearing == CALL_MEDIA_HEARING_UNKNOWN)
    self->window.hearing = hearing; /* until it is said of the way that there is now */
  if (!self->is_started)
    return;
  if (quality->hearing != CALL_MEDIA_HEARING_UNKNOWN && !self->is_held)
    self->events->heard (self->user_data, quality->hearing == CALL_MEDIA_HEARING_HEARD);
  text = words_call_details (&details);
  self->shown = settle (self, judge (self));
  peal_call_show_quality (self->call, self->shown, text);
  show_warning (self);
}

static void
on_first_sound (void *user_data)
{
  Voice *self = user_data;

  self->events->first_sound (self->user_data);
}

static void
on_digit (void *user_data, char digit)
{
  /* Nothing here listens to the keypad of the other side. */
}

static void
on_fault (void *user_data, CallMediaFault fault)
{
  Voice *self = user_data;

  self->fault = fault;
  self->has_fault = true;
  show_warning (self);
}

static const CallMediaEvents media_events = {
  .send = on_send,
  .level = on_level,
  .quality = on_quality,
  .first_sound = on_first_sound,
  .digit = on_digit,
  .fault = on_fault,
};

Voice *
voice_new (const CallMedia *media,
           const CallMediaOptions *options,
           PealCall *call,
           const VoiceEvents *events,
           void *user_data)
{
  Voice *self = g_new0 (Voice, 1);

  self->media = media;
  self->call = g_object_ref (call);
  self->events = events;
  self->user_data = user_data;
  self->codec = g_strdup ("");
  self->cipher = "";
  self->session = media->session_new (media->media, options, &media_events, self);
  return self;
}

void
voice_free (Voice *self)
{
  if (!self)
    return;
  self->media->session_free (self->session);
  g_object_unref (self->call);
  g_free (self->codec);
  g_free (self);
}

static const char *
cipher_of (SrtpProfile profile)
{
  switch (profile) {
  case SRTP_AES128_CM_SHA1_80:
    return "AES-128-CM-HMAC-SHA1-80";
  case SRTP_AEAD_AES_128_GCM:
    return "AEAD-AES-128-GCM";
  }
  return "";
}

void
voice_start (Voice *self, const SrtpKeys *keys, const MediaCodec *codecs, size_t codec_count)
{
  g_free (self->codec);
  self->codec = codec_count > 0
                  ? g_strdup_printf ("%s, %u Hz", codecs[0].name, (unsigned) codecs[0].clock_rate)
                  : g_strdup ("");
  self->cipher = cipher_of (keys->profile);
  self->is_started = true;
  self->media->session_start (self->session, keys, codecs, codec_count);
}

bool
voice_is_started (const Voice *self)
{
  return self->is_started;
}

void
voice_receive (Voice *self, Bytes datagram)
{
  self->media->session_receive (self->session, datagram);
}

void
voice_set_muted (Voice *self, bool is_muted)
{
  self->media->session_set_muted (self->session, is_muted);
}

void
voice_set_hold (Voice *self, bool is_held, bool is_held_by_peer)
{
  bool is_any = is_held || is_held_by_peer;

  self->is_held = is_any;
  self->window.hearing = CALL_MEDIA_HEARING_UNKNOWN;
  self->media->session_set_direction (self->session, !is_any, !is_held);
  show_warning (self);
}

void
voice_send_digit (Voice *self, char digit)
{
  self->media->session_send_digit (self->session, digit);
}

const CallMediaQuality *
voice_get_quality (const Voice *self)
{
  return &self->window;
}
