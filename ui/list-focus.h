/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list-focus.h: lists whose rows only hold controls. */
#pragma once
#include <gtk/gtk.h>

/* From now on Tab leads through the controls in the rows of every list within `widget`, or of the
 * list that it is, and out of it: GTK would stop at the first row that cannot take the focus. */
void peal_list_focus_controls (GtkWidget *widget);
