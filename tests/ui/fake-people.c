/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/contact-private.h"
#include "core/phone/history-private.h"
#include "core/phone/request-private.h"
#include "core/phone/words.h"
#include "tests/ui/fake-phone-private.h"

/* ---- People ---- */

static void
on_rename (gpointer owner, PealContact *contact, const char *name)
{
  fake_phone_say ("rename %s", name);
  peal_contact_show_name (contact, name);
}

static void
on_set_favourite (gpointer owner, PealContact *contact, bool is_favourite)
{
  fake_phone_say ("favourite %d", is_favourite);
  peal_contact_show_favourite (contact, is_favourite);
}

static void
on_set_relayed (gpointer owner, PealContact *contact, bool is_relayed)
{
  fake_phone_say ("relayed %d", is_relayed);
  peal_contact_show_relayed (contact, is_relayed);
}

static void
on_ask_again (gpointer owner, PealContact *contact)
{
  fake_phone_say ("ask-again %s", peal_contact_get_address (contact));
}

static void
on_accept_key (gpointer owner, PealContact *contact)
{
  fake_phone_say ("accept-key %s", peal_contact_get_address (contact));
  peal_contact_show_key_changed (contact, false, 0);
}

static const PealContactActions contact_actions = {
  .rename = on_rename,
  .set_favourite = on_set_favourite,
  .set_relayed = on_set_relayed,
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
  peal_contact_show_key_changed (chidi, true, now - 11 * 86400);
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
  fake_phone_say ("add %s", address);
  return add_contact (self, address, *name ? name : address, PEAL_PRESENCE_NOT_CONFIRMED);
}

void
peal_phone_remove_contact (PealPhone *self, PealContact *contact)
{
  guint position = 0;

  fake_phone_say ("remove %s", peal_contact_get_address (contact));
  g_set_object (&self->removed, contact);
  if (g_list_store_find (self->contacts, contact, &position))
    g_list_store_remove (self->contacts, position);
}

void
peal_phone_undo_remove (PealPhone *self)
{
  fake_phone_say ("undo");
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
  fake_phone_say ("accept %s", peal_request_get_address (request));
  forget_request (owner, request);
}

static void
on_refuse (gpointer owner, PealRequest *request)
{
  fake_phone_say ("refuse %s", peal_request_get_address (request));
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
fake_phone_add_nearby (PealPhone *self, const char *label, unsigned peers)
{
  const uint8_t hash[32] = { (uint8_t) peers };
  Address listener = { .family = ADDRESS_IPV4, .port = 6084 };
  g_autoptr (PealNearby) nearby = peal_nearby_new (label, hash, &listener);

  peal_nearby_show (nearby, &listener, peers);
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

  fake_phone_say ("join-nearby %s of %u as %s", label, peal_nearby_get_peers (nearby), name);
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
