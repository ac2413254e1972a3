/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stands in for core/phone/phone.c at link time. Its calls do at once what a person asks of them;
 * everything else waits for the test. */
#include "tests/ui/fake-phone.h"
#include "core/phone/account-private.h"
#include "core/phone/call-private.h"
#include "core/phone/contact-private.h"
#include "core/phone/device-private.h"
#include "core/phone/history-private.h"
#include "core/phone/request-private.h"
#include "core/phone/sound.h"
#include "core/phone/words.h"

struct _PealPhone {
  GObject parent;
  GListStore *accounts;
  GListStore *contacts;
  GListStore *requests;
  GListStore *nearby;
  GListStore *calls;
  GListStore *history;
  GListStore *devices[2];
  PealContact *removed;
  guint call_id;
  bool is_open;
  char *forward_to;
};

G_DEFINE_FINAL_TYPE (PealPhone, peal_phone, G_TYPE_OBJECT)
G_DEFINE_QUARK (peal - phone - error, peal_phone_error)

enum { PROP_STATUS = 1, PROP_IS_READY, PROP_COUNT };

static GParamSpec *properties[PROP_COUNT];

static void G_GNUC_PRINTF (1, 2) say (const char *format, ...)
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
add_device (PealPhone *self, CallMediaDirection direction, const char *id, const char *name)
{
  const CallMediaDevice row = { (char *) id, (char *) name, direction, false };
  g_autoptr (PealDevice) device = peal_device_new (&row);
  g_list_store_append (self->devices[direction], device);
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
  add_device (self, CALL_MEDIA_INPUT, "mic", "Built-in Audio Analog Stereo");
  add_device (self, CALL_MEDIA_INPUT, "usb-in", "Jabra Evolve 20 MS Mono");
  add_device (self, CALL_MEDIA_OUTPUT, "speakers", "Built-in Audio Analog Stereo");
  add_device (self, CALL_MEDIA_OUTPUT, "usb-out", "Jabra Evolve 20 MS Mono");
}

/* ---- Calls ---- */

static void
on_answer (gpointer owner, PealCall *call)
{
  say ("answer %u", peal_call_get_id (call));
  fake_phone_talk (call);
}

static void
on_decline (gpointer owner, PealCall *call)
{
  say ("decline %u", peal_call_get_id (call));
  fake_phone_end (call, NODE_CALL_END_DECLINED);
}

static void
on_end (gpointer owner, PealCall *call)
{
  say ("end %u", peal_call_get_id (call));
  fake_phone_end (call, NODE_CALL_END_HUNG_UP);
}

static void
on_close (gpointer owner, PealCall *call)
{
  PealPhone *self = owner;
  guint position = 0;

  say ("close %u", peal_call_get_id (call));
  if (g_list_store_find (self->calls, call, &position))
    g_list_store_remove (self->calls, position);
}

static void
on_set_muted (gpointer owner, PealCall *call, bool is_muted)
{
  say ("mute %d", is_muted);
  peal_call_show_muted (call, is_muted);
}

static void
on_set_held (gpointer owner, PealCall *call, bool is_held)
{
  say ("hold %d", is_held);
  peal_call_show_hold (call, is_held, false);
}

static void
on_send_digit (gpointer owner, PealCall *call, char digit)
{
  say ("digit %c", digit);
}

static void
show_security (PealCall *call, PealCallSecurity security)
{
  g_autofree char *text = words_call_security (security, peal_call_get_name (call), true);

  peal_call_show_security (call, security, text);
}

static void
on_compared (gpointer owner, PealCall *call, bool is_match)
{
  PealContact *contact = peal_phone_find_contact (owner, peal_call_get_address (call));

  say ("compared %d", is_match);
  show_security (call, is_match ? PEAL_CALL_SECURITY_VERIFIED : PEAL_CALL_SECURITY_DOUBTFUL);
  if (contact)
    peal_contact_show_trust (contact, is_match ? PEAL_TRUST_VERIFIED : PEAL_TRUST_DIFFERED);
  if (!is_match)
    peal_call_show_end (call, "Call ended", "", PEAL_CALL_REMEDY_CALL_AGAIN);
}

static const PealCallActions call_actions = {
  .answer = on_answer,
  .decline = on_decline,
  .end = on_end,
  .close = on_close,
  .set_muted = on_set_muted,
  .set_held = on_set_held,
  .send_digit = on_send_digit,
  .compared = on_compared,
};

static PealCall *
add_call (PealPhone *self, const char *address, const char *name, bool is_incoming)
{
  const PealCallStart start = { ++self->call_id, address, address, name, is_incoming };
  g_autoptr (PealCall) call = peal_call_new (&start, &call_actions, self);

  g_list_store_insert (self->calls, 0, call);
  return call;
}

PealCall *
fake_phone_ring (PealPhone *self)
{
  PealCall *call = add_call (self, "bob@home", "Bob Ruiz", true);
  peal_call_show_state (call, PEAL_CALL_RINGING);
  return call;
}

void
fake_phone_talk (PealCall *call)
{
  g_autofree char *details = NULL;
  const WordsDetails numbers = {
    .codec = "opus/48000/2",
    .cipher = "AEAD_AES_128_GCM",
    .quality = { .jitter_ms = 4, .rtt_ms = 18, .bitrate_sent = 34000, .bitrate_received = 33000 },
  };

  details = words_call_details (&numbers);
  peal_call_show_state (call, PEAL_CALL_UP);
  peal_call_show_duration (call, 151);
  peal_call_show_words (call, "maroon velvet cobra agile");
  show_security (call, PEAL_CALL_SECURITY_ENCRYPTED);
  peal_call_show_path (call, words_path_direct ());
  peal_call_show_levels (call, 0.55, 0.3);
  peal_call_show_quality (call, PEAL_CALL_QUALITY_GOOD, details);
}

void
fake_phone_end (PealCall *call, NodeCallEnd end)
{
  if (peal_call_get_state (call) == PEAL_CALL_ENDED)
    return;
  const WordsCall words = {
    .state = peal_call_get_state (call),
    .name = peal_call_get_name (call),
    .display_address = peal_call_get_display_address (call),
    .is_incoming = peal_call_get_is_incoming (call),
    .duration = peal_call_get_duration (call),
  };
  g_autofree char *text = words_call_end (&words, end);
  peal_call_show_end (call, text, words_call_hint (end), words_call_remedy (end));
}

PealCall *
peal_phone_dial (PealPhone *self, const char *typed, GError **error)
{
  g_autofree char *address = peal_phone_resolve (self, typed, error);
  if (!address)
    return NULL;
  PealContact *contact = peal_phone_find_contact (self, address);
  PealCall *call =
    add_call (self, address, contact ? peal_contact_get_name (contact) : address, false);

  say ("dial %s", address);
  if (contact)
    peal_call_show_state (call, PEAL_CALL_RINGING);
  else
    fake_phone_end (call, NODE_CALL_END_NO_SUCH_NAME);
  return call;
}

void
fake_phone_offer_choices (PealCall *call)
{
  const PealCallChoice choices[] = {
    { (char *) "Bob Ruiz", (char *) "agile maroon cobra velvet banjo turkey" },
    { NULL, (char *) "mustard kitchen walrus puzzle orbit daisy" },
  };

  peal_call_show_choices (call, choices, G_N_ELEMENTS (choices));
  fake_phone_end (call, NODE_CALL_END_SEVERAL_OWNERS);
}

PealCall *
peal_phone_dial_choice (PealPhone *self, PealCall *call, size_t choice)
{
  say ("choose %zu", choice);
  return add_call (self, peal_call_get_address (call), peal_call_get_name (call), false);
}

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

/* ---- People ---- */

static void
on_rename (gpointer owner, PealContact *contact, const char *name)
{
  say ("rename %s", name);
  peal_contact_show_name (contact, name);
}

static void
on_set_favourite (gpointer owner, PealContact *contact, bool is_favourite)
{
  say ("favourite %d", is_favourite);
  peal_contact_show_favourite (contact, is_favourite);
}

static void
on_ask_again (gpointer owner, PealContact *contact)
{
  say ("ask-again %s", peal_contact_get_address (contact));
}

static void
on_accept_key (gpointer owner, PealContact *contact)
{
  say ("accept-key %s", peal_contact_get_address (contact));
  peal_contact_show_key_changed (contact, false);
}

static const PealContactActions contact_actions = {
  .rename = on_rename,
  .set_favourite = on_set_favourite,
  .ask_again = on_ask_again,
  .accept_key = on_accept_key,
};

static PealContact *
add_contact (PealPhone *self, const char *address, const char *name, PealPresence presence)
{
  g_autoptr (PealContact) contact =
    peal_contact_new (address, address, name, &contact_actions, self);

  peal_contact_show_presence (contact, presence);
  g_list_store_append (self->contacts, contact);
  return contact;
}

void
fake_phone_add_people (PealPhone *self)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  PealContact *bob = add_contact (self, "bob@home", "Bob Ruiz", PEAL_PRESENCE_AVAILABLE);
  PealContact *chidi = add_contact (self, "chidi@home", "Chidi Okafor", PEAL_PRESENCE_IN_CALL);
  PealContact *dana = add_contact (self, "dana@home", "Dana Levi", PEAL_PRESENCE_AWAY);
  PealContact *gil = add_contact (self, "gil@home", "Gil", PEAL_PRESENCE_NOT_CONFIRMED);
  PealContact *ewa = add_contact (self, "ewa@home", "Ewa Nowak-Wiśniewska", PEAL_PRESENCE_OFFLINE);

  peal_contact_show_favourite (bob, true);
  peal_contact_show_missed (dana, 2);
  peal_contact_show_seen (ewa, now - 3 * 86400);
  peal_contact_show_key_changed (chidi, true);
  add_contact (self, "farid@home", "Farid Haddad", PEAL_PRESENCE_NOT_CONFIRMED);
  peal_contact_show_trust (dana, PEAL_TRUST_VERIFIED);
  peal_contact_show_trust (ewa, PEAL_TRUST_DIFFERED);
  peal_contact_show_ambiguous (gil, true);
}

PealContact *
peal_phone_add_contact (PealPhone *self, const char *typed, const char *name, GError **error)
{
  g_autofree char *address = peal_phone_resolve (self, typed, error);

  if (!address)
    return NULL;
  say ("add %s", address);
  return add_contact (self, address, *name ? name : address, PEAL_PRESENCE_NOT_CONFIRMED);
}

void
peal_phone_remove_contact (PealPhone *self, PealContact *contact)
{
  guint position = 0;

  say ("remove %s", peal_contact_get_address (contact));
  g_set_object (&self->removed, contact);
  if (g_list_store_find (self->contacts, contact, &position))
    g_list_store_remove (self->contacts, position);
}

void
peal_phone_undo_remove (PealPhone *self)
{
  say ("undo");
  if (self->removed)
    g_list_store_insert (self->contacts, 0, self->removed);
  g_clear_object (&self->removed);
}

PealContact *
peal_phone_find_contact (PealPhone *self, const char *address)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->contacts)); i++) {
    g_autoptr (PealContact) contact = g_list_model_get_item (G_LIST_MODEL (self->contacts), i);
    if (strcmp (peal_contact_get_address (contact), address) == 0)
      return contact;
  }
  return NULL;
}

/* ---- Requests and networks nearby ---- */

static void
forget_request (PealPhone *self, PealRequest *request)
{
  guint position = 0;
  if (g_list_store_find (self->requests, request, &position))
    g_list_store_remove (self->requests, position);
}

static void
on_accept (gpointer owner, PealRequest *request)
{
  say ("accept %s", peal_request_get_address (request));
  forget_request (owner, request);
}

static void
on_refuse (gpointer owner, PealRequest *request)
{
  say ("refuse %s", peal_request_get_address (request));
  forget_request (owner, request);
}

static const PealRequestActions request_actions = { .accept = on_accept, .refuse = on_refuse };

static void
add_request (PealPhone *self, const PealRequestStart *start)
{
  g_autoptr (PealRequest) request = peal_request_new (start, &request_actions, self);
  g_list_store_append (self->requests, request);
}

void
fake_phone_add_requests (PealPhone *self)
{
  const PealRequestStart buddy = { PEAL_REQUEST_BUDDY, "farid@home", "farid@home",
                                   "Farid Haddad",     "home",       1 };
  const PealRequestStart newcomer = { PEAL_REQUEST_NEWCOMER, "chidi", "chidi",
                                      "Chidi's computer",    "home",  2 };

  add_request (self, &buddy);
  add_request (self, &newcomer);
}

void
fake_phone_add_nearby (PealPhone *self)
{
  const uint8_t hash[32] = { 1 };
  Address listener = { .family = ADDRESS_IPV4, .port = 6084 };
  g_autoptr (PealNearby) nearby = peal_nearby_new ("club", hash, &listener);

  peal_nearby_show (nearby, &listener, 3);
  g_list_store_append (self->nearby, nearby);
}

/* Only Dora is let in, by a code. */
void
peal_phone_join_nearby_async (PealPhone *self,
                              PealNearby *nearby,
                              const char *name,
                              const char *display_name,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  const char *label = peal_nearby_get_label (nearby);
  bool is_dora = strcmp (name, "dora") == 0;
  g_autofree char *words = is_dora ? words_code_needed (label) : g_strdup (words_not_let_in ());

  say ("join-nearby %s as %s", label, name);
  g_task_set_task_data (task, is_dora ? g_strdup ("peal:enrol") : NULL, g_free);
  g_task_return_new_error (task, PEAL_PHONE_ERROR,
                           is_dora ? PEAL_PHONE_ERROR_CODE : PEAL_PHONE_ERROR_NOT_LET_IN, "%s",
                           words);
}

PealAccount *
peal_phone_join_nearby_finish (PealPhone *self,
                               GAsyncResult *result,
                               char **ret_invitation,
                               GError **error)
{
  *ret_invitation = g_strdup (g_task_get_task_data (G_TASK (result)));
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- Accounts ---- */

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
  add_account (self, "home", "alice", "Alice Lindqvist");
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
  say ("create %s as %s (%s)", label, name, display_name);
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
  say ("join as %s", name);
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

char *
peal_phone_check_invitation (PealPhone *self, const char *invitation)
{
  return words_invitation_local ("home");
}

bool
peal_phone_export_identity (PealPhone *self,
                            const char *path,
                            const char *passphrase,
                            GError **error)
{
  say ("export");
  return true;
}

bool
peal_phone_import_identity (PealPhone *self,
                            const char *path,
                            const char *passphrase,
                            GError **error)
{
  say ("import");
  add_account (self, "home", "alice", "Alice Lindqvist");
  return true;
}

void
peal_phone_set_open (PealPhone *self, bool is_open)
{
  say ("open %d", is_open);
  self->is_open = is_open;
}

bool
peal_phone_get_open (PealPhone *self)
{
  return self->is_open;
}

bool
peal_phone_forward (PealPhone *self, PealAccount *account, const char *typed, GError **error)
{
  say ("forward %s", typed);
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

/* ---- History ---- */

static void
add_history (PealPhone *self, const PealHistoryStart *start, bool is_missed, unsigned duration)
{
  g_autoptr (PealHistoryEntry) entry = peal_history_entry_new (start);

  peal_history_entry_show_end (entry, is_missed, duration);
  g_list_store_append (self->history, entry);
}

void
fake_phone_add_history (PealPhone *self)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  const PealHistoryStart rows[] = {
    { 1, "bob@home", "Bob Ruiz", true, now - 3000 },
    { 2, "bob@home", "Bob Ruiz", false, now - 86400 },
    { 3, "dana@home", "Dana Levi", true, now - 2 * 86400 },
    { 4, "bob@home", "Bob Ruiz", true, now - 9 * 86400 },
    { 5, "gil@home", "Gil", false, now - 40 * 86400 },
  };

  add_history (self, &rows[0], true, 0);
  add_history (self, &rows[1], false, 724);
  add_history (self, &rows[2], true, 0);
  add_history (self, &rows[3], false, 48);
  add_history (self, &rows[4], false, 0);
}

GListModel *
peal_phone_history_with (PealPhone *self, const char *address)
{
  GListStore *list = g_list_store_new (PEAL_TYPE_HISTORY_ENTRY);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->history)); i++) {
    g_autoptr (PealHistoryEntry) entry = g_list_model_get_item (G_LIST_MODEL (self->history), i);
    if (strcmp (peal_history_entry_get_address (entry), address) == 0)
      g_list_store_append (list, entry);
  }
  return G_LIST_MODEL (list);
}

void
peal_phone_mark_seen (PealPhone *self, const char *address)
{
  PealContact *contact = address ? peal_phone_find_contact (self, address) : NULL;
  if (contact)
    peal_contact_show_missed (contact, 0);
}

/* ---- Sound ---- */

GListModel *
peal_phone_get_devices (PealPhone *self, CallMediaDirection direction)
{
  return G_LIST_MODEL (self->devices[direction]);
}

void
peal_phone_set_device (PealPhone *self, CallMediaDirection direction, const char *id)
{
  say ("device %d %s", direction, id);
}

void
peal_phone_set_ring_device (PealPhone *self, const char *id)
{
  say ("ring-device %s", id);
}

void
peal_phone_watch_microphone (PealPhone *self,
                             void (*level) (void *user_data, double level),
                             void *user_data)
{
  say ("watch %d", level != NULL);
  if (level)
    level (user_data, 0.4);
}

void
peal_phone_record_and_play (PealPhone *self,
                            void (*done) (void *user_data, bool was_heard),
                            void *user_data)
{
  if (!done)
    return;
  say ("record");
  done (user_data, true);
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
