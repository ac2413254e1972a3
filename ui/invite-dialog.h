/* SPDX-License-Identifier: GPL-3.0-or-later */
/* invite-dialog.h: an invitation as a link, a file and a QR code. */
#pragma once
#include "core/phone/phone.h"
#include <handy.h>

#define PEAL_TYPE_INVITE_DIALOG (peal_invite_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PealInviteDialog, peal_invite_dialog, PEAL, INVITE_DIALOG, HdyWindow)

GtkWindow *peal_invite_dialog_new (GtkWindow *parent, PealPhone *phone);
