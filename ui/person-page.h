/* SPDX-License-Identifier: GPL-3.0-or-later */
/* person-page.h: one contact, and the calls with them. */
#pragma once
#include "core/phone/phone.h"
#include <handy.h>

#define PEAL_TYPE_PERSON_PAGE (peal_person_page_get_type ())
G_DECLARE_FINAL_TYPE (PealPersonPage, peal_person_page, PEAL, PERSON_PAGE, GtkBox)

GtkWidget *peal_person_page_new (PealPhone *phone, PealContact *contact);
PealContact *peal_person_page_get_contact (PealPersonPage *self);
HdyHeaderBar *peal_person_page_get_header (PealPersonPage *self);
