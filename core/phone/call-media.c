/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/call-media.h"

void
call_media_device_free (CallMediaDevice *device)
{
  if (!device)
    return;
  g_free (device->id);
  g_free (device->name);
  g_free (device);
}

CallMediaOptions *
call_media_options_copy (const CallMediaOptions *options)
{
  CallMediaOptions *copy = options ? g_memdup2 (options, sizeof *options) : NULL;

  if (copy) {
    copy->play_path = g_strdup (options->play_path);
    copy->record_path = g_strdup (options->record_path);
  }
  return copy;
}

void
call_media_options_free (CallMediaOptions *options)
{
  if (!options)
    return;
  g_free ((char *) options->play_path);
  g_free ((char *) options->record_path);
  g_free (options);
}
