/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is typed counts with Enter or when the entry loses the focus; the line below says where
 * calls go since then, or why they cannot go there. */
#include "ui/forward-row.h"
#include <glib/gi18n.h>

struct _PealForwardRow {
  HdyActionRow parent;
  PealPhone *phone;
  PealAccount *account;
  GtkEntry *entry;
};

G_DEFINE_FINAL_TYPE (PealForwardRow, peal_forward_row, HDY_TYPE_ACTION_ROW)

static void
show (PealForwardRow *self, const char *fault)
{
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self->entry));
  g_autofree char *target = peal_phone_get_forward (self->phone, self->account);
  /* Translators: an address follows, e.g. alice@home. */
  g_autofree char *text =
    target ? g_strdup_printf (_ ("Calls go to %s."), target) : g_strdup (_ ("Calls ring here."));

  hdy_action_row_set_subtitle (HDY_ACTION_ROW (self), fault ? fault : text);
  /* The row's labels are hidden from screen readers. */
  atk_object_set_description (gtk_widget_get_accessible (GTK_WIDGET (self->entry)),
                              fault ? fault : text);
  if (fault) {
    gtk_style_context_add_class (style, "error");
    return;
  }
  gtk_style_context_remove_class (style, "error");
  gtk_entry_set_text (self->entry, target ? target : "");
}

static void
apply (PealForwardRow *self)
{
  g_autoptr (GError) error = NULL;

  peal_phone_forward (self->phone, self->account, gtk_entry_get_text (self->entry), &error);
  show (self, error ? error->message : NULL);
}

static gboolean
on_focus_lost (PealForwardRow *self)
{
  if (self->phone)
    apply (self);
  return GDK_EVENT_PROPAGATE;
}

static void
peal_forward_row_dispose (GObject *object)
{
  PealForwardRow *self = PEAL_FORWARD_ROW (object);

  g_clear_object (&self->phone);
  g_clear_object (&self->account);
  G_OBJECT_CLASS (peal_forward_row_parent_class)->dispose (object);
}

static void
peal_forward_row_class_init (PealForwardRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = peal_forward_row_dispose;
}

static void
peal_forward_row_init (PealForwardRow *self)
{
  GtkWidget *entry = gtk_entry_new ();

  self->entry = GTK_ENTRY (entry);
  gtk_entry_set_placeholder_text (self->entry, _ ("Name or address"));
  gtk_widget_set_valign (entry, GTK_ALIGN_CENTER);
  atk_object_set_name (gtk_widget_get_accessible (entry), _ ("Forward calls to"));
  gtk_container_add (GTK_CONTAINER (self), entry);
  gtk_widget_show (entry);
  gtk_widget_set_can_focus (GTK_WIDGET (self), FALSE);
  hdy_preferences_row_set_title (HDY_PREFERENCES_ROW (self), _ ("Forward calls to"));
  hdy_action_row_set_title_lines (HDY_ACTION_ROW (self), 0);
  hdy_action_row_set_subtitle_lines (HDY_ACTION_ROW (self), 0);
  hdy_action_row_set_activatable_widget (HDY_ACTION_ROW (self), entry);
  g_signal_connect_object (entry, "activate", G_CALLBACK (apply), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (entry, "focus-out-event", G_CALLBACK (on_focus_lost), self,
                           G_CONNECT_SWAPPED);
}

GtkWidget *
peal_forward_row_new (PealPhone *phone, PealAccount *account)
{
  PealForwardRow *self = g_object_new (PEAL_TYPE_FORWARD_ROW, "visible", TRUE, NULL);

  self->phone = g_object_ref (phone);
  self->account = g_object_ref (account);
  show (self, NULL);
  return GTK_WIDGET (self);
}
