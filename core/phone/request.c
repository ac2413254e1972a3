/* SPDX-License-Identifier: GPL-3.0-or-later */
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
  case PROP_KIND:
    g_value_set_int (value, (int) self->kind);
    break;
  case PROP_ADDRESS:
    g_value_set_string (value, self->address);
    break;
  case PROP_NAME:
    g_value_set_string (value, self->name);
    break;
  case PROP_TEXT:
    g_value_take_string (value, request_text (self));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
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
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = peal_request_get_property;
  object_class->finalize = peal_request_finalize;

  properties[PROP_KIND] = g_param_spec_int ("kind", NULL, NULL, 0, G_MAXINT, 0, flags);
  properties[PROP_ADDRESS] = g_param_spec_string ("address", NULL, NULL, NULL, flags);
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, PROP_COUNT, properties);
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
