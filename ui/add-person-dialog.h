/* SPDX-License-Identifier: GPL-3.0-or-later */
/* add-person-dialog.h: asks somebody to be among one's people. */
#pragma once
#include "core/phone/phone.h"
#include <handy.h>

#define PEAL_TYPE_ADD_PERSON_DIALOG (peal_add_person_dialog_get_type ())
G_DECLARE_FINAL_TYPE (
  PealAddPersonDialog, peal_add_person_dialog, PEAL, ADD_PERSON_DIALOG, HdyWindow)

GtkWindow *peal_add_person_dialog_new (GtkWindow *parent, PealPhone *phone, const char *address);
