/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/property.h"
#include "core/phone/request-private.h"
#include "core/phone/words.h"

struct _PealRequest {
  GObject parent;

  const PealRequestActions *actions; /* NULL once detached */
  gpointer owner;
  PealRequestKind kind;
  char *address;
  char *display_address;
  char *name;
  char *label;
  guint tag;
};

G_DEFINE_FINAL_TYPE (PealRequest, peal_request, G_TYPE_OBJECT)

enum { PROP_KIND = 1, PROP_ADDRESS, PROP_NAME, PROP_TEXT, PROP_COUNT };

static GParamSpec *properties[PROP_COUNT];

static const PropertyRow rows[] = {
  { "kind", G_TYPE_INT, offsetof (PealRequest, kind) },
  { "address", G_TYPE_STRING, offsetof (PealRequest, address) },
  { "name", G_TYPE_STRING, offsetof (PealRequest, name) },
  { "text", G_TYPE_STRING },
};

G_STATIC_ASSERT (G_N_ELEMENTS (rows) + 1 == PROP_COUNT);

static char *
request_text (PealRequest *self)
{
  switch (self->kind) {
  case PEAL_REQUEST_BUDDY:
    return words_buddy_request (self->display_address);
  case PEAL_REQUEST_NEWCOMER:
    return words_newcomer_request (self->name, self->label);
  }
  g_assert_not_reached ();
}

static void
peal_request_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  PealRequest *self = PEAL_REQUEST (object);

  switch (id) {
  case PROP_TEXT:
    g_value_take_string (value, request_text (self));
    break;
  default:
    property_get (self, &rows[id - 1], value);
  }
}

static void
peal_request_finalize (GObject *object)
{
  PealRequest *self = PEAL_REQUEST (object);

  g_free (self->address);
  g_free (self->display_address);
  g_free (self->name);
  g_free (self->label);
  G_OBJECT_CLASS (peal_request_parent_class)->finalize (object);
}

static void
peal_request_class_init (PealRequestClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = peal_request_get_property;
  object_class->finalize = peal_request_finalize;
  properties_install (object_class, rows, G_N_ELEMENTS (rows), properties);
}

static void
peal_request_init (PealRequest *self)
{
}

PealRequestKind
peal_request_get_kind (PealRequest *self)
{
  return self->kind;
}

const char *
peal_request_get_address (PealRequest *self)
{
  return self->address;
}

void
peal_request_accept (PealRequest *self)
{
  if (self->actions)
    self->actions->accept (self->owner, self);
}

void
peal_request_refuse (PealRequest *self)
{
  if (self->actions)
    self->actions->refuse (self->owner, self);
}

PealRequest *
peal_request_new (const PealRequestStart *start, const PealRequestActions *actions, gpointer owner)
{
  PealRequest *self = g_object_new (PEAL_TYPE_REQUEST, NULL);

  self->actions = actions;
  self->owner = owner;
  self->kind = start->kind;
  self->address = g_strdup (start->address);
  self->display_address = g_strdup (start->display_address);
  self->name = g_strdup (start->name);
  self->label = g_strdup (start->label);
  self->tag = start->tag;
  return self;
}

void
peal_request_detach (PealRequest *self)
{
  self->actions = NULL;
  self->owner = NULL;
}

guint
peal_request_get_tag (PealRequest *self)
{
  return self->tag;
}

const char *
peal_request_get_name (PealRequest *self)
{
  return self->name;
}
