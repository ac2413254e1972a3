/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/station.h"
#include "app/control.h"
#include "media/media.h"

/* Made in the order control, media, phone and taken apart the other way round. */

struct Station {
  Control *control;
  CallMedia *media; /* NULL without sound */
  PealPhone *phone;
};

/* PEAL_DEBUG=1 .. 4, for developers; 2, warnings, without it. */
static unsigned
log_level (void)
{
  const char *text = g_getenv ("PEAL_DEBUG");
  guint64 level = 2;

  if (text != NULL)
    g_ascii_string_to_unsigned (text, 10, 1, 4, &level, NULL);
  return (unsigned) level;
}

Station *
station_new (const StationOptions *options, GError **error)
{
  g_autoptr (Station) self = g_new0 (Station, 1);
  PealPhoneOptions phone = {
    .state_path = options->state_path,
    .listen = options->listen,
    .is_user = options->is_user,
    .is_relay = options->is_relay,
    .is_discovering = true,
    .log_level = log_level (),
  };

  self->control = control_new (options->state_path, error);
  if (self->control == NULL)
    return NULL;
  if (options->has_sound && (self->media = media_new (error)) == NULL)
    return NULL;
  phone.media = self->media;
  if (options->is_new && !peal_phone_repair (&phone, error))
    return NULL;
  self->phone = peal_phone_new (&phone, error);
  if (self->phone == NULL)
    return NULL;
  control_serve (self->control, self->phone);
  return g_steal_pointer (&self);
}

void
station_free (Station *self)
{
  if (self == NULL)
    return;
  if (self->phone != NULL) {
    control_serve (self->control, NULL);
    peal_phone_leave (self->phone);
    g_object_unref (self->phone);
  }
  g_clear_pointer (&self->media, media_free);
  control_free (self->control);
  g_free (self);
}

PealPhone *
station_phone (Station *self)
{
  return self->phone;
}
