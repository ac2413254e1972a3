/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/join-dialog.h"
#include "ui/announcement.h"
#include "ui/dialog.h"
#include "ui/identity-form.h"
#include "ui/invitation-field.h"
#include <glib/gi18n.h>

struct _PealJoinDialog {
  HdyWindow parent;
  PealPhone *phone;
  PealNearby *nearby; /* NULL: by invitation */
  GCancellable *cancellable;
  bool is_waiting;
  PealInvitationField *invitation;
  PealIdentityForm *form;
  GtkWidget *accept_button;
  GtkBox *content;
  GtkLabel *network_label;
  GtkLabel *error_label;
  GtkWidget *waiting;
  GtkLabel *waiting_label;
};

G_DEFINE_FINAL_TYPE (PealJoinDialog, peal_join_dialog, HDY_TYPE_WINDOW)

static void
refresh (PealJoinDialog *self)
{
  const char *network = self->nearby ? peal_nearby_get_label (self->nearby)
                                     : peal_invitation_field_get_label (self->invitation);

  peal_identity_form_set_network (self->form, network);
  gtk_widget_set_sensitive (self->accept_button, network && !self->is_waiting &&
                                                   peal_identity_form_is_valid (self->form));
  gtk_widget_set_sensitive (GTK_WIDGET (self->form), !self->is_waiting);
  gtk_widget_set_visible (self->waiting, self->is_waiting);
}

/* An invitation may say whom it is for. */
static void
on_invitation_changed (PealJoinDialog *self)
{
  const char *user = peal_invitation_field_get_user (self->invitation);

  if (user && *user)
    peal_identity_form_set_user_name (self->form, user);
  refresh (self);
}

static void
stop_waiting (PealJoinDialog *self, bool is_in, const GError *error)
{
  if (is_in) {
    gtk_window_close (GTK_WINDOW (self));
    return;
  }
  self->is_waiting = false;
  /* Cancelled means that the dialog has been closed. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  peal_announce_label (self->error_label, error->message);
  refresh (self);
}

static void
start_waiting (PealJoinDialog *self, const char *words)
{
  self->is_waiting = true;
  gtk_label_set_label (self->waiting_label, words);
  refresh (self);
}

/* A network that asks for a code has given the invitation that it goes to. */
static void
go_on_by_invitation (PealJoinDialog *self, const char *invitation)
{
  g_clear_object (&self->nearby);
  gtk_widget_hide (GTK_WIDGET (self->network_label));
  gtk_widget_show (GTK_WIDGET (self->invitation));
  peal_invitation_field_set_text (self->invitation, invitation);
}

static void
on_joined (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PealJoinDialog) self = user_data;
  g_autofree char *invitation = NULL;
  g_autoptr (GError) error = NULL;
  bool is_in =
    peal_phone_join_nearby_finish (PEAL_PHONE (object), result, &invitation, &error) != NULL;

  /* Without a phone the dialog has been closed. */
  if (invitation && self->phone)
    go_on_by_invitation (self, invitation);
  stop_waiting (self, is_in, error);
}

static void
on_enrolled (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PealJoinDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  bool is_in = peal_phone_enrol_finish (PEAL_PHONE (object), result, &error) != NULL;

  stop_waiting (self, is_in, error);
}

static void
enrol (PealJoinDialog *self, const char *name, const char *display_name)
{
  const PealEnrolment options = { .invitation = peal_invitation_field_get_text (self->invitation),
                                  .name = name,
                                  .display_name = display_name,
                                  .code = peal_invitation_field_get_code (self->invitation) };

  peal_phone_enrol_async (self->phone, &options, self->cancellable, on_enrolled,
                          g_object_ref (self));
  start_waiting (self, _ ("Asking the server…"));
}

static void
on_accept_clicked (PealJoinDialog *self)
{
  const char *name = peal_identity_form_get_user_name (self->form);
  const char *display_name = peal_identity_form_get_display_name (self->form);
  g_autoptr (GError) error = NULL;

  peal_announce_label (self->error_label, NULL);
  if (self->nearby) {
    peal_phone_join_nearby_async (self->phone, self->nearby, name, display_name, self->cancellable,
                                  on_joined, g_object_ref (self));
    start_waiting (self, _ ("Waiting to be let in…"));
  } else if (peal_invitation_field_get_code (self->invitation)) {
    enrol (self, name, display_name);
  } else if (peal_phone_join (self->phone, peal_invitation_field_get_text (self->invitation), name,
                              display_name, &error)) {
    gtk_window_close (GTK_WINDOW (self));
  } else {
    peal_announce_label (self->error_label, error->message);
  }
}

static void
peal_join_dialog_dispose (GObject *object)
{
  PealJoinDialog *self = PEAL_JOIN_DIALOG (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->nearby);
  g_clear_object (&self->phone);
  G_OBJECT_CLASS (peal_join_dialog_parent_class)->dispose (object);
}

static void
peal_join_dialog_finalize (GObject *object)
{
  g_clear_object (&PEAL_JOIN_DIALOG (object)->cancellable);
  G_OBJECT_CLASS (peal_join_dialog_parent_class)->finalize (object);
}

static void
peal_join_dialog_class_init (PealJoinDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = peal_join_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = peal_join_dialog_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/pealphone/Peal/ui/join-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PealJoinDialog, accept_button);
  gtk_widget_class_bind_template_child (widget_class, PealJoinDialog, content);
  gtk_widget_class_bind_template_child (widget_class, PealJoinDialog, network_label);
  gtk_widget_class_bind_template_child (widget_class, PealJoinDialog, error_label);
  gtk_widget_class_bind_template_child (widget_class, PealJoinDialog, waiting);
  gtk_widget_class_bind_template_child (widget_class, PealJoinDialog, waiting_label);
  gtk_widget_class_bind_template_callback (widget_class, on_accept_clicked);
  gtk_widget_class_bind_template_callback (widget_class, peal_dialog_on_key_press);
}

static void
peal_join_dialog_init (PealJoinDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->cancellable = g_cancellable_new ();
  self->form = PEAL_IDENTITY_FORM (peal_identity_form_new ());
  self->invitation = PEAL_INVITATION_FIELD (peal_invitation_field_new ());
  gtk_container_add (GTK_CONTAINER (self->content), GTK_WIDGET (self->form));
  gtk_container_add (GTK_CONTAINER (self->content), GTK_WIDGET (self->invitation));
  gtk_box_reorder_child (self->content, GTK_WIDGET (self->form), 0);
  gtk_box_reorder_child (self->content, GTK_WIDGET (self->invitation), 0);
  g_signal_connect_object (self->form, "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->invitation, "changed", G_CALLBACK (on_invitation_changed), self,
                           G_CONNECT_SWAPPED);
  gtk_widget_grab_default (self->accept_button);
}

GtkWindow *
peal_join_dialog_new (GtkWindow *parent,
                      PealPhone *phone,
                      PealNearby *nearby,
                      const char *invitation)
{
  PealJoinDialog *self = g_object_new (PEAL_TYPE_JOIN_DIALOG, "transient-for", parent,
                                       "application", gtk_window_get_application (parent), NULL);
  self->phone = g_object_ref (phone);
  if (nearby) {
    self->nearby = g_object_ref (nearby);
    g_object_bind_property (nearby, "text", self->network_label, "label", G_BINDING_SYNC_CREATE);
    gtk_box_reorder_child (self->content, GTK_WIDGET (self->network_label), 0);
  }
  gtk_widget_set_visible (GTK_WIDGET (self->network_label), nearby != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->invitation), nearby == NULL);
  peal_invitation_field_set_text (self->invitation, invitation);
  refresh (self);
  return GTK_WINDOW (self);
}
