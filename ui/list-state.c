/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/list-state.h"

static void
on_full_changed (GListModel *model, guint position, guint removed, guint added, GtkWidget *full)
{
  gtk_widget_set_visible (full, g_list_model_get_n_items (model) > 0);
}

static void
on_empty_changed (GListModel *model, guint position, guint removed, guint added, GtkWidget *empty)
{
  gtk_widget_set_visible (empty, g_list_model_get_n_items (model) == 0);
}

void
peal_list_state_bind (GListModel *model, GtkWidget *full, GtkWidget *empty)
{
  if (full) {
    g_signal_connect_object (model, "items-changed", G_CALLBACK (on_full_changed), full, 0);
    on_full_changed (model, 0, 0, 0, full);
  }
  if (empty) {
    g_signal_connect_object (model, "items-changed", G_CALLBACK (on_empty_changed), empty, 0);
    on_empty_changed (model, 0, 0, 0, empty);
  }
}
