/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/dialog.h"

gboolean
peal_dialog_on_key_press (GtkWidget *window, GdkEventKey *event, gpointer user_data)
{
  if (event->keyval != GDK_KEY_Escape)
    return GDK_EVENT_PROPAGATE;
  gtk_window_close (GTK_WINDOW (window));
  return GDK_EVENT_STOP;
}
