/* SPDX-License-Identifier: GPL-3.0-or-later */
/* call-window.h: one call, from dialling or ringing to its last word. */
#pragma once
#include "core/phone/phone.h"
#include <handy.h>

#define PEAL_TYPE_CALL_WINDOW (peal_call_window_get_type ())
G_DECLARE_FINAL_TYPE (PealCallWindow, peal_call_window, PEAL, CALL_WINDOW, HdyApplicationWindow)

/* Closing it ends the call. */
GtkWindow *
peal_call_window_new (GtkApplication *app, PealPhone *phone, GSettings *settings, PealCall *call);
PealCall *peal_call_window_get_call (PealCallWindow *self);
