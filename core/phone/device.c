/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/device-private.h"
#include "core/phone/property.h"

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

static const PropertyRow rows[] = {
  { "id", G_TYPE_STRING, offsetof (PealDevice, id) },
  { "name", G_TYPE_STRING, offsetof (PealDevice, name) },
  { "direction", G_TYPE_INT, offsetof (PealDevice, direction) },
  { "is-default", G_TYPE_BOOLEAN, offsetof (PealDevice, is_default) },
};

G_STATIC_ASSERT (G_N_ELEMENTS (rows) + 1 == PROP_COUNT);

static void
peal_device_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  property_get (object, &rows[id - 1], value);
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

  object_class->get_property = peal_device_get_property;
  object_class->finalize = peal_device_finalize;
  properties_install (object_class, rows, G_N_ELEMENTS (rows), properties);
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
