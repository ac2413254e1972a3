/* SPDX-License-Identifier: GPL-3.0-or-later */
/* main-window.h: people on one side, one person or the history on the other; before there is an
 * account, the welcome page. */
#pragma once
#include "core/phone/phone.h"
#include <handy.h>

#define PEAL_TYPE_MAIN_WINDOW (peal_main_window_get_type ())
G_DECLARE_FINAL_TYPE (PealMainWindow, peal_main_window, PEAL, MAIN_WINDOW, HdyApplicationWindow)

/* Closing it only hides it. Emits `nearby-chosen` (PealNearby *): somebody wants to join it. */
GtkWindow *peal_main_window_new (GtkApplication *app, PealPhone *phone, GSettings *settings);

void peal_main_window_show_person (PealMainWindow *self, PealContact *contact);
void peal_main_window_show_history (PealMainWindow *self);

/* Puts an address into the box that searches and dials. */
void peal_main_window_type (PealMainWindow *self, const char *address);

/* On the welcome page. */
void peal_main_window_set_invitation (PealMainWindow *self, const char *invitation);

/* A sentence and perhaps a button; see notice.h. */
void peal_main_window_notify (PealMainWindow *self,
                              const char *text,
                              const char *button,
                              const char *detailed_action);
