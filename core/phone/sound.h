/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sound.h: the sound devices of this computer, chosen and tried out.
 *
 * PealDevice: id (stable, what the settings remember), name, direction (CallMediaDirection),
 * is-default. All of it is constant: a device that changes is another device.
 *
 * A phone without media has empty lists, and its other functions here do nothing. */
#pragma once
#include "core/phone/phone.h"

#define PEAL_TYPE_DEVICE (peal_device_get_type ())
G_DECLARE_FINAL_TYPE (PealDevice, peal_device, PEAL, DEVICE, GObject)

const char *peal_device_get_id (PealDevice *self);
const char *peal_device_get_name (PealDevice *self);

/* The devices present now, kept up to date; the phone owns the list. (transfer none) */
GListModel *peal_phone_get_devices (PealPhone *self, CallMediaDirection direction);

/* An empty `id` means the sound server's default, and so does that of an absent device, until it
 * comes back. Takes effect on running calls. */
void peal_phone_set_device (PealPhone *self, CallMediaDirection direction, const char *id);
void peal_phone_set_ring_device (PealPhone *self, const char *id);

/* Level of the microphone, 0..1, ten times a second, until it is called with a NULL `level`. There
 * is one watcher: a new one takes the place of the old. */
void peal_phone_watch_microphone (PealPhone *self,
                                  void (*level) (void *user_data, double level),
                                  void *user_data);

/* Takes three seconds from the microphone and plays them back; `done` says whether anything was
 * heard. A NULL `done` forgets the callback of a test that is running. */
void peal_phone_record_and_play (PealPhone *self,
                                 void (*done) (void *user_data, bool was_heard),
                                 void *user_data);
