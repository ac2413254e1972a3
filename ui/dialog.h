/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dialog.h: what our modal windows have in common. */
#pragma once
#include <gtk/gtk.h>

/* Handler of `key-press-event`: Escape closes the window. */
gboolean peal_dialog_on_key_press (GtkWidget *window, GdkEventKey *event, gpointer user_data);
