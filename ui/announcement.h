/* SPDX-License-Identifier: GPL-3.0-or-later */
/* announcement.h: what a screen reader says although nobody moved the focus there. */
#pragma once
#include <gtk/gtk.h>

void peal_announce (GtkWidget *widget, const char *text);

/* Shows `text` in `label` and says it; an empty one or NULL hides the label. */
void peal_announce_label (GtkLabel *label, const char *text);
