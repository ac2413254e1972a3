/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two small pipelines: the meter (microphone ─ level ─ fakesink) and the recorder (microphone ─
 * level ─ appsink, then appsrc ─ speaker with what was collected). The recorder's own levels tell
 * whether anything was heard. */
#define G_LOG_DOMAIN "media"
#include "media/sound-check.h"

#include "media/codec.h"
#include "media/element.h"
#include "media/endpoint.h"

#include <gst/app/app.h>
#include <math.h>

enum {
  RECORD_S = 3,
  RECORD_BYTES = RECORD_S * CODEC_CLOCK_RATE * 2,
};

static const double HEARD_DB = -50;

struct SoundCheck {
  GstElement *meter, *recorder; /* pipelines, NULL when not running */
  unsigned meter_bus_id, recorder_bus_id;
  SoundCheckLevelFunc level;
  void *level_data;
  SoundCheckDoneFunc done;
  void *done_data;
  char *speaker_id;
  GByteArray *recording; /* the streaming thread's until the recorder's "full" message */
  bool was_heard;
};

static void
stop (GstElement **pipeline, unsigned *bus_id)
{
  g_clear_handle_id (bus_id, g_source_remove);
  if (*pipeline != NULL)
    gst_element_set_state (*pipeline, GST_STATE_NULL);
  gst_clear_object (pipeline);
}

static void
play (GstElement *pipeline, unsigned *bus_id, GstBusFunc on_message, void *user_data)
{
  g_autoptr (GstBus) bus = gst_pipeline_get_bus (GST_PIPELINE (pipeline));
  *bus_id = gst_bus_add_watch (bus, on_message, user_data);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
}

/* microphone ─ level ─ `last` */
static GstElement *
make_listener (const char *microphone_id, const char *last)
{
  GstElement *pipeline = gst_pipeline_new (NULL);
  GstElement *source = endpoint_make_device (CALL_MEDIA_INPUT, microphone_id);
  gst_bin_add (GST_BIN (pipeline), source);
  GstElement *convert = element_add (pipeline, "audioconvert");
  GstElement *resample = element_add (pipeline, "audioresample");
  GstElement *format = element_add_format (pipeline);
  GstElement *level = element_add (pipeline, "level");
  GstElement *sink = element_add (pipeline, last);
  g_object_set (level, "interval", (guint64) (GST_SECOND / 10), NULL);
  g_object_set (sink, "async", FALSE, "sync", FALSE, "enable-last-sample", FALSE, NULL);
  gst_element_link_many (source, convert, resample, format, level, sink, NULL);
  return pipeline;
}

/* ---- the meter ---- */

static gboolean
on_meter_message (GstBus *bus, GstMessage *message, void *user_data)
{
  SoundCheck *self = user_data;
  double db;
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    self->level (self->level_data, ELEMENT_SILENCE_DB);
  else if (element_read_level (message, &db))
    self->level (self->level_data, db);
  return G_SOURCE_CONTINUE;
}

/* ---- the recorder ---- */

static void
finish (SoundCheck *self)
{
  stop (&self->recorder, &self->recorder_bus_id);
  g_clear_pointer (&self->recording, g_byte_array_unref);
  self->done (self->done_data, self->was_heard);
}

static gboolean
on_player_message (GstBus *bus, GstMessage *message, void *user_data)
{
  GstMessageType type = GST_MESSAGE_TYPE (message);
  if (type == GST_MESSAGE_ERROR || type == GST_MESSAGE_EOS)
    finish (user_data);
  return G_SOURCE_CONTINUE;
}

static void
play_back (SoundCheck *self)
{
  stop (&self->recorder, &self->recorder_bus_id);
  self->recorder = gst_pipeline_new (NULL);
  GstElement *source = element_add (self->recorder, "appsrc");
  GstElement *sink = endpoint_make_device (CALL_MEDIA_OUTPUT, self->speaker_id);
  gst_bin_add (GST_BIN (self->recorder), sink);
  g_object_set (sink, "sync", FALSE, NULL);
  g_autoptr (GstCaps) caps = element_format_caps ();
  g_object_set (source, "caps", caps, "format", GST_FORMAT_TIME, "max-bytes",
                (guint64) RECORD_BYTES, NULL);
  gst_element_link (source, sink);
  play (self->recorder, &self->recorder_bus_id, on_player_message, self);
  size_t size = self->recording->len;
  uint8_t *samples = g_byte_array_free (g_steal_pointer (&self->recording), FALSE);
  gst_app_src_push_buffer (GST_APP_SRC (source), gst_buffer_new_wrapped (samples, size));
  gst_app_src_end_of_stream (GST_APP_SRC (source));
}

static gboolean
on_recorder_message (GstBus *bus, GstMessage *message, void *user_data)
{
  SoundCheck *self = user_data;
  double db;
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    finish (self);
  else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    play_back (self);
  else if (element_read_level (message, &db))
    self->was_heard |= db > HEARD_DB;
  return G_SOURCE_CONTINUE;
}

static GstFlowReturn
on_recorded (GstAppSink *sink, void *user_data)
{
  SoundCheck *self = user_data;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);
  GstBuffer *buffer = sample == NULL ? NULL : gst_sample_get_buffer (sample);
  GstMapInfo map;
  if (buffer == NULL || !gst_buffer_map (buffer, &map, GST_MAP_READ))
    return GST_FLOW_OK;
  g_byte_array_append (self->recording, map.data, map.size);
  gst_buffer_unmap (buffer, &map);
  return self->recording->len >= RECORD_BYTES ? GST_FLOW_EOS : GST_FLOW_OK;
}

/* ---- the interface ---- */

SoundCheck *
sound_check_new (void)
{
  return g_new0 (SoundCheck, 1);
}

void
sound_check_free (SoundCheck *self)
{
  if (self == NULL)
    return;
  stop (&self->meter, &self->meter_bus_id);
  stop (&self->recorder, &self->recorder_bus_id);
  g_clear_pointer (&self->recording, g_byte_array_unref);
  g_free (self->speaker_id);
  g_free (self);
}

void
sound_check_watch (SoundCheck *self,
                   const char *microphone_id,
                   SoundCheckLevelFunc level,
                   void *user_data)
{
  stop (&self->meter, &self->meter_bus_id);
  self->level = level;
  self->level_data = user_data;
  if (level == NULL)
    return;
  self->meter = make_listener (microphone_id, "fakesink");
  play (self->meter, &self->meter_bus_id, on_meter_message, self);
}

void
sound_check_record (SoundCheck *self,
                    const char *microphone_id,
                    const char *speaker_id,
                    SoundCheckDoneFunc done,
                    void *user_data)
{
  stop (&self->recorder, &self->recorder_bus_id);
  g_clear_pointer (&self->recording, g_byte_array_unref);
  self->recording = g_byte_array_sized_new (RECORD_BYTES);
  g_free (self->speaker_id);
  self->speaker_id = g_strdup (speaker_id);
  self->done = done;
  self->done_data = user_data;
  self->was_heard = false;
  self->recorder = make_listener (microphone_id, "appsink");
  g_autoptr (GstElement) sink = element_find (self->recorder, "appsink");
  GstAppSinkCallbacks callbacks = { .new_sample = on_recorded };
  gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, self, NULL);
  play (self->recorder, &self->recorder_bus_id, on_recorder_message, self);
}
