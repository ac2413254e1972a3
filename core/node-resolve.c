/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/aor.h"
#include "core/node-private.h"
#include "core/sip/gruu.h"

#include <string.h>

/* From an address to the devices that ring (RFC 7904, 4.2). What a person has registered is either
 * a device or another address, or the GRUU of a device; another address is looked up in turn. An
 * address is looked up once, so that a circle comes to its end; only so many are, and only so deep:
 * nobody can make a call of ours into a flood of look-ups or of INVITEs.
 *
 * The owner of an address speaks for it alone: where it leads to somebody else, that person's own
 * records count, by the user key that we have pinned for him or the only one there is. */

void
resolution_begin (Resolution *self, const char *address)
{
  resolution_clear (self);
  self->places[0] = (ResolutionPlace){ g_strdup (address), 0 };
  self->place_count = 1;
}

void
resolution_clear (Resolution *self)
{
  for (size_t i = 0; i < self->place_count; i++)
    g_free (self->places[i].address);
  *self = (Resolution){ 0 };
}

const char *
resolution_next (Resolution *self)
{
  return self->next < self->place_count ? self->places[self->next++].address : NULL;
}

bool
resolution_is_first (const Resolution *self)
{
  return self->next <= 1;
}

static void
add_device (Resolution *self, const Node *node, const NodeId *device)
{
  for (size_t i = 0; i < self->device_count; i++)
    if (node_id_equal (&self->devices[i].node_id, device))
      return;
  if (self->device_count < LIMIT_CALL_DEVICES && !node_id_equal (device, node_id (node)))
    self->devices[self->device_count++] = (ResolvedDevice){ *device, self->next - 1 };
}

static void
add_place (Resolution *self, const char *address)
{
  unsigned depth = self->places[self->next - 1].depth + 1;

  for (size_t i = 0; i < self->place_count; i++)
    if (strcmp (self->places[i].address, address) == 0)
      return;
  if (self->place_count < LIMIT_FORWARD_PLACES && depth <= LIMIT_FORWARDS)
    self->places[self->place_count++] = (ResolutionPlace){ g_strdup (address), depth };
}

bool
resolution_take_gr (Resolution *self, const Node *node, const char *gr)
{
  Route route;

  if (!gruu_read (gr, &route))
    return false;
  overlay_note_route (node->overlay, &route);
  add_device (self, node, &route.device);
  return true;
}

/* Forwarded to us of all people, a call goes to the one who forwards: how else would the secretary
 * reach the boss? */
static void
follow (Resolution *self, const Node *node, const RegisteredDevice *device)
{
  g_autofree char *uri = g_strndup ((const char *) device->uri.data, device->uri.size);
  g_autofree char *address = NULL;
  g_autofree char *gr = aor_gr_of_typed (uri);
  Aor aor;

  self->is_forwarded = true;
  if (!aor_from_typed (uri, &aor))
    return;
  address = aor_to_text (&aor);
  if (!aor_is_canonical (address))
    return;
  if (resolution_take_gr (self, node, gr))
    return;
  if (strcmp (address, node->ports->signer->own->user) == 0)
    add_device (self, node, &device->node_id);
  else
    add_place (self, address);
}

void
resolution_take (Resolution *self, const Node *node, const RegisteredDevice *device)
{
  if (device->uri.size > 0)
    follow (self, node, device);
  else
    add_device (self, node, &device->node_id);
}

static bool
is_key (const RegisteredDevice *device, const UserKey *key)
{
  return memcmp (device->user_key.bytes, key->bytes, USER_KEY_SIZE) == 0;
}

/* Whose records count at an address that we were led to; NULL: nobody's. */
static const UserKey *
trusted_key (Node *node, const char *address, const Registration *found)
{
  const Buddy *buddy = node_find_buddy (node, address);
  const UserKey *key = found->device_count > 0 ? &found->devices[0].user_key : NULL;

  if (buddy != NULL && buddy->has_pin)
    return &buddy->pin;
  for (size_t i = 1; i < found->device_count; i++)
    if (!is_key (&found->devices[i], key))
      return NULL;
  return key;
}

void
resolution_take_all (Resolution *self, Node *node, const Registration *found)
{
  const UserKey *key = trusted_key (node, self->places[self->next - 1].address, found);

  for (size_t i = 0; key != NULL && i < found->device_count; i++)
    if (is_key (&found->devices[i], key))
      resolution_take (self, node, &found->devices[i]);
}

size_t
resolution_devices (const Resolution *self, SessionDevice ret_devices[LIMIT_CALL_DEVICES])
{
  for (size_t i = 0; i < self->device_count; i++)
    ret_devices[i] =
      (SessionDevice){ self->devices[i].node_id, self->places[self->devices[i].place].address };
  return self->device_count;
}
