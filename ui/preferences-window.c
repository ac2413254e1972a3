/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/preferences-window.h"
#include "ui/autostart.h"
#include "ui/device-combo.h"
#include "ui/forward-row.h"
#include "ui/list-focus.h"
#include "ui/sound-check.h"
#include <glib/gi18n.h>

struct _PealPreferencesWindow {
  HdyPreferencesWindow parent;
  PealPhone *phone;
  GtkWidget *general_page;
  GtkContainer *you_group;
  GtkContainer *calls_group;
  GtkContainer *keys_group;
  HdyActionRow *autostart_row;
  GtkSwitch *autostart_switch;
  GtkComboBox *theme_combo;
  GtkWidget *sound_page;
  HdyActionRow *microphone_row;
  HdyActionRow *speaker_row;
  HdyActionRow *ring_row;
  GtkContainer *check_group;
  GtkWidget *network_page;
  GtkSwitch *open_switch;
  GtkSwitch *hide_switch;
  GtkSwitch *port_switch;
  GtkContainer *networks_group;
};

G_DEFINE_FINAL_TYPE (PealPreferencesWindow, peal_preferences_window, HDY_TYPE_PREFERENCES_WINDOW)

static void
on_open_switched (PealPreferencesWindow *self)
{
  if (self->phone)
    peal_phone_set_open (self->phone, gtk_switch_get_active (self->open_switch));
}

static void
on_hide_switched (PealPreferencesWindow *self)
{
  if (self->phone)
    peal_phone_set_hidden (self->phone, gtk_switch_get_active (self->hide_switch));
}

static void
on_port_switched (PealPreferencesWindow *self)
{
  if (self->phone)
    peal_phone_set_maps_port (self->phone, gtk_switch_get_active (self->port_switch));
}

static void
on_copy_clicked (GtkWidget *button, PealAccount *account)
{
  GtkClipboard *clipboard = gtk_widget_get_clipboard (button, GDK_SELECTION_CLIPBOARD);
  gtk_clipboard_set_text (clipboard, peal_account_get_display_address (account), -1);
}

static GtkWidget *
make_copy_button (PealAccount *account)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("edit-copy-symbolic", GTK_ICON_SIZE_BUTTON);
  /* Translators: an address follows, e.g. alice@home. */
  g_autofree char *name =
    g_strdup_printf (_ ("Copy %s"), peal_account_get_display_address (account));

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, name);
  atk_object_set_name (gtk_widget_get_accessible (button), name);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_copy_clicked), account, 0);
  return button;
}

static void
on_remedy_clicked (GtkWidget *button, PealAccount *account)
{
  GtkClipboard *clipboard = gtk_widget_get_clipboard (button, GDK_SELECTION_CLIPBOARD);
  g_autofree char *remedy = NULL;

  g_object_get (account, "remedy", &remedy, NULL);
  gtk_clipboard_set_text (clipboard, remedy, -1);
}

static gboolean
is_said (GBinding *binding, const GValue *text, GValue *ret_visible, gpointer user_data)
{
  g_value_set_boolean (ret_visible, *g_value_get_string (text) != '\0');
  return TRUE;
}

/* Of the command that would let others in, while there is one. */
static GtkWidget *
make_remedy_button (PealAccount *account)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("edit-copy-symbolic", GTK_ICON_SIZE_BUTTON);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, _ ("Copy the command"));
  atk_object_set_name (gtk_widget_get_accessible (button), _ ("Copy the command"));
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_remedy_clicked), account, 0);
  return button;
}

static GtkWidget *
make_row (PealAccount *account, const char *title, const char *subtitle)
{
  GtkWidget *row = hdy_action_row_new ();

  gtk_widget_set_can_focus (row, FALSE);
  hdy_action_row_set_title_lines (HDY_ACTION_ROW (row), 0);
  hdy_action_row_set_subtitle_lines (HDY_ACTION_ROW (row), 0);
  g_object_bind_property (account, title, row, "title", G_BINDING_SYNC_CREATE);
  g_object_bind_property (account, subtitle, row, "subtitle", G_BINDING_SYNC_CREATE);
  return row;
}

static void
add_accounts (PealPreferencesWindow *self)
{
  GListModel *accounts = peal_phone_get_accounts (self->phone);

  for (guint i = 0; i < g_list_model_get_n_items (accounts); i++) {
    g_autoptr (PealAccount) account = g_list_model_get_item (accounts, i);
    GtkWidget *you = make_row (account, "display-name", "display-address");
    GtkWidget *network = make_row (account, "label", "details");
    GtkWidget *remedy = make_remedy_button (account);
    gtk_container_add (GTK_CONTAINER (you), make_copy_button (account));
    gtk_container_add (GTK_CONTAINER (network), remedy);
    GtkWidget *key = make_row (account, "display-address", "key-words");
    gtk_widget_show_all (you);
    gtk_widget_show_all (key);
    gtk_widget_show_all (network);
    g_object_bind_property_full (account, "remedy", remedy, "visible", G_BINDING_SYNC_CREATE,
                                 is_said, NULL, NULL, NULL);
    gtk_container_add (self->you_group, you);
    gtk_container_add (self->calls_group, peal_forward_row_new (self->phone, account));
    gtk_container_add (self->keys_group, key);
    gtk_container_add (self->networks_group, network);
  }
}

static void
on_devices_changed (PealPreferencesWindow *self)
{
  GListModel *inputs = peal_phone_get_devices (self->phone, CALL_MEDIA_INPUT);
  GListModel *outputs = peal_phone_get_devices (self->phone, CALL_MEDIA_OUTPUT);
  bool has_input = g_list_model_get_n_items (inputs) > 0;
  bool has_output = g_list_model_get_n_items (outputs) > 0;

  hdy_action_row_set_subtitle (
    self->microphone_row,
    has_input ? "" : _ ("No microphone found. People will not hear you; you can still listen."));
  hdy_action_row_set_subtitle (self->speaker_row,
                               has_output ? "" : _ ("No speaker found. You will hear nobody."));
}

static void
add_device_combo (PealPreferencesWindow *self,
                  HdyActionRow *row,
                  CallMediaDirection direction,
                  GSettings *settings,
                  const char *key)
{
  GListModel *devices = peal_phone_get_devices (self->phone, direction);
  const char *title = hdy_preferences_row_get_title (HDY_PREFERENCES_ROW (row));
  g_auto (GStrv) parts = g_strsplit (title, "_", 2);
  g_autofree char *name = g_strjoinv (NULL, parts);
  GtkWidget *combo = peal_device_combo_new (devices, settings, key, name);

  gtk_widget_set_valign (combo, GTK_ALIGN_CENTER);
  gtk_container_add (GTK_CONTAINER (row), combo);
  hdy_action_row_set_activatable_widget (row, combo);
  g_signal_connect_object (devices, "items-changed", G_CALLBACK (on_devices_changed), self,
                           G_CONNECT_SWAPPED);
}

static gboolean
on_autostart_switched (GtkSwitch *widget, gboolean is_on, PealPreferencesWindow *self)
{
  g_autoptr (GError) error = NULL;

  if (!peal_autostart_set (is_on, &error)) {
    g_message ("%s", error->message);
    hdy_action_row_set_subtitle (self->autostart_row, _ ("This could not be saved."));
  }
  gtk_switch_set_state (widget, peal_autostart_get ());
  return TRUE;
}

static void
peal_preferences_window_dispose (GObject *object)
{
  g_clear_object (&PEAL_PREFERENCES_WINDOW (object)->phone);
  G_OBJECT_CLASS (peal_preferences_window_parent_class)->dispose (object);
}

static void
peal_preferences_window_class_init (PealPreferencesWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = peal_preferences_window_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/pealphone/Peal/ui/preferences-window.ui");
  gtk_widget_class_bind_template_child (widget_class, PealPreferencesWindow, general_page);
  gtk_widget_class_bind_template_child (widget_class, PealPreferencesWindow, you_group);
  gtk_widget_class_bind_template_child (widget_class, PealPreferencesWindow, calls_group);
  gtk_widget_class_bind_template_child (widget_class, PealPreferencesWindow, keys_group);
  gtk_widget_class_bind_template_child (widget_class, PealPreferencesWindow, autostart_row);
  gtk_widget_class_bind_template_child (widget_class, PealPreferencesWindow, autostart_switch);
  gtk_widget_class_bind_template_child (widget_class, PealPreferencesWindow, theme_combo);
  gtk_widget_class_bind_template_child (widget_class, PealPreferencesWindow, sound_page);
  gtk_widget_class_bind_template_child (widget_class, PealPreferencesWindow, microphone_row);
  gtk_widget_class_bind_template_child (widget_class, PealPreferencesWindow, speaker_row);
  gtk_widget_class_bind_template_child (widget_class, PealPreferencesWindow, ring_row);
  gtk_widget_class_bind_template_child (widget_class, PealPreferencesWindow, check_group);
  gtk_widget_class_bind_template_child (widget_class, PealPreferencesWindow, network_page);
  gtk_widget_class_bind_template_child (widget_class, PealPreferencesWindow, open_switch);
  gtk_widget_class_bind_template_child (widget_class, PealPreferencesWindow, hide_switch);
  gtk_widget_class_bind_template_child (widget_class, PealPreferencesWindow, port_switch);
  gtk_widget_class_bind_template_child (widget_class, PealPreferencesWindow, networks_group);
  gtk_widget_class_bind_template_callback (widget_class, on_open_switched);
  gtk_widget_class_bind_template_callback (widget_class, on_hide_switched);
  gtk_widget_class_bind_template_callback (widget_class, on_port_switched);
}

static void
peal_preferences_window_init (PealPreferencesWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
add_sound (PealPreferencesWindow *self, GSettings *settings)
{
  add_device_combo (self, self->microphone_row, CALL_MEDIA_INPUT, settings, "microphone");
  add_device_combo (self, self->speaker_row, CALL_MEDIA_OUTPUT, settings, "speaker");
  add_device_combo (self, self->ring_row, CALL_MEDIA_OUTPUT, settings, "ring-device");
  gtk_container_add (self->check_group, peal_sound_check_new (self->phone));
  on_devices_changed (self);
}

GtkWindow *
peal_preferences_window_new (GtkWindow *parent,
                             PealPhone *phone,
                             GSettings *settings,
                             PealPreferencesPage page)
{
  PealPreferencesWindow *self =
    g_object_new (PEAL_TYPE_PREFERENCES_WINDOW, "transient-for", parent, "application",
                  gtk_window_get_application (parent), NULL);
  GtkWidget *const pages[] = { self->general_page, self->sound_page, self->network_page };

  gtk_switch_set_active (self->open_switch, peal_phone_get_open (phone));
  gtk_switch_set_active (self->hide_switch, peal_phone_get_hidden (phone));
  gtk_switch_set_active (self->port_switch, peal_phone_get_maps_port (phone));
  self->phone = g_object_ref (phone);
  g_settings_bind (settings, "theme", self->theme_combo, "active-id", G_SETTINGS_BIND_DEFAULT);
  gtk_switch_set_state (self->autostart_switch, peal_autostart_get ());
  gtk_switch_set_active (self->autostart_switch, peal_autostart_get ());
  g_signal_connect_object (self->autostart_switch, "state-set", G_CALLBACK (on_autostart_switched),
                           self, 0);
  add_accounts (self);
  add_sound (self, settings);
  peal_list_focus_controls (GTK_WIDGET (self));
  gtk_stack_set_visible_child (GTK_STACK (gtk_widget_get_parent (pages[page])), pages[page]);
  return GTK_WINDOW (self);
}
