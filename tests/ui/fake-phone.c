/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stands in for core/phone/phone.c at link time. Its calls do at once what a person asks of them;
 * everything else waits for the test. */
#include "core/phone/account-private.h"
#include "core/phone/call-private.h"
#include "core/phone/contact-private.h"
#include "core/phone/device-private.h"
#include "core/phone/request-private.h"
#include "core/phone/words.h"
#include "tests/ui/fake-phone-private.h"

G_DEFINE_FINAL_TYPE (PealPhone, peal_phone, G_TYPE_OBJECT)
G_DEFINE_QUARK (peal - phone - error, peal_phone_error)

enum { PROP_STATUS = 1, PROP_IS_READY, PROP_COUNT };

static GParamSpec *properties[PROP_COUNT];

void
fake_phone_say (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *line = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_print ("%s\n", line);
}

/* ---- The object ---- */

static void
peal_phone_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  PealPhone *self = PEAL_PHONE (object);

  if (id == PROP_IS_READY)
    g_value_set_boolean (value, g_list_model_get_n_items (G_LIST_MODEL (self->accounts)) > 0);
  else
    g_value_set_string (value, peal_phone_get_status (self));
}

static void
empty (GListStore **list, void (*detach) (gpointer item))
{
  for (guint i = 0; detach && i < g_list_model_get_n_items (G_LIST_MODEL (*list)); i++) {
    g_autoptr (GObject) item = g_list_model_get_item (G_LIST_MODEL (*list), i);
    detach (item);
  }
  g_clear_object (list);
}

static void
peal_phone_finalize (GObject *object)
{
  PealPhone *self = PEAL_PHONE (object);

  empty (&self->accounts, NULL);
  empty (&self->contacts, (void (*) (gpointer)) peal_contact_detach);
  empty (&self->requests, (void (*) (gpointer)) peal_request_detach);
  empty (&self->nearby, NULL);
  empty (&self->calls, (void (*) (gpointer)) peal_call_detach);
  empty (&self->history, NULL);
  empty (&self->devices[CALL_MEDIA_INPUT], NULL);
  empty (&self->devices[CALL_MEDIA_OUTPUT], NULL);
  g_clear_object (&self->removed);
  g_free (self->forward_to);
  G_OBJECT_CLASS (peal_phone_parent_class)->finalize (object);
}

static void
peal_phone_class_init (PealPhoneClass *klass)
{
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  G_OBJECT_CLASS (klass)->get_property = peal_phone_get_property;
  G_OBJECT_CLASS (klass)->finalize = peal_phone_finalize;
  properties[PROP_STATUS] = g_param_spec_string ("status", NULL, NULL, NULL, flags);
  properties[PROP_IS_READY] = g_param_spec_boolean ("is-ready", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), PROP_COUNT, properties);
}

static void
peal_phone_init (PealPhone *self)
{
  self->accounts = g_list_store_new (PEAL_TYPE_ACCOUNT);
  self->contacts = g_list_store_new (PEAL_TYPE_CONTACT);
  self->requests = g_list_store_new (PEAL_TYPE_REQUEST);
  self->nearby = g_list_store_new (PEAL_TYPE_NEARBY);
  self->calls = g_list_store_new (PEAL_TYPE_CALL);
  self->history = g_list_store_new (PEAL_TYPE_HISTORY_ENTRY);
  self->devices[CALL_MEDIA_INPUT] = g_list_store_new (PEAL_TYPE_DEVICE);
  self->devices[CALL_MEDIA_OUTPUT] = g_list_store_new (PEAL_TYPE_DEVICE);
  self->is_open = true;
  fake_phone_add_devices (self);
}

/* ---- Accounts ---- */

/* Takes the text. */
static void
refuse (GError **error, PealPhoneError code, char *text)
{
  g_set_error_literal (error, PEAL_PHONE_ERROR, code, text);
  g_free (text);
}

char *
peal_phone_resolve (PealPhone *self, const char *typed, GError **error)
{
  if (strcmp (typed, "112") == 0)
    g_set_error_literal (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_EMERGENCY, words_emergency ());
  else if (g_str_has_suffix (typed, "@work"))
    refuse (error, PEAL_PHONE_ERROR_UNKNOWN_OVERLAY, words_unknown_overlay ("work"));
  else
    return strchr (typed, '@') ? g_strdup (typed) : g_strconcat (typed, "@home", NULL);
  return NULL;
}

static const WordsOutside closed = { REACH_CLOSED_HERE, 6084, FIREWALL_UFW };

static PealAccount *
add_account (PealPhone *self, const char *label, const char *name, const char *display_name)
{
  const PealAccountStart start = { label, "home-abcdefgh.peal.alt", name, display_name };
  g_autoptr (PealAccount) account = peal_account_new (&start);

  peal_account_show_state (account, PEAL_ACCOUNT_READY, 4);
  peal_account_show_key_words (account, "mustard kitchen walrus puzzle orbit daisy");
  g_list_store_append (self->accounts, account);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATUS]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_READY]);
  return account;
}

void
fake_phone_add_account (PealPhone *self)
{
  PealAccount *account = add_account (self, "home", "alice", "Alice Lindqvist");
  g_autofree char *details = words_outside_details (&closed);
  g_autofree char *command = words_outside_command (&closed);

  peal_account_show_outside (account, details, command);
}

void
fake_phone_seclude (PealPhone *self)
{
  g_autoptr (PealAccount) account = g_list_model_get_item (G_LIST_MODEL (self->accounts), 0);
  const WordsReach reach = {
    .is_client = true, .has_relays = true, .home = "chidi@home", .spare = "dana@home"
  };

  peal_account_show_reach (account, &reach);
  peal_account_show_outside (account, "", "");
}

const char *
peal_phone_check_name (const char *name)
{
  bool is_good = *name && strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789.-") == strlen (name);
  return is_good ? NULL : words_bad_name ();
}

PealAccount *
peal_phone_create (
  PealPhone *self, const char *label, const char *name, const char *display_name, GError **error)
{
  fake_phone_say ("create %s as %s (%s)", label, name, display_name);
  return add_account (self, label, name, display_name);
}

bool
peal_phone_read_invitation (const char *invitation,
                            char **ret_label,
                            char **ret_inviter,
                            GError **error)
{
  if (!g_str_has_prefix (invitation, "peal:")) {
    g_set_error_literal (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_BAD_INVITATION,
                         words_bad_invitation ());
    return false;
  }
  if (ret_label)
    *ret_label = g_strdup ("club");
  if (ret_inviter)
    *ret_inviter = g_strdup ("Chidi");
  return true;
}

PealAccount *
peal_phone_join (PealPhone *self,
                 const char *invitation,
                 const char *name,
                 const char *display_name,
                 GError **error)
{
  fake_phone_say ("join as %s", name);
  if (strcmp (name, "taken") != 0)
    return add_account (self, "club", name, display_name);
  refuse (error, PEAL_PHONE_ERROR_NAME_TAKEN, words_name_taken (name, "club"));
  return NULL;
}

char *
peal_phone_invite (PealPhone *self, PealAccount *account, GError **error)
{
  g_autofree char *secret = g_strnfill (240, 'x');
  return g_strconcat ("peal:home-abcdefgh.peal.alt?", secret, NULL);
}

void
peal_invitation_check_free (PealInvitationCheck *check)
{
  g_free (check->words);
  g_free (check->more);
  g_free (check->command);
  g_free (check);
}

static void
free_check (gpointer data)
{
  peal_invitation_check_free (data);
}

void
peal_phone_check_invitation_async (PealPhone *self,
                                   PealAccount *account,
                                   const char *invitation,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  PealInvitationCheck *check = g_new0 (PealInvitationCheck, 1);

  check->reach = PEAL_REACH_CLOSED;
  check->words = words_invitation_closed (&closed);
  check->more = words_invitation_closed_more (&closed);
  check->command = words_outside_command (&closed);
  g_task_return_pointer (task, check, free_check);
}

PealInvitationCheck *
peal_phone_check_invitation_finish (PealPhone *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

const char *
peal_phone_checking (void)
{
  return words_invitation_checking ();
}

static void
done_soon (PealPhone *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_return_boolean (task, true);
}

void
peal_phone_export_identity_async (PealPhone *self,
                                  const char *path,
                                  const char *passphrase,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  fake_phone_say ("export");
  if (path)
    done_soon (self, callback, user_data);
}

bool
peal_phone_export_identity_finish (PealPhone *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
peal_phone_import_identity_async (PealPhone *self,
                                  const char *path,
                                  const char *passphrase,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  fake_phone_say ("import");
  add_account (self, "home", "alice", "Alice Lindqvist");
  done_soon (self, callback, user_data);
}

bool
peal_phone_import_identity_finish (PealPhone *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
peal_phone_set_open (PealPhone *self, bool is_open)
{
  fake_phone_say ("open %d", is_open);
  self->is_open = is_open;
}

bool
peal_phone_get_open (PealPhone *self)
{
  return self->is_open;
}

void
peal_phone_set_hidden (PealPhone *self, bool is_hidden)
{
  fake_phone_say ("hidden %d", is_hidden);
  self->is_hidden = is_hidden;
}

bool
peal_phone_get_hidden (PealPhone *self)
{
  return self->is_hidden;
}

void
peal_phone_set_maps_port (PealPhone *self, bool maps_port)
{
  fake_phone_say ("port %d", maps_port);
  self->maps_port = maps_port;
}

bool
peal_phone_get_maps_port (PealPhone *self)
{
  return self->maps_port;
}

bool
peal_phone_forward (PealPhone *self, PealAccount *account, const char *typed, GError **error)
{
  fake_phone_say ("forward %s", typed);
  if (strchr (typed, ' ')) {
    g_set_error_literal (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_BAD_NAME, words_bad_name ());
    return false;
  }
  g_free (self->forward_to);
  self->forward_to = typed[0] ? g_strdup (typed) : NULL;
  return true;
}

char *
peal_phone_get_forward (PealPhone *self, PealAccount *account)
{
  return g_strdup (self->forward_to);
}

/* ---- Lists ---- */

GListModel *
peal_phone_get_accounts (PealPhone *self)
{
  return G_LIST_MODEL (self->accounts);
}

GListModel *
peal_phone_get_contacts (PealPhone *self)
{
  return G_LIST_MODEL (self->contacts);
}

GListModel *
peal_phone_get_requests (PealPhone *self)
{
  return G_LIST_MODEL (self->requests);
}

GListModel *
peal_phone_get_nearby (PealPhone *self)
{
  return G_LIST_MODEL (self->nearby);
}

GListModel *
peal_phone_get_calls (PealPhone *self)
{
  return G_LIST_MODEL (self->calls);
}

GListModel *
peal_phone_get_history (PealPhone *self)
{
  return G_LIST_MODEL (self->history);
}

const char *
peal_phone_get_status (PealPhone *self)
{
  static char *status;
  bool is_ready = g_list_model_get_n_items (G_LIST_MODEL (self->accounts)) > 0;

  if (!status)
    status = words_account_status (PEAL_ACCOUNT_READY, "home", "alice@home", 4);
  return is_ready ? status : words_no_account ();
}

PealPhone *
fake_phone_new (void)
{
  return g_object_new (PEAL_TYPE_PHONE, NULL);
}
