/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pipeline of its own (a tone sounds without a call), appsrc ─ device, made for each tone. When
 * the device fails, the server's default takes over; when that fails, there is no tone. */
#define G_LOG_DOMAIN "media"
#include "media/ringer.h"

#include "media/element.h"
#include "media/endpoint.h"
#include "media/tone.h"

#include <gst/app/app.h>

enum {
  CHUNK = TONE_RATE / 50,
  BUFFER_US = 100000, /* nobody talks over a tone: fewer wake-ups instead of short delay */
  PERIOD_US = 20000,
};

struct Ringer {
  GstElement *pipeline; /* NULL when silent */
  unsigned bus_id;
  Tone tone; /* the streaming thread's, while there is one */
  char *device;
};

static void
on_chunk_wanted (GstAppSrc *source, guint length, void *user_data)
{
  Ringer *self = user_data;
  int16_t samples[CHUNK];
  if (tone_fill (&self->tone, samples, CHUNK))
    gst_app_src_push_buffer (source, gst_buffer_new_memdup (samples, sizeof samples));
  else
    gst_app_src_end_of_stream (source);
}

static void
stop (Ringer *self)
{
  if (self->pipeline == NULL)
    return;
  g_source_remove (self->bus_id);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_clear_object (&self->pipeline);
}

static void
start (Ringer *self, const char *device, GstBusFunc on_message)
{
  self->pipeline = gst_pipeline_new (NULL);
  GstElement *source = element_add (self->pipeline, "appsrc");
  GstElement *sink = endpoint_make_device (CALL_MEDIA_OUTPUT, device);
  gst_bin_add (GST_BIN (self->pipeline), sink);
  g_autoptr (GstStructure) role =
    gst_structure_new ("props", "media.role", G_TYPE_STRING, "event", NULL);
  g_object_set (sink, "buffer-time", (gint64) BUFFER_US, "latency-time", (gint64) PERIOD_US, "sync",
                FALSE, "stream-properties", role, NULL);
  g_autoptr (GstCaps) caps = element_format_caps ();
  g_object_set (source, "caps", caps, "format", GST_FORMAT_TIME, NULL);
  GstAppSrcCallbacks callbacks = { .need_data = on_chunk_wanted };
  gst_app_src_set_callbacks (GST_APP_SRC (source), &callbacks, self, NULL);
  gst_element_link (source, sink);
  g_autoptr (GstBus) bus = gst_pipeline_get_bus (GST_PIPELINE (self->pipeline));
  self->bus_id = gst_bus_add_watch (bus, on_message, self);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
}

/* An error on the wanted device leads to the default one, on that to silence. */
static gboolean
on_bus_message (GstBus *bus, GstMessage *message, void *user_data)
{
  Ringer *self = user_data;
  bool is_error = GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR;
  if (!is_error && GST_MESSAGE_TYPE (message) != GST_MESSAGE_EOS)
    return G_SOURCE_CONTINUE;
  bool has_other = is_error && self->device[0] != '\0';
  stop (self);
  g_free (self->device);
  self->device = g_strdup ("");
  if (has_other)
    start (self, "", on_bus_message);
  return G_SOURCE_CONTINUE;
}

Ringer *
ringer_new (void)
{
  Ringer *self = g_new0 (Ringer, 1);
  self->device = g_strdup ("");
  return self;
}

void
ringer_free (Ringer *self)
{
  if (self == NULL)
    return;
  stop (self);
  g_free (self->device);
  g_free (self);
}

void
ringer_set (Ringer *self, CallMediaTone tone, const char *device)
{
  stop (self);
  g_free (self->device);
  self->device = g_strdup (device);
  self->tone = (Tone){ .kind = tone };
  if (tone != CALL_MEDIA_TONE_NONE)
    start (self, device, on_bus_message);
}
