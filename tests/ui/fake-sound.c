/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/device-private.h"
#include "core/phone/sound.h"
#include "tests/ui/fake-phone-private.h"

static void
add_device (PealPhone *self, CallMediaDirection direction, const char *id, const char *name)
{
  const CallMediaDevice row = { (char *) id, (char *) name, direction, false };
  g_autoptr (PealDevice) device = peal_device_new (&row);
  g_list_store_append (self->devices[direction], device);
}

void
fake_phone_add_devices (PealPhone *self)
{
  add_device (self, CALL_MEDIA_INPUT, "mic", "Built-in Audio Analog Stereo");
  add_device (self, CALL_MEDIA_INPUT, "usb-in", "Jabra Evolve 20 MS Mono");
  add_device (self, CALL_MEDIA_OUTPUT, "speakers", "Built-in Audio Analog Stereo");
  add_device (self, CALL_MEDIA_OUTPUT, "usb-out", "Jabra Evolve 20 MS Mono");
}

GListModel *
peal_phone_get_devices (PealPhone *self, CallMediaDirection direction)
{
  return G_LIST_MODEL (self->devices[direction]);
}

void
peal_phone_set_device (PealPhone *self, CallMediaDirection direction, const char *id)
{
  fake_phone_say ("device %d %s", direction, id);
}

void
peal_phone_set_ring_device (PealPhone *self, const char *id)
{
  fake_phone_say ("ring-device %s", id);
}

void
peal_phone_watch_microphone (PealPhone *self,
                             void (*level) (void *user_data, double level),
                             void *user_data)
{
  fake_phone_say ("watch %d", level != NULL);
  if (level)
    level (user_data, 0.4);
}

void
peal_phone_record_and_play (PealPhone *self,
                            void (*done) (void *user_data, bool was_heard),
                            void *user_data)
{
  if (!done)
    return;
  fake_phone_say ("record");
  done (user_data, true);
}
