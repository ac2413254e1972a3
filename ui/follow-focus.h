/* SPDX-License-Identifier: GPL-3.0-or-later */
/* follow-focus.h: pages that are longer than their window. */
#pragma once
#include <gtk/gtk.h>

/* What is scrolled within `widget` moves so that the control which has the focus is seen. */
void peal_follow_focus (GtkWidget *widget);
