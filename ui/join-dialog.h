/* SPDX-License-Identifier: GPL-3.0-or-later */
/* join-dialog.h: joins one more network, by invitation or because it is near. */
#pragma once
#include "core/phone/phone.h"
#include <handy.h>

#define PEAL_TYPE_JOIN_DIALOG (peal_join_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PealJoinDialog, peal_join_dialog, PEAL, JOIN_DIALOG, HdyWindow)

/* With `nearby` the invitation is not asked for; without it `invitation` may be "". */
GtkWindow *peal_join_dialog_new (GtkWindow *parent,
                                 PealPhone *phone,
                                 PealNearby *nearby,
                                 const char *invitation);
