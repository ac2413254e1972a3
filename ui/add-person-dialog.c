/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/add-person-dialog.h"
#include "ui/activate.h"
#include "ui/announcement.h"
#include "ui/dialog.h"

struct _PealAddPersonDialog {
  HdyWindow parent;
  PealPhone *phone;
  GtkWidget *accept_button;
  GtkEntry *address_entry;
  GtkEntry *name_entry;
  GtkLabel *error_label;
};

G_DEFINE_FINAL_TYPE (PealAddPersonDialog, peal_add_person_dialog, HDY_TYPE_WINDOW)

static void
on_entry_changed (PealAddPersonDialog *self)
{
  gtk_widget_set_sensitive (self->accept_button,
                            gtk_entry_get_text_length (self->address_entry) > 0);
  peal_announce_label (self->error_label, NULL);
}

static void
on_accept_clicked (PealAddPersonDialog *self)
{
  g_autoptr (GError) error = NULL;
  PealContact *contact =
    peal_phone_add_contact (self->phone, gtk_entry_get_text (self->address_entry),
                            gtk_entry_get_text (self->name_entry), &error);
  if (!contact) {
    peal_announce_label (self->error_label, error->message);
    return;
  }
  peal_activate (GTK_WIDGET (self), "show-person", peal_contact_get_address (contact));
  gtk_window_close (GTK_WINDOW (self));
}

static void
peal_add_person_dialog_dispose (GObject *object)
{
  g_clear_object (&PEAL_ADD_PERSON_DIALOG (object)->phone);
  G_OBJECT_CLASS (peal_add_person_dialog_parent_class)->dispose (object);
}

static void
peal_add_person_dialog_class_init (PealAddPersonDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = peal_add_person_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/pealphone/Peal/ui/add-person-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PealAddPersonDialog, accept_button);
  gtk_widget_class_bind_template_child (widget_class, PealAddPersonDialog, address_entry);
  gtk_widget_class_bind_template_child (widget_class, PealAddPersonDialog, name_entry);
  gtk_widget_class_bind_template_child (widget_class, PealAddPersonDialog, error_label);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_accept_clicked);
  gtk_widget_class_bind_template_callback (widget_class, peal_dialog_on_key_press);
}

static void
peal_add_person_dialog_init (PealAddPersonDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_grab_default (self->accept_button);
}

GtkWindow *
peal_add_person_dialog_new (GtkWindow *parent, PealPhone *phone, const char *address)
{
  PealAddPersonDialog *self =
    g_object_new (PEAL_TYPE_ADD_PERSON_DIALOG, "transient-for", parent, "application",
                  gtk_window_get_application (parent), NULL);
  self->phone = g_object_ref (phone);
  gtk_entry_set_text (self->address_entry, address);
  gtk_widget_grab_focus (GTK_WIDGET (*address ? self->name_entry : self->address_entry));
  return GTK_WINDOW (self);
}
