/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/history-page.h"
#include "ui/activate.h"
#include "ui/history-row.h"
#include "ui/list-state.h"

struct _PealHistoryPage {
  GtkBox parent;
  HdyHeaderBar *header;
  GtkWidget *back_button;
  GtkWidget *placeholder;
  GtkListBox *list;
};

G_DEFINE_FINAL_TYPE (PealHistoryPage, peal_history_page, GTK_TYPE_BOX)

static GtkWidget *
make_row (gpointer item, gpointer user_data)
{
  return peal_history_row_new (item, true);
}

static void
on_row_activated (PealHistoryPage *self, PealHistoryRow *row)
{
  peal_activate (GTK_WIDGET (self), "show-person", peal_history_row_get_address (row));
}

static void
peal_history_page_class_init (PealHistoryPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/pealphone/Peal/ui/history-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PealHistoryPage, header);
  gtk_widget_class_bind_template_child (widget_class, PealHistoryPage, back_button);
  gtk_widget_class_bind_template_child (widget_class, PealHistoryPage, placeholder);
  gtk_widget_class_bind_template_child (widget_class, PealHistoryPage, list);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated);
}

static void
peal_history_page_init (PealHistoryPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_object_bind_property (self->back_button, "sensitive", self->back_button, "visible",
                          G_BINDING_SYNC_CREATE);
}

GtkWidget *
peal_history_page_new (PealPhone *phone)
{
  PealHistoryPage *self = g_object_new (PEAL_TYPE_HISTORY_PAGE, NULL);

  GListModel *history = peal_phone_get_history (phone);

  gtk_list_box_bind_model (self->list, history, make_row, NULL, NULL);
  peal_list_state_bind (history, GTK_WIDGET (self->list), self->placeholder);
  return GTK_WIDGET (self);
}

HdyHeaderBar *
peal_history_page_get_header (PealHistoryPage *self)
{
  return self->header;
}
