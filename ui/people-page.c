/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One box both searches and dials. What is typed filters the list; Enter calls the person it
 * names, or the only one it matches, and otherwise dials it as it stands.
 *
 * A list box bound to a model cannot filter, so rows are shown and hidden here. */
#include "ui/people-page.h"
#include "ui/activate.h"
#include "ui/list-focus.h"
#include "ui/list-state.h"
#include "ui/nearby-row.h"
#include "ui/person-row.h"
#include "ui/request-row.h"
#include "ui/start-card.h"
#include <glib/gi18n.h>

struct _PealPeoplePage {
  GtkBox parent;
  PealPhone *phone;
  HdyHeaderBar *header;
  GtkMenuButton *menu_button;
  GtkEntry *dial_entry;
  GtkWidget *call_button;
  GtkWidget *requests_section;
  GtkListBox *requests_list;
  GtkListBox *people_list;
  GtkWidget *empty_state;
  GtkWidget *no_match;
  GtkLabel *no_match_label;
  GtkButton *no_match_button;
  GtkWidget *nearby_section;
  GtkListBox *nearby_list;
  GtkBox *cards;
  GtkImage *status_icon;
  GtkLabel *status_label;
};

G_DEFINE_FINAL_TYPE (PealPeoplePage, peal_people_page, GTK_TYPE_BOX)

enum { SIGNAL_PERSON_CHOSEN, SIGNAL_NEARBY_CHOSEN, SIGNAL_COUNT };

static guint signals[SIGNAL_COUNT];

static const PealStartCardText cards[] = {
  { "sound", "audio-input-microphone-symbolic", N_ ("Check your sound"),
    N_ ("See whether others will hear you."), "app.sound-settings" },
  { "invite", "contact-new-symbolic", N_ ("Invite someone"), N_ ("By a link, a file or a QR code."),
    "app.invite" },
  { "backup", "document-save-symbolic", N_ ("Back up your identity"),
    N_ ("Nobody can make it again for you."), "app.export" },
};

static char *
dup_typed (PealPeoplePage *self)
{
  return g_strstrip (g_strdup (gtk_entry_get_text (self->dial_entry)));
}

/* ---- Search ---- */

static guint
filter_rows (PealPeoplePage *self, const char *typed)
{
  guint shown = 0;

  for (int i = 0;; i++) {
    GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->people_list, i);
    if (!row)
      return shown;
    bool is_shown = peal_person_row_matches (PEAL_PERSON_ROW (row), typed);
    gtk_widget_set_visible (GTK_WIDGET (row), is_shown);
    shown += is_shown;
  }
}

/* A name alone is one of the first network. */
static char *
dup_address (PealPeoplePage *self, const char *typed)
{
  g_autoptr (PealAccount) account =
    g_list_model_get_item (peal_phone_get_accounts (self->phone), 0);

  if (!account || peal_phone_check_name (typed) != NULL)
    return g_strdup (typed);
  return g_strdup_printf ("%s@%s", typed, peal_account_get_label (account));
}

static void
refresh_list (PealPeoplePage *self)
{
  g_autofree char *typed = dup_typed (self);
  g_autofree char *address = dup_address (self, typed);
  guint count = g_list_model_get_n_items (peal_phone_get_contacts (self->phone));
  guint shown = filter_rows (self, typed);
  /* Translators: what was typed and matches nobody. */
  g_autofree char *none = g_strdup_printf (_ ("No one matches “%s”."), typed);
  /* Translators: button; the address that will be dialled. */
  g_autofree char *call = g_strdup_printf (C_ ("verb", "Call %s"), address);

  gtk_widget_set_sensitive (self->call_button, *typed);
  gtk_widget_set_visible (self->empty_state, count == 0 && !*typed);
  gtk_widget_set_visible (self->no_match, shown == 0 && *typed);
  gtk_label_set_label (self->no_match_label, none);
  gtk_button_set_label (self->no_match_button, call);
}

static void
on_search_changed (PealPeoplePage *self)
{
  refresh_list (self);
}

static void
on_stop_search (PealPeoplePage *self)
{
  gtk_entry_set_text (self->dial_entry, "");
  gtk_widget_child_focus (GTK_WIDGET (self->people_list), GTK_DIR_TAB_FORWARD);
}

/* Whom the box names: an exact name or address first, then the only row that matches. */
static PealContact *
find_typed (PealPeoplePage *self, const char *typed)
{
  PealContact *only = NULL;
  guint matches = 0;

  for (int i = 0;; i++) {
    PealPersonRow *row = (PealPersonRow *) gtk_list_box_get_row_at_index (self->people_list, i);
    if (!row)
      return matches == 1 && !strchr (typed, '@') ? only : NULL;
    if (peal_person_row_is (row, typed))
      return peal_person_row_get_contact (row);
    if (peal_person_row_matches (row, typed)) {
      only = peal_person_row_get_contact (row);
      matches++;
    }
  }
}

static void
on_call_clicked (PealPeoplePage *self)
{
  g_autofree char *typed = dup_typed (self);
  PealContact *contact = *typed ? find_typed (self, typed) : NULL;

  if (!*typed)
    return;
  peal_activate (GTK_WIDGET (self), "dial", contact ? peal_contact_get_address (contact) : typed);
  gtk_entry_set_text (self->dial_entry, "");
}

/* ---- List ---- */

static void
choose (PealPeoplePage *self, GtkListBoxRow *row, gboolean is_opened)
{
  if (row)
    g_signal_emit (self, signals[SIGNAL_PERSON_CHOSEN], 0,
                   peal_person_row_get_contact (PEAL_PERSON_ROW (row)), is_opened);
}

static void
on_row_selected (PealPeoplePage *self, GtkListBoxRow *row)
{
  choose (self, row, FALSE);
}

static void
on_row_activated (PealPeoplePage *self, GtkListBoxRow *row)
{
  choose (self, row, TRUE);
}

static gboolean
on_people_key_press (PealPeoplePage *self, GdkEventKey *event)
{
  GtkWidget *focus = gtk_container_get_focus_child (GTK_CONTAINER (self->people_list));
  const char *action = NULL;

  if (event->keyval == GDK_KEY_Return || event->keyval == GDK_KEY_KP_Enter)
    action = "dial";
  else if (event->keyval == GDK_KEY_Delete || event->keyval == GDK_KEY_KP_Delete)
    action = "remove-person";
  if (!action || !PEAL_IS_PERSON_ROW (focus) || (event->state & GDK_CONTROL_MASK))
    return GDK_EVENT_PROPAGATE;

  PealContact *contact = peal_person_row_get_contact (PEAL_PERSON_ROW (focus));
  g_autofree char *address = g_strdup (peal_contact_get_address (contact));
  peal_activate (GTK_WIDGET (self), action, address);
  return GDK_EVENT_STOP;
}

static void
on_join (PealNearbyRow *row, PealPeoplePage *self)
{
  g_signal_emit (self, signals[SIGNAL_NEARBY_CHOSEN], 0, peal_nearby_row_get_nearby (row));
}

static GtkWidget *
make_person_row (gpointer item, gpointer user_data)
{
  return peal_person_row_new (item);
}

static GtkWidget *
make_request_row (gpointer item, gpointer user_data)
{
  return peal_request_row_new (item);
}

static GtkWidget *
make_nearby_row (gpointer item, gpointer user_data)
{
  GtkWidget *row = peal_nearby_row_new (item);
  g_signal_connect_object (row, "join", G_CALLBACK (on_join), user_data, 0);
  return row;
}

/* ---- Network strip ---- */

static void
on_ready (PealPeoplePage *self)
{
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self->status_icon));
  gboolean is_ready = FALSE;

  g_object_get (self->phone, "is-ready", &is_ready, NULL);
  gtk_image_set_from_icon_name (self->status_icon,
                                is_ready ? "peal-presence-available-symbolic"
                                         : "peal-presence-offline-symbolic",
                                GTK_ICON_SIZE_MENU);
  if (is_ready)
    gtk_style_context_add_class (style, "peal-available");
  else
    gtk_style_context_remove_class (style, "peal-available");
}

/* What the strip has no room for: how others reach this computer. */
static gboolean
on_query_details (PealPeoplePage *self, int x, int y, gboolean is_by_key, GtkTooltip *tooltip)
{
  GListModel *accounts = peal_phone_get_accounts (self->phone);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (accounts); i++) {
    g_autoptr (PealAccount) account = g_list_model_get_item (accounts, i);
    g_autofree char *details = NULL;
    g_object_get (account, "details", &details, NULL);
    g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", details);
  }
  gtk_tooltip_set_text (tooltip, text->str);
  return text->len > 0;
}

/* ---- The widget ---- */

static void
peal_people_page_dispose (GObject *object)
{
  g_clear_object (&PEAL_PEOPLE_PAGE (object)->phone);
  G_OBJECT_CLASS (peal_people_page_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, PealPeoplePage, header);
  gtk_widget_class_bind_template_child (widget_class, PealPeoplePage, menu_button);
  gtk_widget_class_bind_template_child (widget_class, PealPeoplePage, dial_entry);
  gtk_widget_class_bind_template_child (widget_class, PealPeoplePage, call_button);
  gtk_widget_class_bind_template_child (widget_class, PealPeoplePage, requests_section);
  gtk_widget_class_bind_template_child (widget_class, PealPeoplePage, requests_list);
  gtk_widget_class_bind_template_child (widget_class, PealPeoplePage, people_list);
  gtk_widget_class_bind_template_child (widget_class, PealPeoplePage, empty_state);
  gtk_widget_class_bind_template_child (widget_class, PealPeoplePage, no_match);
  gtk_widget_class_bind_template_child (widget_class, PealPeoplePage, no_match_label);
  gtk_widget_class_bind_template_child (widget_class, PealPeoplePage, no_match_button);
  gtk_widget_class_bind_template_child (widget_class, PealPeoplePage, nearby_section);
  gtk_widget_class_bind_template_child (widget_class, PealPeoplePage, nearby_list);
  gtk_widget_class_bind_template_child (widget_class, PealPeoplePage, cards);
  gtk_widget_class_bind_template_child (widget_class, PealPeoplePage, status_icon);
  gtk_widget_class_bind_template_child (widget_class, PealPeoplePage, status_label);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_stop_search);
  gtk_widget_class_bind_template_callback (widget_class, on_call_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_row_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_people_key_press);
  gtk_widget_class_bind_template_callback (widget_class, on_query_details);
}

static guint
add_signal (const char *name, guint count, GType first, GType second)
{
  return g_signal_new (name, PEAL_TYPE_PEOPLE_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, count, first, second);
}

static void
peal_people_page_class_init (PealPeoplePageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = peal_people_page_dispose;
  signals[SIGNAL_PERSON_CHOSEN] =
    add_signal ("person-chosen", 2, PEAL_TYPE_CONTACT, G_TYPE_BOOLEAN);
  signals[SIGNAL_NEARBY_CHOSEN] = add_signal ("nearby-chosen", 1, PEAL_TYPE_NEARBY, G_TYPE_NONE);
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (klass),
                                               "/org/pealphone/Peal/ui/people-page.ui");
  bind_children (GTK_WIDGET_CLASS (klass));
}

static void
peal_people_page_init (PealPeoplePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
bind_lists (PealPeoplePage *self)
{
  GListModel *contacts = peal_phone_get_contacts (self->phone);
  GListModel *requests = peal_phone_get_requests (self->phone);
  GListModel *nearby = peal_phone_get_nearby (self->phone);

  gtk_list_box_bind_model (self->people_list, contacts, make_person_row, NULL, NULL);
  gtk_list_box_bind_model (self->requests_list, requests, make_request_row, NULL, NULL);
  gtk_list_box_bind_model (self->nearby_list, nearby, make_nearby_row, self, NULL);
  peal_list_focus_controls (GTK_WIDGET (self->requests_list));
  peal_list_focus_controls (GTK_WIDGET (self->nearby_list));
  peal_list_state_bind (requests, self->requests_section, NULL);
  peal_list_state_bind (nearby, self->nearby_section, NULL);
  g_signal_connect_object (contacts, "items-changed", G_CALLBACK (refresh_list), self,
                           G_CONNECT_SWAPPED);
  refresh_list (self);
}

GtkWidget *
peal_people_page_new (PealPhone *phone, GSettings *settings)
{
  PealPeoplePage *self = g_object_new (PEAL_TYPE_PEOPLE_PAGE, NULL);

  self->phone = g_object_ref (phone);
  bind_lists (self);
  for (size_t i = 0; i < G_N_ELEMENTS (cards); i++) {
    PealStartCardText text = cards[i];
    text.title = _ (text.title);
    text.text = _ (text.text);
    gtk_container_add (GTK_CONTAINER (self->cards), peal_start_card_new (&text, settings));
  }
  g_object_bind_property (phone, "status", self->status_label, "label", G_BINDING_SYNC_CREATE);
  g_signal_connect_object (phone, "notify::is-ready", G_CALLBACK (on_ready), self,
                           G_CONNECT_SWAPPED);
  on_ready (self);
  return GTK_WIDGET (self);
}

HdyHeaderBar *
peal_people_page_get_header (PealPeoplePage *self)
{
  return self->header;
}

void
peal_people_page_set_alone (PealPeoplePage *self, bool is_alone)
{
  gtk_list_box_set_selection_mode (self->people_list,
                                   is_alone ? GTK_SELECTION_NONE : GTK_SELECTION_SINGLE);
}

void
peal_people_page_select (PealPeoplePage *self, PealContact *contact)
{
  for (int i = 0;; i++) {
    GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->people_list, i);
    if (!row)
      return;
    if (peal_person_row_get_contact (PEAL_PERSON_ROW (row)) == contact)
      gtk_list_box_select_row (self->people_list, row);
  }
}

void
peal_people_page_unselect (PealPeoplePage *self)
{
  gtk_list_box_unselect_all (self->people_list);
}

void
peal_people_page_type (PealPeoplePage *self, const char *text)
{
  if (text)
    gtk_entry_set_text (self->dial_entry, text);
  gtk_widget_grab_focus (GTK_WIDGET (self->dial_entry));
  gtk_editable_set_position (GTK_EDITABLE (self->dial_entry), -1);
}

bool
peal_people_page_handle_key (PealPeoplePage *self, GdkEventKey *event)
{
  return gtk_search_entry_handle_event (GTK_SEARCH_ENTRY (self->dial_entry), (GdkEvent *) event);
}

void
peal_people_page_open_menu (PealPeoplePage *self)
{
  gtk_button_clicked (GTK_BUTTON (self->menu_button));
}
