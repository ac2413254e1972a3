/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the whole program shares: the chosen devices, the list of devices, the tone, the sound
 * check, and the sessions to which a new choice is told. */
#define G_LOG_DOMAIN "media"
#include "media/media.h"

#include "media/codec.h"
#include "media/device.h"
#include "media/element.h"
#include "media/ringer.h"
#include "media/session.h"
#include "media/sound-check.h"

typedef struct Media {
  CallMedia port;
  char *ids[2]; /* by CallMediaDirection; empty is the default */
  char *ring_id;
  GPtrArray *sessions; /* borrowed; each takes itself out when it is freed */
  DeviceList *devices;
  Ringer *ringer;
  SoundCheck *sound_check;
} Media;

/* What the port hands out: a session and who made it. */
struct CallMediaSession {
  Media *media;
  Session *session;
};

G_DEFINE_QUARK (media_error, media_error)

static const MediaCodec *
media_codecs (void *media, size_t *ret_count)
{
  return codec_list (ret_count);
}

static CallMediaSession *
media_session_new (void *media,
                   const CallMediaOptions *options,
                   const CallMediaEvents *events,
                   void *user_data)
{
  static const CallMediaOptions devices = { 0 };
  Media *self = media;
  CallMediaSession *call = g_new0 (CallMediaSession, 1);
  call->media = self;
  call->session = session_new (options ? options : &devices, self->ids[CALL_MEDIA_INPUT],
                               self->ids[CALL_MEDIA_OUTPUT], events, user_data);
  g_ptr_array_add (self->sessions, call);
  return call;
}

static void
media_session_free (CallMediaSession *call)
{
  if (call == NULL)
    return;
  g_ptr_array_remove (call->media->sessions, call);
  session_free (call->session);
  g_free (call);
}

static void
media_session_start (CallMediaSession *call,
                     const SrtpKeys *keys,
                     const MediaCodec *codecs,
                     size_t codec_count)
{
  session_start (call->session, keys, codecs, codec_count);
}

static void
media_session_receive (CallMediaSession *call, Bytes datagram)
{
  session_receive (call->session, datagram);
}

static void
media_session_set_direction (CallMediaSession *call, bool is_sending, bool is_receiving)
{
  session_set_direction (call->session, is_sending, is_receiving);
}

static void
media_session_set_muted (CallMediaSession *call, bool is_muted)
{
  session_set_muted (call->session, is_muted);
}

static void
media_session_send_digit (CallMediaSession *call, char digit)
{
  session_send_digit (call->session, digit);
}

static void
media_set_tone (void *media, CallMediaTone tone)
{
  Media *self = media;
  bool is_ring = tone == CALL_MEDIA_TONE_RING;
  ringer_set (self->ringer, tone, is_ring ? self->ring_id : self->ids[CALL_MEDIA_OUTPUT]);
}

static void
media_set_device (void *media, CallMediaDirection direction, const char *id)
{
  Media *self = media;
  if (g_str_equal (self->ids[direction], id))
    return;
  g_free (self->ids[direction]);
  self->ids[direction] = g_strdup (id);
  for (unsigned i = 0; i < self->sessions->len; i++) {
    CallMediaSession *call = self->sessions->pdata[i];
    session_set_device (call->session, direction, id);
  }
}

static void
media_set_ring_device (void *media, const char *id)
{
  Media *self = media;
  g_free (self->ring_id);
  self->ring_id = g_strdup (id);
}

static GPtrArray *
media_devices (void *media)
{
  Media *self = media;
  return device_list_get (self->devices);
}

static void
media_watch_devices (void *media, void (*changed) (void *user_data), void *user_data)
{
  Media *self = media;
  device_list_watch (self->devices, changed, user_data);
}

static void
media_watch_microphone (void *media, void (*level) (void *user_data, double db), void *user_data)
{
  Media *self = media;
  sound_check_watch (self->sound_check, self->ids[CALL_MEDIA_INPUT], level, user_data);
}

static void
media_record_and_play (void *media, void (*done) (void *user_data, bool was_heard), void *user_data)
{
  Media *self = media;
  const char *microphone_id = self->ids[CALL_MEDIA_INPUT];
  const char *speaker_id = self->ids[CALL_MEDIA_OUTPUT];
  sound_check_record (self->sound_check, microphone_id, speaker_id, done, user_data);
}

static const CallMedia functions = {
  .codecs = media_codecs,
  .session_new = media_session_new,
  .session_free = media_session_free,
  .session_start = media_session_start,
  .session_receive = media_session_receive,
  .session_set_direction = media_session_set_direction,
  .session_set_muted = media_session_set_muted,
  .session_send_digit = media_session_send_digit,
  .set_tone = media_set_tone,
  .set_device = media_set_device,
  .set_ring_device = media_set_ring_device,
  .devices = media_devices,
  .watch_devices = media_watch_devices,
  .watch_microphone = media_watch_microphone,
  .record_and_play = media_record_and_play,
};

CallMedia *
media_new (GError **error)
{
  if (!gst_init_check (NULL, NULL, error))
    return NULL;
  g_autofree char *missing = element_missing ();
  if (missing != NULL) {
    g_set_error (error, MEDIA_ERROR, MEDIA_ERROR_PLUGINS, "GStreamer has no %s", missing);
    return NULL;
  }
  Media *self = g_new0 (Media, 1);
  self->port = functions;
  self->port.media = self;
  self->ids[CALL_MEDIA_INPUT] = g_strdup ("");
  self->ids[CALL_MEDIA_OUTPUT] = g_strdup ("");
  self->ring_id = g_strdup ("");
  self->sessions = g_ptr_array_new ();
  self->devices = device_list_new ();
  self->ringer = ringer_new ();
  self->sound_check = sound_check_new ();
  return &self->port;
}

void
media_free (CallMedia *media)
{
  if (media == NULL)
    return;
  Media *self = media->media;
  g_assert (self->sessions->len == 0);
  sound_check_free (self->sound_check);
  ringer_free (self->ringer);
  device_list_free (self->devices);
  g_ptr_array_unref (self->sessions);
  g_free (self->ids[CALL_MEDIA_INPUT]);
  g_free (self->ids[CALL_MEDIA_OUTPUT]);
  g_free (self->ring_id);
  g_free (self);
}
