/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/contacts-private.h"
#include <string.h>

/* One `Person` for each address of which something is known: a row of the database, and a
 * PealContact when it is a buddy. Whatever changes is written before it is shown. */

static gint64
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static void
person_free (gpointer data)
{
  Person *person = data;

  if (person->contact)
    peal_contact_detach (person->contact);
  g_clear_object (&person->contact);
  store_person_free (person->row);
  g_free (person);
}

Person *
contacts_find_person (Contacts *self, const char *address)
{
  return g_hash_table_lookup (self->people, address);
}

static char *
user_of (const char *address)
{
  return g_strndup (address, strcspn (address, "@"));
}

/* ---- The sorted list ---- */

static int
compare (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return peal_contact_compare ((PealContact *) a, (PealContact *) b);
}

static bool
is_in_place (Contacts *self, guint position, PealContact *contact)
{
  GListModel *model = G_LIST_MODEL (self->list);
  g_autoptr (PealContact) before =
    position > 0 ? g_list_model_get_item (model, position - 1) : NULL;
  g_autoptr (PealContact) after = g_list_model_get_item (model, position + 1);

  return (!before || peal_contact_compare (before, contact) < 0) &&
         (!after || peal_contact_compare (contact, after) < 0);
}

/* Moves one row only, and only when it must: the others keep the keyboard's focus. */
static void
place (Contacts *self, PealContact *contact)
{
  guint position;

  if (!g_list_store_find (self->list, contact, &position)) {
    g_list_store_insert_sorted (self->list, contact, compare, NULL);
    return;
  }
  if (is_in_place (self, position, contact))
    return;
  g_list_store_remove (self->list, position);
  g_list_store_insert_sorted (self->list, contact, compare, NULL);
}

/* ---- Towards the overlay ---- */

static Line *
line_of (Contacts *self, const Person *person)
{
  return self->events->line (self->user_data, person->row->address);
}

const UserKey *
person_pin (const Person *person)
{
  return person->row->has_key ? &person->row->key : NULL;
}

/* Before a link to them is asked for. */
static void
tell_relayed (Contacts *self, const Person *person, bool is_relayed)
{
  Line *line = line_of (self, person);

  if (!line)
    return;
  node_relay_always (line_get_node (line), person->row->address, is_relayed);
  if (is_relayed)
    world_want_relays (line_get_world (line));
}

void
contacts_subscribe (Contacts *self, const Person *person)
{
  Line *line = line_of (self, person);

  if (line && person->row->is_contact)
    node_subscribe (line_get_node (line), person->row->address, person_pin (person),
                    person->row->is_favourite);
}

void
contacts_ask_again (Contacts *self, const Person *person)
{
  Line *line = line_of (self, person);

  if (line)
    node_unsubscribe (line_get_node (line), person->row->address);
  contacts_subscribe (self, person);
}

void
contacts_tell_decision (Contacts *self, const Person *person)
{
  Line *line = line_of (self, person);

  if (line && person->row->has_key)
    node_accept (line_get_node (line), person->row->address, &person->row->key,
                 (NodeAcceptance) person->row->decision);
}

/* ---- What a person asks of a contact ---- */

static void
rename_contact (gpointer owner, PealContact *contact, const char *name)
{
  Contacts *self = owner;
  Person *person = contacts_find_person (self, peal_contact_get_address (contact));
  g_autofree char *user = user_of (person->row->address);
  g_autofree char *trimmed = g_strstrip (g_strdup (name ? name : ""));

  g_free (person->row->name);
  person->row->name = g_strdup (trimmed[0] ? trimmed : user);
  store_put_person (self->store, person->row);
  peal_contact_show_name (contact, person->row->name);
  place (self, contact);
  self->events->renamed (self->user_data, person->row->address);
}

static void
set_favourite (gpointer owner, PealContact *contact, bool is_favourite)
{
  Contacts *self = owner;
  Person *person = contacts_find_person (self, peal_contact_get_address (contact));

  person->row->is_favourite = is_favourite;
  store_put_person (self->store, person->row);
  peal_contact_show_favourite (contact, is_favourite);
  place (self, contact);
  contacts_subscribe (self, person);
}

static void
set_relayed (gpointer owner, PealContact *contact, bool is_relayed)
{
  Contacts *self = owner;
  Person *person = contacts_find_person (self, peal_contact_get_address (contact));

  if (person->row->is_relayed == is_relayed)
    return;
  person->row->is_relayed = is_relayed;
  store_put_person (self->store, person->row);
  peal_contact_show_relayed (contact, is_relayed);
  tell_relayed (self, person, is_relayed);
}

static void
ask_again (gpointer owner, PealContact *contact)
{
  Contacts *self = owner;

  contacts_ask_again (self, contacts_find_person (self, peal_contact_get_address (contact)));
}

static void
accept_key (gpointer owner, PealContact *contact)
{
  Contacts *self = owner;
  Person *person = contacts_find_person (self, peal_contact_get_address (contact));
  UserKey key = person->row->other_key;

  if (!person->row->has_other_key)
    return;
  contacts_pin_key (self, person, &key, PEAL_TRUST_NONE);
  contacts_ask_again (self, person);
}

static const PealContactActions contact_actions = {
  .rename = rename_contact,
  .set_favourite = set_favourite,
  .set_relayed = set_relayed,
  .ask_again = ask_again,
  .accept_key = accept_key,
};

/* ---- People ---- */

static void
show (Contacts *self, Person *person)
{
  const StorePerson *row = person->row;
  g_autofree char *display_address = contacts_display_address (self, row->address);

  person->contact =
    peal_contact_new (row->address, display_address, row->name, &contact_actions, self);
  peal_contact_show_favourite (person->contact, row->is_favourite);
  peal_contact_show_relayed (person->contact, row->is_relayed);
  peal_contact_show_key_changed (person->contact, row->has_other_key, row->other_since);
  peal_contact_show_trust (person->contact, (PealTrust) row->trust);
  peal_contact_show_seen (person->contact, row->seen);
  peal_contact_show_talked (person->contact, row->talked);
  peal_contact_show_missed (person->contact, self->events->missed (self->user_data, row->address));
  place (self, person->contact);
}

/* Takes the row. */
static Person *
add_person (Contacts *self, StorePerson *row)
{
  Person *person = g_new0 (Person, 1);

  person->row = row;
  g_hash_table_insert (self->people, row->address, person);
  return person;
}

Person *
contacts_ensure_person (Contacts *self, const char *address)
{
  Person *person = contacts_find_person (self, address);
  StorePerson *row;

  if (person)
    return person;
  row = g_new0 (StorePerson, 1);
  row->address = g_strdup (address);
  row->name = user_of (address);
  return add_person (self, row);
}

Contacts *
contacts_new (Store *store,
              GListStore *list,
              GListStore *requests,
              const ContactsEvents *events,
              void *user_data)
{
  Contacts *self = g_new0 (Contacts, 1);
  g_autoptr (GPtrArray) rows = store_people (store);

  self->store = store;
  self->list = list;
  self->requests = requests;
  self->events = events;
  self->user_data = user_data;
  self->people = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, person_free);
  for (guint i = 0; i < rows->len; i++)
    add_person (self, store_person_copy (rows->pdata[i]));
  return self;
}

void
contacts_free (Contacts *self)
{
  if (!self)
    return;
  contacts_remove_requests (self, NULL, NULL);
  g_list_store_remove_all (self->list);
  g_hash_table_unref (self->people);
  store_person_free (self->removed);
  g_free (self);
}

void
contacts_attach (Contacts *self, Line *line)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->people);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    Person *person = value;

    if (line_of (self, person) != line)
      continue;
    if (person->row->is_contact && !person->contact)
      show (self, person);
    if (person->row->is_relayed)
      tell_relayed (self, person, true);
    contacts_tell_decision (self, person);
    contacts_subscribe (self, person);
  }
}

/* ---- Presence ---- */

bool
person_is_ambiguous (const Person *person)
{
  return person->contact && peal_contact_get_is_ambiguous (person->contact);
}

static PealPresence
presence_of (NodePresence presence)
{
  switch (presence) {
  case NODE_PRESENCE_UNKNOWN:
  case NODE_PRESENCE_PENDING:
  case NODE_PRESENCE_REFUSED:
    return PEAL_PRESENCE_NOT_CONFIRMED;
  case NODE_PRESENCE_OFFLINE:
    return PEAL_PRESENCE_OFFLINE;
  case NODE_PRESENCE_AVAILABLE:
    return PEAL_PRESENCE_AVAILABLE;
  case NODE_PRESENCE_AWAY:
    return PEAL_PRESENCE_AWAY;
  case NODE_PRESENCE_DO_NOT_DISTURB:
    return PEAL_PRESENCE_DO_NOT_DISTURB;
  case NODE_PRESENCE_IN_CALL:
    return PEAL_PRESENCE_IN_CALL;
  }
  g_assert_not_reached ();
}

static bool
is_on_air (PealPresence presence)
{
  return presence < PEAL_PRESENCE_OFFLINE;
}

void
contacts_on_presence (Contacts *self, Line *line, const NodeEvent *event)
{
  Person *person = contacts_find_person (self, event->presence.address);
  PealPresence presence = presence_of (event->presence.presence);
  PealPresence before;

  if (!person || !person->contact)
    return;
  peal_contact_show_ambiguous (person->contact, event->presence.is_ambiguous);
  if (event->presence.user_key &&
      !contacts_check_key (self, event->presence.address, event->presence.user_key))
    presence = PEAL_PRESENCE_NOT_CONFIRMED;
  before = peal_contact_get_presence (person->contact);
  /* Written when they come and when they go: either is the last that was seen after a crash. */
  if (is_on_air (presence) != is_on_air (before)) {
    person->row->seen = now_s ();
    store_put_person (self->store, person->row);
    peal_contact_show_seen (person->contact, person->row->seen);
  }
  peal_contact_show_presence (person->contact, presence);
  place (self, person->contact);
}

/* ---- Adding and removing ---- */

PealContact *
contacts_add (Contacts *self, const char *address, const char *name)
{
  Person *person = contacts_ensure_person (self, address);
  g_autofree char *trimmed = g_strstrip (g_strdup (name ? name : ""));

  if (trimmed[0]) {
    g_free (person->row->name);
    person->row->name = g_strdup (trimmed);
  }
  person->row->is_contact = true;
  store_put_person (self->store, person->row);
  if (!person->contact)
    show (self, person);
  else
    peal_contact_show_name (person->contact, person->row->name);
  place (self, person->contact);
  contacts_remove_requests (self, person->row->address, NULL);
  contacts_subscribe (self, person);
  self->events->renamed (self->user_data, person->row->address);
  return person->contact;
}

void
contacts_remove (Contacts *self, PealContact *contact)
{
  Person *person = contacts_find_person (self, peal_contact_get_address (contact));
  Line *line;
  guint position;

  if (!person || person->contact != contact)
    return;
  line = line_of (self, person);
  store_person_free (self->removed);
  self->removed = store_person_copy (person->row);
  person->row->decision = NODE_ACCEPTANCE_UNDECIDED;
  contacts_tell_decision (self, person);
  if (person->row->is_relayed)
    tell_relayed (self, person, false);
  if (line)
    node_unsubscribe (line_get_node (line), person->row->address);
  store_remove_person (self->store, person->row->address);
  if (g_list_store_find (self->list, contact, &position))
    g_list_store_remove (self->list, position);
  g_hash_table_remove (self->people, person->row->address);
}

void
contacts_undo_remove (Contacts *self)
{
  StorePerson *row = g_steal_pointer (&self->removed);
  Person *person;

  if (!row)
    return;
  g_hash_table_remove (self->people, row->address);
  person = add_person (self, row);
  store_put_person (self->store, row);
  if (row->has_key)
    contacts_remove_requests (self, row->address, &row->key);
  show (self, person);
  if (row->is_relayed)
    tell_relayed (self, person, true);
  contacts_tell_decision (self, person);
  contacts_subscribe (self, person);
}

PealContact *
contacts_find (Contacts *self, const char *address)
{
  Person *person = contacts_find_person (self, address);

  return person ? person->contact : NULL;
}

char *
contacts_name (Contacts *self, const char *address)
{
  Person *person = contacts_find_person (self, address);

  return person && person->contact ? g_strdup (person->row->name) : user_of (address);
}

char *
contacts_display_address (Contacts *self, const char *address)
{
  Line *line = self->events->line (self->user_data, address);
  g_autofree char *user = user_of (address);

  if (!line)
    return g_strdup (address);
  return g_strdup_printf ("%s@%s", user, peal_account_get_label (line_get_account (line)));
}

void
contacts_talked (Contacts *self, const char *address)
{
  Person *person = contacts_find_person (self, address);

  if (!person || !person->contact)
    return;
  person->row->talked = now_s ();
  store_put_person (self->store, person->row);
  peal_contact_show_talked (person->contact, person->row->talked);
}

void
contacts_missed_changed (Contacts *self, const char *address)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->people);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    Person *person = value;

    if (person->contact && (!address || strcmp (address, person->row->address) == 0))
      peal_contact_show_missed (person->contact,
                                self->events->missed (self->user_data, person->row->address));
  }
}
