/* SPDX-License-Identifier: GPL-3.0-or-later */
/* preferences-window.h: what a person can change; each takes effect at once. */
#pragma once
#include "core/phone/phone.h"
#include <handy.h>

#define PEAL_TYPE_PREFERENCES_WINDOW (peal_preferences_window_get_type ())
G_DECLARE_FINAL_TYPE (
  PealPreferencesWindow, peal_preferences_window, PEAL, PREFERENCES_WINDOW, HdyPreferencesWindow)

typedef enum PealPreferencesPage {
  PEAL_PREFERENCES_GENERAL,
  PEAL_PREFERENCES_SOUND,
  PEAL_PREFERENCES_NETWORK,
} PealPreferencesPage;

GtkWindow *peal_preferences_window_new (GtkWindow *parent,
                                        PealPhone *phone,
                                        GSettings *settings,
                                        PealPreferencesPage page);
