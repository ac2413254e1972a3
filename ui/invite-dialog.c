/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/invite-dialog.h"
#include "ui/announcement.h"
#include "ui/dialog.h"
#include "ui/qr-code.h"
#include <glib/gi18n.h>

struct _PealInviteDialog {
  HdyWindow parent;
  PealPhone *phone;
  GtkComboBoxText *account_combo;
  GtkLabel *text_label;
  GtkLabel *error_label;
  GtkWidget *reach_box;
  GtkLabel *reach_label;
  GtkWidget *more_expander;
  GtkLabel *more_label;
  GtkWidget *command_button;
  char *command; /* that would let others in */
  GCancellable *checking;
  GtkWidget *link_box;
  PealQrCode *qr_code;
  GtkEntry *link_entry;
  GtkButton *copy_button;
};

G_DEFINE_FINAL_TYPE (PealInviteDialog, peal_invite_dialog, HDY_TYPE_WINDOW)

static PealAccount *
get_account (PealInviteDialog *self)
{
  int index = gtk_combo_box_get_active (GTK_COMBO_BOX (self->account_combo));
  return index < 0 ? NULL
                   : g_list_model_get_item (peal_phone_get_accounts (self->phone), (guint) index);
}

/* ---- Whether others can come in by it ---- */

static void
stop_checking (PealInviteDialog *self)
{
  if (self->checking)
    g_cancellable_cancel (self->checking);
  g_clear_object (&self->checking);
}

static void
show_reach (PealInviteDialog *self, const PealInvitationCheck *check)
{
  GtkStyleContext *style = gtk_widget_get_style_context (self->reach_box);

  if (check->reach == PEAL_REACH_NETWORK || check->reach == PEAL_REACH_CLOSED)
    gtk_style_context_add_class (style, "peal-warning");
  gtk_label_set_label (self->more_label, check->more);
  gtk_widget_set_visible (self->more_expander, *check->more != '\0');
  gtk_widget_set_visible (self->command_button, *check->command != '\0');
  g_free (self->command);
  self->command = g_strdup (check->command);
  peal_announce_label (self->reach_label, check->words);
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PealInvitationCheck) check =
    peal_phone_check_invitation_finish (PEAL_PHONE (source), result, &error);
  PealInviteDialog *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (check)
    show_reach (self, check);
  else
    gtk_widget_hide (self->reach_box);
}

static void
begin_checking (PealInviteDialog *self, PealAccount *account, const char *link)
{
  GtkStyleContext *style = gtk_widget_get_style_context (self->reach_box);

  stop_checking (self);
  self->checking = g_cancellable_new ();
  gtk_style_context_remove_class (style, "peal-warning");
  gtk_widget_hide (self->more_expander);
  gtk_label_set_label (self->reach_label, peal_phone_checking ());
  gtk_widget_show (self->reach_box);
  peal_phone_check_invitation_async (self->phone, account, link, self->checking, on_checked, self);
}

static void
on_command_clicked (PealInviteDialog *self)
{
  GtkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self), GDK_SELECTION_CLIPBOARD);

  gtk_clipboard_set_text (clipboard, self->command, -1);
  peal_announce (GTK_WIDGET (self), _ ("The command is on the clipboard."));
}

/* ---- The invitation ---- */

static void
on_account_changed (PealInviteDialog *self)
{
  g_autoptr (PealAccount) account = get_account (self);
  if (!account)
    return;
  g_autoptr (GError) error = NULL;
  g_autofree char *link = peal_phone_invite (self->phone, account, &error);
  g_autofree char *text =
    g_strdup_printf (_ ("Whoever has this invitation can join “%s”. Give it to people you trust."),
                     peal_account_get_label (account));

  gtk_label_set_label (self->text_label, text);
  gtk_widget_set_visible (self->link_box, link != NULL);
  peal_announce_label (self->error_label, error ? error->message : NULL);
  gtk_widget_hide (self->reach_box);
  if (!link)
    return;
  begin_checking (self, account, link);
  gtk_entry_set_text (self->link_entry, link);
  peal_qr_code_set_text (self->qr_code, link);
}

static void
on_copy_clicked (PealInviteDialog *self)
{
  GtkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self), GDK_SELECTION_CLIPBOARD);

  gtk_clipboard_set_text (clipboard, gtk_entry_get_text (self->link_entry), -1);
  gtk_button_set_label (self->copy_button, _ ("_Copied"));
  peal_announce (GTK_WIDGET (self), _ ("The link is on the clipboard."));
}

static void
on_save_clicked (PealInviteDialog *self)
{
  g_autoptr (PealAccount) account = get_account (self);
  g_autoptr (GtkFileChooserNative) chooser =
    gtk_file_chooser_native_new (_ ("Save the Invitation"), GTK_WINDOW (self),
                                 GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);
  g_autofree char *name = g_strconcat (peal_account_get_label (account), ".peal", NULL);
  g_autoptr (GError) error = NULL;

  gtk_file_chooser_set_do_overwrite_confirmation (GTK_FILE_CHOOSER (chooser), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), name);
  if (gtk_native_dialog_run (GTK_NATIVE_DIALOG (chooser)) != GTK_RESPONSE_ACCEPT)
    return;
  g_autofree char *path = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (chooser));
  g_autofree char *text = g_strconcat (gtk_entry_get_text (self->link_entry), "\n", NULL);
  /* It lets people in: for nobody else to read. */
  if (!g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
    peal_announce_label (self->error_label, error->message);
}

static void
peal_invite_dialog_dispose (GObject *object)
{
  PealInviteDialog *self = PEAL_INVITE_DIALOG (object);

  stop_checking (self);
  g_clear_object (&self->phone);
  g_clear_pointer (&self->command, g_free);
  G_OBJECT_CLASS (peal_invite_dialog_parent_class)->dispose (object);
}

static void
peal_invite_dialog_class_init (PealInviteDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (PEAL_TYPE_QR_CODE);
  G_OBJECT_CLASS (klass)->dispose = peal_invite_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/pealphone/Peal/ui/invite-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PealInviteDialog, account_combo);
  gtk_widget_class_bind_template_child (widget_class, PealInviteDialog, text_label);
  gtk_widget_class_bind_template_child (widget_class, PealInviteDialog, error_label);
  gtk_widget_class_bind_template_child (widget_class, PealInviteDialog, reach_box);
  gtk_widget_class_bind_template_child (widget_class, PealInviteDialog, reach_label);
  gtk_widget_class_bind_template_child (widget_class, PealInviteDialog, more_expander);
  gtk_widget_class_bind_template_child (widget_class, PealInviteDialog, more_label);
  gtk_widget_class_bind_template_child (widget_class, PealInviteDialog, command_button);
  gtk_widget_class_bind_template_child (widget_class, PealInviteDialog, link_box);
  gtk_widget_class_bind_template_child (widget_class, PealInviteDialog, qr_code);
  gtk_widget_class_bind_template_child (widget_class, PealInviteDialog, link_entry);
  gtk_widget_class_bind_template_child (widget_class, PealInviteDialog, copy_button);
  gtk_widget_class_bind_template_callback (widget_class, on_account_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_command_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_save_clicked);
  gtk_widget_class_bind_template_callback (widget_class, peal_dialog_on_key_press);
}

static void
peal_invite_dialog_init (PealInviteDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWindow *
peal_invite_dialog_new (GtkWindow *parent, PealPhone *phone)
{
  PealInviteDialog *self = g_object_new (PEAL_TYPE_INVITE_DIALOG, "transient-for", parent,
                                         "application", gtk_window_get_application (parent), NULL);
  GListModel *accounts = peal_phone_get_accounts (phone);
  guint count = g_list_model_get_n_items (accounts);

  self->phone = g_object_ref (phone);
  for (guint i = 0; i < count; i++) {
    g_autoptr (PealAccount) account = g_list_model_get_item (accounts, i);
    gtk_combo_box_text_append_text (self->account_combo, peal_account_get_label (account));
  }
  gtk_widget_set_visible (GTK_WIDGET (self->account_combo), count > 1);
  gtk_combo_box_set_active (GTK_COMBO_BOX (self->account_combo), 0);
  gtk_widget_grab_focus (GTK_WIDGET (self->copy_button));
  return GTK_WINDOW (self);
}
