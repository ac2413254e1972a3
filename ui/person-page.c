/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page shows one contact for its whole life; another contact gets another page. Its actions
 * are `person.*`. */
#include "ui/person-page.h"
#include "core/phone/words.h"
#include "ui/activate.h"
#include "ui/history-row.h"
#include "ui/list-focus.h"
#include "ui/list-state.h"
#include "ui/presence.h"
#include "ui/text-pair.h"
#include <glib/gi18n.h>

struct _PealPersonPage {
  GtkBox parent;
  PealContact *contact;
  GSimpleActionGroup *actions;
  HdyHeaderBar *header;
  GtkWidget *back_button;
  HdyAvatar *avatar;
  GtkLabel *name_label;
  GtkLabel *address_label;
  GtkImage *presence_icon;
  GtkLabel *presence_label;
  GtkWidget *rename_box;
  GtkEntry *rename_entry;
  GtkImage *security_icon;
  GtkLabel *security_label;
  GtkButton *security_button;
  GtkWidget *explain_button;
  GtkWidget *relay_list;
  GtkSwitch *relay_switch;
  GtkListBox *history_list;
  GtkLabel *history_placeholder;
};

G_DEFINE_FINAL_TYPE (PealPersonPage, peal_person_page, GTK_TYPE_BOX)

static void
on_call (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PealPersonPage *self = user_data;
  peal_activate (user_data, "dial", peal_contact_get_address (self->contact));
}

static void
on_rename (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PealPersonPage *self = user_data;

  gtk_entry_set_text (self->rename_entry, peal_contact_get_name (self->contact));
  gtk_widget_show (self->rename_box);
  gtk_widget_grab_focus (GTK_WIDGET (self->rename_entry));
}

static void
on_favourite (GSimpleAction *action, GVariant *value, gpointer user_data)
{
  PealPersonPage *self = user_data;
  peal_contact_set_favourite (self->contact, g_variant_get_boolean (value));
}

static void
on_copy (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PealPersonPage *self = user_data;
  GtkClipboard *clipboard = gtk_widget_get_clipboard (user_data, GDK_SELECTION_CLIPBOARD);
  gtk_clipboard_set_text (clipboard, peal_contact_get_display_address (self->contact), -1);
}

static void
on_remove (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PealPersonPage *self = user_data;
  peal_activate (user_data, "remove-person", peal_contact_get_address (self->contact));
}

static const GActionEntry entries[] = {
  { "call", on_call }, { "rename", on_rename }, { "favourite", NULL, NULL, "false", on_favourite },
  { "copy", on_copy }, { "remove", on_remove },
};

static void
on_rename_activate (PealPersonPage *self)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_entry_get_text (self->rename_entry)));

  if (*name)
    peal_contact_rename (self->contact, name);
  gtk_widget_hide (self->rename_box);
}

static gboolean
on_rename_key_press (PealPersonPage *self, GdkEventKey *event)
{
  if (event->keyval != GDK_KEY_Escape)
    return GDK_EVENT_PROPAGATE;
  gtk_widget_hide (self->rename_box);
  return GDK_EVENT_STOP;
}

static void
on_security_clicked (PealPersonPage *self)
{
  if (peal_contact_get_is_key_changed (self->contact))
    peal_activate (GTK_WIDGET (self), "compare-words", peal_contact_get_address (self->contact));
  else if (peal_contact_get_is_ambiguous (self->contact))
    peal_activate (GTK_WIDGET (self), "dial", peal_contact_get_address (self->contact));
  else
    peal_contact_ask_again (self->contact);
}

static void
on_explain_clicked (PealPersonPage *self)
{
  peal_activate (GTK_WIDGET (self), "explain-key", peal_contact_get_address (self->contact));
}

static void
on_relay_switched (PealPersonPage *self)
{
  if (self->contact)
    peal_contact_set_relayed (self->contact, gtk_switch_get_active (self->relay_switch));
}

/* One line: what is to be known about this person's identity, and what to do about it. */
static void
refresh_security (PealPersonPage *self)
{
  const char *name = peal_contact_get_name (self->contact);
  bool is_waiting = peal_contact_get_presence (self->contact) == PEAL_PRESENCE_NOT_CONFIRMED;
  const char *icon = "channel-secure-symbolic";
  const char *button = NULL;
  g_autofree char *text = NULL;

  if (peal_contact_get_is_key_changed (self->contact)) {
    icon = "dialog-warning-symbolic";
    button = _ ("Compare _words");
    text = words_key_changed (name, peal_contact_get_key_since (self->contact),
                              g_get_real_time () / G_USEC_PER_SEC);
  } else if (peal_contact_get_is_ambiguous (self->contact)) {
    icon = "dialog-question-symbolic";
    button = _ ("Ch_oose");
    text = g_strdup_printf (_ ("Several people are called %s. Say which of them is %s."),
                            peal_contact_get_display_address (self->contact), name);
  } else if (peal_contact_get_trust (self->contact) == PEAL_TRUST_DIFFERED) {
    icon = "dialog-warning-symbolic";
    text = g_strdup_printf (_ ("The words differed when you compared them: somebody may be "
                               "listening between you and %s."),
                            name);
  } else if (is_waiting) {
    icon = "dialog-question-symbolic";
    button = _ ("_Ask again");
    text = g_strdup_printf (_ ("%s has not accepted you yet. You can call once they do."), name);
  } else if (peal_contact_get_trust (self->contact) == PEAL_TRUST_VERIFIED) {
    text = g_strdup_printf (_ ("Calls are encrypted and verified: you have compared words "
                               "with %s."),
                            name);
  } else {
    text = g_strdup_printf (_ ("Calls are encrypted. You will be told if %s's key changes."), name);
  }
  gtk_image_set_from_icon_name (self->security_icon, icon, GTK_ICON_SIZE_MENU);
  gtk_label_set_label (self->security_label, text);
  gtk_widget_set_visible (GTK_WIDGET (self->security_button), button != NULL);
  gtk_widget_set_visible (self->explain_button, peal_contact_get_is_key_changed (self->contact));
  if (button)
    gtk_button_set_label (self->security_button, button);
}

static void
refresh_words (PealPersonPage *self)
{
  g_autofree char *word = NULL;
  g_autofree char *detail = NULL;
  g_autofree char *none =
    g_strdup_printf (_ ("No calls with %s yet."), peal_contact_get_name (self->contact));

  g_object_get (self->contact, "presence-text", &word, "detail", &detail, NULL);
  g_autofree char *both = peal_text_pair (word, detail);
  gtk_label_set_label (self->presence_label, both);
  gtk_label_set_label (self->history_placeholder, none);
}

static void
on_contact (PealPersonPage *self)
{
  GAction *favourite = g_action_map_lookup_action (G_ACTION_MAP (self->actions), "favourite");
  bool is_favourite = peal_contact_get_is_favourite (self->contact);

  g_simple_action_set_state (G_SIMPLE_ACTION (favourite), g_variant_new_boolean (is_favourite));
  refresh_words (self);
  refresh_security (self);
}

static GtkWidget *
make_row (gpointer item, gpointer user_data)
{
  return peal_history_row_new (item, false);
}

static void
peal_person_page_dispose (GObject *object)
{
  g_clear_object (&PEAL_PERSON_PAGE (object)->contact);
  g_clear_object (&PEAL_PERSON_PAGE (object)->actions);
  G_OBJECT_CLASS (peal_person_page_parent_class)->dispose (object);
}

static void
peal_person_page_class_init (PealPersonPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = peal_person_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/pealphone/Peal/ui/person-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PealPersonPage, header);
  gtk_widget_class_bind_template_child (widget_class, PealPersonPage, back_button);
  gtk_widget_class_bind_template_child (widget_class, PealPersonPage, avatar);
  gtk_widget_class_bind_template_child (widget_class, PealPersonPage, name_label);
  gtk_widget_class_bind_template_child (widget_class, PealPersonPage, address_label);
  gtk_widget_class_bind_template_child (widget_class, PealPersonPage, presence_icon);
  gtk_widget_class_bind_template_child (widget_class, PealPersonPage, presence_label);
  gtk_widget_class_bind_template_child (widget_class, PealPersonPage, rename_box);
  gtk_widget_class_bind_template_child (widget_class, PealPersonPage, rename_entry);
  gtk_widget_class_bind_template_child (widget_class, PealPersonPage, security_icon);
  gtk_widget_class_bind_template_child (widget_class, PealPersonPage, security_label);
  gtk_widget_class_bind_template_child (widget_class, PealPersonPage, security_button);
  gtk_widget_class_bind_template_child (widget_class, PealPersonPage, explain_button);
  gtk_widget_class_bind_template_child (widget_class, PealPersonPage, relay_list);
  gtk_widget_class_bind_template_child (widget_class, PealPersonPage, relay_switch);
  gtk_widget_class_bind_template_child (widget_class, PealPersonPage, history_list);
  gtk_widget_class_bind_template_child (widget_class, PealPersonPage, history_placeholder);
  gtk_widget_class_bind_template_callback (widget_class, on_rename_activate);
  gtk_widget_class_bind_template_callback (widget_class, on_rename_key_press);
  gtk_widget_class_bind_template_callback (widget_class, on_security_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_explain_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_relay_switched);
}

static void
peal_person_page_init (PealPersonPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  peal_list_focus_controls (self->relay_list);
  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries),
                                   self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "person", G_ACTION_GROUP (self->actions));
  /* There is a way back exactly where `win.back` is enabled: in a folded window. */
  g_object_bind_property (self->back_button, "sensitive", self->back_button, "visible",
                          G_BINDING_SYNC_CREATE);
}

GtkWidget *
peal_person_page_new (PealPhone *phone, PealContact *contact)
{
  PealPersonPage *self = g_object_new (PEAL_TYPE_PERSON_PAGE, NULL);
  g_autoptr (GListModel) history =
    peal_phone_history_with (phone, peal_contact_get_address (contact));

  self->contact = g_object_ref (contact);
  g_object_bind_property (contact, "name", self->avatar, "text", G_BINDING_SYNC_CREATE);
  g_object_bind_property (contact, "name", self->name_label, "label", G_BINDING_SYNC_CREATE);
  g_object_bind_property (contact, "display-address", self->address_label, "label",
                          G_BINDING_SYNC_CREATE);
  g_object_bind_property (contact, "is-relayed", self->relay_switch, "active",
                          G_BINDING_SYNC_CREATE);
  peal_presence_bind (contact, self->presence_icon);
  gtk_list_box_bind_model (self->history_list, history, make_row, NULL, NULL);
  peal_list_state_bind (history, GTK_WIDGET (self->history_list),
                        GTK_WIDGET (self->history_placeholder));
  g_signal_connect_object (contact, "notify", G_CALLBACK (on_contact), self, G_CONNECT_SWAPPED);
  on_contact (self);
  return GTK_WIDGET (self);
}

PealContact *
peal_person_page_get_contact (PealPersonPage *self)
{
  return self->contact;
}

HdyHeaderBar *
peal_person_page_get_header (PealPersonPage *self)
{
  return self->header;
}
