/* SPDX-License-Identifier: GPL-3.0-or-later */
/* contacts-private.h: the parts of the Contacts, for the files that make it up: contacts.c keeps
 * the people, contacts-keys.c knows them by their keys, contacts-requests.c has who asks to be one.
 */
#pragma once
#include "core/phone/contacts.h"

typedef struct Person {
  StorePerson *row;     /* owned */
  PealContact *contact; /* owned; NULL when no buddy */
} Person;

struct Contacts {
  Store *store;
  GListStore *list; /* borrowed */
  GListStore *requests;
  GHashTable *people;   /* address -> Person */
  StorePerson *removed; /* to be undone; NULL */
  const ContactsEvents *events;
  void *user_data;
};

/* NULL when nothing is known of that address. */
Person *contacts_find_person (Contacts *self, const char *address);

/* ... or somebody new, who is not on the disk before something is known of them. */
Person *contacts_ensure_person (Contacts *self, const char *address);

/* Several people have this name, and nobody knows which of them is meant. */
bool person_is_ambiguous (const Person *person);

/* The key that is pinned; NULL. */
const UserKey *person_pin (const Person *person);

/* To the person's line, when it is on the air. */
void contacts_subscribe (Contacts *self, const Person *person);
void contacts_ask_again (Contacts *self, const Person *person);
void contacts_tell_decision (Contacts *self, const Person *person);

/* From now on this key is the person; requests that came with another go. */
void contacts_pin_key (Contacts *self, Person *person, const UserKey *key, PealTrust trust);

/* Takes the requests of an address (NULL: all) off their list, but those that came with the key
 * `kept` (NULL: no such). */
void contacts_remove_requests (Contacts *self, const char *address, const UserKey *kept);
