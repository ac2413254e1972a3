/* SPDX-License-Identifier: GPL-3.0-or-later */
/* device.h: the sound devices that are there now. */
#pragma once
#include "core/phone/call-media.h"

typedef struct DeviceList DeviceList;
typedef void (*DeviceListFunc) (void *user_data);

DeviceList *device_list_new (void);
void device_list_free (DeviceList *self);

/* CallMediaDevice, to be freed by the caller as CallMedia.devices says. */
GPtrArray *device_list_get (DeviceList *self);
void device_list_watch (DeviceList *self, DeviceListFunc changed, void *user_data);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DeviceList, device_list_free)
