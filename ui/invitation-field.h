/* SPDX-License-Identifier: GPL-3.0-or-later */
/* invitation-field.h: an invitation pasted or opened, and what it says. */
#pragma once
#include <gtk/gtk.h>

#define PEAL_TYPE_INVITATION_FIELD (peal_invitation_field_get_type ())
G_DECLARE_FINAL_TYPE (PealInvitationField, peal_invitation_field, PEAL, INVITATION_FIELD, GtkBox)

/* Emits `changed`. */
GtkWidget *peal_invitation_field_new (void);
void peal_invitation_field_set_text (PealInvitationField *self, const char *text);

/* The invitation, NULL unless it can be used. */
const char *peal_invitation_field_get_text (PealInvitationField *self);

/* The network it leads to, NULL unless it can be used. */
const char *peal_invitation_field_get_label (PealInvitationField *self);

/* Of an invitation to a network whose server gives out names: whom it is for (empty: a name of
 * one's choice), and the code as it stands there now. NULL for any other. */
const char *peal_invitation_field_get_user (PealInvitationField *self);
const char *peal_invitation_field_get_code (PealInvitationField *self);
