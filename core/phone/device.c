/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/device-private.h"

struct _PealDevice {
  GObject parent;

  char *id;
  char *name;
  CallMediaDirection direction;
  bool is_default;
};

G_DEFINE_FINAL_TYPE (PealDevice, peal_device, G_TYPE_OBJECT)

enum { PROP_ID = 1, PROP_NAME, PROP_DIRECTION, PROP_IS_DEFAULT, PROP_COUNT };

static GParamSpec *properties[PROP_COUNT];

static void
peal_device_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  PealDevice *self = PEAL_DEVICE (object);

  switch (id) {
  case PROP_ID:
    g_value_set_string (value, self->id);
    break;
  case PROP_NAME:
    g_value_set_string (value, self->name);
    break;
  case PROP_DIRECTION:
    g_value_set_int (value, (int) self->direction);
    break;
  case PROP_IS_DEFAULT:
    g_value_set_boolean (value, self->is_default);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
  }
}

static void
peal_device_finalize (GObject *object)
{
  PealDevice *self = PEAL_DEVICE (object);

  g_free (self->id);
  g_free (self->name);
  G_OBJECT_CLASS (peal_device_parent_class)->finalize (object);
}

static void
peal_device_class_init (PealDeviceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = peal_device_get_property;
  object_class->finalize = peal_device_finalize;

  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, flags);
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_DIRECTION] = g_param_spec_int ("direction", NULL, NULL, 0, G_MAXINT, 0, flags);
  properties[PROP_IS_DEFAULT] = g_param_spec_boolean ("is-default", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, PROP_COUNT, properties);
}

static void
peal_device_init (PealDevice *self)
{
}

const char *
peal_device_get_id (PealDevice *self)
{
  return self->id;
}

const char *
peal_device_get_name (PealDevice *self)
{
  return self->name;
}

PealDevice *
peal_device_new (const CallMediaDevice *device)
{
  PealDevice *self = g_object_new (PEAL_TYPE_DEVICE, NULL);

  self->id = g_strdup (device->id);
  self->name = g_strdup (device->name);
  self->direction = device->direction;
  self->is_default = device->is_default;
  return self;
}
