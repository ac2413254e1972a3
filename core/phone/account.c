/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/account-private.h"
#include "core/phone/property.h"
#include "core/phone/words.h"

struct _PealAccount {
  GObject parent;

  char *label;
  char *instance_name;
  char *user;
  char *address;
  char *display_address;
  char *display_name;
  char *key_words;
  PealAccountState state;
  unsigned peers;
  char *outside;
  char *remedy;
  WordsReach reach; /* its names are those below */
  char *home;
  char *spare;
};

G_DEFINE_FINAL_TYPE (PealAccount, peal_account, G_TYPE_OBJECT)

enum {
  PROP_LABEL = 1,
  PROP_INSTANCE_NAME,
  PROP_ADDRESS,
  PROP_DISPLAY_ADDRESS,
  PROP_DISPLAY_NAME,
  PROP_STATE,
  PROP_PEERS,
  PROP_STATUS,
  PROP_DETAILS,
  PROP_REMEDY,
  PROP_KEY_WORDS,
  PROP_COUNT
};

static GParamSpec *properties[PROP_COUNT];

static const PropertyRow rows[] = {
  { "label", G_TYPE_STRING, offsetof (PealAccount, label) },
  { "instance-name", G_TYPE_STRING, offsetof (PealAccount, instance_name) },
  { "address", G_TYPE_STRING, offsetof (PealAccount, address) },
  { "display-address", G_TYPE_STRING, offsetof (PealAccount, display_address) },
  { "display-name", G_TYPE_STRING, offsetof (PealAccount, display_name) },
  { "state", G_TYPE_INT, offsetof (PealAccount, state) },
  { "peers", G_TYPE_UINT, offsetof (PealAccount, peers) },
  { "status", G_TYPE_STRING },
  { "details", G_TYPE_STRING },
  { "remedy", G_TYPE_STRING, offsetof (PealAccount, remedy) },
  { "key-words", G_TYPE_STRING, offsetof (PealAccount, key_words) },
};

G_STATIC_ASSERT (G_N_ELEMENTS (rows) + 1 == PROP_COUNT);

static char *
status_of (const PealAccount *self)
{
  return words_account_status (self->state, self->label, self->display_address, self->peers);
}

static char *
details_of (const PealAccount *self)
{
  g_autofree char *status = status_of (self);
  g_autofree char *details =
    words_account_details (status, self->state == PEAL_ACCOUNT_READY ? &self->reach : NULL);

  return g_strconcat (details, *self->outside ? "\n" : "", self->outside, NULL);
}

static void
notify_status (PealAccount *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATUS]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DETAILS]);
}

static void
peal_account_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  PealAccount *self = PEAL_ACCOUNT (object);

  switch (id) {
  case PROP_STATUS:
    g_value_take_string (value, status_of (self));
    break;
  case PROP_DETAILS:
    g_value_take_string (value, details_of (self));
    break;
  default:
    property_get (self, &rows[id - 1], value);
  }
}

static void
peal_account_finalize (GObject *object)
{
  PealAccount *self = PEAL_ACCOUNT (object);

  g_free (self->label);
  g_free (self->instance_name);
  g_free (self->user);
  g_free (self->address);
  g_free (self->display_address);
  g_free (self->display_name);
  g_free (self->key_words);
  g_free (self->outside);
  g_free (self->remedy);
  g_free (self->home);
  g_free (self->spare);
  G_OBJECT_CLASS (peal_account_parent_class)->finalize (object);
}

static void
peal_account_class_init (PealAccountClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = peal_account_get_property;
  object_class->finalize = peal_account_finalize;
  properties_install (object_class, rows, G_N_ELEMENTS (rows), properties);
}

static void
peal_account_init (PealAccount *self)
{
  self->peers = 1;
  self->key_words = g_strdup ("");
  self->outside = g_strdup ("");
  self->remedy = g_strdup ("");
}

const char *
peal_account_get_label (PealAccount *self)
{
  return self->label;
}

const char *
peal_account_get_instance_name (PealAccount *self)
{
  return self->instance_name;
}

const char *
peal_account_get_address (PealAccount *self)
{
  return self->address;
}

const char *
peal_account_get_display_address (PealAccount *self)
{
  return self->display_address;
}

PealAccountState
peal_account_get_state (PealAccount *self)
{
  return self->state;
}

unsigned
peal_account_get_peers (PealAccount *self)
{
  return self->peers;
}

const char *
peal_account_get_key_words (PealAccount *self)
{
  return self->key_words;
}

void
peal_account_show_key_words (PealAccount *self, const char *words)
{
  property_show_text (self, &self->key_words, words, properties[PROP_KEY_WORDS]);
}

PealAccount *
peal_account_new (const PealAccountStart *start)
{
  PealAccount *self = g_object_new (PEAL_TYPE_ACCOUNT, NULL);

  self->label = g_strdup (start->label);
  self->instance_name = g_strdup (start->instance_name);
  self->user = g_strdup (start->user);
  self->display_name = g_strdup (start->display_name);
  self->address = g_strdup_printf ("%s@%s", start->user, start->instance_name);
  self->display_address = g_strdup_printf ("%s@%s", start->user, start->label);
  return self;
}

void
peal_account_show_label (PealAccount *self, const char *label)
{
  if (g_strcmp0 (self->label, label) == 0)
    return;
  g_free (self->label);
  g_free (self->display_address);
  self->label = g_strdup (label);
  self->display_address = g_strdup_printf ("%s@%s", self->user, label);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LABEL]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DISPLAY_ADDRESS]);
  notify_status (self);
}

void
peal_account_show_state (PealAccount *self, PealAccountState state, unsigned peers)
{
  bool is_other_state = self->state != state;
  bool is_other_count = self->peers != peers;

  self->state = state;
  self->peers = peers;
  if (is_other_state)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
  if (is_other_count)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PEERS]);
  if (is_other_state || is_other_count)
    notify_status (self);
}

void
peal_account_show_reach (PealAccount *self, const WordsReach *reach)
{
  if (self->reach.is_client == reach->is_client && self->reach.is_metered == reach->is_metered &&
      self->reach.has_relays == reach->has_relays &&
      g_strcmp0 (self->reach.home, reach->home) == 0 &&
      g_strcmp0 (self->reach.spare, reach->spare) == 0)
    return;
  g_free (self->home);
  g_free (self->spare);
  self->reach = *reach;
  self->reach.home = self->home = g_strdup (reach->home);
  self->reach.spare = self->spare = g_strdup (reach->spare);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DETAILS]);
}

void
peal_account_show_outside (PealAccount *self, const char *lines, const char *remedy)
{
  property_show_text (self, &self->outside, lines, properties[PROP_DETAILS]);
  property_show_text (self, &self->remedy, remedy, properties[PROP_REMEDY]);
}
