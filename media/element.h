/* SPDX-License-Identifier: GPL-3.0-or-later */
/* element.h: GStreamer's elements, as this folder puts them together. */
#pragma once
#include <gst/gst.h>
#include <stdbool.h>

/* Names of the factories that this folder needs and that are missing, or NULL; g_free() it. */
char *element_missing (void);

/* Into a bin or pipeline, which owns it. Its factory is one of those element_missing() looks for.
 */
GstElement *element_add (GstElement *bin, const char *factory);

/* A capsfilter for the one format we mix and encode: S16LE, 48 kHz, mono. */
GstElement *element_add_format (GstElement *bin);
GstCaps *element_format_caps (void);

/* Shows the pad `name` ("sink" or "src") of a child as the bin's own, which is returned. */
GstPad *element_expose (GstElement *bin, GstElement *child, const char *name);

/* The same for a "sink"; what goes wrong behind it never stops who pushes into it. */
void element_expose_forgiving (GstElement *bin, GstElement *child, const char *name);

/* The same, but the bin posts an error: a sink may refuse a format without a word. */
void element_expose_reporting (GstElement *bin, GstElement *child, const char *name);

/* From a pad to the element's "sink"; false when they have no format in common. */
bool element_link_pad (GstPad *pad, GstElement *element);

/* A new "src" of a tee that may be running; the caller's reference. It misses no event that
 * went by before. */
GstPad *element_request_branch (GstElement *tee);

/* Every element of a factory, at any depth. */
typedef void (*ElementFunc) (GstElement *element, void *user_data);
void element_foreach (GstElement *bin, const char *factory, ElementFunc func, void *user_data);

/* The first one of a factory; the caller's reference. */
GstElement *element_find (GstElement *bin, const char *factory);

enum { ELEMENT_SILENCE_DB = -100 }; /* no level is below this */

/* RMS in dBFS of a message that a "level" element has posted; false for any other message. */
bool element_read_level (GstMessage *message, double *ret_db);
