/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/property.h"
#include "core/phone/request-private.h"
#include "core/phone/words.h"

struct _PealNearby {
  GObject parent;

  char *label;
  uint8_t instance_hash[32];
  Address listener;
  unsigned peers;
  gint64 heard;
};

G_DEFINE_FINAL_TYPE (PealNearby, peal_nearby, G_TYPE_OBJECT)

enum { PROP_LABEL = 1, PROP_PEERS, PROP_TEXT, PROP_COUNT };

static GParamSpec *properties[PROP_COUNT];

static const PropertyRow rows[] = {
  { "label", G_TYPE_STRING, offsetof (PealNearby, label) },
  { "peers", G_TYPE_UINT, offsetof (PealNearby, peers) },
  { "text", G_TYPE_STRING },
};

G_STATIC_ASSERT (G_N_ELEMENTS (rows) + 1 == PROP_COUNT);

static void
peal_nearby_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  PealNearby *self = PEAL_NEARBY (object);

  switch (id) {
  case PROP_TEXT:
    g_value_take_string (value, words_nearby (self->label, self->peers));
    break;
  default:
    property_get (self, &rows[id - 1], value);
  }
}

static void
peal_nearby_finalize (GObject *object)
{
  g_free (PEAL_NEARBY (object)->label);
  G_OBJECT_CLASS (peal_nearby_parent_class)->finalize (object);
}

static void
peal_nearby_class_init (PealNearbyClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = peal_nearby_get_property;
  object_class->finalize = peal_nearby_finalize;
  properties_install (object_class, rows, G_N_ELEMENTS (rows), properties);
}

static void
peal_nearby_init (PealNearby *self)
{
}

const char *
peal_nearby_get_label (PealNearby *self)
{
  return self->label;
}

guint
peal_nearby_get_peers (PealNearby *self)
{
  return self->peers;
}

PealNearby *
peal_nearby_new (const char *label, const uint8_t instance_hash[32], const Address *listener)
{
  PealNearby *self = g_object_new (PEAL_TYPE_NEARBY, NULL);

  self->label = g_strdup (label);
  memcpy (self->instance_hash, instance_hash, sizeof self->instance_hash);
  self->listener = *listener;
  self->heard = g_get_monotonic_time ();
  return self;
}

void
peal_nearby_show (PealNearby *self, const Address *listener, unsigned peers)
{
  self->listener = *listener;
  self->heard = g_get_monotonic_time ();
  if (self->peers == peers)
    return;
  self->peers = peers;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PEERS]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TEXT]);
}

const uint8_t *
peal_nearby_get_instance_hash (PealNearby *self)
{
  return self->instance_hash;
}

const Address *
peal_nearby_get_listener (PealNearby *self)
{
  return &self->listener;
}

gint64
peal_nearby_get_heard (PealNearby *self)
{
  return self->heard;
}
