/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/sound-settings.h"

static void
on_changed (GSettings *settings, const char *key, PealPhone *phone)
{
  g_autofree char *id = g_settings_get_string (settings, key);

  if (strcmp (key, "microphone") == 0)
    peal_phone_set_device (phone, CALL_MEDIA_INPUT, id);
  else if (strcmp (key, "speaker") == 0)
    peal_phone_set_device (phone, CALL_MEDIA_OUTPUT, id);
  else
    peal_phone_set_ring_device (phone, id);
}

void
peal_sound_settings_follow (GSettings *settings, PealPhone *phone)
{
  static const char *const keys[] = { "microphone", "speaker", "ring-device" };

  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++) {
    g_autofree char *signal = g_strconcat ("changed::", keys[i], NULL);
    g_signal_connect_object (settings, signal, G_CALLBACK (on_changed), phone, 0);
    on_changed (settings, keys[i], phone);
  }
}
