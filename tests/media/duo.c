/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/media/duo.h"

enum { WAIT_S = 60 };

/* RFC 5761, 4: these second bytes are RTCP's. */
static bool
is_rtcp (Bytes datagram)
{
  return datagram.data[1] >= 192 && datagram.data[1] <= 223;
}

typedef struct Held {
  Duo *duo;
  Phone *to;
  unsigned source_id;
  Bytes datagram; /* owned */
} Held;

static void
held_free (void *held)
{
  Held *self = held;
  g_clear_handle_id (&self->source_id, g_source_remove);
  g_free ((void *) self->datagram.data);
  g_free (self);
}

static gboolean
on_held_over (void *user_data)
{
  Held *self = user_data;
  self->source_id = 0;
  self->duo->media->session_receive (self->to->session, self->datagram);
  g_ptr_array_remove_fast (self->duo->held, self);
  return G_SOURCE_REMOVE;
}

static void
hold (Duo *duo, Phone *to, Bytes datagram)
{
  Held *held = g_new0 (Held, 1);
  *held = (Held){ .duo = duo, .to = to, .datagram = { bytes_dup (datagram), datagram.size } };
  g_ptr_array_add (duo->held, held);
  if (duo->is_still)
    return;
  unsigned delay_ms = (unsigned) g_rand_int_range (duo->random, 0, (int) duo->jitter_ms);
  held->source_id = g_timeout_add (delay_ms, on_held_over, held);
}

static void
on_send (void *user_data, Bytes datagram)
{
  Phone *self = user_data;
  Duo *duo = self->duo;
  Phone *other = self == &duo->a ? &duo->b : &duo->a;
  if (is_rtcp (datagram))
    self->sent_rtcp++;
  else
    self->sent_rtp++;
  self->sent_red += (datagram.data[1] & 0x7f) == 112;
  if (duo->tap != NULL)
    duo->tap (duo, self, datagram);
  if (g_rand_double (duo->random) < duo->loss)
    return;
  if (duo->jitter_ms > 0 || duo->is_still)
    hold (duo, other, datagram);
  else
    duo->media->session_receive (other->session, datagram);
}

static void
on_level (void *user_data, double microphone_db, double speaker_db)
{
  Phone *self = user_data;
  self->levels++;
  self->microphone_db = MAX (self->microphone_db, microphone_db);
  self->speaker_db = MAX (self->speaker_db, speaker_db);
}

static void
on_quality (void *user_data, const CallMediaQuality *quality)
{
  Phone *self = user_data;
  self->qualities++;
  self->quality = *quality;
}

static void
on_first_sound (void *user_data)
{
  Phone *self = user_data;
  self->first_sounds++;
}

static void
on_digit (void *user_data, char digit)
{
  Phone *self = user_data;
  g_string_append_c (self->digits, digit);
}

static void
on_fault (void *user_data, CallMediaFault fault)
{
  Phone *self = user_data;
  g_array_append_val (self->faults, fault);
}

static const CallMediaEvents events = {
  .send = on_send,
  .level = on_level,
  .quality = on_quality,
  .first_sound = on_first_sound,
  .digit = on_digit,
  .fault = on_fault,
};

static void
open_phone (Duo *duo, Phone *self, const CallMediaOptions *options)
{
  self->duo = duo;
  self->digits = g_string_new (NULL);
  self->faults = g_array_new (false, false, sizeof (CallMediaFault));
  self->session = duo->media->session_new (duo->media->media, options, &events, self);
}

static void
close_phone (Duo *duo, Phone *self)
{
  duo->media->session_free (self->session);
  g_string_free (self->digits, true);
  g_array_unref (self->faults);
}

void
duo_make_keys (SrtpProfile profile, SrtpKeys *ret_a, SrtpKeys *ret_b)
{
  *ret_a = *ret_b = (SrtpKeys){ .profile = profile };
  for (unsigned i = 0; i < sizeof ret_a->send; i++) {
    ret_a->send[i] = ret_b->receive[i] = (uint8_t) (i + 1);
    ret_b->send[i] = ret_a->receive[i] = (uint8_t) (i + 101);
  }
}

Duo *
duo_new (CallMedia *media, const CallMediaOptions *a, const CallMediaOptions *b)
{
  Duo *self = g_new0 (Duo, 1);
  self->media = media;
  self->held = g_ptr_array_new_with_free_func (held_free);
  self->random = g_rand_new_with_seed (20);
  duo_make_keys (SRTP_AEAD_AES_128_GCM, &self->a.keys, &self->b.keys);
  open_phone (self, &self->a, a);
  open_phone (self, &self->b, b);
  duo_forget (self);
  return self;
}

void
duo_free (Duo *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->held);
  close_phone (self, &self->a);
  close_phone (self, &self->b);
  g_rand_free (self->random);
  g_free (self);
}

void
duo_start (Duo *self)
{
  size_t count;
  const MediaCodec *codecs = self->media->codecs (self->media->media, &count);
  self->media->session_start (self->a.session, &self->a.keys, codecs, count);
  self->media->session_start (self->b.session, &self->b.keys, codecs, count);
}

static int
on_wait_over (void *user_data)
{
  *(bool *) user_data = true;
  return G_SOURCE_REMOVE;
}

void
duo_wait (Duo *self, DuoCondition condition)
{
  bool is_over = false;
  unsigned id = g_timeout_add_seconds (WAIT_S, on_wait_over, &is_over);
  while (!is_over && !condition (self))
    g_main_context_iteration (NULL, true);
  if (is_over)
    g_test_message ("a hears %.0f dB and speaks %.0f dB, b hears %.0f dB; faults %u and %u",
                    self->a.speaker_db, self->a.microphone_db, self->b.speaker_db,
                    self->a.faults->len, self->b.faults->len);
  g_assert_false (is_over);
  g_source_remove (id);
}

void
duo_run (Duo *self, Phone *phone, unsigned count)
{
  unsigned end = phone->qualities + count;
  while (phone->qualities < end)
    g_main_context_iteration (NULL, true);
}

void
duo_go_on (Duo *self)
{
  g_assert (self->jitter_ms == 0);
  self->is_still = false;
  for (unsigned i = 0; i < self->held->len; i++) {
    const Held *held = self->held->pdata[i];
    self->media->session_receive (held->to->session, held->datagram);
  }
  g_ptr_array_set_size (self->held, 0);
}

bool
duo_has_fault (const Phone *phone, CallMediaFault fault)
{
  for (unsigned i = 0; i < phone->faults->len; i++)
    if (g_array_index (phone->faults, CallMediaFault, i) == fault)
      return true;
  return false;
}

void
duo_forget (Duo *self)
{
  self->a.microphone_db = self->a.speaker_db = self->b.microphone_db = self->b.speaker_db = -100;
}
