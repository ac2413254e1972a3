/* SPDX-License-Identifier: GPL-3.0-or-later */
/* To trust the new key unseen is for those who have asked the person in another way; during a call
 * with them words can be compared at once, and nothing else is offered. */
#include "ui/key-dialog.h"
#include "core/phone/words.h"
#include "ui/activate.h"
#include "ui/dialog.h"
#include <glib/gi18n.h>

struct _PealKeyDialog {
  HdyWindow parent;
  PealContact *contact;
  GtkLabel *changed_label;
  GtkLabel *reason_label;
  GtkLabel *advice_label;
  GtkWidget *choices;
  GtkWidget *compare_button;
};

G_DEFINE_FINAL_TYPE (PealKeyDialog, peal_key_dialog, HDY_TYPE_WINDOW)

static void
on_trust_clicked (PealKeyDialog *self)
{
  peal_contact_accept_key (self->contact);
  gtk_window_close (GTK_WINDOW (self));
}

static void
on_compare_clicked (PealKeyDialog *self)
{
  peal_activate (GTK_WIDGET (self), "compare-words", peal_contact_get_address (self->contact));
  gtk_window_close (GTK_WINDOW (self));
}

static void
peal_key_dialog_dispose (GObject *object)
{
  g_clear_object (&PEAL_KEY_DIALOG (object)->contact);
  G_OBJECT_CLASS (peal_key_dialog_parent_class)->dispose (object);
}

static void
peal_key_dialog_class_init (PealKeyDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = peal_key_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/pealphone/Peal/ui/key-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PealKeyDialog, changed_label);
  gtk_widget_class_bind_template_child (widget_class, PealKeyDialog, reason_label);
  gtk_widget_class_bind_template_child (widget_class, PealKeyDialog, advice_label);
  gtk_widget_class_bind_template_child (widget_class, PealKeyDialog, choices);
  gtk_widget_class_bind_template_child (widget_class, PealKeyDialog, compare_button);
  gtk_widget_class_bind_template_callback (widget_class, on_trust_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_compare_clicked);
  gtk_widget_class_bind_template_callback (widget_class, peal_dialog_on_key_press);
}

static void
peal_key_dialog_init (PealKeyDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static bool
is_in_call (PealPhone *phone, PealContact *contact)
{
  GListModel *calls = peal_phone_get_calls (phone);

  for (guint i = 0; i < g_list_model_get_n_items (calls); i++) {
    g_autoptr (PealCall) call = g_list_model_get_item (calls, i);
    if (peal_call_get_state (call) != PEAL_CALL_ENDED &&
        strcmp (peal_call_get_address (call), peal_contact_get_address (contact)) == 0)
      return true;
  }
  return false;
}

GtkWindow *
peal_key_dialog_new (GtkWindow *parent, PealPhone *phone, PealContact *contact)
{
  PealKeyDialog *self = g_object_new (PEAL_TYPE_KEY_DIALOG, "transient-for", parent, "application",
                                      gtk_window_get_application (parent), NULL);
  const char *name = peal_contact_get_name (contact);
  const char *address = peal_contact_get_display_address (contact);
  g_autofree char *changed = words_key_changed (name, peal_contact_get_key_since (contact),
                                                g_get_real_time () / G_USEC_PER_SEC);
  g_autofree char *reason =
    /* Translators: an address, a name. */
    g_strdup_printf (_ ("Peal knows people by a key that they alone have. Whoever answers at %s "
                        "now has another one. That is so when %s began anew without the identity "
                        "file, say on a new computer; it looks the same when somebody else uses "
                        "the address."),
                     address, name);
  g_autofree char *advice = g_strdup_printf (
    _ ("Call, and compare words: when you know the voice of %s and the words match, all is well."),
    name);
  bool can_choose = !is_in_call (phone, contact);

  self->contact = g_object_ref (contact);
  gtk_label_set_label (self->changed_label, changed);
  gtk_label_set_label (self->reason_label, reason);
  gtk_label_set_label (self->advice_label, advice);
  gtk_widget_set_visible (self->choices, can_choose);
  if (can_choose)
    gtk_widget_grab_focus (self->compare_button);
  return GTK_WINDOW (self);
}
