/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/nearby-row.h"

struct _PealNearbyRow {
  GtkListBoxRow parent;
  PealNearby *nearby;
  GtkLabel *text_label;
  GtkButton *join_button;
};

G_DEFINE_FINAL_TYPE (PealNearbyRow, peal_nearby_row, GTK_TYPE_LIST_BOX_ROW)

enum { SIGNAL_JOIN, SIGNAL_COUNT };

static guint signals[SIGNAL_COUNT];

static void
on_join_clicked (PealNearbyRow *self)
{
  g_signal_emit (self, signals[SIGNAL_JOIN], 0);
}

static void
peal_nearby_row_dispose (GObject *object)
{
  g_clear_object (&PEAL_NEARBY_ROW (object)->nearby);
  G_OBJECT_CLASS (peal_nearby_row_parent_class)->dispose (object);
}

static void
peal_nearby_row_class_init (PealNearbyRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = peal_nearby_row_dispose;
  signals[SIGNAL_JOIN] = g_signal_new ("join", PEAL_TYPE_NEARBY_ROW, G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/pealphone/Peal/ui/nearby-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PealNearbyRow, text_label);
  gtk_widget_class_bind_template_child (widget_class, PealNearbyRow, join_button);
  gtk_widget_class_bind_template_callback (widget_class, on_join_clicked);
}

static void
peal_nearby_row_init (PealNearbyRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
peal_nearby_row_new (PealNearby *nearby)
{
  PealNearbyRow *self = g_object_new (PEAL_TYPE_NEARBY_ROW, NULL);

  self->nearby = g_object_ref (nearby);
  g_object_bind_property (nearby, "text", self->text_label, "label", G_BINDING_SYNC_CREATE);
  g_object_bind_property (nearby, "text",
                          gtk_widget_get_accessible (GTK_WIDGET (self->join_button)),
                          "accessible-description", G_BINDING_SYNC_CREATE);
  return GTK_WIDGET (self);
}

PealNearby *
peal_nearby_row_get_nearby (PealNearbyRow *self)
{
  return self->nearby;
}
