/* SPDX-License-Identifier: GPL-3.0-or-later */
/* contact-private.h: how the list of contacts keeps a PealContact up to date. */
#pragma once
#include "core/phone/contact.h"

/* What a person asks of a contact goes to its owner; the peal_contact_show_*() functions bring the
 * outcome back. */
typedef struct PealContactActions {
  void (*rename) (gpointer owner, PealContact *self, const char *name);
  void (*set_favourite) (gpointer owner, PealContact *self, bool is_favourite);
  void (*set_relayed) (gpointer owner, PealContact *self, bool is_relayed);
  void (*ask_again) (gpointer owner, PealContact *self);
  void (*accept_key) (gpointer owner, PealContact *self);
} PealContactActions;

PealContact *peal_contact_new (const char *address,
                               const char *display_address,
                               const char *name,
                               const PealContactActions *actions,
                               gpointer owner);

/* From now on its functions do nothing; for an owner that goes away. */
void peal_contact_detach (PealContact *self);

void peal_contact_show_name (PealContact *self, const char *name);
void peal_contact_show_presence (PealContact *self, PealPresence presence);

/* Unix seconds; 0 never. */
void peal_contact_show_seen (PealContact *self, gint64 seen);
void peal_contact_show_talked (PealContact *self, gint64 talked);
void peal_contact_show_favourite (PealContact *self, bool is_favourite);
void peal_contact_show_relayed (PealContact *self, bool is_relayed);

/* `since`: see peal_contact_get_key_since(). */
void peal_contact_show_key_changed (PealContact *self, bool is_key_changed, gint64 since);
void peal_contact_show_ambiguous (PealContact *self, bool is_ambiguous);
void peal_contact_show_trust (PealContact *self, PealTrust trust);
void peal_contact_show_missed (PealContact *self, unsigned missed);

gint64 peal_contact_get_seen (PealContact *self);

/* The order of the list: in a call, favourites, available, the rest; then by name. */
int peal_contact_compare (PealContact *a, PealContact *b);
