/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/windows.h"
#include <handy.h>

#define PEAL_TYPE_TROUBLE_WINDOW (peal_trouble_window_get_type ())
G_DECLARE_FINAL_TYPE (
  PealTroubleWindow, peal_trouble_window, PEAL, TROUBLE_WINDOW, HdyApplicationWindow)

struct _PealTroubleWindow {
  HdyApplicationWindow parent;
  HdyStatusPage *status_page;
  GtkWidget *repair_button;
};

G_DEFINE_FINAL_TYPE (PealTroubleWindow, peal_trouble_window, HDY_TYPE_APPLICATION_WINDOW)

static void
peal_trouble_window_class_init (PealTroubleWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/pealphone/Peal/ui/trouble-window.ui");
  gtk_widget_class_bind_template_child (widget_class, PealTroubleWindow, status_page);
  gtk_widget_class_bind_template_child (widget_class, PealTroubleWindow, repair_button);
}

static void
peal_trouble_window_init (PealTroubleWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWindow *
peal_trouble_window_new (GtkApplication *app, const GError *error)
{
  PealTroubleWindow *self = g_object_new (PEAL_TYPE_TROUBLE_WINDOW, "application", app, NULL);

  /* The page takes markup; a path in the message may look like it. */
  g_autofree char *text = g_markup_escape_text (error->message, -1);
  hdy_status_page_set_description (self->status_page, text);
  gtk_widget_set_visible (self->repair_button,
                          g_error_matches (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_DATA));
  return GTK_WINDOW (self);
}
