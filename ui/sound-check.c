/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/sound-check.h"
#include "ui/announcement.h"
#include <glib/gi18n.h>

struct _PealSoundCheck {
  GtkBox parent;
  PealPhone *phone;
  GtkLevelBar *level_bar;
  GtkWidget *record_button;
  GtkLabel *result_label;
};

G_DEFINE_FINAL_TYPE (PealSoundCheck, peal_sound_check, GTK_TYPE_BOX)

static void
on_level (void *user_data, double level)
{
  gtk_level_bar_set_value (PEAL_SOUND_CHECK (user_data)->level_bar, CLAMP (level, 0, 1));
}

static void
on_played (void *user_data, bool was_heard)
{
  PealSoundCheck *self = user_data;

  gtk_widget_set_sensitive (self->record_button, TRUE);
  peal_announce_label (self->result_label, was_heard
                                             ? _ ("That is how others hear you.")
                                             : _ ("Nothing was heard: your microphone is silent."));
}

static void
on_record_clicked (PealSoundCheck *self)
{
  gtk_widget_set_sensitive (self->record_button, FALSE);
  peal_announce_label (self->result_label, _ ("Speak now; you will hear yourself in 3 seconds."));
  peal_phone_record_and_play (self->phone, on_played, self);
}

static void
peal_sound_check_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (peal_sound_check_parent_class)->map (widget);
  peal_phone_watch_microphone (PEAL_SOUND_CHECK (widget)->phone, on_level, widget);
}

static void
peal_sound_check_unmap (GtkWidget *widget)
{
  PealSoundCheck *self = PEAL_SOUND_CHECK (widget);

  peal_phone_watch_microphone (self->phone, NULL, NULL);
  peal_phone_record_and_play (self->phone, NULL, NULL);
  gtk_widget_set_sensitive (self->record_button, TRUE);
  GTK_WIDGET_CLASS (peal_sound_check_parent_class)->unmap (widget);
}

static void
peal_sound_check_finalize (GObject *object)
{
  g_clear_object (&PEAL_SOUND_CHECK (object)->phone);
  G_OBJECT_CLASS (peal_sound_check_parent_class)->finalize (object);
}

static void
peal_sound_check_class_init (PealSoundCheckClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = peal_sound_check_finalize;
  widget_class->map = peal_sound_check_map;
  widget_class->unmap = peal_sound_check_unmap;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/pealphone/Peal/ui/sound-check.ui");
  gtk_widget_class_bind_template_child (widget_class, PealSoundCheck, level_bar);
  gtk_widget_class_bind_template_child (widget_class, PealSoundCheck, record_button);
  gtk_widget_class_bind_template_child (widget_class, PealSoundCheck, result_label);
  gtk_widget_class_bind_template_callback (widget_class, on_record_clicked);
}

static void
peal_sound_check_init (PealSoundCheck *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  /* One colour: a loud voice is no warning. */
  gtk_level_bar_remove_offset_value (self->level_bar, NULL);
}

GtkWidget *
peal_sound_check_new (PealPhone *phone)
{
  PealSoundCheck *self = g_object_new (PEAL_TYPE_SOUND_CHECK, NULL);

  self->phone = g_object_ref (phone);
  return GTK_WIDGET (self);
}
