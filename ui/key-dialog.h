/* SPDX-License-Identifier: GPL-3.0-or-later */
/* key-dialog.h: what it means that somebody's key has changed, and what can be done about it. */
#pragma once
#include "core/phone/phone.h"
#include <handy.h>

#define PEAL_TYPE_KEY_DIALOG (peal_key_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PealKeyDialog, peal_key_dialog, PEAL, KEY_DIALOG, HdyWindow)

GtkWindow *peal_key_dialog_new (GtkWindow *parent, PealPhone *phone, PealContact *contact);
