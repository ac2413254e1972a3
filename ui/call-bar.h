/* SPDX-License-Identifier: GPL-3.0-or-later */
/* call-bar.h: the call that goes on, above whatever the main window shows. */
#pragma once
#include "core/phone/phone.h"
#include <gtk/gtk.h>

#define PEAL_TYPE_CALL_BAR (peal_call_bar_get_type ())
G_DECLARE_FINAL_TYPE (PealCallBar, peal_call_bar, PEAL, CALL_BAR, GtkRevealer)

GtkWidget *peal_call_bar_new (PealPhone *phone);

/* Actions of the call shown as `call.*`, for the window's accelerators; NULL without a call. */
GActionGroup *peal_call_bar_get_actions (PealCallBar *self);
