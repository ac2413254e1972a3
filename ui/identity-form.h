/* SPDX-License-Identifier: GPL-3.0-or-later */
/* identity-form.h: what a person is called, and by which address, in one network. */
#pragma once
#include <gtk/gtk.h>
#include <stdbool.h>

#define PEAL_TYPE_IDENTITY_FORM (peal_identity_form_get_type ())
G_DECLARE_FINAL_TYPE (PealIdentityForm, peal_identity_form, PEAL, IDENTITY_FORM, GtkGrid)

/* Filled in from the login. Emits `changed`. */
GtkWidget *peal_identity_form_new (void);

/* "@ home"; NULL while the network is not known. */
void peal_identity_form_set_network (PealIdentityForm *self, const char *label);

/* Fills in the address that the person is to have. */
void peal_identity_form_set_user_name (PealIdentityForm *self, const char *name);

bool peal_identity_form_is_valid (PealIdentityForm *self);
const char *peal_identity_form_get_user_name (PealIdentityForm *self);

/* The user name when nothing else was given. */
const char *peal_identity_form_get_display_name (PealIdentityForm *self);
