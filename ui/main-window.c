/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stack: welcome | phone
 * phone: call bar / leaflet [people | detail] / notice
 * detail: empty | person | history, each with its own header bar
 *
 * Folded, the leaflet shows one of its sides, and `win.back` leads from the detail to the people.
 */
#include "ui/main-window.h"
#include "ui/call-bar.h"
#include "ui/follow-focus.h"
#include "ui/history-page.h"
#include "ui/notice.h"
#include "ui/people-page.h"
#include "ui/person-page.h"
#include "ui/welcome-page.h"
#include <glib/gi18n.h>

struct _PealMainWindow {
  HdyApplicationWindow parent;
  PealPhone *phone;
  GSettings *settings;
  PealWelcomePage *welcome;
  PealPeoplePage *people;
  PealCallBar *call_bar;
  PealNotice *notice;
  GtkStack *stack;
  GtkContainer *welcome_place;
  GtkBox *phone_place;
  HdyLeaflet *leaflet;
  GtkContainer *people_place;
  GtkStack *detail;
  HdyHeaderGroup *header_group;
  HdyHeaderBar *empty_header;
};

G_DEFINE_FINAL_TYPE (PealMainWindow, peal_main_window, HDY_TYPE_APPLICATION_WINDOW)

enum { SIGNAL_NEARBY_CHOSEN, SIGNAL_COUNT };

static guint signals[SIGNAL_COUNT];

/* ---- Pages ---- */

/* Pages of the detail are made when they are shown, so that nothing has to be reset in them. */
static void
show_detail (PealMainWindow *self, GtkWidget *page, HdyHeaderBar *header, const char *name)
{
  GtkWidget *before = gtk_stack_get_child_by_name (self->detail, name);

  if (before)
    gtk_widget_destroy (before);
  hdy_header_group_add_header_bar (self->header_group, header);
  gtk_stack_add_named (self->detail, page, name);
  peal_follow_focus (page);
  gtk_stack_set_visible_child (self->detail, page);
}

static void
show_empty (PealMainWindow *self)
{
  gtk_stack_set_visible_child_name (self->detail, "empty");
  hdy_leaflet_set_visible_child_name (self->leaflet, "people");
}

static PealPersonPage *
get_person_page (PealMainWindow *self)
{
  GtkWidget *page = gtk_stack_get_child_by_name (self->detail, "person");
  return page ? PEAL_PERSON_PAGE (page) : NULL;
}

static void
on_person_chosen (PealMainWindow *self, PealContact *contact, gboolean is_opened)
{
  PealPersonPage *page = get_person_page (self);
  bool is_shown = page && gtk_stack_get_visible_child (self->detail) == GTK_WIDGET (page);

  if (!is_shown || peal_person_page_get_contact (page) != contact) {
    page = PEAL_PERSON_PAGE (peal_person_page_new (self->phone, contact));
    show_detail (self, GTK_WIDGET (page), peal_person_page_get_header (page), "person");
  }
  if (is_opened)
    hdy_leaflet_set_visible_child_name (self->leaflet, "detail");
  peal_phone_mark_seen (self->phone, peal_contact_get_address (contact));
}

static void
on_nearby_chosen (PealMainWindow *self, PealNearby *nearby)
{
  g_signal_emit (self, signals[SIGNAL_NEARBY_CHOSEN], 0, nearby);
}

/* A person who has been removed takes their page along. */
static void
on_contacts_changed (PealMainWindow *self)
{
  PealPersonPage *page = get_person_page (self);
  if (!page)
    return;
  PealContact *contact = peal_person_page_get_contact (page);
  if (peal_phone_find_contact (self->phone, peal_contact_get_address (contact)) == contact)
    return;
  if (gtk_stack_get_visible_child (self->detail) == GTK_WIDGET (page))
    show_empty (self);
  gtk_widget_destroy (GTK_WIDGET (page));
}

static void
on_accounts_changed (PealMainWindow *self)
{
  bool has_account = g_list_model_get_n_items (peal_phone_get_accounts (self->phone)) > 0;
  gtk_stack_set_visible_child_name (self->stack, has_account ? "phone" : "welcome");
}

static void
on_call_changed (PealMainWindow *self)
{
  gtk_widget_insert_action_group (GTK_WIDGET (self), "call",
                                  peal_call_bar_get_actions (self->call_bar));
}

/* ---- Actions ---- */

static void
on_back (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PealMainWindow *self = user_data;
  hdy_leaflet_set_visible_child_name (self->leaflet, "people");
}

static void
on_type (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  peal_main_window_type (user_data, NULL);
}

static void
on_menu (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  peal_people_page_open_menu (PEAL_MAIN_WINDOW (user_data)->people);
}

static const GActionEntry entries[] = {
  { "back", on_back },
  { "type", on_type },
  { "menu", on_menu },
};

static gboolean
refresh_folded (gpointer user_data)
{
  PealMainWindow *self = user_data;
  bool is_folded = hdy_leaflet_get_folded (self->leaflet);
  GAction *back = g_action_map_lookup_action (G_ACTION_MAP (self), "back");

  if (!self->people)
    return G_SOURCE_REMOVE;
  g_simple_action_set_enabled (G_SIMPLE_ACTION (back), is_folded);
  peal_people_page_set_alone (self->people, is_folded);
  hdy_header_group_set_decorate_all (self->header_group, is_folded);
  return G_SOURCE_REMOVE;
}

/* The leaflet folds while sizes are allocated: what changed its size now would get none. */
static void
on_folded (PealMainWindow *self)
{
  g_idle_add_full (G_PRIORITY_HIGH_IDLE, refresh_folded, g_object_ref (self), g_object_unref);
}

/* ---- The window ---- */

static gboolean
on_key_press (GtkWidget *window, GdkEventKey *event, gpointer user_data)
{
  PealMainWindow *self = PEAL_MAIN_WINDOW (window);
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (window));
  bool is_command = event->state & (GDK_CONTROL_MASK | GDK_MOD1_MASK);

  if (is_command || GTK_IS_ENTRY (focus) || event->keyval == GDK_KEY_space ||
      !gtk_widget_get_mapped (GTK_WIDGET (self->people)))
    return GDK_EVENT_PROPAGATE;
  return peal_people_page_handle_key (self->people, event);
}

static gboolean
on_delete (GtkWidget *window, GdkEvent *event, gpointer user_data)
{
  PealMainWindow *self = PEAL_MAIN_WINDOW (window);
  bool is_maximized = gtk_window_is_maximized (GTK_WINDOW (window));
  int width = 0;
  int height = 0;

  gtk_window_get_size (GTK_WINDOW (window), &width, &height);
  g_settings_set_boolean (self->settings, "maximized", is_maximized);
  if (!is_maximized)
    g_settings_set (self->settings, "size", "(ii)", width, height);
  gtk_widget_hide (window);
  return GDK_EVENT_STOP;
}

static void
peal_main_window_dispose (GObject *object)
{
  PealMainWindow *self = PEAL_MAIN_WINDOW (object);

  self->people = NULL;
  g_clear_object (&self->phone);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (peal_main_window_parent_class)->dispose (object);
}

static void
peal_main_window_class_init (PealMainWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = peal_main_window_dispose;
  signals[SIGNAL_NEARBY_CHOSEN] =
    g_signal_new ("nearby-chosen", PEAL_TYPE_MAIN_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, PEAL_TYPE_NEARBY);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/pealphone/Peal/ui/main-window.ui");
  gtk_widget_class_bind_template_child (widget_class, PealMainWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, PealMainWindow, welcome_place);
  gtk_widget_class_bind_template_child (widget_class, PealMainWindow, phone_place);
  gtk_widget_class_bind_template_child (widget_class, PealMainWindow, leaflet);
  gtk_widget_class_bind_template_child (widget_class, PealMainWindow, people_place);
  gtk_widget_class_bind_template_child (widget_class, PealMainWindow, detail);
  gtk_widget_class_bind_template_child (widget_class, PealMainWindow, header_group);
  gtk_widget_class_bind_template_child (widget_class, PealMainWindow, empty_header);
  gtk_widget_class_bind_template_callback (widget_class, on_key_press);
  gtk_widget_class_bind_template_callback (widget_class, on_delete);
  gtk_widget_class_bind_template_callback (widget_class, on_folded);
}

static void
peal_main_window_init (PealMainWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
add_pages (PealMainWindow *self)
{
  GtkWidget *welcome = peal_welcome_page_new (self->phone);
  GtkWidget *people = peal_people_page_new (self->phone, self->settings);
  GtkWidget *call_bar = peal_call_bar_new (self->phone);
  GtkWidget *notice = peal_notice_new ();

  self->welcome = PEAL_WELCOME_PAGE (welcome);
  self->people = PEAL_PEOPLE_PAGE (people);
  self->call_bar = PEAL_CALL_BAR (call_bar);
  self->notice = PEAL_NOTICE (notice);
  gtk_widget_set_hexpand (welcome, TRUE);
  gtk_widget_set_hexpand (people, TRUE);
  gtk_container_add (self->welcome_place, welcome);
  gtk_container_add (self->people_place, people);
  gtk_box_pack_start (self->phone_place, call_bar, FALSE, FALSE, 0);
  gtk_box_reorder_child (self->phone_place, call_bar, 0);
  gtk_box_pack_end (self->phone_place, notice, FALSE, FALSE, 0);
  /* The group takes them from left to right. */
  hdy_header_group_add_header_bar (self->header_group, peal_people_page_get_header (self->people));
  hdy_header_group_add_header_bar (self->header_group, self->empty_header);
}

static void
connect_models (PealMainWindow *self)
{
  g_signal_connect_object (self->people, "person-chosen", G_CALLBACK (on_person_chosen), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->people, "nearby-chosen", G_CALLBACK (on_nearby_chosen), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->call_bar, "changed", G_CALLBACK (on_call_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (peal_phone_get_contacts (self->phone), "items-changed",
                           G_CALLBACK (on_contacts_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (peal_phone_get_accounts (self->phone), "items-changed",
                           G_CALLBACK (on_accounts_changed), self, G_CONNECT_SWAPPED);
}

GtkWindow *
peal_main_window_new (GtkApplication *app, PealPhone *phone, GSettings *settings)
{
  PealMainWindow *self = g_object_new (PEAL_TYPE_MAIN_WINDOW, "application", app, NULL);
  int width = 0;
  int height = 0;

  self->phone = g_object_ref (phone);
  self->settings = g_object_ref (settings);
  g_settings_get (settings, "size", "(ii)", &width, &height);
  gtk_window_set_default_size (GTK_WINDOW (self), width, height);
  if (g_settings_get_boolean (settings, "maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
  add_pages (self);
  peal_follow_focus (GTK_WIDGET (self));
  connect_models (self);
  refresh_folded (self);
  on_call_changed (self);
  on_accounts_changed (self);
  return GTK_WINDOW (self);
}

void
peal_main_window_show_person (PealMainWindow *self, PealContact *contact)
{
  on_person_chosen (self, contact, TRUE);
  peal_people_page_select (self->people, contact);
}

void
peal_main_window_show_history (PealMainWindow *self)
{
  GtkWidget *page = peal_history_page_new (self->phone);

  peal_people_page_unselect (self->people);
  show_detail (self, page, peal_history_page_get_header (PEAL_HISTORY_PAGE (page)), "history");
  hdy_leaflet_set_visible_child_name (self->leaflet, "detail");
  peal_phone_mark_seen (self->phone, NULL);
}

void
peal_main_window_type (PealMainWindow *self, const char *address)
{
  hdy_leaflet_set_visible_child_name (self->leaflet, "people");
  peal_people_page_type (self->people, address);
}

void
peal_main_window_set_invitation (PealMainWindow *self, const char *invitation)
{
  peal_welcome_page_set_invitation (self->welcome, invitation);
}

void
peal_main_window_notify (PealMainWindow *self,
                         const char *text,
                         const char *button,
                         const char *detailed_action)
{
  peal_notice_show (self->notice, text, button, detailed_action);
}
