/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one place that knows every window. Actions are small: they open a window, or tell the phone
 * and show its sentence when it refuses. */
#include "ui/windows.h"
#include "ui/add-person-dialog.h"
#include "ui/call-window.h"
#include "ui/identity-dialog.h"
#include "ui/invite-dialog.h"
#include "ui/join-dialog.h"
#include "ui/key-dialog.h"
#include "ui/main-window.h"
#include "ui/peal-resources.h"
#include "ui/preferences-window.h"
#include "ui/sound-settings.h"
#include <glib/gi18n.h>
#include <handy.h>

struct _PealWindows {
  GObject parent;
  GtkApplication *app; /* outlives us */
  PealPhone *phone;
  GSettings *settings;
  PealMainWindow *main;
  GPtrArray *calls; /* PealCallWindow, not owned: GTK owns windows */
};

G_DEFINE_FINAL_TYPE (PealWindows, peal_windows, G_TYPE_OBJECT)

static const struct {
  const char *action;
  const char *keys[4];
} accelerators[] = {
  { "win.type", { "<Primary>l", "<Primary>k" } },
  { "win.back", { "<Alt>Left" } },
  { "win.menu", { "F10" } },
  { "app.add-person('')", { "<Primary>n" } },
  { "app.history", { "<Primary>h" } },
  { "app.preferences", { "<Primary>comma" } },
  { "app.shortcuts", { "F1", "<Primary>question", "<Primary><Shift>question" } },
  { "app.quit", { "<Primary>q" } },
  { "app.close", { "<Primary>w" } },
  { "call.mute", { "<Primary>m" } },
  { "call.hold", { "<Primary><Shift>h" } },
  { "call.end", { "<Primary>d" } },
  { "call.answer", { "<Primary><Shift>a" } },
  { "call.decline", { "<Primary><Shift>d" } },
};

/* The window in front, which dialogs belong to. */
static GtkWindow *
get_parent (PealWindows *self)
{
  GtkWindow *active = gtk_application_get_active_window (self->app);

  if (active && gtk_widget_get_mapped (GTK_WIDGET (active)))
    return active;
  peal_windows_present (self);
  return GTK_WINDOW (self->main);
}

/* Brings up the window of that kind if there is one: a shortcut pressed twice opens nothing twice.
 */
static bool
raise_open (GType type)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *l = windows; l; l = l->next)
    if (G_TYPE_CHECK_INSTANCE_TYPE (l->data, type) && gtk_widget_get_visible (l->data)) {
      gtk_window_present (l->data);
      return true;
    }
  return false;
}

static bool
has_account (PealWindows *self)
{
  return g_list_model_get_n_items (peal_phone_get_accounts (self->phone)) > 0;
}

/* ---- Calls ---- */

static PealCallWindow *
find_window (PealWindows *self, const char *id)
{
  for (guint i = 0; i < self->calls->len; i++) {
    PealCallWindow *window = g_ptr_array_index (self->calls, i);
    g_autofree char *own =
      g_strdup_printf ("%u", peal_call_get_id (peal_call_window_get_call (window)));
    if (strcmp (own, id) == 0)
      return window;
  }
  return NULL;
}

static void
on_call_window_destroy (PealWindows *self, GtkWidget *window)
{
  g_ptr_array_remove (self->calls, window);
}

static bool
has_window (PealWindows *self, PealCall *call)
{
  for (guint i = 0; i < self->calls->len; i++)
    if (peal_call_window_get_call (g_ptr_array_index (self->calls, i)) == call)
      return true;
  return false;
}

static void
on_calls_changed (PealWindows *self)
{
  GListModel *calls = peal_phone_get_calls (self->phone);

  for (guint i = 0; i < g_list_model_get_n_items (calls); i++) {
    g_autoptr (PealCall) call = g_list_model_get_item (calls, i);
    if (has_window (self, call))
      continue;
    GtkWindow *window = peal_call_window_new (self->app, self->phone, self->settings, call);
    g_ptr_array_add (self->calls, window);
    g_signal_connect_object (window, "destroy", G_CALLBACK (on_call_window_destroy), self,
                             G_CONNECT_SWAPPED);
    gtk_window_present (window);
  }
}

/* Only a call that still rings in this window's list is answered: the notification may be old. */
static void
on_answer (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PealCallWindow *window = find_window (user_data, g_variant_get_string (parameter, NULL));

  if (!window)
    return;
  peal_call_answer (peal_call_window_get_call (window));
  gtk_window_present (GTK_WINDOW (window));
}

static void
on_decline (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PealCallWindow *window = find_window (user_data, g_variant_get_string (parameter, NULL));
  if (window)
    peal_call_decline (peal_call_window_get_call (window));
}

static void
on_show_call (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PealCallWindow *window = find_window (user_data, g_variant_get_string (parameter, NULL));
  if (window)
    gtk_window_present (GTK_WINDOW (window));
}

static void
show_error (PealWindows *self, const GError *error)
{
  bool is_unknown = g_error_matches (error, PEAL_PHONE_ERROR, PEAL_PHONE_ERROR_UNKNOWN_OVERLAY);

  peal_windows_present (self);
  peal_main_window_notify (self->main, error->message,
                           is_unknown ? _ ("_Join with an invitation") : NULL,
                           is_unknown ? "app.join" : NULL);
}

static void
on_dial (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PealWindows *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!peal_phone_dial (self->phone, g_variant_get_string (parameter, NULL), &error))
    show_error (self, error);
}

static void
on_compare_words (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  peal_phone_dial_new_key (PEAL_WINDOWS (user_data)->phone, g_variant_get_string (parameter, NULL));
}

/* ---- People and networks ---- */

static void
on_show_person (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PealWindows *self = user_data;
  const char *address = g_variant_get_string (parameter, NULL);
  PealContact *contact = peal_phone_find_contact (self->phone, address);

  peal_windows_present (self);
  if (contact)
    peal_main_window_show_person (self->main, contact);
  else
    peal_main_window_type (self->main, address);
}

static void
on_add_person (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PealWindows *self = user_data;

  if (has_account (self) && !raise_open (PEAL_TYPE_ADD_PERSON_DIALOG))
    gtk_window_present (peal_add_person_dialog_new (get_parent (self), self->phone,
                                                    g_variant_get_string (parameter, NULL)));
}

static void
on_remove_person (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PealWindows *self = user_data;
  PealContact *contact =
    peal_phone_find_contact (self->phone, g_variant_get_string (parameter, NULL));

  if (!contact)
    return;
  g_autofree char *text = g_strdup_printf (_ ("%s was removed."), peal_contact_get_name (contact));
  peal_phone_remove_contact (self->phone, contact);
  peal_main_window_notify (self->main, text, _ ("_Undo"), "app.undo-remove");
}

static void
on_explain_key (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PealWindows *self = user_data;
  PealContact *contact =
    peal_phone_find_contact (self->phone, g_variant_get_string (parameter, NULL));

  if (contact && !raise_open (PEAL_TYPE_KEY_DIALOG))
    gtk_window_present (peal_key_dialog_new (get_parent (self), self->phone, contact));
}

static void
on_undo_remove (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  peal_phone_undo_remove (PEAL_WINDOWS (user_data)->phone);
}

static void
show_invitation (PealWindows *self, const char *invitation)
{
  if (has_account (self)) {
    gtk_window_present (peal_join_dialog_new (get_parent (self), self->phone, NULL, invitation));
  } else {
    peal_windows_present (self);
    peal_main_window_set_invitation (self->main, invitation);
  }
}

static void
on_join (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  show_invitation (user_data, "");
}

static void
on_open_invitation (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  show_invitation (user_data, g_variant_get_string (parameter, NULL));
}

static void
on_open (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  const char *address = g_variant_get_string (parameter, NULL);
  bool is_invitation = g_ascii_strncasecmp (address, "peal:", strlen ("peal:")) == 0 &&
                       peal_phone_read_invitation (address, NULL, NULL, NULL);

  if (is_invitation)
    show_invitation (user_data, address);
  else
    on_dial (action, parameter, user_data);
}

static void
on_nearby_chosen (PealWindows *self, PealNearby *nearby)
{
  gtk_window_present (peal_join_dialog_new (GTK_WINDOW (self->main), self->phone, nearby, ""));
}

static void
on_invite (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PealWindows *self = user_data;

  if (has_account (self) && !raise_open (PEAL_TYPE_INVITE_DIALOG))
    gtk_window_present (peal_invite_dialog_new (get_parent (self), self->phone));
}

static void
on_export (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PealWindows *self = user_data;
  if (!raise_open (PEAL_TYPE_IDENTITY_DIALOG))
    gtk_window_present (peal_identity_dialog_new (get_parent (self), self->phone, false));
}

static void
on_import (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PealWindows *self = user_data;
  if (!raise_open (PEAL_TYPE_IDENTITY_DIALOG))
    gtk_window_present (peal_identity_dialog_new (get_parent (self), self->phone, true));
}

/* ---- The program ---- */

static void
show_preferences (PealWindows *self, PealPreferencesPage page)
{
  if (!raise_open (PEAL_TYPE_PREFERENCES_WINDOW))
    gtk_window_present (
      peal_preferences_window_new (get_parent (self), self->phone, self->settings, page));
}

static void
on_preferences (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  show_preferences (user_data, PEAL_PREFERENCES_GENERAL);
}

static void
on_sound_settings (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  show_preferences (user_data, PEAL_PREFERENCES_SOUND);
}

static void
on_network (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  show_preferences (user_data, PEAL_PREFERENCES_NETWORK);
}

static void
on_show (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  peal_windows_present (user_data);
}

static void
on_history (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PealWindows *self = user_data;

  peal_windows_present (self);
  if (has_account (self))
    peal_main_window_show_history (self->main);
}

static void
on_shortcuts (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PealWindows *self = user_data;

  if (raise_open (GTK_TYPE_SHORTCUTS_WINDOW))
    return;
  g_autoptr (GtkBuilder) builder =
    gtk_builder_new_from_resource ("/org/pealphone/Peal/ui/shortcuts.ui");
  GtkWindow *window = GTK_WINDOW (gtk_builder_get_object (builder, "shortcuts"));

  gtk_window_set_transient_for (window, get_parent (self));
  gtk_window_present (window);
}

static void
on_about (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  gtk_show_about_dialog (get_parent (user_data), "program-name", _ ("Peal"), "version",
                         PEAL_VERSION, "logo-icon-name", "org.pealphone.Peal", "comments",
                         _ ("Call people without a phone company"), "license-type",
                         GTK_LICENSE_GPL_3_0,
                         /* Translators: your names, one per line. */
                         "translator-credits", _ ("translator-credits"), NULL);
}

static void
on_close (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWindow *window = gtk_application_get_active_window (PEAL_WINDOWS (user_data)->app);
  if (window)
    gtk_window_close (window);
}

static const GActionEntry entries[] = {
  { "show", on_show },
  { "dial", on_dial, "s" },
  { "compare-words", on_compare_words, "s" },
  { "open", on_open, "s" },
  { "open-invitation", on_open_invitation, "s" },
  { "join", on_join },
  { "answer", on_answer, "s" },
  { "decline", on_decline, "s" },
  { "show-call", on_show_call, "s" },
  { "show-person", on_show_person, "s" },
  { "add-person", on_add_person, "s" },
  { "remove-person", on_remove_person, "s" },
  { "undo-remove", on_undo_remove },
  { "explain-key", on_explain_key, "s" },
  { "invite", on_invite },
  { "export", on_export },
  { "import", on_import },
  { "preferences", on_preferences },
  { "sound-settings", on_sound_settings },
  { "network", on_network },
  { "history", on_history },
  { "shortcuts", on_shortcuts },
  { "about", on_about },
  { "close", on_close },
};

/* ---- Settings ---- */

static void
on_theme (GSettings *settings, const char *key, gpointer user_data)
{
  static const HdyColorScheme schemes[] = { HDY_COLOR_SCHEME_PREFER_LIGHT,
                                            HDY_COLOR_SCHEME_FORCE_LIGHT,
                                            HDY_COLOR_SCHEME_FORCE_DARK };
  g_autofree char *theme = g_settings_get_string (settings, key);
  int index = strcmp (theme, "light") == 0 ? 1 : strcmp (theme, "dark") == 0 ? 2 : 0;

  hdy_style_manager_set_color_scheme (hdy_style_manager_get_default (), schemes[index]);
}

/* ---- The object ---- */

static void
peal_windows_dispose (GObject *object)
{
  PealWindows *self = PEAL_WINDOWS (object);

  peal_windows_close (self);
  g_clear_object (&self->settings);
  g_clear_object (&self->phone);
  G_OBJECT_CLASS (peal_windows_parent_class)->dispose (object);
}

static void
peal_windows_finalize (GObject *object)
{
  g_ptr_array_unref (PEAL_WINDOWS (object)->calls);
  G_OBJECT_CLASS (peal_windows_parent_class)->finalize (object);
}

static void
peal_windows_class_init (PealWindowsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = peal_windows_dispose;
  G_OBJECT_CLASS (klass)->finalize = peal_windows_finalize;
}

static void
peal_windows_init (PealWindows *self)
{
  self->calls = g_ptr_array_new ();
}

void
peal_ui_init (void)
{
  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();

  g_resources_register (peal_get_resource ()); /* a static library loses what nobody names */
  hdy_init ();
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_default (), "/org/pealphone/Peal/icons");
  gtk_css_provider_load_from_resource (provider, "/org/pealphone/Peal/style.css");
  gtk_style_context_add_provider_for_screen (gdk_screen_get_default (),
                                             GTK_STYLE_PROVIDER (provider),
                                             GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  gtk_window_set_default_icon_name ("org.pealphone.Peal");
  /* Texts that can be copied are read first. */
  g_object_set (gtk_settings_get_default (), "gtk-label-select-on-focus", FALSE, NULL);
}

PealWindows *
peal_windows_new (GtkApplication *app, PealPhone *phone, GSettings *settings)
{
  PealWindows *self = g_object_new (PEAL_TYPE_WINDOWS, NULL);

  self->app = app;
  self->phone = g_object_ref (phone);
  self->settings = g_object_ref (settings);
  g_action_map_add_action_entries (G_ACTION_MAP (app), entries, G_N_ELEMENTS (entries), self);
  for (size_t i = 0; i < G_N_ELEMENTS (accelerators); i++)
    gtk_application_set_accels_for_action (app, accelerators[i].action, accelerators[i].keys);
  self->main = PEAL_MAIN_WINDOW (peal_main_window_new (app, phone, settings));
  g_object_ref (self->main);
  g_signal_connect_object (self->main, "nearby-chosen", G_CALLBACK (on_nearby_chosen), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (peal_phone_get_calls (phone), "items-changed",
                           G_CALLBACK (on_calls_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, "changed::theme", G_CALLBACK (on_theme), self, 0);
  on_theme (settings, "theme", self);
  peal_sound_settings_follow (settings, phone);
  on_calls_changed (self);
  return self;
}

void
peal_windows_close (PealWindows *self)
{
  if (!self->main)
    return;
  for (size_t i = 0; i < G_N_ELEMENTS (entries); i++)
    g_action_map_remove_action (G_ACTION_MAP (self->app), entries[i].name);
  while (self->calls->len > 0)
    gtk_widget_destroy (g_ptr_array_index (self->calls, 0));
  gtk_widget_destroy (GTK_WIDGET (self->main));
  g_clear_object (&self->main);
}

void
peal_windows_present (PealWindows *self)
{
  gtk_window_present (GTK_WINDOW (self->main));
}

GtkWindow *
peal_windows_get_main (PealWindows *self)
{
  return GTK_WINDOW (self->main);
}
