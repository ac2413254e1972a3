/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/presence.h"

static const char *const shapes[] = {
  [PEAL_PRESENCE_IN_CALL] = "in-call", [PEAL_PRESENCE_AVAILABLE] = "available",
  [PEAL_PRESENCE_AWAY] = "away",       [PEAL_PRESENCE_DO_NOT_DISTURB] = "do-not-disturb",
  [PEAL_PRESENCE_OFFLINE] = "offline", [PEAL_PRESENCE_NOT_CONFIRMED] = "not-confirmed",
};

static void
on_presence (PealContact *contact, GParamSpec *pspec, GtkImage *image)
{
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (image));
  PealPresence presence = peal_contact_get_presence (contact);

  for (size_t i = 0; i < G_N_ELEMENTS (shapes); i++) {
    g_autofree char *name = g_strdup_printf ("peal-%s", shapes[i]);
    if (i == presence)
      gtk_style_context_add_class (style, name);
    else
      gtk_style_context_remove_class (style, name);
  }
  g_autofree char *icon = g_strdup_printf ("peal-presence-%s-symbolic", shapes[presence]);
  gtk_image_set_from_icon_name (image, icon, GTK_ICON_SIZE_MENU);
}

void
peal_presence_bind (PealContact *contact, GtkImage *image)
{
  g_signal_connect_object (contact, "notify::presence", G_CALLBACK (on_presence), image, 0);
  on_presence (contact, NULL, image);
}
