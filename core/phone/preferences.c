/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/phone-private.h"

/* Switches that the person turns, kept in the store: whoever opens the phone again finds them as
 * they were left. */

static bool
restore (PealPhone *self, const char *name, bool is_default)
{
  g_autofree char *value = store_get_setting (self->store, name);

  return value ? strcmp (value, "yes") == 0 : is_default;
}

static void
keep (PealPhone *self, const char *name, bool is_on)
{
  store_set_setting (self->store, name, is_on ? "yes" : "no");
}

void
phone_restore_preferences (PealPhone *self)
{
  self->is_open = restore (self, "open", true);
  self->is_hidden = restore (self, "hidden", false);
  self->maps_port = restore (self, "maps-port", true);
}

void
phone_tell_preferences (PealPhone *self, Line *line)
{
  node_hide (line_get_node (line), self->is_hidden);
  if (self->is_hidden)
    world_want_relays (line_get_world (line));
  world_map_port (line_get_world (line), self->maps_port);
}

static void
tell_all (PealPhone *self)
{
  for (guint i = 0; i < self->lines->len; i++)
    phone_tell_preferences (self, self->lines->pdata[i]);
}

void
peal_phone_set_open (PealPhone *self, bool is_open)
{
  self->is_open = is_open;
  keep (self, "open", is_open);
}

bool
peal_phone_get_open (PealPhone *self)
{
  return self->is_open;
}

void
peal_phone_set_hidden (PealPhone *self, bool is_hidden)
{
  self->is_hidden = is_hidden;
  keep (self, "hidden", is_hidden);
  tell_all (self);
}

bool
peal_phone_get_hidden (PealPhone *self)
{
  return self->is_hidden;
}

void
peal_phone_set_maps_port (PealPhone *self, bool maps_port)
{
  self->maps_port = maps_port;
  keep (self, "maps-port", maps_port);
  tell_all (self);
}

bool
peal_phone_get_maps_port (PealPhone *self)
{
  return self->maps_port;
}
