/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/history-row.h"
#include <glib/gi18n.h>

struct _PealHistoryRow {
  GtkListBoxRow parent;
  char *address;
  GtkImage *icon;
  GtkLabel *name_label;
  GtkLabel *text_label;
  GtkLabel *when_label;
};

G_DEFINE_FINAL_TYPE (PealHistoryRow, peal_history_row, GTK_TYPE_LIST_BOX_ROW)

/* Direction and outcome are told by shape first, by colour second. */
static void
on_entry (PealHistoryEntry *entry, GParamSpec *pspec, PealHistoryRow *self)
{
  gboolean is_incoming = FALSE;
  gboolean is_missed = FALSE;
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;
  g_autofree char *when = NULL;
  g_object_get (entry, "is-incoming", &is_incoming, "is-missed", &is_missed, "name", &name, "text",
                &text, "when-text", &when, NULL);

  const char *icon = is_missed     ? "call-missed-symbolic"
                     : is_incoming ? "call-incoming-symbolic"
                                   : "call-outgoing-symbolic";
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self));
  gtk_image_set_from_icon_name (self->icon, icon, GTK_ICON_SIZE_MENU);
  if (is_missed)
    gtk_style_context_add_class (style, "peal-missed");
  gtk_label_set_label (self->name_label, name);
  gtk_label_set_label (self->text_label, text);
  gtk_label_set_label (self->when_label, when);

  const char *direction = is_incoming ? _ ("incoming") : _ ("outgoing");
  g_autofree char *spoken = g_strjoin (", ", name, text, direction, when, NULL);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)), spoken);
}

static void
peal_history_row_finalize (GObject *object)
{
  g_free (PEAL_HISTORY_ROW (object)->address);
  G_OBJECT_CLASS (peal_history_row_parent_class)->finalize (object);
}

static void
peal_history_row_class_init (PealHistoryRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = peal_history_row_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/pealphone/Peal/ui/history-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PealHistoryRow, icon);
  gtk_widget_class_bind_template_child (widget_class, PealHistoryRow, name_label);
  gtk_widget_class_bind_template_child (widget_class, PealHistoryRow, text_label);
  gtk_widget_class_bind_template_child (widget_class, PealHistoryRow, when_label);
}

static void
peal_history_row_init (PealHistoryRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
peal_history_row_new (PealHistoryEntry *entry, bool is_named)
{
  PealHistoryRow *self = g_object_new (PEAL_TYPE_HISTORY_ROW, NULL);

  g_object_get (entry, "address", &self->address, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->name_label), is_named);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (self), is_named);
  g_signal_connect_object (entry, "notify", G_CALLBACK (on_entry), self, 0);
  on_entry (entry, NULL, self);
  return GTK_WIDGET (self);
}

const char *
peal_history_row_get_address (PealHistoryRow *self)
{
  return self->address;
}
