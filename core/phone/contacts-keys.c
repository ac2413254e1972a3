/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/contacts-private.h"
#include <string.h>

/* The first user key that answers for a buddy is pinned, or the one that a request came with.
 * Another key under the same address is kept beside it and shown as changed; nothing is sent to it
 * until the person takes it as the right one. */

void
contacts_pin_key (Contacts *self, Person *person, const UserKey *key, PealTrust trust)
{
  StorePerson *row = person->row;

  row->key = *key;
  row->has_key = true;
  row->has_other_key = false;
  row->other_since = 0;
  row->trust = (int) trust;
  /* Whoever was added by hand may see this person too. */
  if (row->is_contact)
    row->decision = NODE_ACCEPTANCE_ACCEPTED;
  store_put_person (self->store, row);
  /* Who asked with another key is somebody else. */
  contacts_remove_requests (self, row->address, key);
  if (person->contact) {
    peal_contact_show_key_changed (person->contact, false, 0);
    peal_contact_show_ambiguous (person->contact, false);
    peal_contact_show_trust (person->contact, trust);
  }
  contacts_tell_decision (self, person);
  contacts_subscribe (self, person);
}

bool
contacts_check_key (Contacts *self, const char *address, const UserKey *key)
{
  Person *person = contacts_find_person (self, address);

  if (!person)
    return true;
  if (person->row->has_key && memcmp (&person->row->key, key, sizeof *key) == 0)
    return true;
  if (person->row->has_key) {
    if (person->row->has_other_key && memcmp (&person->row->other_key, key, sizeof *key) == 0)
      return false;
    person->row->other_key = *key;
    person->row->has_other_key = true;
    person->row->other_since = g_get_real_time () / G_USEC_PER_SEC;
    store_put_person (self->store, person->row);
    if (person->contact)
      peal_contact_show_key_changed (person->contact, true, person->row->other_since);
    return false;
  }
  /* Of several, the first that speaks is not the one who was meant. */
  if (person->row->is_contact && !person_is_ambiguous (person))
    contacts_pin_key (self, person, key, PEAL_TRUST_NONE);
  return true;
}

const UserKey *
contacts_other_key (Contacts *self, const char *address)
{
  const Person *person = contacts_find_person (self, address);

  return person && person->row->has_other_key ? &person->row->other_key : NULL;
}

gint64
contacts_key_since (Contacts *self, const char *address)
{
  const Person *person = contacts_find_person (self, address);

  return person ? person->row->other_since : 0;
}

const UserKey *
contacts_pin (Contacts *self, const char *address)
{
  Person *person = contacts_find_person (self, address);

  return person ? person_pin (person) : NULL;
}

void
contacts_choose (Contacts *self, const char *address, const UserKey *key)
{
  Person *person = contacts_find_person (self, address);

  if (person && person->row->is_contact && !person->row->has_key)
    contacts_pin_key (self, person, key, PEAL_TRUST_NONE);
}

static bool
has_key (const Person *person, const UserKey *key)
{
  return person->row->has_key && memcmp (&person->row->key, key, sizeof *key) == 0;
}

PealTrust
contacts_trust (Contacts *self, const char *address, const UserKey *key)
{
  const Person *person = contacts_find_person (self, address);

  return person && has_key (person, key) ? (PealTrust) person->row->trust : PEAL_TRUST_NONE;
}

void
contacts_compared (Contacts *self, const char *address, const UserKey *key, bool is_match)
{
  Person *person =
    is_match ? contacts_ensure_person (self, address) : contacts_find_person (self, address);

  if (is_match) {
    bool was_changed = person->row->has_other_key;

    contacts_pin_key (self, person, key, PEAL_TRUST_VERIFIED);
    if (was_changed && person->contact)
      contacts_ask_again (self, person);
  } else if (person && has_key (person, key)) {
    person->row->trust = PEAL_TRUST_DIFFERED;
    store_put_person (self->store, person->row);
    if (person->contact)
      peal_contact_show_trust (person->contact, PEAL_TRUST_DIFFERED);
  }
}

const char *
contacts_name_of_key (Contacts *self, const UserKey *key)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->people);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    const Person *person = value;

    if (person->contact && has_key (person, key))
      return person->row->name;
  }
  return NULL;
}
