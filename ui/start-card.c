/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/start-card.h"
#include <glib/gi18n.h>

struct _PealStartCard {
  GtkBox parent;
  GSettings *settings;
  const char *id;
  GtkActionable *open_button;
  GtkWidget *dismiss_button;
  GtkImage *icon;
  GtkLabel *title_label;
  GtkLabel *text_label;
};

G_DEFINE_FINAL_TYPE (PealStartCard, peal_start_card, GTK_TYPE_BOX)

static void
on_dismiss_clicked (PealStartCard *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) before = g_settings_get_strv (self->settings, "dismissed-cards");
  g_strv_builder_addv (builder, (const char **) before);
  g_strv_builder_add (builder, self->id);
  g_auto (GStrv) after = g_strv_builder_end (builder);
  g_settings_set_strv (self->settings, "dismissed-cards", (const char *const *) after);
}

static void
on_dismissed (PealStartCard *self)
{
  g_auto (GStrv) ids = g_settings_get_strv (self->settings, "dismissed-cards");
  gtk_widget_set_visible (GTK_WIDGET (self),
                          !g_strv_contains ((const char *const *) ids, self->id));
}

static void
peal_start_card_dispose (GObject *object)
{
  g_clear_object (&PEAL_START_CARD (object)->settings);
  G_OBJECT_CLASS (peal_start_card_parent_class)->dispose (object);
}

static void
peal_start_card_class_init (PealStartCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = peal_start_card_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/pealphone/Peal/ui/start-card.ui");
  gtk_widget_class_bind_template_child (widget_class, PealStartCard, open_button);
  gtk_widget_class_bind_template_child (widget_class, PealStartCard, dismiss_button);
  gtk_widget_class_bind_template_child (widget_class, PealStartCard, icon);
  gtk_widget_class_bind_template_child (widget_class, PealStartCard, title_label);
  gtk_widget_class_bind_template_child (widget_class, PealStartCard, text_label);
  gtk_widget_class_bind_template_callback (widget_class, on_dismiss_clicked);
}

static void
peal_start_card_init (PealStartCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
peal_start_card_new (const PealStartCardText *text, GSettings *settings)
{
  PealStartCard *self = g_object_new (PEAL_TYPE_START_CARD, NULL);

  self->settings = g_object_ref (settings);
  self->id = text->id;
  gtk_image_set_from_icon_name (self->icon, text->icon, GTK_ICON_SIZE_DND);
  gtk_label_set_label (self->title_label, text->title);
  gtk_label_set_label (self->text_label, text->text);
  gtk_actionable_set_action_name (self->open_button, text->action);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->open_button)), text->title);
  /* Translators: closes the card whose title is put in, e.g. “Check your sound”. */
  g_autofree char *dismiss = g_strdup_printf (_ ("Dismiss “%s”"), text->title);
  atk_object_set_name (gtk_widget_get_accessible (self->dismiss_button), dismiss);
  g_signal_connect_object (settings, "changed::dismissed-cards", G_CALLBACK (on_dismissed), self,
                           G_CONNECT_SWAPPED);
  on_dismissed (self);
  return GTK_WIDGET (self);
}
