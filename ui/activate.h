/* SPDX-License-Identifier: GPL-3.0-or-later */
/* activate.h: the actions of windows.h, activated from a handler. */
#pragma once
#include <gtk/gtk.h>

/* Activates `app.<action>` of the application whose window holds `widget`. `target` may be NULL
 * for an action without one. */
void peal_activate (GtkWidget *widget, const char *action, const char *target);
