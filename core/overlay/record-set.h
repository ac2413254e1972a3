/* SPDX-License-Identifier: GPL-3.0-or-later */
/* record-set.h: the newest of the registrations that several peers hold under one name. */
#pragma once
#include "core/overlay/usage-registration.h"

typedef struct Record {
  NodeId key;            /* of the dictionary: the device that stored it */
  uint64_t storage_time; /* ms */
  bool exists;           /* false: it was taken back */
  RegisteredDevice device;
} Record;

/* Zeros are an empty set. */
typedef struct RecordSet {
  Record records[REGISTERED_DEVICES];
  size_t count;
} RecordSet;

void record_set_clear (RecordSet *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RecordSet, record_set_clear)

/* Copies `device`; NULL: the record was taken back. False when something as new stands there, or
 * there are too many. */
bool record_set_add (RecordSet *self,
                     const NodeId *key,
                     uint64_t storage_time,
                     const RegisteredDevice *device);

/* How many stand in `ret_devices`, borrowed from the set; those that were taken back do not. */
size_t record_set_devices (const RecordSet *self, RegisteredDevice ret_devices[REGISTERED_DEVICES]);
