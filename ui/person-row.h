/* SPDX-License-Identifier: GPL-3.0-or-later */
/* person-row.h: one person of the list: name, address and most useful fact, presence. */
#pragma once
#include "core/phone/contact.h"
#include <gtk/gtk.h>

#define PEAL_TYPE_PERSON_ROW (peal_person_row_get_type ())
G_DECLARE_FINAL_TYPE (PealPersonRow, peal_person_row, PEAL, PERSON_ROW, GtkListBoxRow)

GtkWidget *peal_person_row_new (PealContact *contact);
PealContact *peal_person_row_get_contact (PealPersonRow *self);

/* Whether the name or the address contains what was typed, whatever its case. */
bool peal_person_row_matches (PealPersonRow *self, const char *typed);

/* Whether it is the name or the address. */
bool peal_person_row_is (PealPersonRow *self, const char *typed);
