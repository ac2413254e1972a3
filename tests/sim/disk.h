/* SPDX-License-Identifier: GPL-3.0-or-later */
/* disk.h: what a simulated peer has kept (NodePorts.keep) and finds again after a restart. */
#pragma once
#include "core/base/ports.h"

typedef struct SimDisk SimDisk;

SimDisk *sim_disk_new (void);
void sim_disk_free (SimDisk *self);

/* An empty value is forgotten. */
void sim_disk_keep (SimDisk *self, KeepTable table, Bytes key, Bytes value);

/* By table, then by key. Nothing may be kept meanwhile. */
typedef void (*SimDiskFunc) (KeepTable table, Bytes key, Bytes value, void *user_data);
void sim_disk_for_each (SimDisk *self, SimDiskFunc func, void *user_data);
