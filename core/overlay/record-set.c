/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/record-set.h"

/* One holder may have missed the latest Store, or tell an old value on purpose: both are signed, so
 * the storage_time decides (RFC 6940, 7.1). "Nonexistent" is a value like any other: what was taken
 * back does not come again from an older copy. */

static void
record_clear (Record *record)
{
  g_free ((void *) record->device.uri.data);
  certificate_unref ((Certificate *) record->device.certificate);
  *record = (Record){ .exists = false };
}

void
record_set_clear (RecordSet *self)
{
  for (size_t i = 0; i < self->count; i++)
    record_clear (&self->records[i]);
  self->count = 0;
}

static Record *
find (RecordSet *self, const NodeId *key)
{
  for (size_t i = 0; i < self->count; i++)
    if (node_id_equal (&self->records[i].key, key))
      return &self->records[i];
  return NULL;
}

bool
record_set_add (RecordSet *self,
                const NodeId *key,
                uint64_t storage_time,
                const RegisteredDevice *device)
{
  Record *record = find (self, key);

  if (record != NULL && record->storage_time >= storage_time)
    return false;
  if (record == NULL && self->count == REGISTERED_DEVICES)
    return false;
  if (record == NULL)
    record = &self->records[self->count++];
  record_clear (record);
  record->key = *key;
  record->storage_time = storage_time;
  if (device == NULL)
    return true;
  record->exists = true;
  record->device = *device;
  record->device.uri = (Bytes){ bytes_dup (device->uri), device->uri.size };
  if (device->certificate != NULL)
    certificate_ref ((Certificate *) device->certificate);
  return true;
}

size_t
record_set_devices (const RecordSet *self, RegisteredDevice ret_devices[REGISTERED_DEVICES])
{
  size_t count = 0;

  for (size_t i = 0; i < self->count; i++)
    if (self->records[i].exists)
      ret_devices[count++] = self->records[i].device;
  return count;
}
