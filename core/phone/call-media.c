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
