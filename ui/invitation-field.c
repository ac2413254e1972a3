/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/invitation-field.h"
#include "core/phone/phone.h"
#include "ui/announcement.h"
#include <glib/gi18n.h>

/* An invitation is well below 4 KiB; a larger file is something else. */
enum { FILE_SIZE_MAX = 65536 };

struct _PealInvitationField {
  GtkBox parent;
  char *label; /* NULL unless what is in the entry can be used */
  char *user;  /* whom the invitation is for; NULL when its network asks for no code */
  GtkEntry *entry;
  GtkWidget *code_box;
  GtkEntry *code;
  GtkLabel *summary_label;
};

G_DEFINE_FINAL_TYPE (PealInvitationField, peal_invitation_field, GTK_TYPE_BOX)

enum { SIGNAL_CHANGED, SIGNAL_COUNT };

static guint signals[SIGNAL_COUNT];

/* Only a network whose server gives out names asks for a code. */
static void
show_code (PealInvitationField *self, const char *text)
{
  g_autofree char *code = NULL;

  g_clear_pointer (&self->user, g_free);
  peal_phone_read_enrolment (text, &self->user, &code);
  gtk_entry_set_text (self->code, code ? code : "");
  gtk_widget_set_visible (self->code_box, self->user != NULL);
}

static void
on_code_changed (PealInvitationField *self)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
on_entry_changed (PealInvitationField *self)
{
  const char *text = gtk_entry_get_text (self->entry);
  g_autofree char *inviter = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *summary = NULL;

  g_clear_pointer (&self->label, g_free);
  if (*text && peal_phone_read_invitation (text, &self->label, &inviter, &error))
    summary = inviter && *inviter
                /* Translators: a person's name, then the name of a network. */
                ? g_strdup_printf (_ ("%s invites you to “%s”."), inviter, self->label)
                : g_strdup_printf (_ ("This is an invitation to “%s”."), self->label);
  peal_announce_label (self->summary_label, error ? error->message : summary);
  show_code (self, text);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
open_file (PealInvitationField *self, GFile *file)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, &error);
  g_autofree char *text = g_malloc0 (FILE_SIZE_MAX + 1);
  gsize size = 0;

  if (stream &&
      g_input_stream_read_all (G_INPUT_STREAM (stream), text, FILE_SIZE_MAX, &size, NULL, &error) &&
      g_utf8_validate (text, (gssize) size, NULL))
    gtk_entry_set_text (self->entry, g_strstrip (text));
  else
    peal_announce_label (self->summary_label,
                         error ? error->message : _ ("This file is no invitation."));
}

static void
on_open_clicked (PealInvitationField *self)
{
  GtkWidget *window = gtk_widget_get_toplevel (GTK_WIDGET (self));
  g_autoptr (GtkFileChooserNative) chooser =
    gtk_file_chooser_native_new (_ ("Open an Invitation"), GTK_WINDOW (window),
                                 GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);

  if (gtk_native_dialog_run (GTK_NATIVE_DIALOG (chooser)) == GTK_RESPONSE_ACCEPT) {
    g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
    open_file (self, file);
  }
}

static void
peal_invitation_field_finalize (GObject *object)
{
  g_free (PEAL_INVITATION_FIELD (object)->label);
  g_free (PEAL_INVITATION_FIELD (object)->user);
  G_OBJECT_CLASS (peal_invitation_field_parent_class)->finalize (object);
}

static void
peal_invitation_field_class_init (PealInvitationFieldClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = peal_invitation_field_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", PEAL_TYPE_INVITATION_FIELD, G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/pealphone/Peal/ui/invitation-field.ui");
  gtk_widget_class_bind_template_child (widget_class, PealInvitationField, entry);
  gtk_widget_class_bind_template_child (widget_class, PealInvitationField, code_box);
  gtk_widget_class_bind_template_child (widget_class, PealInvitationField, code);
  gtk_widget_class_bind_template_child (widget_class, PealInvitationField, summary_label);
  gtk_widget_class_bind_template_callback (widget_class, on_entry_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_code_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_open_clicked);
}

static void
peal_invitation_field_init (PealInvitationField *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
peal_invitation_field_new (void)
{
  return g_object_new (PEAL_TYPE_INVITATION_FIELD, NULL);
}

void
peal_invitation_field_set_text (PealInvitationField *self, const char *text)
{
  gtk_entry_set_text (self->entry, text);
}

const char *
peal_invitation_field_get_text (PealInvitationField *self)
{
  return self->label ? gtk_entry_get_text (self->entry) : NULL;
}

const char *
peal_invitation_field_get_label (PealInvitationField *self)
{
  return self->label;
}

const char *
peal_invitation_field_get_user (PealInvitationField *self)
{
  return self->user;
}

const char *
peal_invitation_field_get_code (PealInvitationField *self)
{
  return self->user ? gtk_entry_get_text (self->code) : NULL;
}
