/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/device-private.h"
#include "core/phone/phone-private.h"

/* The sound devices, from the media port to lists and back. The port has one watcher of the
 * microphone and one of a running test; so have we. */

#define LEVEL_FLOOR_DB (-60.0)

/* Who watches: there is one phone with sound in a program. */
typedef struct Watcher {
  void (*level) (void *user_data, double level);
  void *level_data;
  void (*done) (void *user_data, bool was_heard);
  void *done_data;
} Watcher;

static Watcher *
watcher_of (PealPhone *self)
{
  Watcher *watcher = g_object_get_data (G_OBJECT (self), "watcher");

  if (watcher)
    return watcher;
  watcher = g_new0 (Watcher, 1);
  g_object_set_data_full (G_OBJECT (self), "watcher", watcher, g_free);
  return watcher;
}

static void
on_devices_changed (void *user_data)
{
  PealPhone *self = user_data;
  g_autoptr (GPtrArray) devices = self->media->devices (self->media->media);

  for (size_t i = 0; i < G_N_ELEMENTS (self->devices); i++)
    g_list_store_remove_all (self->devices[i]);
  for (guint i = 0; i < devices->len; i++) {
    CallMediaDevice *device = devices->pdata[i];
    g_autoptr (PealDevice) shown = peal_device_new (device);

    g_list_store_append (self->devices[device->direction], shown);
    call_media_device_free (device);
  }
}

void
phone_watch_devices (PealPhone *self)
{
  on_devices_changed (self);
  self->media->watch_devices (self->media->media, on_devices_changed, self);
}

GListModel *
peal_phone_get_devices (PealPhone *self, CallMediaDirection direction)
{
  return G_LIST_MODEL (self->devices[direction]);
}

void
peal_phone_set_device (PealPhone *self, CallMediaDirection direction, const char *id)
{
  if (self->media)
    self->media->set_device (self->media->media, direction, id);
}

void
peal_phone_set_ring_device (PealPhone *self, const char *id)
{
  if (self->media)
    self->media->set_ring_device (self->media->media, id);
}

static void
on_level (void *user_data, double db)
{
  Watcher *watcher = user_data;

  if (watcher->level)
    watcher->level (watcher->level_data, CLAMP (1 - db / LEVEL_FLOOR_DB, 0, 1));
}

void
peal_phone_watch_microphone (PealPhone *self,
                             void (*level) (void *user_data, double level),
                             void *user_data)
{
  Watcher *watcher = watcher_of (self);

  if (!self->media)
    return;
  watcher->level = level;
  watcher->level_data = user_data;
  self->media->watch_microphone (self->media->media, level ? on_level : NULL, watcher);
}

static void
on_played (void *user_data, bool was_heard)
{
  Watcher *watcher = user_data;
  void (*done) (void *, bool) = watcher->done;

  watcher->done = NULL;
  if (done)
    done (watcher->done_data, was_heard);
}

void
peal_phone_record_and_play (PealPhone *self,
                            void (*done) (void *user_data, bool was_heard),
                            void *user_data)
{
  Watcher *watcher = watcher_of (self);

  if (!self->media)
    return;
  watcher->done = done;
  watcher->done_data = user_data;
  if (done)
    self->media->record_and_play (self->media->media, on_played, watcher);
}
