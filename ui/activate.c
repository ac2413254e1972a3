/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/activate.h"

void
peal_activate (GtkWidget *widget, const char *action, const char *target)
{
  GtkWidget *window = gtk_widget_get_toplevel (widget);
  g_return_if_fail (GTK_IS_WINDOW (window));
  GtkApplication *app = gtk_window_get_application (GTK_WINDOW (window));

  g_action_group_activate_action (G_ACTION_GROUP (app), action,
                                  target ? g_variant_new_string (target) : NULL);
}
