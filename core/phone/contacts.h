/* SPDX-License-Identifier: GPL-3.0-or-later */
/* contacts.h: the people this phone knows: buddies, their keys and presence, and who waits for a
 * decision. */
#pragma once
#include "core/phone/contact-private.h"
#include "core/phone/line.h"
#include "core/phone/request-private.h"

typedef struct Contacts Contacts;

typedef struct ContactsEvents {
  /* Missed calls not seen yet of an address. */
  unsigned (*missed) (void *user_data, const char *address);

  /* What people call an address has changed. */
  void (*renamed) (void *user_data, const char *address);

  /* The line of an address's overlay, or NULL. */
  Line *(*line) (void *user_data, const char *address);
} ContactsEvents;

/* Reads what is kept. The store and the lists' owner outlive it. */
Contacts *contacts_new (Store *store,
                        GListStore *list,
                        GListStore *requests,
                        const ContactsEvents *events,
                        void *user_data);

/* Takes its requests off their list. */
void contacts_free (Contacts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Contacts, contacts_free)

/* Tells a line that goes on the air of its people: decisions and subscriptions. */
void contacts_attach (Contacts *self, Line *line);

void contacts_on_presence (Contacts *self, Line *line, const NodeEvent *event);
void contacts_on_request (Contacts *self, Line *line, const NodeEvent *event);

/* `name` may be NULL. (transfer none) */
PealContact *contacts_add (Contacts *self, const char *address, const char *name);
void contacts_remove (Contacts *self, PealContact *contact);
void contacts_undo_remove (Contacts *self);
PealContact *contacts_find (Contacts *self, const char *address);

/* What to call an address: the person's own name for it, else its user. (transfer full) */
char *contacts_name (Contacts *self, const char *address);

/* user@label. (transfer full) */
char *contacts_display_address (Contacts *self, const char *address);

/* The pinned user key, or NULL. */
const UserKey *contacts_pin (Contacts *self, const char *address);

/* A user key has been seen at an address. False when another one is pinned; this one then waits
 * for the person's word. */
bool contacts_check_key (Contacts *self, const char *address, const UserKey *key);

/* The one that waits, or NULL, and when it was seen here first (Unix seconds, 0 unknown). */
const UserKey *contacts_other_key (Contacts *self, const char *address);
gint64 contacts_key_since (Contacts *self, const char *address);

/* Of several keys under one address the person chose this one: it is pinned when they are a
 * contact without one. */
void contacts_choose (Contacts *self, const char *address, const UserKey *key);

/* What comparing words has shown of that key at that address. */
PealTrust contacts_trust (Contacts *self, const char *address, const UserKey *key);

/* The words of a call with that key were compared: whoever has the same is the right one. */
void contacts_compared (Contacts *self, const char *address, const UserKey *key, bool is_match);

/* The name of a contact who has that key, under whatever address; NULL. */
const char *contacts_name_of_key (Contacts *self, const UserKey *key);

/* A call with them was answered just now. */
void contacts_talked (Contacts *self, const char *address);
void contacts_missed_changed (Contacts *self, const char *address);
