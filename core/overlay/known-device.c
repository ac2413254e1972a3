/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/known-device.h"

/* Most devices are reached by their Node-IDs and take sips:, and need no entry. Of the others the
 * latest are remembered. */

static void
forget (KnownDevices *self, KnownDevice *known)
{
  list_remove (&known->all);
  self->count--;
  g_free (known);
}

/* No message may pass a node twice (RFC 6940, 13.6.5). */
static bool
is_straight (const KnownDevices *self, const Route *route)
{
  for (size_t i = 0; i < route->via_count; i++) {
    if (node_id_equal (&route->via[i], &route->device) ||
        node_id_equal (&route->via[i], &self->own_id))
      return false;
    for (size_t j = 0; j < i; j++)
      if (node_id_equal (&route->via[i], &route->via[j]))
        return false;
  }
  return true;
}

void
known_devices_init (KnownDevices *self, const NodeId *own_id)
{
  list_init (&self->all);
  self->count = 0;
  self->own_id = *own_id;
}

void
known_devices_clear (KnownDevices *self)
{
  list_for_each (&self->all, l) forget (self, list_element (l, KnownDevice, all));
}

KnownDevice *
known_devices_find (const KnownDevices *self, const NodeId *device)
{
  list_for_each ((ListLink *) &self->all, l)
  {
    KnownDevice *known = list_element (l, KnownDevice, all);
    if (node_id_equal (&known->route.device, device))
      return known;
  }
  return NULL;
}

/* Anybody may register a way to a device of somebody else: that must not hide the device's own. */
void
known_devices_note (KnownDevices *self, const KnownDevice *news)
{
  KnownDevice *known = known_devices_find (self, &news->route.device);
  bool has_way = news->route.via_count > 0 && is_straight (self, &news->route);

  if (known != NULL && known->is_own_word && !news->is_own_word)
    return;
  if (known != NULL)
    forget (self, known);
  if (!news->is_plain && !has_way)
    return;
  if (self->count >= LIMIT_KNOWN_DEVICES)
    forget (self, list_element (self->all.next, KnownDevice, all));
  known = g_new (KnownDevice, 1);
  *known = *news;
  if (!has_way)
    known->route.via_count = 0;
  list_append (&self->all, &known->all);
  self->count++;
}

bool
known_devices_forget_route (KnownDevices *self, const NodeId *device)
{
  KnownDevice *known = known_devices_find (self, device);

  if (known == NULL || known->route.via_count == 0)
    return false;
  known->route.via_count = 0;
  return true;
}
