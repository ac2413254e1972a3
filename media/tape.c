/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file is read whole at the start. Its samples leave in chunks of 20 ms whenever the source
 * asks for one, and clocksync lets each go when its time has come. GStreamer converts them: it
 * meets plain PCM whose format our own reader has checked, never the file. */
#define G_LOG_DOMAIN "media"
#include "media/tape.h"

#include "core/base/limits.h"
#include "media/codec.h"
#include "media/element.h"
#include "media/media.h"
#include "media/wav.h"

#include <gst/app/app.h>
#include <gst/audio/audio.h>
#include <sys/stat.h>

enum { CHUNKS_PER_S = 50 };

struct Tape {
  bool is_echo;
  char *file; /* what `samples` points into */
  WavFormat format;
  Bytes samples;
  size_t position;     /* streaming thread */
  uint64_t chunk;      /* of 20 ms each, spoken so far; streaming thread */
  int is_playing;      /* atomic */
  WavWriter *recorder; /* streaming thread, once it runs */
  GstElement *loop;    /* our reference */
};

/* ---- speaking a file ---- */

static bool
load (Tape *self, const char *path, GError **error)
{
  struct stat status;
  size_t size = 0;
  if (stat (path, &status) == 0 && status.st_size > LIMIT_WAV_SIZE) {
    g_set_error (error, MEDIA_ERROR, MEDIA_ERROR_FILE, "%s is too large", path);
    return false;
  }
  if (!g_file_get_contents (path, &self->file, &size, error))
    return false;
  Bytes file = { (const uint8_t *) self->file, size };
  return wav_parse (file, &self->format, &self->samples, error);
}

static GstCaps *
file_caps (const Tape *self)
{
  const char *format = self->format.is_float     ? "F32LE"
                       : self->format.bits == 8  ? "U8"
                       : self->format.bits == 16 ? "S16LE"
                       : self->format.bits == 24 ? "S24LE"
                                                 : "S32LE";
  uint64_t mask = gst_audio_channel_get_fallback_mask ((int) self->format.channels);
  return gst_caps_new_simple ("audio/x-raw", "format", G_TYPE_STRING, format, "layout",
                              G_TYPE_STRING, "interleaved", "rate", G_TYPE_INT, self->format.rate,
                              "channels", G_TYPE_INT, self->format.channels, "channel-mask",
                              GST_TYPE_BITMASK, mask, NULL);
}

static void
on_chunk_wanted (GstAppSrc *source, guint length, void *user_data)
{
  Tape *self = user_data;
  size_t frame = self->format.channels * self->format.bits / 8;
  size_t size = self->format.rate / CHUNKS_PER_S * frame;
  GstBuffer *chunk = gst_buffer_new_allocate (NULL, size, NULL);
  gst_buffer_memset (chunk, 0, self->format.bits == 8 ? 0x80 : 0, size);
  if (g_atomic_int_get (&self->is_playing)) {
    size_t count = MIN (size, self->samples.size - self->position);
    gst_buffer_fill (chunk, 0, self->samples.data + self->position, count);
    self->position += count;
  }
  GST_BUFFER_PTS (chunk) = self->chunk++ * (GST_SECOND / CHUNKS_PER_S);
  GST_BUFFER_DURATION (chunk) = GST_SECOND / CHUNKS_PER_S;
  gst_app_src_push_buffer (source, chunk);
}

static GstElement *
make_file_source (Tape *self)
{
  GstElement *bin = gst_bin_new (NULL);
  GstElement *source = element_add (bin, "appsrc");
  g_autoptr (GstCaps) caps = file_caps (self);
  g_object_set (source, "caps", caps, "format", GST_FORMAT_TIME, NULL);
  GstAppSrcCallbacks callbacks = { .need_data = on_chunk_wanted };
  gst_app_src_set_callbacks (GST_APP_SRC (source), &callbacks, self, NULL);
  GstElement *clock = element_add (bin, "clocksync");
  GstElement *convert = element_add (bin, "audioconvert");
  GstElement *resample = element_add (bin, "audioresample");
  GstElement *format = element_add_format (bin);
  gst_element_link_many (source, clock, convert, resample, format, NULL);
  element_expose (bin, format, "src");
  return bin;
}

/* ---- taking what is heard ---- */

static GstFlowReturn
on_heard (GstAppSink *sink, void *user_data)
{
  Tape *self = user_data;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);
  GstBuffer *buffer = sample == NULL ? NULL : gst_sample_get_buffer (sample);
  GstMapInfo map;
  if (buffer == NULL || !gst_buffer_map (buffer, &map, GST_MAP_READ))
    return GST_FLOW_OK;
  if (self->recorder != NULL)
    wav_writer_add (self->recorder, (Bytes){ map.data, map.size });
  if (self->loop != NULL)
    gst_app_src_push_buffer (GST_APP_SRC (self->loop), gst_buffer_new_memdup (map.data, map.size));
  gst_buffer_unmap (buffer, &map);
  return GST_FLOW_OK;
}

static GstElement *
make_loop_source (Tape *self)
{
  GstElement *bin = gst_bin_new (NULL);
  GstElement *source = element_add (bin, "appsrc");
  GstElement *format = element_add_format (bin);
  g_autoptr (GstCaps) caps = element_format_caps ();
  g_object_set (source, "caps", caps, "format", GST_FORMAT_TIME, "is-live", TRUE, "do-timestamp",
                TRUE, "max-buffers", (guint64) LIMIT_MEDIA_BACKLOG, "emit-signals", FALSE, NULL);
  gst_util_set_object_arg (G_OBJECT (source), "leaky-type", "downstream");
  gst_element_link (source, format);
  element_expose (bin, format, "src");
  self->loop = gst_object_ref (source);
  return bin;
}

/* ---- the interface ---- */

Tape *
tape_new (const char *play_path, const char *record_path, bool is_echo, GError **error)
{
  g_autoptr (Tape) self = g_new0 (Tape, 1);
  self->is_echo = is_echo;
  if (play_path != NULL && !load (self, play_path, error))
    return NULL;
  if (record_path != NULL) {
    self->recorder = wav_writer_new (record_path, CODEC_CLOCK_RATE, 1, error);
    if (self->recorder == NULL)
      return NULL;
  }
  return g_steal_pointer (&self);
}

void
tape_free (Tape *self)
{
  if (self == NULL)
    return;
  wav_writer_free (self->recorder);
  gst_clear_object (&self->loop);
  g_free (self->file);
  g_free (self);
}

GstElement *
tape_make_source (Tape *self)
{
  if (self->file != NULL)
    return make_file_source (self);
  return self->is_echo ? make_loop_source (self) : NULL;
}

GstElement *
tape_make_sink (Tape *self)
{
  if (self->recorder == NULL && !self->is_echo)
    return NULL;
  GstElement *bin = gst_bin_new (NULL);
  GstElement *sink = element_add (bin, "appsink");
  g_object_set (sink, "async", FALSE, "sync", TRUE, "enable-last-sample", FALSE,
                "processing-deadline", (guint64) 0, NULL);
  GstAppSinkCallbacks callbacks = { .new_sample = on_heard };
  gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, self, NULL);
  element_expose_forgiving (bin, sink, "sink");
  return bin;
}

void
tape_play (Tape *self)
{
  g_atomic_int_set (&self->is_playing, TRUE);
}
