/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "peal-phone"
#include "core/phone/enrolment.h"
#include "core/phone/phone-private.h"
#include "core/phone/words.h"

/* The phone puts its parts together and hands events from one to the other:
 *
 *   lines ---- NodeEvent ----> calls, contacts, look-ups
 *   calls ----> history, contacts (missed, talked), lines (presence)
 *   lines' states ----> surroundings (look for others while one is alone), the status sentence
 *
 * Everything it keeps lies in one folder: own.db, overlay.db and keys/. */

enum { LEAVE_PATIENCE_MS = 500 };

G_DEFINE_FINAL_TYPE (PealPhone, peal_phone, G_TYPE_OBJECT)
G_DEFINE_QUARK (peal - phone - error - quark, peal_phone_error)

enum {
  PROP_ACCOUNTS = 1,
  PROP_CONTACTS,
  PROP_REQUESTS,
  PROP_NEARBY,
  PROP_CALLS,
  PROP_HISTORY,
  PROP_STATUS,
  PROP_IS_READY,
  PROP_COUNT
};

static GParamSpec *properties[PROP_COUNT];

static void
peal_phone_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  PealPhone *self = PEAL_PHONE (object);

  switch (id) {
  case PROP_ACCOUNTS:
    g_value_set_object (value, self->accounts);
    break;
  case PROP_CONTACTS:
    g_value_set_object (value, self->contact_list);
    break;
  case PROP_REQUESTS:
    g_value_set_object (value, self->requests);
    break;
  case PROP_NEARBY:
    g_value_set_object (value, self->nearby);
    break;
  case PROP_CALLS:
    g_value_set_object (value, self->call_list);
    break;
  case PROP_HISTORY:
    g_value_set_object (value, peal_phone_get_history (self));
    break;
  case PROP_STATUS:
    g_value_set_string (value, self->status);
    break;
  case PROP_IS_READY:
    g_value_set_boolean (value, self->is_ready);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
  }
}

static void
peal_phone_dispose (GObject *object)
{
  peal_phone_stop (PEAL_PHONE (object));
  G_OBJECT_CLASS (peal_phone_parent_class)->dispose (object);
}

static void
peal_phone_finalize (GObject *object)
{
  PealPhone *self = PEAL_PHONE (object);

  calls_free (self->calls);
  contacts_free (self->contacts);
  call_log_free (self->log);
  keychain_free (self->keychain);
  store_free (self->store);
  g_ptr_array_unref (self->lines);
  g_ptr_array_unref (self->lookups);
  g_object_unref (self->accounts);
  g_object_unref (self->contact_list);
  g_object_unref (self->requests);
  g_object_unref (self->nearby);
  g_object_unref (self->call_list);
  for (size_t i = 0; i < G_N_ELEMENTS (self->devices); i++)
    g_object_unref (self->devices[i]);
  g_free (self->folder);
  g_free (self->listen);
  g_free (self->status);
  G_OBJECT_CLASS (peal_phone_parent_class)->finalize (object);
}

static void
peal_phone_class_init (PealPhoneClass *klass)
{
  static const struct {
    guint id;
    const char *name;
  } lists[] = { { PROP_ACCOUNTS, "accounts" }, { PROP_CONTACTS, "contacts" },
                { PROP_REQUESTS, "requests" }, { PROP_NEARBY, "nearby" },
                { PROP_CALLS, "calls" },       { PROP_HISTORY, "history" } };

  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = peal_phone_get_property;
  object_class->dispose = peal_phone_dispose;
  object_class->finalize = peal_phone_finalize;

  for (size_t i = 0; i < G_N_ELEMENTS (lists); i++)
    properties[lists[i].id] =
      g_param_spec_object (lists[i].name, NULL, NULL, G_TYPE_LIST_MODEL, flags);
  properties[PROP_STATUS] = g_param_spec_string ("status", NULL, NULL, NULL, flags);
  properties[PROP_IS_READY] = g_param_spec_boolean ("is-ready", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, PROP_COUNT, properties);
}

static void
peal_phone_init (PealPhone *self)
{
  self->lines = g_ptr_array_new_with_free_func ((GDestroyNotify) (void *) line_free);
  self->lookups = g_ptr_array_new_with_free_func (g_object_unref);
  self->accounts = g_list_store_new (PEAL_TYPE_ACCOUNT);
  self->contact_list = g_list_store_new (PEAL_TYPE_CONTACT);
  self->requests = g_list_store_new (PEAL_TYPE_REQUEST);
  self->nearby = g_list_store_new (PEAL_TYPE_NEARBY);
  self->call_list = g_list_store_new (PEAL_TYPE_CALL);
  for (size_t i = 0; i < G_N_ELEMENTS (self->devices); i++)
    self->devices[i] = g_list_store_new (PEAL_TYPE_DEVICE);
  self->status = g_strdup ("");
}

/* ---- What the parts tell each other ---- */

static void
on_talking (void *user_data, bool is_talking)
{
  PealPhone *self = user_data;

  for (guint i = 0; i < self->lines->len; i++)
    node_set_presence (line_get_node (self->lines->pdata[i]),
                       is_talking ? NODE_PRESENCE_IN_CALL : NODE_PRESENCE_AVAILABLE);
}

static void
on_missed (void *user_data, const char *address)
{
  contacts_missed_changed (PEAL_PHONE (user_data)->contacts, address);
}

static unsigned
count_missed (void *user_data, const char *address)
{
  return call_log_get_missed (PEAL_PHONE (user_data)->log, address);
}

static void
on_renamed (void *user_data, const char *address)
{
  call_log_rename (PEAL_PHONE (user_data)->log, address);
}

static Line *
find_line_of (void *user_data, const char *address)
{
  return phone_line_of_address (user_data, address);
}

static char *
name_of (void *user_data, const char *address)
{
  return contacts_name (PEAL_PHONE (user_data)->contacts, address);
}

static const ContactsEvents contacts_events = {
  .missed = count_missed,
  .renamed = on_renamed,
  .line = find_line_of,
};

static void
on_store_fault (bool is_fault, StoreError code, void *user_data)
{
  PealPhone *self = user_data;

  self->has_store_fault = is_fault;
  self->store_fault = code;
  phone_update_status (self);
}

/* ---- Beginning and end ---- */

static PealPhoneError
error_of_store (const GError *error)
{
  switch ((StoreError) error->code) {
  case STORE_ERROR_DAMAGED:
  case STORE_ERROR_OPEN_TO_OTHERS:
  case STORE_ERROR_MISSING:
    return PEAL_PHONE_ERROR_KEY;
  case STORE_ERROR_NEWER:
    return PEAL_PHONE_ERROR_NEWER;
  case STORE_ERROR_READ_ONLY:
  case STORE_ERROR_FULL:
  case STORE_ERROR_FAILED:
    return PEAL_PHONE_ERROR_DISK;
  }
  return PEAL_PHONE_ERROR_DISK;
}

void
phone_propagate_error (GError **error, GError *local)
{
  PealPhoneError code = PEAL_PHONE_ERROR_NETWORK;
  const char *words = words_network_port ();

  if (local->domain == STORE_ERROR) {
    code = error_of_store (local);
    words = code == PEAL_PHONE_ERROR_KEY            ? words_key_file ()
            : code == PEAL_PHONE_ERROR_NEWER        ? words_data_newer ()
            : local->code == (int) STORE_ERROR_FULL ? words_disk_full ()
                                                    : words_disk_read_only ();
  }
  g_message ("%s", local->message);
  g_set_error_literal (error, PEAL_PHONE_ERROR, (int) code, words);
  g_error_free (local);
}

static char *
state_folder (const PealPhoneOptions *options)
{
  return options->state_path ? g_strdup (options->state_path)
                             : g_build_filename (g_get_user_data_dir (), "peal", NULL);
}

static bool
open_store (PealPhone *self, const char *folder, GError **error)
{
  g_autoptr (GError) local = NULL;

  self->store = store_new (folder, &local);
  if (!self->store) {
    bool is_newer = g_error_matches (local, STORE_ERROR, STORE_ERROR_NEWER);

    g_message ("%s", local->message);
    g_set_error_literal (error, PEAL_PHONE_ERROR,
                         (int) (is_newer ? PEAL_PHONE_ERROR_NEWER : PEAL_PHONE_ERROR_DATA),
                         is_newer ? words_data_newer () : words_data_damaged ());
    return false;
  }
  phone_restore_preferences (self);
  return true;
}

static bool
open_keychain (PealPhone *self, const char *folder, GError **error)
{
  g_autofree char *keys = g_build_filename (folder, "keys", NULL);
  GError *local = NULL;

  if (private_folder_make (folder, &local))
    self->keychain = keychain_new (keys, &local);
  if (!self->keychain)
    phone_propagate_error (error, local);
  return self->keychain != NULL;
}

static bool
open_registrar (PealPhone *self, GError **error)
{
  GError *local = NULL;

  self->registrar = registrar_open (self->folder, self->keychain, &local);
  if (local)
    phone_propagate_error (error, local);
  return local == NULL;
}

static void
make_parts (PealPhone *self, const PealPhoneOptions *options)
{
  self->contacts =
    contacts_new (self->store, self->contact_list, self->requests, &contacts_events, self);
  self->log = call_log_new (self->store, name_of, self);
  self->calls = calls_new (&(CallsOptions){ .media = self->media,
                                            .contacts = self->contacts,
                                            .log = self->log,
                                            .list = self->call_list,
                                            .talking = on_talking,
                                            .missed = on_missed,
                                            .user_data = self });
  if (options->is_discovering)
    self->surroundings = surroundings_new (self->nearby, self->listen);
  if (self->media)
    phone_watch_devices (self);
  store_set_fault_func (self->store, on_store_fault, self);
}

PealPhone *
peal_phone_new (const PealPhoneOptions *options, GError **error)
{
  g_autoptr (PealPhone) self = g_object_new (PEAL_TYPE_PHONE, NULL);
  g_autofree char *folder = state_folder (options);
  const GPtrArray *accounts;

  self->media = options->media;
  self->listen = g_strdup (options->listen);
  self->is_user = options->is_user;
  self->is_relay = options->is_relay;
  self->log_level = (LogLevel) CLAMP (options->log_level, LOG_LEVEL_ERROR, LOG_LEVEL_DEBUG);
  self->folder = g_steal_pointer (&folder);
  if (!open_keychain (self, self->folder, error) || !open_store (self, self->folder, error) ||
      !open_registrar (self, error))
    return NULL;
  make_parts (self, options);
  accounts = keychain_get_accounts (self->keychain);
  for (guint i = 0; i < accounts->len; i++)
    if (enrolment_standing (accounts->pdata[i]) == ENROLMENT_GOOD &&
        !phone_add_line (self, accounts->pdata[i], error))
      return NULL;
  self->renewal = renewal_new (self);
  phone_update_looking (self);
  phone_update_status (self);
  return g_steal_pointer (&self);
}

bool
peal_phone_repair (const PealPhoneOptions *options, GError **error)
{
  g_autofree char *folder = state_folder (options);
  g_autofree char *keys = g_build_filename (folder, "keys", NULL);
  GError *local = NULL;

  if (private_folder_make (folder, &local) && keychain_repair (keys, &local) &&
      store_repair (folder, &local))
    return true;
  phone_propagate_error (error, local);
  return false;
}

static bool
is_quiet (PealPhone *self)
{
  for (guint i = 0; i < self->lines->len; i++)
    if (!node_is_quiet (line_get_node (self->lines->pdata[i])))
      return false;
  return true;
}

static gboolean
on_patience_ends (gpointer user_data)
{
  guint *timeout = user_data;

  *timeout = 0;
  return G_SOURCE_REMOVE;
}

void
peal_phone_leave (PealPhone *self)
{
  guint timeout = g_timeout_add (LEAVE_PATIENCE_MS, on_patience_ends, &timeout);

  for (guint i = 0; i < self->lines->len; i++)
    node_stop (line_get_node (self->lines->pdata[i]));
  while (timeout != 0 && !is_quiet (self))
    g_main_context_iteration (NULL, TRUE);
  g_clear_handle_id (&timeout, g_source_remove);
  peal_phone_stop (self);
}

void
peal_phone_stop (PealPhone *self)
{
  if (self->store)
    store_set_fault_func (self->store, NULL, NULL);
  g_clear_pointer (&self->renewal, renewal_free);
  g_clear_pointer (&self->registrar, registrar_free);
  while (self->lines->len > 0)
    phone_remove_line (self, self->lines->pdata[self->lines->len - 1]);
  g_clear_pointer (&self->surroundings, surroundings_free);
  if (self->media)
    self->media->watch_devices (self->media->media, NULL, NULL);
  if (self->store)
    store_flush (self->store);
}

/* ---- Looking at it ---- */

GListModel *
peal_phone_get_accounts (PealPhone *self)
{
  return G_LIST_MODEL (self->accounts);
}

GListModel *
peal_phone_get_contacts (PealPhone *self)
{
  return G_LIST_MODEL (self->contact_list);
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
  return G_LIST_MODEL (self->call_list);
}

GListModel *
peal_phone_get_history (PealPhone *self)
{
  return call_log_get_list (self->log);
}

const char *
peal_phone_get_status (PealPhone *self)
{
  return self->status;
}

/* ---- People and history ---- */

PealContact *
peal_phone_add_contact (PealPhone *self, const char *typed, const char *name, GError **error)
{
  g_autofree char *address = peal_phone_resolve (self, typed, error);

  return address ? contacts_add (self->contacts, address, name) : NULL;
}

void
peal_phone_remove_contact (PealPhone *self, PealContact *contact)
{
  g_autofree char *address = g_strdup (peal_contact_get_address (contact));

  contacts_remove (self->contacts, contact);
  call_log_rename (self->log, address);
}

void
peal_phone_undo_remove (PealPhone *self)
{
  contacts_undo_remove (self->contacts);
}

PealContact *
peal_phone_find_contact (PealPhone *self, const char *address)
{
  return contacts_find (self->contacts, address);
}

GListModel *
peal_phone_history_with (PealPhone *self, const char *address)
{
  return call_log_with (self->log, address);
}

unsigned
peal_phone_get_missed (PealPhone *self)
{
  return call_log_get_missed (self->log, NULL);
}

void
peal_phone_mark_seen (PealPhone *self, const char *address)
{
  call_log_mark_seen (self->log, address);
  contacts_missed_changed (self->contacts, address);
}
