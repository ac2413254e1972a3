/* SPDX-License-Identifier: GPL-3.0-or-later */
/* welcome-page.h: the first run: a name, and a network to be in. */
#pragma once
#include "core/phone/phone.h"
#include <gtk/gtk.h>

#define PEAL_TYPE_WELCOME_PAGE (peal_welcome_page_get_type ())
G_DECLARE_FINAL_TYPE (PealWelcomePage, peal_welcome_page, PEAL, WELCOME_PAGE, GtkBox)

GtkWidget *peal_welcome_page_new (PealPhone *phone);

/* Chooses "Join with an invitation" and fills it in. */
void peal_welcome_page_set_invitation (PealWelcomePage *self, const char *invitation);
