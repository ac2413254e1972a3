/* SPDX-License-Identifier: GPL-3.0-or-later */
/* States: SILENT (nothing wanted), FOREIGN (a file or loop), CHOSEN (the wanted device), DEFAULT
 * (the server's, since the wanted one failed), FAILED (silence, tried again by endpoint_retry()).
 *
 * Sources are swapped by stopping the old one; sinks hang on a tee that bears to push into nothing.
 * What an element that dies sends down or up the line is held back here: the end of stream of a
 * source at its pad, the error of a sink at its chain function.
 *
 * Buffer times are the smallest that ran without gaps (and the server may give more); the sink's
 * deadline of 20 ms for processing is left out, since the jitter buffer stands for that already.
 */
#define G_LOG_DOMAIN "media"
#include "media/endpoint.h"

#include "media/element.h"

#include <string.h>

#define MONITOR ".monitor" /* how the sound server ends the name of what a speaker plays */

enum {
  BUFFER_US = 20000,
  SOURCE_PERIOD_US = 10000, /* webrtcdsp never comes out of a discontinuity with less */
  SINK_PERIOD_US = 5000,
  ALIGNMENT_NS = 5 * 1000 * 1000, /* beyond it a sink follows the time stamps again */
};

typedef enum EndpointState {
  ENDPOINT_SILENT,
  ENDPOINT_FOREIGN,
  ENDPOINT_CHOSEN,
  ENDPOINT_DEFAULT,
  ENDPOINT_FAILED,
} EndpointState;

struct Endpoint {
  CallMediaDirection direction;
  EndpointState state;
  GstElement *pipeline, *neighbor;
  GstElement *bin;  /* in the pipeline; NULL for a silent sink */
  GstPad *tee_pad;  /* of a sink that is linked */
  char *device;     /* wanted; empty for the default */
  bool is_reported; /* that it failed */
};

static bool
is_input (const Endpoint *self)
{
  return self->direction == CALL_MEDIA_INPUT;
}

/* ---- elements ---- */

GstElement *
endpoint_make_device (CallMediaDirection direction, const char *device)
{
  bool is_source = direction == CALL_MEDIA_INPUT;
  GstElement *element = gst_element_factory_make (is_source ? "pulsesrc" : "pulsesink", NULL);
  g_assert (element != NULL);
  g_autoptr (GstStructure) properties =
    gst_structure_new ("props", "media.role", G_TYPE_STRING, "phone", NULL);
  g_object_set (element, "device", device[0] != '\0' ? device : NULL, "buffer-time",
                (gint64) BUFFER_US, "latency-time",
                (gint64) (is_source ? SOURCE_PERIOD_US : SINK_PERIOD_US), "provide-clock", FALSE,
                "stream-properties", properties, NULL);
  if (!is_source)
    g_object_set (element, "async", FALSE, "processing-deadline", (guint64) 0,
                  "alignment-threshold", (guint64) ALIGNMENT_NS, "discont-wait", (guint64) 0, NULL);
  return element;
}

/* A server without a microphone, or whose microphone was unplugged, gives what its speaker plays:
 * nobody wants to hear themselves. Which device it gives is known only when there is sound. */
static bool
check_monitor (GstElement *bin, const char *wanted)
{
  g_autoptr (GstElement) source = element_find (bin, "pulsesrc");
  g_autofree char *name = NULL;
  g_object_get (source, "current-device", &name, NULL);
  if (name == NULL || !g_str_has_suffix (name, MONITOR) || strcmp (name, wanted) == 0)
    return true;
  GST_ELEMENT_ERROR (bin, RESOURCE, NOT_FOUND, (NULL), ("only %s", name));
  return false;
}

static GstPadProbeReturn
on_first_buffer (GstPad *pad, GstPadProbeInfo *info, void *user_data)
{
  g_autoptr (GstElement) bin = gst_pad_get_parent_element (pad);
  return check_monitor (bin, user_data) ? GST_PAD_PROBE_REMOVE : GST_PAD_PROBE_DROP;
}

static GstElement *
make_device_bin (const Endpoint *self, const char *device)
{
  GstElement *bin = gst_bin_new (NULL);
  GstElement *element = endpoint_make_device (self->direction, device);
  gst_bin_add (GST_BIN (bin), element);
  GstElement *convert = element_add (bin, "audioconvert");
  GstElement *resample = element_add (bin, "audioresample");
  if (is_input (self)) {
    GstElement *format = element_add_format (bin);
    gst_element_link_many (element, convert, resample, format, NULL);
    GstPad *pad = element_expose (bin, format, "src");
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_first_buffer, g_strdup (device), g_free);
  } else {
    gst_element_link_many (convert, resample, element, NULL);
    element_expose_reporting (bin, convert, "sink");
  }
  return bin;
}

static GstElement *
make_silence (void)
{
  GstElement *bin = gst_bin_new (NULL);
  GstElement *silence = element_add (bin, "audiotestsrc");
  GstElement *format = element_add_format (bin);
  g_object_set (silence, "is-live", TRUE, "samplesperbuffer", 480, NULL);
  gst_util_set_object_arg (G_OBJECT (silence), "wave", "silence");
  gst_element_link (silence, format);
  element_expose (bin, format, "src");
  return bin;
}

/* ---- putting them in and taking them out ---- */

static GstPadProbeReturn
on_source_event (GstPad *pad, GstPadProbeInfo *info, void *user_data)
{
  bool is_end = GST_EVENT_TYPE (gst_pad_probe_info_get_event (info)) == GST_EVENT_EOS;
  return is_end ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

static void
take_out (Endpoint *self)
{
  if (self->bin == NULL)
    return;
  if (self->tee_pad != NULL) {
    g_autoptr (GstPad) sink = gst_element_get_static_pad (self->bin, "sink");
    gst_pad_unlink (self->tee_pad, sink);
    gst_element_release_request_pad (self->neighbor, self->tee_pad);
    gst_clear_object (&self->tee_pad);
  }
  gst_element_set_state (self->bin, GST_STATE_NULL);
  gst_bin_remove (GST_BIN (self->pipeline), self->bin);
  self->bin = NULL;
}

/* `bin` has been added and may be opened already. A device of a server that has none offers no
 * format at all; that comes back as its error, like every other. */
static void
link_in (Endpoint *self, GstElement *bin)
{
  bool is_linked;
  self->bin = bin;
  if (is_input (self)) {
    g_autoptr (GstPad) source = gst_element_get_static_pad (bin, "src");
    gst_pad_add_probe (source, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_source_event, NULL, NULL);
    is_linked = element_link_pad (source, self->neighbor);
    gst_element_sync_state_with_parent (bin);
  } else {
    gst_element_sync_state_with_parent (bin);
    self->tee_pad = element_request_branch (self->neighbor);
    is_linked = element_link_pad (self->tee_pad, bin);
  }
  if (!is_linked)
    GST_ELEMENT_ERROR (bin, RESOURCE, NOT_FOUND, (NULL), ("no format in common"));
}

static void
put_in (Endpoint *self, GstElement *bin)
{
  take_out (self);
  gst_bin_add (GST_BIN (self->pipeline), bin);
  link_in (self, bin);
}

static void
fall_silent (Endpoint *self, EndpointState state)
{
  self->state = state;
  if (is_input (self))
    put_in (self, make_silence ());
  else
    take_out (self);
}

/* READY is where a device element meets the server. The old end stays until the new one answers. */
static bool
put_in_device (Endpoint *self, const char *device, EndpointState state)
{
  GstElement *bin = make_device_bin (self, device);
  gst_object_ref_sink (bin);
  bool is_open = gst_element_set_state (bin, GST_STATE_READY) != GST_STATE_CHANGE_FAILURE;
  if (is_open) {
    put_in (self, bin);
    self->state = state;
  } else {
    gst_element_set_state (bin, GST_STATE_NULL);
  }
  gst_object_unref (bin);
  return is_open;
}

/* ---- the interface ---- */

Endpoint *
endpoint_new (CallMediaDirection direction, GstElement *pipeline, GstElement *neighbor)
{
  Endpoint *self = g_new0 (Endpoint, 1);
  self->direction = direction;
  self->pipeline = pipeline;
  self->neighbor = neighbor;
  self->device = g_strdup ("");
  fall_silent (self, ENDPOINT_SILENT);
  return self;
}

void
endpoint_free (Endpoint *self)
{
  if (self == NULL)
    return;
  take_out (self);
  g_free (self->device);
  g_free (self);
}

bool
endpoint_open (Endpoint *self, const char *device, CallMediaFault *ret_fault)
{
  g_autofree char *old_device = self->device;
  self->device = g_strdup (device);
  self->is_reported = false;
  if (put_in_device (self, device, ENDPOINT_CHOSEN))
    return true;
  fall_silent (self, ENDPOINT_FAILED);
  self->is_reported = true;
  *ret_fault = CALL_MEDIA_NO_SOUND_SERVER;
  return false;
}

bool
endpoint_is_device (const Endpoint *self)
{
  return self->state != ENDPOINT_SILENT && self->state != ENDPOINT_FOREIGN;
}

void
endpoint_use (Endpoint *self, GstElement *bin)
{
  put_in (self, bin);
  self->state = ENDPOINT_FOREIGN;
}

static bool
is_server_there (const Endpoint *self)
{
  g_autoptr (GstElement) device = gst_object_ref_sink (endpoint_make_device (self->direction, ""));
  bool is_there = gst_element_set_state (device, GST_STATE_READY) != GST_STATE_CHANGE_FAILURE;
  gst_element_set_state (device, GST_STATE_NULL);
  return is_there;
}

static CallMediaFault
fault_of_error (const Endpoint *self, const GError *error)
{
  if (!is_input (self))
    return CALL_MEDIA_NO_SPEAKER;
  bool is_busy = g_error_matches (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_BUSY) ||
                 g_error_matches (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_AUTHORIZED);
  return is_busy ? CALL_MEDIA_MICROPHONE_BUSY : CALL_MEDIA_NO_MICROPHONE;
}

bool
endpoint_take_error (Endpoint *self,
                     GstMessage *message,
                     bool *ret_is_fault,
                     CallMediaFault *ret_fault)
{
  GstObject *source = GST_MESSAGE_SRC (message), *bin = GST_OBJECT (self->bin);
  if (bin == NULL || (source != bin && !gst_object_has_as_ancestor (source, bin)))
    return false;
  g_autoptr (GError) error = NULL;
  g_autofree char *detail = NULL;
  gst_message_parse_error (message, &error, &detail);
  g_debug ("device \"%s\": %s (%s)", self->device, error->message, detail);

  *ret_is_fault = false;
  if (self->state == ENDPOINT_CHOSEN && put_in_device (self, "", ENDPOINT_DEFAULT))
    return true;
  *ret_fault = is_server_there (self) ? fault_of_error (self, error) : CALL_MEDIA_NO_SOUND_SERVER;
  fall_silent (self, ENDPOINT_FAILED);
  *ret_is_fault = !self->is_reported;
  self->is_reported = true;
  return true;
}

void
endpoint_check (Endpoint *self)
{
  if (is_input (self) && (self->state == ENDPOINT_CHOSEN || self->state == ENDPOINT_DEFAULT))
    check_monitor (self->bin, self->device);
}

void
endpoint_retry (Endpoint *self)
{
  if (self->state == ENDPOINT_FAILED)
    put_in_device (self, self->device, ENDPOINT_CHOSEN);
  else if (self->state == ENDPOINT_CHOSEN || self->state == ENDPOINT_DEFAULT)
    self->is_reported = false; /* it has held since the last time */
}
