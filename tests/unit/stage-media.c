/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/phone-stage.h"

/* Media that makes no sound, and writes down what is asked of it. */

struct CallMediaSession {
  Stage *stage;
};

static const MediaCodec *
codecs (void *media, size_t *ret_count)
{
  static const MediaCodec opus = { .name = "opus", .clock_rate = 48000, .channels = 2 };

  *ret_count = 1;
  return &opus;
}

static CallMediaSession *
session_new (void *media,
             const CallMediaOptions *options,
             const CallMediaEvents *events,
             void *user_data)
{
  CallMediaSession *session = g_new0 (CallMediaSession, 1);

  session->stage = media;
  session->stage->media_events = events;
  session->stage->media_data = user_data;
  session->stage->sessions++;
  stage_say ("devices %s", options && options->is_silent ? "silent" : "open");
  return session;
}

static void
session_free (CallMediaSession *session)
{
  session->stage->sessions--;
  g_free (session);
}

static void
session_start (CallMediaSession *session,
               const SrtpKeys *keys,
               const MediaCodec *list,
               size_t count)
{
  stage_say ("sound starts with %s", count > 0 ? list[0].name : "nothing");
}

static void
session_receive (CallMediaSession *session, Bytes datagram)
{
  stage_say ("hear %.*s", (int) datagram.size, (const char *) datagram.data);
}

static void
session_set_direction (CallMediaSession *session, bool is_sending, bool is_receiving)
{
  stage_say ("direction %d %d", is_sending, is_receiving);
}

static void
session_set_muted (CallMediaSession *session, bool is_muted)
{
  stage_say ("muted %d", is_muted);
}

static void
session_send_digit (CallMediaSession *session, char digit)
{
  stage_say ("digit %c", digit);
}

static void
set_tone (void *media, CallMediaTone tone)
{
  static const char *const words[] = { "none", "ring", "ringback", "busy" };

  stage_say ("tone %s", words[tone]);
}

static void
set_device (void *media, CallMediaDirection direction, const char *id)
{
  stage_say ("device %d %s", (int) direction, id);
}

static void
set_ring_device (void *media, const char *id)
{
  stage_say ("ring device %s", id);
}

static GPtrArray *
devices (void *media)
{
  GPtrArray *list = g_ptr_array_new ();
  CallMediaDevice *device = g_new0 (CallMediaDevice, 1);

  device->id = g_strdup ("mic");
  device->name = g_strdup ("Microphone");
  device->is_default = true;
  g_ptr_array_add (list, device);
  return list;
}

static void
watch_devices (void *media, void (*changed) (void *user_data), void *user_data)
{
}

static void
watch_microphone (void *media, void (*level) (void *user_data, double db), void *user_data)
{
  if (level)
    level (user_data, -30);
}

static void
record_and_play (void *media, void (*done) (void *user_data, bool was_heard), void *user_data)
{
  done (user_data, true);
}

CallMedia
stage_media (Stage *stage)
{
  return (CallMedia){
    .media = stage,
    .codecs = codecs,
    .session_new = session_new,
    .session_free = session_free,
    .session_start = session_start,
    .session_receive = session_receive,
    .session_set_direction = session_set_direction,
    .session_set_muted = session_set_muted,
    .session_send_digit = session_send_digit,
    .set_tone = set_tone,
    .set_device = set_device,
    .set_ring_device = set_ring_device,
    .devices = devices,
    .watch_devices = watch_devices,
    .watch_microphone = watch_microphone,
    .record_and_play = record_and_play,
  };
}
