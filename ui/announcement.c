/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/announcement.h"

void
peal_announce (GtkWidget *widget, const char *text)
{
  if (text && *text && gtk_widget_get_mapped (widget))
    g_signal_emit_by_name (gtk_widget_get_accessible (widget), "announcement", text);
}

void
peal_announce_label (GtkLabel *label, const char *text)
{
  gtk_label_set_label (label, text ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (label), text && *text);
  peal_announce (GTK_WIDGET (label), text);
}
