/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/nearby-choice.h"
#include <glib/gi18n.h>

struct _PealNearbyChoice {
  HdyActionRow parent;
  PealNearby *nearby;
  GtkToggleButton *choice;
};

G_DEFINE_FINAL_TYPE (PealNearbyChoice, peal_nearby_choice, HDY_TYPE_ACTION_ROW)

enum { SIGNAL_TOGGLED, SIGNAL_COUNT };

static guint signals[SIGNAL_COUNT];

static void
on_choice_toggled (PealNearbyChoice *self)
{
  g_signal_emit (self, signals[SIGNAL_TOGGLED], 0);
}

static void
peal_nearby_choice_dispose (GObject *object)
{
  g_clear_object (&PEAL_NEARBY_CHOICE (object)->nearby);
  G_OBJECT_CLASS (peal_nearby_choice_parent_class)->dispose (object);
}

static void
peal_nearby_choice_class_init (PealNearbyChoiceClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = peal_nearby_choice_dispose;
  signals[SIGNAL_TOGGLED] = g_signal_new ("toggled", PEAL_TYPE_NEARBY_CHOICE, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/pealphone/Peal/ui/nearby-choice.ui");
  gtk_widget_class_bind_template_child (widget_class, PealNearbyChoice, choice);
  gtk_widget_class_bind_template_callback (widget_class, on_choice_toggled);
}

static void
peal_nearby_choice_init (PealNearbyChoice *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
peal_nearby_choice_new (PealNearby *nearby, GtkRadioButton *other)
{
  PealNearbyChoice *self = g_object_new (PEAL_TYPE_NEARBY_CHOICE, NULL);
  AtkObject *accessible = gtk_widget_get_accessible (GTK_WIDGET (self->choice));
  g_autofree char *title =
    g_strdup_printf (_ ("Join “%s” on this network"), peal_nearby_get_label (nearby));

  self->nearby = g_object_ref (nearby);
  hdy_preferences_row_set_title (HDY_PREFERENCES_ROW (self), title);
  atk_object_set_name (accessible, title);
  /* Tells apart those of one name. */
  g_object_bind_property (nearby, "text", self, "subtitle", G_BINDING_SYNC_CREATE);
  g_object_bind_property (nearby, "text", accessible, "accessible-description",
                          G_BINDING_SYNC_CREATE);
  gtk_radio_button_join_group (GTK_RADIO_BUTTON (self->choice), other);
  return GTK_WIDGET (self);
}

PealNearby *
peal_nearby_choice_get_nearby (PealNearbyChoice *self)
{
  return self->nearby;
}

gboolean
peal_nearby_choice_is_chosen (PealNearbyChoice *self)
{
  return gtk_toggle_button_get_active (self->choice);
}

void
peal_nearby_choice_choose (PealNearbyChoice *self)
{
  gtk_toggle_button_set_active (self->choice, TRUE);
}
