/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/follow-focus.h"

static void
visit (GtkWidget *widget, gpointer user_data)
{
  peal_follow_focus (widget);
}

/* GTK does so for the viewports that it makes itself only. */
void
peal_follow_focus (GtkWidget *widget)
{
  if (GTK_IS_VIEWPORT (widget))
    gtk_container_set_focus_vadjustment (GTK_CONTAINER (widget),
                                         gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (widget)));
  if (GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), visit, NULL);
}
