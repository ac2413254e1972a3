/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/request-row.h"
#include <glib/gi18n.h>

struct _PealRequestRow {
  GtkListBoxRow parent;
  PealRequest *request;
  GtkLabel *text_label;
  GtkButton *accept_button;
  GtkButton *refuse_button;
};

G_DEFINE_FINAL_TYPE (PealRequestRow, peal_request_row, GTK_TYPE_LIST_BOX_ROW)

static void
on_accept_clicked (PealRequestRow *self)
{
  peal_request_accept (self->request);
}

static void
on_refuse_clicked (PealRequestRow *self)
{
  peal_request_refuse (self->request);
}

static void
peal_request_row_dispose (GObject *object)
{
  g_clear_object (&PEAL_REQUEST_ROW (object)->request);
  G_OBJECT_CLASS (peal_request_row_parent_class)->dispose (object);
}

static void
peal_request_row_class_init (PealRequestRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = peal_request_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/pealphone/Peal/ui/request-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PealRequestRow, text_label);
  gtk_widget_class_bind_template_child (widget_class, PealRequestRow, accept_button);
  gtk_widget_class_bind_template_child (widget_class, PealRequestRow, refuse_button);
  gtk_widget_class_bind_template_callback (widget_class, on_accept_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_refuse_clicked);
}

static void
peal_request_row_init (PealRequestRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* A row is read together with its text, so that two [Accept] in a row can be told apart. */
static void
describe_button (GtkButton *button, const char *text)
{
  atk_object_set_description (gtk_widget_get_accessible (GTK_WIDGET (button)), text);
}

GtkWidget *
peal_request_row_new (PealRequest *request)
{
  PealRequestRow *self = g_object_new (PEAL_TYPE_REQUEST_ROW, NULL);
  g_autofree char *text = NULL;

  self->request = g_object_ref (request);
  g_object_get (request, "text", &text, NULL);
  gtk_label_set_label (self->text_label, text);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)), text);
  describe_button (self->accept_button, text);
  describe_button (self->refuse_button, text);
  if (peal_request_get_kind (request) == PEAL_REQUEST_NEWCOMER)
    gtk_button_set_label (self->accept_button, _ ("_Let in"));
  return GTK_WIDGET (self);
}
