/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/words.h"
#include <glib/gi18n.h>
#include <math.h>

/* What is said of the sound of a call while it goes on. */

const char *
words_path (bool is_direct)
{
  return is_direct ? _ ("direct connection") : _ ("through a relay");
}

const char *
words_quality (PealCallQuality quality)
{
  switch (quality) {
  case PEAL_CALL_QUALITY_UNKNOWN:
    return "";
  case PEAL_CALL_QUALITY_GOOD:
    return C_ ("sound quality", "Good");
  case PEAL_CALL_QUALITY_FAIR:
    return C_ ("sound quality", "Fair");
  case PEAL_CALL_QUALITY_POOR:
    return C_ ("sound quality", "Poor");
  }
  g_assert_not_reached ();
}

char *
words_cannot_hear (const char *name)
{
  return g_strdup_printf (_ ("You can't hear %s: nothing is arriving"), name);
}

char *
words_does_not_arrive (const char *name)
{
  return g_strdup_printf (_ ("%s can't hear you: nothing of yours arrives there"), name);
}

char *
words_cannot_be_heard (const char *name)
{
  return g_strdup_printf (_ ("%s can't hear you: your microphone is silent"), name);
}

const char *
words_muted (void)
{
  return _ ("You are muted");
}

char *
words_fault (CallMediaFault fault, const char *name)
{
  switch (fault) {
  case CALL_MEDIA_NO_MICROPHONE:
    return g_strdup_printf (_ ("No microphone found. You can listen, but %s will not hear you."),
                            name);
  case CALL_MEDIA_NO_SPEAKER:
    return g_strdup_printf (_ ("No speaker found. %s can hear you, but you will not hear them."),
                            name);
  case CALL_MEDIA_MICROPHONE_BUSY:
    return g_strdup (_ ("Another program is using the microphone."));
  case CALL_MEDIA_NO_SOUND_SERVER:
    return g_strdup (_ ("This computer's sound does not work, so you cannot hear each other."));
  case CALL_MEDIA_BROKEN:
    return g_strdup (_ ("The sound of this call stopped working."));
  }
  g_assert_not_reached ();
}

PealCallRemedy
words_fault_remedy (CallMediaFault fault)
{
  switch (fault) {
  case CALL_MEDIA_MICROPHONE_BUSY:
    return PEAL_CALL_REMEDY_CHOOSE_MICROPHONE;
  case CALL_MEDIA_NO_MICROPHONE:
  case CALL_MEDIA_NO_SPEAKER:
  case CALL_MEDIA_NO_SOUND_SERVER:
    return PEAL_CALL_REMEDY_SOUND_SETTINGS;
  case CALL_MEDIA_BROKEN:
    return PEAL_CALL_REMEDY_NONE;
  }
  g_assert_not_reached ();
}

/* A measured value, or a dash while there is none. */
static char *
words_measure (const char *format, double value)
{
  g_autofree char *number = g_strdup_printf ("%.*f", value < 10 ? 1 : 0, value);

  return value < 0 || isnan (value) ? g_strdup ("–") : g_strdup_printf (format, number);
}

char *
words_call_details (const WordsDetails *details)
{
  const CallMediaQuality *q = &details->quality;
  /* Translators: %s is a number. */
  const char *percent = _ ("%s %%");
  /* Translators: milliseconds. */
  const char *ms = _ ("%s ms");
  const char *kbit = _ ("%s kbit/s");
  g_autofree char *loss_in = words_measure (percent, q->loss_received * 100);
  g_autofree char *loss_out = words_measure (percent, q->loss_sent * 100);
  g_autofree char *jitter_in = words_measure (ms, q->jitter_ms);
  g_autofree char *jitter_out = words_measure (ms, q->jitter_sent_ms);
  g_autofree char *rtt = words_measure (ms, q->rtt_ms);
  g_autofree char *rate_in = words_measure (kbit, q->bitrate_received / 1000);
  g_autofree char *rate_out = words_measure (kbit, q->bitrate_sent / 1000);

  return g_strdup_printf (_ ("Codec: %s\n"
                             "Path: %s\n"
                             "Loss: %s received, %s sent\n"
                             "Jitter: %s received, %s sent\n"
                             "Round trip: %s\n"
                             "Bit rate: %s received, %s sent\n"
                             "Cipher: %s"),
                          details->codec, words_path (!details->is_relayed), loss_in, loss_out,
                          jitter_in, jitter_out, rtt, rate_in, rate_out, details->cipher);
}

/* What stands before each line of the details; the rest is for those who help. */
char *
words_call_sign (PealCallSignKind kind, const char *value)
{
  switch (kind) {
  case PEAL_CALL_SIGN_CHECKS:
    return g_strdup_printf (_ ("Search for a path: %s"), value);
  case PEAL_CALL_SIGN_PAIR:
    return g_strdup_printf (_ ("Path in use: %s"), value);
  case PEAL_CALL_SIGN_LOCAL:
    /* Translators: an address of this computer. */
    return g_strdup_printf (_ ("Here: %s"), value);
  case PEAL_CALL_SIGN_REMOTE:
    /* Translators: an address of the other side's computer. */
    return g_strdup_printf (_ ("There: %s"), value);
  case PEAL_CALL_SIGN_RELAY:
    return g_strdup_printf (_ ("Relay: %s"), value);
  case PEAL_CALL_SIGN_SENT:
    return g_strdup_printf (_ ("Your sound: %s"), value);
  case PEAL_CALL_SIGN_RECEIVED:
    return g_strdup_printf (_ ("Their sound: %s"), value);
  case PEAL_CALL_SIGN_WAY:
    /* Translators: a computer on the way through the network. */
    return g_strdup_printf (_ ("Way there: %s"), value);
  }
  g_assert_not_reached ();
}
