/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/words-dialog.h"
#include "ui/dialog.h"
#include <glib/gi18n.h>

struct _PealWordsDialog {
  HdyWindow parent;
  PealCall *call;
  GtkLabel *text_label;
  GtkLabel *words_label;
  bool is_closing;
};

G_DEFINE_FINAL_TYPE (PealWordsDialog, peal_words_dialog, HDY_TYPE_WINDOW)

/* GTK must be asked only once: it does so when it is idle. */
static void
close_dialog (PealWordsDialog *self)
{
  if (!self->is_closing)
    gtk_window_close (GTK_WINDOW (self));
  self->is_closing = true;
}

static void
on_match_clicked (PealWordsDialog *self)
{
  peal_call_compared (self->call, true);
  close_dialog (self);
}

static void
on_differ_clicked (PealWordsDialog *self)
{
  peal_call_compared (self->call, false);
  close_dialog (self);
}

/* Words of a call that is over prove nothing. */
static void
on_state (PealWordsDialog *self)
{
  if (peal_call_get_state (self->call) == PEAL_CALL_ENDED)
    close_dialog (self);
}

static void
peal_words_dialog_dispose (GObject *object)
{
  g_clear_object (&PEAL_WORDS_DIALOG (object)->call);
  G_OBJECT_CLASS (peal_words_dialog_parent_class)->dispose (object);
}

static void
peal_words_dialog_class_init (PealWordsDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = peal_words_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/pealphone/Peal/ui/words-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PealWordsDialog, text_label);
  gtk_widget_class_bind_template_child (widget_class, PealWordsDialog, words_label);
  gtk_widget_class_bind_template_callback (widget_class, on_match_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_differ_clicked);
  gtk_widget_class_bind_template_callback (widget_class, peal_dialog_on_key_press);
}

static void
peal_words_dialog_init (PealWordsDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWindow *
peal_words_dialog_new (GtkWindow *parent, PealCall *call)
{
  PealWordsDialog *self = g_object_new (PEAL_TYPE_WORDS_DIALOG, "transient-for", parent, NULL);
  g_autofree char *text =
    g_strdup_printf (_ ("Read these words to %s, and let %s read theirs to you."),
                     peal_call_get_name (call), peal_call_get_name (call));

  self->call = g_object_ref (call);
  gtk_label_set_label (self->text_label, text);
  g_object_bind_property (call, "words", self->words_label, "label", G_BINDING_SYNC_CREATE);
  g_signal_connect_object (call, "notify::state", G_CALLBACK (on_state), self, G_CONNECT_SWAPPED);
  return GTK_WINDOW (self);
}
