/* SPDX-License-Identifier: GPL-3.0-or-later */
/* people-page.h: whom one can call: the box to type in, and the list. */
#pragma once
#include "core/phone/phone.h"
#include <handy.h>

#define PEAL_TYPE_PEOPLE_PAGE (peal_people_page_get_type ())
G_DECLARE_FINAL_TYPE (PealPeoplePage, peal_people_page, PEAL, PEOPLE_PAGE, GtkBox)

/* Emits `person-chosen` (PealContact *, gboolean is_opened) when a row is selected, or opened by a
 * click or the space bar; and `nearby-chosen` (PealNearby *). */
GtkWidget *peal_people_page_new (PealPhone *phone, GSettings *settings);

HdyHeaderBar *peal_people_page_get_header (PealPeoplePage *self);

/* A page that stands alone shows no selected row: there is nothing beside it. */
void peal_people_page_set_alone (PealPeoplePage *self, bool is_alone);
void peal_people_page_select (PealPeoplePage *self, PealContact *contact);
void peal_people_page_unselect (PealPeoplePage *self);

/* Moves the focus into the box; `text` replaces what stands there unless it is NULL. */
void peal_people_page_type (PealPeoplePage *self, const char *text);

/* Hands a key press to the box if it begins a search. */
bool peal_people_page_handle_key (PealPeoplePage *self, GdkEventKey *event);
void peal_people_page_open_menu (PealPeoplePage *self);
