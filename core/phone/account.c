/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/account-private.h"
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
  case PROP_LABEL:
    g_value_set_string (value, self->label);
    break;
  case PROP_INSTANCE_NAME:
    g_value_set_string (value, self->instance_name);
    break;
  case PROP_ADDRESS:
    g_value_set_string (value, self->address);
    break;
  case PROP_DISPLAY_ADDRESS:
    g_value_set_string (value, self->display_address);
    break;
  case PROP_DISPLAY_NAME:
    g_value_set_string (value, self->display_name);
    break;
  case PROP_STATE:
    g_value_set_int (value, (int) self->state);
    break;
  case PROP_PEERS:
    g_value_set_uint (value, self->peers);
    break;
  case PROP_STATUS:
    g_value_take_string (value, status_of (self));
    break;
  case PROP_DETAILS:
    g_value_take_string (value, details_of (self));
    break;
  case PROP_REMEDY:
    g_value_set_string (value, self->remedy);
    break;
  case PROP_KEY_WORDS:
    g_value_set_string (value, self->key_words);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
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
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = peal_account_get_property;
  object_class->finalize = peal_account_finalize;

  properties[PROP_LABEL] = g_param_spec_string ("label", NULL, NULL, NULL, flags);
  properties[PROP_INSTANCE_NAME] = g_param_spec_string ("instance-name", NULL, NULL, NULL, flags);
  properties[PROP_ADDRESS] = g_param_spec_string ("address", NULL, NULL, NULL, flags);
  properties[PROP_DISPLAY_ADDRESS] =
    g_param_spec_string ("display-address", NULL, NULL, NULL, flags);
  properties[PROP_DISPLAY_NAME] = g_param_spec_string ("display-name", NULL, NULL, NULL, flags);
  properties[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, 0, G_MAXINT, 0, flags);
  properties[PROP_PEERS] = g_param_spec_uint ("peers", NULL, NULL, 0, G_MAXUINT, 1, flags);
  properties[PROP_STATUS] = g_param_spec_string ("status", NULL, NULL, NULL, flags);
  properties[PROP_DETAILS] = g_param_spec_string ("details", NULL, NULL, NULL, flags);
  properties[PROP_REMEDY] = g_param_spec_string ("remedy", NULL, NULL, NULL, flags);
  properties[PROP_KEY_WORDS] = g_param_spec_string ("key-words", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, PROP_COUNT, properties);
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
  g_free (self->key_words);
  self->key_words = g_strdup (words);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_KEY_WORDS]);
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
  if (self->reach.is_client == reach->is_client && self->reach.has_relays == reach->has_relays &&
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
  if (strcmp (self->outside, lines) != 0) {
    g_free (self->outside);
    self->outside = g_strdup (lines);
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DETAILS]);
  }
  if (strcmp (self->remedy, remedy) != 0) {
    g_free (self->remedy);
    self->remedy = g_strdup (remedy);
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_REMEDY]);
  }
}
