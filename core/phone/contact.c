/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/contact-private.h"
#include "core/phone/words.h"

struct _PealContact {
  GObject parent;

  const PealContactActions *actions; /* NULL once detached */
  gpointer owner;
  char *address;
  char *display_address;
  char *name;
  PealPresence presence;
  gint64 seen;
  gint64 talked;
  gint64 key_since; /* 0 unknown */
  unsigned missed;
  bool is_favourite;
  bool is_relayed;
  bool is_key_changed;
  bool is_ambiguous;
  PealTrust trust;
};

G_DEFINE_FINAL_TYPE (PealContact, peal_contact, G_TYPE_OBJECT)

enum {
  PROP_ADDRESS = 1,
  PROP_DISPLAY_ADDRESS,
  PROP_NAME,
  PROP_PRESENCE,
  PROP_PRESENCE_TEXT,
  PROP_DETAIL,
  PROP_IS_FAVOURITE,
  PROP_IS_RELAYED,
  PROP_IS_KEY_CHANGED,
  PROP_IS_AMBIGUOUS,
  PROP_TRUST,
  PROP_MISSED,
  PROP_LAST_TALKED,
  PROP_ACCESSIBLE_TEXT,
  PROP_COUNT
};

static GParamSpec *properties[PROP_COUNT];

static gint64
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static char *
contact_detail (PealContact *self)
{
  return words_contact_detail (self->presence, self->seen, self->missed, now_s ());
}

static char *
contact_row (PealContact *self)
{
  g_autofree char *detail = contact_detail (self);

  return words_contact_row (&(WordsContact){
    .name = self->name,
    .display_address = self->display_address,
    .presence = self->presence,
    .is_favourite = self->is_favourite,
    .is_key_changed = self->is_key_changed,
    .detail = detail,
  });
}

static void
peal_contact_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  PealContact *self = PEAL_CONTACT (object);

  switch (id) {
  case PROP_ADDRESS:
    g_value_set_string (value, self->address);
    break;
  case PROP_DISPLAY_ADDRESS:
    g_value_set_string (value, self->display_address);
    break;
  case PROP_NAME:
    g_value_set_string (value, self->name);
    break;
  case PROP_PRESENCE:
    g_value_set_int (value, (int) self->presence);
    break;
  case PROP_PRESENCE_TEXT:
    g_value_set_string (value, words_presence (self->presence));
    break;
  case PROP_DETAIL:
    g_value_take_string (value, contact_detail (self));
    break;
  case PROP_IS_FAVOURITE:
    g_value_set_boolean (value, self->is_favourite);
    break;
  case PROP_IS_RELAYED:
    g_value_set_boolean (value, self->is_relayed);
    break;
  case PROP_IS_KEY_CHANGED:
    g_value_set_boolean (value, self->is_key_changed);
    break;
  case PROP_IS_AMBIGUOUS:
    g_value_set_boolean (value, self->is_ambiguous);
    break;
  case PROP_TRUST:
    g_value_set_int (value, (int) self->trust);
    break;
  case PROP_MISSED:
    g_value_set_uint (value, self->missed);
    break;
  case PROP_LAST_TALKED:
    g_value_set_int64 (value, self->talked);
    break;
  case PROP_ACCESSIBLE_TEXT:
    g_value_take_string (value, contact_row (self));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
  }
}

static void
peal_contact_finalize (GObject *object)
{
  PealContact *self = PEAL_CONTACT (object);

  g_free (self->address);
  g_free (self->display_address);
  g_free (self->name);
  G_OBJECT_CLASS (peal_contact_parent_class)->finalize (object);
}

static void
peal_contact_class_init (PealContactClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = peal_contact_get_property;
  object_class->finalize = peal_contact_finalize;

  properties[PROP_ADDRESS] = g_param_spec_string ("address", NULL, NULL, NULL, flags);
  properties[PROP_DISPLAY_ADDRESS] =
    g_param_spec_string ("display-address", NULL, NULL, NULL, flags);
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_PRESENCE] = g_param_spec_int ("presence", NULL, NULL, 0, G_MAXINT, 0, flags);
  properties[PROP_PRESENCE_TEXT] = g_param_spec_string ("presence-text", NULL, NULL, NULL, flags);
  properties[PROP_DETAIL] = g_param_spec_string ("detail", NULL, NULL, NULL, flags);
  properties[PROP_IS_FAVOURITE] = g_param_spec_boolean ("is-favourite", NULL, NULL, FALSE, flags);
  properties[PROP_IS_RELAYED] = g_param_spec_boolean ("is-relayed", NULL, NULL, FALSE, flags);
  properties[PROP_IS_KEY_CHANGED] =
    g_param_spec_boolean ("is-key-changed", NULL, NULL, FALSE, flags);
  properties[PROP_IS_AMBIGUOUS] = g_param_spec_boolean ("is-ambiguous", NULL, NULL, FALSE, flags);
  properties[PROP_TRUST] = g_param_spec_int ("trust", NULL, NULL, 0, G_MAXINT, 0, flags);
  properties[PROP_MISSED] = g_param_spec_uint ("missed", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_LAST_TALKED] =
    g_param_spec_int64 ("last-talked", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PROP_ACCESSIBLE_TEXT] =
    g_param_spec_string ("accessible-text", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, PROP_COUNT, properties);
}

static void
peal_contact_init (PealContact *self)
{
  self->presence = PEAL_PRESENCE_NOT_CONFIRMED;
}

static void
notify (PealContact *self, guint property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

/* After a change of what the sentences tell. */
static void
notify_texts (PealContact *self)
{
  notify (self, PROP_DETAIL);
  notify (self, PROP_ACCESSIBLE_TEXT);
}

const char *
peal_contact_get_address (PealContact *self)
{
  return self->address;
}

const char *
peal_contact_get_display_address (PealContact *self)
{
  return self->display_address;
}

const char *
peal_contact_get_name (PealContact *self)
{
  return self->name;
}

PealPresence
peal_contact_get_presence (PealContact *self)
{
  return self->presence;
}

bool
peal_contact_get_is_favourite (PealContact *self)
{
  return self->is_favourite;
}

bool
peal_contact_get_is_relayed (PealContact *self)
{
  return self->is_relayed;
}

void
peal_contact_rename (PealContact *self, const char *name)
{
  if (self->actions)
    self->actions->rename (self->owner, self, name);
}

void
peal_contact_set_favourite (PealContact *self, bool is_favourite)
{
  if (self->actions)
    self->actions->set_favourite (self->owner, self, is_favourite);
}

void
peal_contact_set_relayed (PealContact *self, bool is_relayed)
{
  if (self->actions)
    self->actions->set_relayed (self->owner, self, is_relayed);
}

void
peal_contact_ask_again (PealContact *self)
{
  if (self->actions)
    self->actions->ask_again (self->owner, self);
}

void
peal_contact_accept_key (PealContact *self)
{
  if (self->actions)
    self->actions->accept_key (self->owner, self);
}

PealContact *
peal_contact_new (const char *address,
                  const char *display_address,
                  const char *name,
                  const PealContactActions *actions,
                  gpointer owner)
{
  PealContact *self = g_object_new (PEAL_TYPE_CONTACT, NULL);

  self->address = g_strdup (address);
  self->display_address = g_strdup (display_address);
  self->name = g_strdup (name);
  self->actions = actions;
  self->owner = owner;
  return self;
}

void
peal_contact_detach (PealContact *self)
{
  self->actions = NULL;
  self->owner = NULL;
}

void
peal_contact_show_name (PealContact *self, const char *name)
{
  if (g_strcmp0 (self->name, name) == 0)
    return;
  g_free (self->name);
  self->name = g_strdup (name);
  notify (self, PROP_NAME);
  notify (self, PROP_ACCESSIBLE_TEXT);
}

void
peal_contact_show_presence (PealContact *self, PealPresence presence)
{
  if (self->presence == presence)
    return;
  self->presence = presence;
  notify (self, PROP_PRESENCE);
  notify (self, PROP_PRESENCE_TEXT);
  notify_texts (self);
}

void
peal_contact_show_seen (PealContact *self, gint64 seen)
{
  if (self->seen == seen)
    return;
  self->seen = seen;
  notify_texts (self);
}

void
peal_contact_show_talked (PealContact *self, gint64 talked)
{
  if (self->talked == talked)
    return;
  self->talked = talked;
  notify (self, PROP_LAST_TALKED);
}

void
peal_contact_show_favourite (PealContact *self, bool is_favourite)
{
  if (self->is_favourite == is_favourite)
    return;
  self->is_favourite = is_favourite;
  notify (self, PROP_IS_FAVOURITE);
  notify (self, PROP_ACCESSIBLE_TEXT);
}

void
peal_contact_show_relayed (PealContact *self, bool is_relayed)
{
  if (self->is_relayed == is_relayed)
    return;
  self->is_relayed = is_relayed;
  notify (self, PROP_IS_RELAYED);
}

void
peal_contact_show_key_changed (PealContact *self, bool is_key_changed, gint64 since)
{
  if (self->is_key_changed == is_key_changed && self->key_since == since)
    return;
  self->is_key_changed = is_key_changed;
  self->key_since = since;
  notify (self, PROP_IS_KEY_CHANGED);
  notify (self, PROP_ACCESSIBLE_TEXT);
}

void
peal_contact_show_ambiguous (PealContact *self, bool is_ambiguous)
{
  if (self->is_ambiguous == is_ambiguous)
    return;
  self->is_ambiguous = is_ambiguous;
  notify (self, PROP_IS_AMBIGUOUS);
}

void
peal_contact_show_trust (PealContact *self, PealTrust trust)
{
  if (self->trust == trust)
    return;
  self->trust = trust;
  notify (self, PROP_TRUST);
}

void
peal_contact_show_missed (PealContact *self, unsigned missed)
{
  if (self->missed == missed)
    return;
  self->missed = missed;
  notify (self, PROP_MISSED);
  notify_texts (self);
}

bool
peal_contact_get_is_key_changed (PealContact *self)
{
  return self->is_key_changed;
}

gint64
peal_contact_get_key_since (PealContact *self)
{
  return self->key_since;
}

bool
peal_contact_get_is_ambiguous (PealContact *self)
{
  return self->is_ambiguous;
}

PealTrust
peal_contact_get_trust (PealContact *self)
{
  return self->trust;
}

gint64
peal_contact_get_seen (PealContact *self)
{
  return self->seen;
}

static int
contact_rank (PealContact *self)
{
  if (self->presence == PEAL_PRESENCE_IN_CALL)
    return 0;
  if (self->is_favourite)
    return 1;
  return self->presence == PEAL_PRESENCE_AVAILABLE ? 2 : 3;
}

int
peal_contact_compare (PealContact *a, PealContact *b)
{
  int rank = contact_rank (a) - contact_rank (b);
  int name;

  if (rank != 0)
    return rank;
  name = g_utf8_collate (a->name, b->name);
  return name != 0 ? name : strcmp (a->address, b->address);
}
