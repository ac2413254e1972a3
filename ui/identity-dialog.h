/* SPDX-License-Identifier: GPL-3.0-or-later */
/* identity-dialog.h: writes the identity to a file under a passphrase, or reads it back. */
#pragma once
#include "core/phone/phone.h"
#include <handy.h>

#define PEAL_TYPE_IDENTITY_DIALOG (peal_identity_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PealIdentityDialog, peal_identity_dialog, PEAL, IDENTITY_DIALOG, HdyWindow)

GtkWindow *peal_identity_dialog_new (GtkWindow *parent, PealPhone *phone, bool is_import);
