/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/notice.h"
#include "ui/announcement.h"

struct _PealNotice {
  GtkRevealer parent;
  GtkLabel *text_label;
  GtkButton *action_button;
  GtkLabel *action_label;
};

G_DEFINE_FINAL_TYPE (PealNotice, peal_notice, GTK_TYPE_REVEALER)

static void
peal_notice_class_init (PealNoticeClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/pealphone/Peal/ui/notice.ui");
  gtk_widget_class_bind_template_child (widget_class, PealNotice, text_label);
  gtk_widget_class_bind_template_child (widget_class, PealNotice, action_button);
  gtk_widget_class_bind_template_child (widget_class, PealNotice, action_label);
  gtk_widget_class_bind_template_callback (widget_class, peal_notice_hide);
}

static void
peal_notice_init (PealNotice *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
peal_notice_new (void)
{
  return g_object_new (PEAL_TYPE_NOTICE, NULL);
}

void
peal_notice_show (PealNotice *self,
                  const char *text,
                  const char *button,
                  const char *detailed_action)
{
  g_return_if_fail ((button == NULL) == (detailed_action == NULL));

  gtk_widget_set_visible (GTK_WIDGET (self->action_button), button != NULL);
  if (button) {
    gtk_label_set_label (self->action_label, button);
    gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (self->action_button), detailed_action);
  }
  gtk_revealer_set_reveal_child (GTK_REVEALER (self), TRUE);
  peal_announce_label (self->text_label, text);
}

void
peal_notice_hide (PealNotice *self)
{
  gtk_revealer_set_reveal_child (GTK_REVEALER (self), FALSE);
}
