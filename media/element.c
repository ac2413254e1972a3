/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every element we make is in one list, which is checked at the start and is the whole of what a
 * peer's bytes can ever meet: no decodebin, no playbin, nothing plugged by type (threat 4.12). */
#include "media/element.h"

#include "media/codec.h"

static const char *const factories[] = {
  "appsink",    "appsrc",       "audioconvert", "audiomixer", "audioresample", "audiotestsrc",
  "capsfilter", "clocksync",    "fakesink",     "funnel",     "level",         "opusdec",
  "opusenc",    "pulsesink",    "pulsesrc",     "rtpbin",     "rtpdtmfdepay",  "rtpdtmfmux",
  "rtpdtmfsrc", "rtpopusdepay", "rtpopuspay",   "rtpreddec",  "rtpredenc",     "srtpdec",
  "srtpenc",    "tee",          "valve",        "volume",     "webrtcdsp",     "webrtcechoprobe",
};

char *
element_missing (void)
{
  GString *missing = g_string_new (NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (factories); i++) {
    g_autoptr (GstElementFactory) factory = gst_element_factory_find (factories[i]);
    if (factory == NULL)
      g_string_append_printf (missing, "%s%s", missing->len > 0 ? ", " : "", factories[i]);
  }
  return g_string_free (missing, missing->len == 0);
}

GstElement *
element_add (GstElement *bin, const char *factory)
{
  GstElement *element = gst_element_factory_make (factory, NULL);
  g_assert (element != NULL);
  gst_bin_add (GST_BIN (bin), element);
  return element;
}

GstCaps *
element_format_caps (void)
{
  return gst_caps_new_simple ("audio/x-raw", "format", G_TYPE_STRING, "S16LE", "layout",
                              G_TYPE_STRING, "interleaved", "rate", G_TYPE_INT, CODEC_CLOCK_RATE,
                              "channels", G_TYPE_INT, 1, NULL);
}

GstElement *
element_add_format (GstElement *bin)
{
  GstElement *format = element_add (bin, "capsfilter");
  g_autoptr (GstCaps) caps = element_format_caps ();
  g_object_set (format, "caps", caps, NULL);
  return format;
}

GstPad *
element_expose (GstElement *bin, GstElement *child, const char *name)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (child, name);
  GstPad *ghost = gst_ghost_pad_new (name, pad);
  gst_element_add_pad (bin, ghost);
  return ghost;
}

static GstFlowReturn
chain_forgiving (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  gst_proxy_pad_chain_default (pad, parent, buffer);
  return GST_FLOW_OK;
}

/* A format that is refused comes out when the next buffer is chained. */
static gboolean
event_forgiving (GstPad *pad, GstObject *parent, GstEvent *event)
{
  gst_pad_event_default (pad, parent, event);
  return TRUE;
}

static GstFlowReturn
chain_reporting (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  GstFlowReturn flow = gst_proxy_pad_chain_default (pad, parent, buffer);
  if (flow == GST_FLOW_NOT_LINKED || flow <= GST_FLOW_NOT_NEGOTIATED)
    GST_ELEMENT_FLOW_ERROR (parent, flow);
  return GST_FLOW_OK;
}

void
element_expose_forgiving (GstElement *bin, GstElement *child, const char *name)
{
  GstPad *pad = element_expose (bin, child, name);
  gst_pad_set_chain_function (pad, chain_forgiving);
  gst_pad_set_event_function (pad, event_forgiving);
}

void
element_expose_reporting (GstElement *bin, GstElement *child, const char *name)
{
  GstPad *pad = element_expose (bin, child, name);
  gst_pad_set_chain_function (pad, chain_reporting);
  gst_pad_set_event_function (pad, event_forgiving);
}

bool
element_link_pad (GstPad *pad, GstElement *element)
{
  g_autoptr (GstPad) sink = gst_element_get_static_pad (element, "sink");
  return gst_pad_link (pad, sink) == GST_PAD_LINK_OK;
}

/* The tee copies to the new pad what its sink has stored, and adds the pad after that: an event
 * that comes in between reaches the pad in neither way. So nothing may come in. */
GstPad *
element_request_branch (GstElement *tee)
{
  g_autoptr (GstPad) sink = gst_element_get_static_pad (tee, "sink");
  GST_PAD_STREAM_LOCK (sink);
  GstPad *branch = gst_element_request_pad_simple (tee, "src_%u");
  GST_PAD_STREAM_UNLOCK (sink);
  return branch;
}

static void
collect (const GValue *value, void *user_data)
{
  g_ptr_array_add (user_data, g_value_dup_object (value));
}

/* Collected first: an iterator that is disturbed begins again, and `func` shall not. */
void
element_foreach (GstElement *bin, const char *factory, ElementFunc func, void *user_data)
{
  g_autoptr (GPtrArray) elements = g_ptr_array_new_with_free_func (gst_object_unref);
  GstIterator *found = gst_bin_iterate_all_by_element_factory_name (GST_BIN (bin), factory);
  while (gst_iterator_foreach (found, collect, elements) == GST_ITERATOR_RESYNC) {
    g_ptr_array_set_size (elements, 0);
    gst_iterator_resync (found);
  }
  gst_iterator_free (found);
  for (unsigned i = 0; i < elements->len; i++)
    func (elements->pdata[i], user_data);
}

static void
keep_first (GstElement *element, void *user_data)
{
  GstElement **first = user_data;
  if (*first == NULL)
    *first = gst_object_ref (element);
}

GstElement *
element_find (GstElement *bin, const char *factory)
{
  GstElement *first = NULL;
  element_foreach (bin, factory, keep_first, &first);
  return first;
}

bool
element_read_level (GstMessage *message, double *ret_db)
{
  const GstStructure *structure = gst_message_get_structure (message);
  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ELEMENT ||
      !gst_structure_has_name (structure, "level"))
    return false;
  const GValue *value = gst_structure_get_value (structure, "rms");
  GValueArray *channels = value == NULL ? NULL : g_value_get_boxed (value);
  double db = ELEMENT_SILENCE_DB;
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS /* GStreamer still speaks GValueArray here */
    if (channels != NULL && channels->n_values > 0) db =
      g_value_get_double (g_value_array_get_nth (channels, 0));
  G_GNUC_END_IGNORE_DEPRECATIONS
  *ret_db = MAX (db, ELEMENT_SILENCE_DB);
  return true;
}
