/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/list-focus.h"
#include <stdbool.h>

/* Whether a control of the row where the focus is, or of one after it, took it. */
static bool
move_on (GtkWidget *list, GList *rows, GtkDirectionType direction)
{
  GtkWidget *now = gtk_container_get_focus_child (GTK_CONTAINER (list));
  bool is_ahead = now == NULL;

  for (GList *l = rows; l; l = l->next) {
    GtkWidget *content = gtk_bin_get_child (l->data);
    is_ahead = is_ahead || l->data == now;
    if (is_ahead && content && gtk_widget_child_focus (content, direction))
      return true;
  }
  return false;
}

static gboolean
on_focus (GtkWidget *list, GtkDirectionType direction)
{
  bool is_forward = direction == GTK_DIR_TAB_FORWARD;

  if (!is_forward && direction != GTK_DIR_TAB_BACKWARD)
    return FALSE;
  GList *children = gtk_container_get_children (GTK_CONTAINER (list));
  g_autoptr (GList) rows = is_forward ? children : g_list_reverse (children);
  if (move_on (list, rows, direction))
    return TRUE;
  g_signal_stop_emission_by_name (list, "focus");
  return FALSE;
}

static void
visit (GtkWidget *widget, gpointer user_data)
{
  peal_list_focus_controls (widget);
}

void
peal_list_focus_controls (GtkWidget *widget)
{
  if (GTK_IS_LIST_BOX (widget))
    g_signal_connect (widget, "focus", G_CALLBACK (on_focus), NULL);
  else if (GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), visit, NULL);
}
