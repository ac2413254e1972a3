/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One pipeline a call, which plays from session_new() to session_free():
 *
 *   microphone ─ level ─ [webrtcdsp] ─ volume ─ tee ───── stream ───── datagrams
 *   speaker ──── tee ─ level ─ [webrtcechoprobe] ─ mixer ─┘
 *                                  silence ────────┘
 *
 * Endpoints (microphone, speaker) and the stream come and go while it plays. The silence keeps the
 * mixer's clock going, so that the speaker is open and the echo canceller knows its probe before
 * the first packet; it is also why nothing ever has to preroll: every sink is async=false.
 *
 * The clock is the system's, since the sound server's goes away with the device. All elements post
 * to the bus, whose watch runs on the main context; datagrams take the outbox. A callback may free
 * the session, so it is always the last thing done.
 *
 * A tick of PLAYOUT_TICK_MS drives the jitter buffer's wait; every second one looks at quality and
 * protection, every other second one tries a failed device again.
 */
#define G_LOG_DOMAIN "media"
#include "media/session.h"

#include "media/codec.h"
#include "media/element.h"
#include "media/endpoint.h"
#include "media/level.h"
#include "media/playout.h"
#include "media/quality.h"
#include "media/stream.h"
#include "media/tape.h"

#include <string.h>

enum {
  TICKS_PER_S = 1000 / PLAYOUT_TICK_MS,
  RETRY_TICKS = 2 * TICKS_PER_S,
  MIXER_NS = 5 * 1000 * 1000, /* of sound in one buffer */
  CODECS_MAX = 4,
};

/* From where the decoder shall look for lost packets in later ones, and when it may stop. */

struct Session {
  CallMediaEvents events;
  void *user_data;
  GstElement *pipeline, *volume, *speech, *mixer, *microphone_level, *speaker_level;
  Endpoint *ends[2]; /* by CallMediaDirection */
  Tape *tape;
  Outbox *outbox;
  Stream *stream; /* NULL before session_start() */
  SrtpKeys keys;
  MediaCodec codecs[CODECS_MAX];
  size_t codec_count;
  bool is_sending, is_receiving, is_muted;
  Level level;
  Quality quality;
  Playout playout;
  Protection protection;
  StreamReport report; /* the latest */
  int64_t heard_us;    /* when the last packet came, of whichever stream */
  uint64_t red_before; /* red_packets a second ago */
  unsigned ticks, tick_id, bus_id;
};

/* ---- the pipeline ---- */

static GstElement *
add_level (Session *self)
{
  GstElement *level = element_add (self->pipeline, "level");
  g_object_set (level, "interval", (guint64) (GST_SECOND / 10), NULL);
  return level;
}

/* `probe_name` is unique in the process, for the canceller finds its probe by name. It has to find
 * the delay of the echo by itself too: what GStreamer knows of it leaves out the sound server, and
 * with that alone nothing is cancelled. */
static GstElement *
add_canceller (Session *self, const char *probe_name)
{
  GstElement *canceller = element_add (self->pipeline, "webrtcdsp");
  g_object_set (canceller, "probe", probe_name, "delay-agnostic", TRUE, NULL);
  gst_util_set_object_arg (G_OBJECT (canceller), "echo-suppression-level", "high");
  return canceller;
}

static void
build_microphone_side (Session *self, const char *probe_name)
{
  self->microphone_level = add_level (self);
  self->volume = element_add (self->pipeline, "volume");
  self->speech = element_add (self->pipeline, "tee");
  g_object_set (self->speech, "allow-not-linked", TRUE, NULL);
  GstElement *last = self->microphone_level;
  if (probe_name != NULL) {
    GstElement *canceller = add_canceller (self, probe_name);
    gst_element_link (last, canceller);
    last = canceller;
  }
  gst_element_link_many (last, self->volume, self->speech, NULL);
}

static void
build_speaker_side (Session *self, GstElement *probe)
{
  GstElement *silence = element_add (self->pipeline, "audiotestsrc");
  g_object_set (silence, "is-live", TRUE, "samplesperbuffer",
                (int) (CODEC_CLOCK_RATE / (GST_SECOND / MIXER_NS)), NULL);
  gst_util_set_object_arg (G_OBJECT (silence), "wave", "silence");
  self->mixer = element_add (self->pipeline, "audiomixer");
  g_object_set (self->mixer, "output-buffer-duration", (guint64) MIXER_NS, NULL);
  GstElement *format_in = element_add_format (self->pipeline);
  GstElement *format_out = element_add_format (self->pipeline);
  self->speaker_level = add_level (self);
  GstElement *tee = element_add (self->pipeline, "tee");
  g_object_set (tee, "allow-not-linked", TRUE, NULL);
  gst_element_link_many (silence, format_in, self->mixer, format_out, NULL);
  GstElement *last = format_out;
  if (probe != NULL) {
    gst_bin_add (GST_BIN (self->pipeline), probe);
    gst_element_link (last, probe);
    last = probe;
  }
  gst_element_link_many (last, self->speaker_level, tee, NULL);
  self->ends[CALL_MEDIA_OUTPUT] = endpoint_new (CALL_MEDIA_OUTPUT, self->pipeline, tee);
}

static void
build_pipeline (Session *self, bool has_canceller)
{
  self->pipeline = gst_pipeline_new (NULL);
  g_autoptr (GstClock) clock = gst_system_clock_obtain ();
  gst_pipeline_use_clock (GST_PIPELINE (self->pipeline), clock);
  g_autofree char *probe_name = NULL;
  GstElement *probe = NULL;
  if (has_canceller) {
    probe = gst_element_factory_make ("webrtcechoprobe", NULL);
    probe_name = gst_element_get_name (probe);
  }
  build_speaker_side (self, probe);
  build_microphone_side (self, probe_name);
  self->ends[CALL_MEDIA_INPUT] =
    endpoint_new (CALL_MEDIA_INPUT, self->pipeline, self->microphone_level);
}

/* ---- from the bus ---- */

/* On the bus, since nothing is called back from inside a call to us. */
static void
post_fault (Session *self, CallMediaFault fault)
{
  GstStructure *structure = gst_structure_new ("fault", "fault", G_TYPE_INT, (int) fault, NULL);
  GstObject *source = GST_OBJECT (self->pipeline);
  gst_element_post_message (self->pipeline, gst_message_new_application (source, structure));
}

static void
on_error (Session *self, GstMessage *message)
{
  bool is_fault = false;
  CallMediaFault fault = CALL_MEDIA_BROKEN;
  for (size_t i = 0; i < G_N_ELEMENTS (self->ends); i++)
    if (endpoint_take_error (self->ends[i], message, &is_fault, &fault)) {
      if (is_fault)
        self->events.fault (self->user_data, fault);
      return;
    }
  GstObject *source = GST_MESSAGE_SRC (message), *pipeline = GST_OBJECT (self->pipeline);
  if (source != pipeline && !gst_object_has_as_ancestor (source, pipeline))
    return; /* what failed is gone already */
  g_autoptr (GError) error = NULL;
  g_autofree char *detail = NULL;
  gst_message_parse_error (message, &error, &detail);
  g_debug ("%s: %s (%s)", GST_OBJECT_NAME (source), error->message, detail);
  self->events.fault (self->user_data, CALL_MEDIA_BROKEN);
}

/* The speaker's level always flows, the microphone's has gaps while a device opens. */
static void
on_level (Session *self, const GstMessage *message, double db)
{
  if (GST_MESSAGE_SRC (message) == GST_OBJECT (self->microphone_level)) {
    level_update (&self->level, db, self->level.speaker_db, self->is_muted);
  } else if (GST_MESSAGE_SRC (message) == GST_OBJECT (self->speaker_level)) {
    self->level.speaker_db = db;
    self->events.level (self->user_data, self->level.microphone_db, self->level.speaker_db);
  }
}

/* rtpdtmfdepay's: method 1 is RFC 4733. */
static void
on_digit (Session *self, const GstStructure *structure)
{
  int number;
  char digit = '\0';
  if (gst_structure_get_int (structure, "number", &number))
    digit = codec_digit_of_number (number);
  if (digit != '\0' && self->is_receiving)
    self->events.digit (self->user_data, digit);
}

static void
on_element_message (Session *self, GstMessage *message)
{
  const GstStructure *structure = gst_message_get_structure (message);
  double db;
  if (element_read_level (message, &db))
    on_level (self, message, db);
  else if (gst_structure_has_name (structure, "first-sound"))
    self->events.first_sound (self->user_data);
  else if (gst_structure_has_name (structure, "dtmf-event"))
    on_digit (self, structure);
}

static gboolean
on_bus_message (GstBus *bus, GstMessage *message, void *user_data)
{
  Session *self = user_data;
  int fault;
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT) {
    on_element_message (self, message);
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    on_error (self, message);
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_LATENCY) {
    gst_bin_recalculate_latency (GST_BIN (self->pipeline));
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_APPLICATION) {
    if (gst_structure_get_int (gst_message_get_structure (message), "fault", &fault))
      self->events.fault (self->user_data, (CallMediaFault) fault);
  }
  return G_SOURCE_CONTINUE;
}

/* ---- ticks ---- */

static void
adapt_playout (Session *self, const StreamReport *now)
{
  bool is_repairing = now->red_packets > self->red_before;
  PlayoutTick tick = {
    .late = now->late > self->report.late ? now->late - self->report.late : 0,
    .jitter_ms = now->jitter_ms,
    .is_repairing = is_repairing,
  };
  uint32_t before_ms = self->playout.latency_ms;
  uint32_t now_ms = playout_update (&self->playout, &tick);
  if (now_ms != before_ms)
    stream_set_latency (self->stream, now_ms);
}

static void
adapt_protection (Session *self)
{
  stream_set_protection (self->stream, self->protection.mode, protection_loss (&self->protection));
}

static void
report_quality (Session *self, const StreamReport *now)
{
  if (now->packets > 0 || self->heard_us == 0)
    self->heard_us = now->last_packet_us;
  QualityCounters counters = {
    .played = now->played,
    .lost = now->lost,
    .bytes_sent = outbox_bytes (self->outbox),
    .bytes_received = now->bytes,
    .jitter_ms = now->jitter_ms,
    .jitter_sent_ms = now->jitter_sent_ms,
    .rtt_ms = now->rtt_ms,
    .loss_sent = now->loss_sent,
    .report_time = now->report_time,
    .highest = now->report,
    .silence_s = (double) (g_get_monotonic_time () - self->heard_us) / G_USEC_PER_SEC,
  };
  CallMediaQuality quality;
  quality_update (&self->quality, &counters, &quality);
  quality.is_microphone_silent = level_is_silent (&self->level);
  quality.is_speaking_muted = level_is_speaking_muted (&self->level);
  adapt_protection (self);
  self->red_before = now->red_packets;
  self->events.quality (self->user_data, &quality);
}

static gboolean
on_tick (void *user_data)
{
  Session *self = user_data;
  self->ticks++;
  endpoint_check (self->ends[CALL_MEDIA_INPUT]);
  if (self->ticks % RETRY_TICKS == 0)
    for (size_t i = 0; i < G_N_ELEMENTS (self->ends); i++)
      endpoint_retry (self->ends[i]);
  if (self->stream == NULL)
    return G_SOURCE_CONTINUE;

  StreamReport now;
  stream_report (self->stream, &now);
  if (now.report != self->report.report)
    protection_report (&self->protection, now.loss_sent);
  adapt_playout (self, &now);
  self->report = now;
  if (self->ticks % TICKS_PER_S == 0)
    report_quality (self, &now);
  return G_SOURCE_CONTINUE;
}

/* ---- the interface ---- */

static void
on_datagram (void *user_data, Bytes datagram)
{
  Session *self = user_data;
  self->events.send (self->user_data, datagram);
}

static void
open_end (Session *self, CallMediaDirection direction, const char *id)
{
  CallMediaFault fault;
  if (!endpoint_open (self->ends[direction], id, &fault))
    post_fault (self, fault);
}

static void
use_tape (Session *self, const CallMediaOptions *options)
{
  g_autoptr (GError) error = NULL;
  self->tape = tape_new (options->play_path, options->record_path, options->is_echo, &error);
  if (self->tape == NULL) {
    g_debug ("%s", error->message);
    post_fault (self, CALL_MEDIA_BROKEN);
    return;
  }
  GstElement *source = tape_make_source (self->tape);
  GstElement *sink = tape_make_sink (self->tape);
  if (source != NULL)
    endpoint_use (self->ends[CALL_MEDIA_INPUT], source);
  if (sink != NULL)
    endpoint_use (self->ends[CALL_MEDIA_OUTPUT], sink);
}

Session *
session_new (const CallMediaOptions *options,
             const char *microphone_id,
             const char *speaker_id,
             const CallMediaEvents *events,
             void *user_data)
{
  Session *self = g_new0 (Session, 1);
  self->events = *events;
  self->user_data = user_data;
  self->is_sending = self->is_receiving = true;
  level_init (&self->level);
  playout_init (&self->playout);
  self->outbox = outbox_new (on_datagram, self);

  bool is_bare = options->is_echo || options->is_silent;
  bool has_microphone = !is_bare && options->play_path == NULL;
  bool has_speaker = !is_bare && options->record_path == NULL;
  build_pipeline (self, has_microphone && has_speaker);
  g_autoptr (GstBus) bus = gst_pipeline_get_bus (GST_PIPELINE (self->pipeline));
  self->bus_id = gst_bus_add_watch (bus, on_bus_message, self);
  use_tape (self, options);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  if (has_speaker)
    open_end (self, CALL_MEDIA_OUTPUT, speaker_id);
  if (has_microphone)
    open_end (self, CALL_MEDIA_INPUT, microphone_id);
  self->tick_id = g_timeout_add (PLAYOUT_TICK_MS, on_tick, self);
  return self;
}

void
session_free (Session *self)
{
  if (self == NULL)
    return;
  g_source_remove (self->tick_id);
  g_source_remove (self->bus_id);
  stream_free (self->stream);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (self->ends); i++)
    endpoint_free (self->ends[i]);
  gst_object_unref (self->pipeline);
  tape_free (self->tape);
  outbox_free (self->outbox);
  explicit_bzero (&self->keys, sizeof self->keys);
  g_free (self);
}

static bool
is_same_stream (const Session *self,
                const SrtpKeys *keys,
                const MediaCodec *codecs,
                size_t codec_count)
{
  if (self->stream == NULL || self->codec_count != codec_count ||
      self->keys.profile != keys->profile ||
      memcmp (self->keys.send, keys->send, sizeof keys->send) != 0 ||
      memcmp (self->keys.receive, keys->receive, sizeof keys->receive) != 0)
    return false;
  for (size_t i = 0; i < codec_count; i++)
    if (self->codecs[i].payload_type != codecs[i].payload_type ||
        strcmp (self->codecs[i].name, codecs[i].name) != 0)
      return false;
  return true;
}

void
session_start (Session *self, const SrtpKeys *keys, const MediaCodec *codecs, size_t codec_count)
{
  codec_count = MIN (codec_count, CODECS_MAX);
  if (is_same_stream (self, keys, codecs, codec_count))
    return;
  stream_free (self->stream);
  self->keys = *keys;
  self->codec_count = codec_count;
  memcpy (self->codecs, codecs, codec_count * sizeof codecs[0]);
  self->report = (StreamReport){ 0 };
  self->red_before = 0;
  quality_init (&self->quality);
  protection_init (&self->protection);
  StreamPlan plan = {
    .pipeline = self->pipeline,
    .speech = self->speech,
    .mixer = self->mixer,
    .outbox = self->outbox,
    .keys = keys,
    .codecs = self->codecs,
    .codec_count = codec_count,
    .latency_ms = self->playout.latency_ms,
  };
  self->stream = stream_new (&plan);
  if (self->stream == NULL) {
    post_fault (self, CALL_MEDIA_BROKEN);
    return;
  }
  stream_set_direction (self->stream, self->is_sending, self->is_receiving);
  if (self->tape != NULL)
    tape_play (self->tape);
}

void
session_receive (Session *self, Bytes datagram)
{
  if (self->stream != NULL)
    stream_receive (self->stream, datagram);
}

void
session_set_direction (Session *self, bool is_sending, bool is_receiving)
{
  self->is_sending = is_sending;
  self->is_receiving = is_receiving;
  quality_forget_hearing (&self->quality);
  if (self->stream != NULL)
    stream_set_direction (self->stream, is_sending, is_receiving);
}

void
session_set_muted (Session *self, bool is_muted)
{
  self->is_muted = is_muted;
  g_object_set (self->volume, "mute", is_muted, NULL);
}

void
session_send_digit (Session *self, char digit)
{
  if (self->stream == NULL || !self->is_sending || !stream_send_digit (self->stream, digit))
    g_debug ("no digit sent: none agreed on, or on hold");
}

void
session_set_device (Session *self, CallMediaDirection direction, const char *id)
{
  if (endpoint_is_device (self->ends[direction]))
    open_end (self, direction, id);
}
