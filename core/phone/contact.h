/* SPDX-License-Identifier: GPL-3.0-or-later */
/* contact.h: a buddy.
 *
 * Properties: address (canonical), display-address ("bob@home"), name (what this person calls them;
 * the user name when nothing better is known), presence (PealPresence), presence-text
 * ("Available"), detail (the most useful fact: "seen Friday", "1 missed call"), is-favourite,
 * is-relayed, is-key-changed, is-ambiguous (several people have this name, and none was chosen
 * yet), trust (PealTrust), missed (uint), last-talked (gint64, Unix seconds, 0 never),
 * accessible-text (the whole row in words).
 */
#pragma once
#include <gio/gio.h>
#include <stdbool.h>

/* The order is the order of the list. */
typedef enum PealPresence {
  PEAL_PRESENCE_IN_CALL,
  PEAL_PRESENCE_AVAILABLE,
  PEAL_PRESENCE_AWAY,
  PEAL_PRESENCE_DO_NOT_DISTURB,
  PEAL_PRESENCE_OFFLINE,
  PEAL_PRESENCE_NOT_CONFIRMED,
} PealPresence;

/* What comparing words has shown of a contact's key. The numbers are kept on the disk. */
typedef enum PealTrust {
  PEAL_TRUST_NONE = 0, /* not compared yet */
  PEAL_TRUST_VERIFIED = 1,
  PEAL_TRUST_DIFFERED = 2,
} PealTrust;

#define PEAL_TYPE_CONTACT (peal_contact_get_type ())
G_DECLARE_FINAL_TYPE (PealContact, peal_contact, PEAL, CONTACT, GObject)

const char *peal_contact_get_address (PealContact *self);
const char *peal_contact_get_display_address (PealContact *self);
const char *peal_contact_get_name (PealContact *self);
PealPresence peal_contact_get_presence (PealContact *self);
bool peal_contact_get_is_favourite (PealContact *self);

/* Calls with them, and their view of our presence, go over relays or not at all: they never learn
 * where we are. */
bool peal_contact_get_is_relayed (PealContact *self);
bool peal_contact_get_is_key_changed (PealContact *self);

/* When the other key was seen here first, Unix seconds; 0: nobody knows. Its owner may have made it
 * earlier, and could lie about that. */
gint64 peal_contact_get_key_since (PealContact *self);
bool peal_contact_get_is_ambiguous (PealContact *self);
PealTrust peal_contact_get_trust (PealContact *self);

/* These write through to the database and re-sort the list. */
void peal_contact_rename (PealContact *self, const char *name);
void peal_contact_set_favourite (PealContact *self, bool is_favourite);
void peal_contact_set_relayed (PealContact *self, bool is_relayed);

/* Asks again to be accepted. */
void peal_contact_ask_again (PealContact *self);

/* Takes the new user key as the right one, after the person said so. */
void peal_contact_accept_key (PealContact *self);
