/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list-state.h: what is shown depends on whether a list is empty. */
#pragma once
#include <gtk/gtk.h>

/* Shows `full` while the list has items, `empty` while it has none; either may be NULL. */
void peal_list_state_bind (GListModel *model, GtkWidget *full, GtkWidget *empty);
