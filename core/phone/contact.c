/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/contact-private.h"
#include "core/phone/property.h"
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

static const PropertyRow rows[] = {
  { "address", G_TYPE_STRING, offsetof (PealContact, address) },
  { "display-address", G_TYPE_STRING, offsetof (PealContact, display_address) },
  { "name", G_TYPE_STRING, offsetof (PealContact, name) },
  { "presence", G_TYPE_INT, offsetof (PealContact, presence) },
  { "presence-text", G_TYPE_STRING },
  { "detail", G_TYPE_STRING },
  { "is-favourite", G_TYPE_BOOLEAN, offsetof (PealContact, is_favourite) },
  { "is-relayed", G_TYPE_BOOLEAN, offsetof (PealContact, is_relayed) },
  { "is-key-changed", G_TYPE_BOOLEAN, offsetof (PealContact, is_key_changed) },
  { "is-ambiguous", G_TYPE_BOOLEAN, offsetof (PealContact, is_ambiguous) },
  { "trust", G_TYPE_INT, offsetof (PealContact, trust) },
  { "missed", G_TYPE_UINT, offsetof (PealContact, missed) },
  { "last-talked", G_TYPE_INT64, offsetof (PealContact, talked) },
  { "accessible-text", G_TYPE_STRING },
};

G_STATIC_ASSERT (G_N_ELEMENTS (rows) + 1 == PROP_COUNT);

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
  case PROP_PRESENCE_TEXT:
    g_value_set_string (value, words_presence (self->presence));
    break;
  case PROP_DETAIL:
    g_value_take_string (value, contact_detail (self));
    break;
  case PROP_ACCESSIBLE_TEXT:
    g_value_take_string (value, contact_row (self));
    break;
  default:
    property_get (self, &rows[id - 1], value);
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

  object_class->get_property = peal_contact_get_property;
  object_class->finalize = peal_contact_finalize;
  properties_install (object_class, rows, G_N_ELEMENTS (rows), properties);
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
  property_show_flag (self, &self->is_relayed, is_relayed, properties[PROP_IS_RELAYED]);
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
  property_show_flag (self, &self->is_ambiguous, is_ambiguous, properties[PROP_IS_AMBIGUOUS]);
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
