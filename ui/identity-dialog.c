/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/identity-dialog.h"
#include "ui/announcement.h"
#include "ui/dialog.h"
#include <glib/gi18n.h>

/* Below this a passphrase protects nothing. */
enum { PASSPHRASE_LENGTH_MIN = 8 };

struct _PealIdentityDialog {
  HdyWindow parent;
  PealPhone *phone;
  bool is_import;
  char *path;
  GCancellable *cancellable;
  GtkButton *accept_button;
  GtkWidget *content;
  GtkLabel *text_label;
  GtkLabel *file_label;
  GtkEntry *passphrase_entry;
  GtkWidget *again_label;
  GtkEntry *again_entry;
  GtkLabel *error_label;
  GtkWidget *waiting;
};

G_DEFINE_FINAL_TYPE (PealIdentityDialog, peal_identity_dialog, HDY_TYPE_WINDOW)

static const char *
find_complaint (PealIdentityDialog *self)
{
  const char *passphrase = gtk_entry_get_text (self->passphrase_entry);
  const char *again = gtk_entry_get_text (self->again_entry);

  if (self->is_import || !*passphrase)
    return NULL;
  if (g_utf8_strlen (passphrase, -1) < PASSPHRASE_LENGTH_MIN)
    return _ ("Use at least eight characters.");
  if (*again && strcmp (passphrase, again) != 0)
    return _ ("The two passphrases differ.");
  return NULL;
}

static void
on_entry_changed (PealIdentityDialog *self)
{
  const char *passphrase = gtk_entry_get_text (self->passphrase_entry);
  const char *again = gtk_entry_get_text (self->again_entry);
  const char *complaint = find_complaint (self);

  gtk_widget_set_sensitive (GTK_WIDGET (self->accept_button),
                            self->path && *passphrase && !complaint && (self->is_import || *again));
  peal_announce_label (self->error_label, complaint);
}

static void
on_choose_clicked (PealIdentityDialog *self)
{
  g_autoptr (GtkFileChooserNative) chooser =
    gtk_file_chooser_native_new (_ ("Identity File"), GTK_WINDOW (self),
                                 self->is_import ? GTK_FILE_CHOOSER_ACTION_OPEN
                                                 : GTK_FILE_CHOOSER_ACTION_SAVE,
                                 NULL, NULL);

  gtk_file_chooser_set_do_overwrite_confirmation (GTK_FILE_CHOOSER (chooser), TRUE);
  if (!self->is_import)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), _ ("My identity.peal-identity"));
  if (gtk_native_dialog_run (GTK_NATIVE_DIALOG (chooser)) != GTK_RESPONSE_ACCEPT)
    return;
  g_free (self->path);
  self->path = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (chooser));
  g_autofree char *name = g_filename_display_basename (self->path);
  gtk_label_set_label (self->file_label, name);
  on_entry_changed (self);
}

static void
set_waiting (PealIdentityDialog *self, bool is_waiting)
{
  gtk_widget_set_sensitive (self->content, !is_waiting);
  gtk_widget_set_sensitive (GTK_WIDGET (self->accept_button), !is_waiting);
  gtk_widget_set_visible (self->waiting, is_waiting);
}

static void
on_done (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PealIdentityDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  bool is_done = self->is_import
                   ? peal_phone_import_identity_finish (PEAL_PHONE (object), result, &error)
                   : peal_phone_export_identity_finish (PEAL_PHONE (object), result, &error);

  if (!self->phone) /* closed */
    return;
  set_waiting (self, false);
  if (is_done)
    gtk_window_close (GTK_WINDOW (self));
  else
    peal_announce_label (self->error_label, error->message);
}

static void
on_accept_clicked (PealIdentityDialog *self)
{
  const char *passphrase = gtk_entry_get_text (self->passphrase_entry);

  peal_announce_label (self->error_label, NULL);
  if (self->is_import)
    peal_phone_import_identity_async (self->phone, self->path, passphrase, self->cancellable,
                                      on_done, g_object_ref (self));
  else
    peal_phone_export_identity_async (self->phone, self->path, passphrase, self->cancellable,
                                      on_done, g_object_ref (self));
  set_waiting (self, true);
}

static void
peal_identity_dialog_dispose (GObject *object)
{
  PealIdentityDialog *self = PEAL_IDENTITY_DIALOG (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->phone);
  G_OBJECT_CLASS (peal_identity_dialog_parent_class)->dispose (object);
}

static void
peal_identity_dialog_finalize (GObject *object)
{
  PealIdentityDialog *self = PEAL_IDENTITY_DIALOG (object);

  g_clear_object (&self->cancellable);
  g_free (self->path);
  G_OBJECT_CLASS (peal_identity_dialog_parent_class)->finalize (object);
}

static void
peal_identity_dialog_class_init (PealIdentityDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = peal_identity_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = peal_identity_dialog_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/pealphone/Peal/ui/identity-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PealIdentityDialog, accept_button);
  gtk_widget_class_bind_template_child (widget_class, PealIdentityDialog, content);
  gtk_widget_class_bind_template_child (widget_class, PealIdentityDialog, waiting);
  gtk_widget_class_bind_template_child (widget_class, PealIdentityDialog, text_label);
  gtk_widget_class_bind_template_child (widget_class, PealIdentityDialog, file_label);
  gtk_widget_class_bind_template_child (widget_class, PealIdentityDialog, passphrase_entry);
  gtk_widget_class_bind_template_child (widget_class, PealIdentityDialog, again_label);
  gtk_widget_class_bind_template_child (widget_class, PealIdentityDialog, again_entry);
  gtk_widget_class_bind_template_child (widget_class, PealIdentityDialog, error_label);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_choose_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_accept_clicked);
  gtk_widget_class_bind_template_callback (widget_class, peal_dialog_on_key_press);
}

static void
peal_identity_dialog_init (PealIdentityDialog *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_grab_default (GTK_WIDGET (self->accept_button));
}

GtkWindow *
peal_identity_dialog_new (GtkWindow *parent, PealPhone *phone, bool is_import)
{
  PealIdentityDialog *self =
    g_object_new (PEAL_TYPE_IDENTITY_DIALOG, "transient-for", parent, "application",
                  gtk_window_get_application (parent), NULL);

  self->phone = g_object_ref (phone);
  self->is_import = is_import;
  gtk_widget_set_visible (self->again_label, !is_import);
  gtk_widget_set_visible (GTK_WIDGET (self->again_entry), !is_import);
  gtk_button_set_label (self->accept_button, is_import ? _ ("_Open") : _ ("_Save"));
  gtk_label_set_label (
    self->text_label,
    is_import
      ? _ ("Open the file in which you saved your identity, with its passphrase.")
      : _ ("Whoever has this file and its passphrase can be you. Keep both, and keep them apart."));
  return GTK_WINDOW (self);
}
