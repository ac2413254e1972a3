/* SPDX-License-Identifier: GPL-3.0-or-later */
/* known-device.h: what was told of devices beyond their Node-IDs. */
#pragma once
#include "core/base/list.h"
#include "core/base/route.h"

typedef struct KnownDevice {
  ListLink all;
  bool is_own_word; /* told by the device itself */
  bool is_plain;    /* takes sip: but no sips: */
  Route route;
} KnownDevice;

typedef struct KnownDevices {
  ListLink all; /* of KnownDevice, owned; the latest last */
  unsigned count;
  NodeId own_id;
} KnownDevices;

void known_devices_init (KnownDevices *self, const NodeId *own_id);
void known_devices_clear (KnownDevices *self);

/* NULL when nothing is known. */
KnownDevice *known_devices_find (const KnownDevices *self, const NodeId *device);

/* Copies `news`, unless the device itself has said something else. */
void known_devices_note (KnownDevices *self, const KnownDevice *news);

/* False when no way was known. */
bool known_devices_forget_route (KnownDevices *self, const NodeId *device);
