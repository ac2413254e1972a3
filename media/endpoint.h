/* SPDX-License-Identifier: GPL-3.0-or-later */
/* endpoint.h: where a session's sound comes from, or goes to: a device, a file, a loop, or nothing.
 *
 * A device may be missing, vanish and come back while the pipeline plays; the rest of it never
 * notices more than silence. */
#pragma once
#include "core/phone/call-media.h"

#include <gst/gst.h>

typedef struct Endpoint Endpoint;

/* `neighbor` is the element in the pipeline that takes from a source or gives to a sink; for a sink
 * it is a tee that may be left alone. It starts as silence. */
Endpoint *endpoint_new (CallMediaDirection direction, GstElement *pipeline, GstElement *neighbor);
void endpoint_free (Endpoint *self);

/* An empty id is the server's default; a device that is not there is replaced by the default, and
 * if that fails by silence, then false and why. */
bool endpoint_open (Endpoint *self, const char *device, CallMediaFault *ret_fault);

/* Whether it was opened on a device, present or not. */
bool endpoint_is_device (const Endpoint *self);

/* A bin with the pad "src" or "sink" in place of a device; takes it. */
void endpoint_use (Endpoint *self, GstElement *bin);

/* An error message of the pipeline's bus. False when it comes from elsewhere. `ret_is_fault` tells
 * whether the endpoint has fallen silent by it, for which `ret_fault` is the reason. */
bool endpoint_take_error (Endpoint *self,
                          GstMessage *message,
                          bool *ret_is_fault,
                          CallMediaFault *ret_fault);

/* Often: whether the sound server still gives a microphone. What it gives instead is an error. */
void endpoint_check (Endpoint *self);

/* Once in a while: tries the device again when it is silent for want of one. */
void endpoint_retry (Endpoint *self);

/* One element for a device, not yet opened; for pipelines of their own too. */
GstElement *endpoint_make_device (CallMediaDirection direction, const char *device);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Endpoint, endpoint_free)
