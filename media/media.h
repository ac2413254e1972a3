/* SPDX-License-Identifier: GPL-3.0-or-later */
/* media.h: the media port by GStreamer; see core/phone/call-media.h for what it does. */
#pragma once
#include "core/phone/call-media.h"

#define MEDIA_ERROR (media_error_quark ())
GQuark media_error_quark (void);

typedef enum MediaError {
  MEDIA_ERROR_PLUGINS, /* parts of GStreamer are not installed; the message names them */
  MEDIA_ERROR_FILE,    /* a WAV file cannot be read or written */
} MediaError;

/* Sets GStreamer up. All callbacks come on the main context that is the thread's default now.
 * One is enough for a program; `media_free` after the last session. */
CallMedia *media_new (GError **error);
void media_free (CallMedia *media);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CallMedia, media_free)
