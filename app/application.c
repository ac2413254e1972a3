/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/application.h"
#include "app/awake.h"
#include "app/notices.h"
#include "app/station.h"
#include "ui/windows.h"

#include <glib-unix.h>
#include <glib/gi18n.h>

/* The phone is switched on at startup and stays on until the person quits, whether a window is
 * open or not; only before there is an account does closing the window end the program. A start
 * that fails shows a window with the reason and what can be done about it.
 *
 * Addresses come on the command line, from the desktop (D-Bus, sip: and peal: links) or as
 * invitation files; all end in an action of ui/windows.h. With --state the program is one of its
 * own, beside whatever else runs in this session. */

enum { INVITATION_FILE_MAX = 65536 };

struct _PealApplication {
  GtkApplication parent;
  char *state_path; /* NULL: the person's own folders */
  char *listen;     /* NULL: every address */
  GSettings *settings;
  Station *station; /* NULL when the start failed */
  PealWindows *windows;
  Notices *notices;
  Awake *awake;
  GtkWindow *trouble; /* owned by GTK */
};

G_DEFINE_FINAL_TYPE (PealApplication, peal_application, GTK_TYPE_APPLICATION)

static void
switch_off (PealApplication *self)
{
  if (self->windows != NULL)
    peal_windows_close (self->windows);
  g_clear_pointer (&self->awake, awake_free);
  g_clear_pointer (&self->notices, notices_free);
  g_clear_object (&self->windows);
  g_clear_pointer (&self->station, station_free);
}

static bool
has_account (PealApplication *self)
{
  return g_list_model_get_n_items (peal_phone_get_accounts (station_phone (self->station))) > 0;
}

/* The main window was closed. */
static void
on_main_hidden (PealApplication *self)
{
  if (!has_account (self)) {
    g_application_quit (G_APPLICATION (self));
  } else if (!g_settings_get_boolean (self->settings, "told-background")) {
    g_settings_set_boolean (self->settings, "told-background", TRUE);
    notices_tell_background (self->notices);
  }
}

static void
show_trouble (PealApplication *self, const GError *error)
{
  GtkApplication *app = GTK_APPLICATION (self);

  g_message ("%s", error->message);
  self->trouble = peal_trouble_window_new (app, error);
  g_object_add_weak_pointer (G_OBJECT (self->trouble), (gpointer *) &self->trouble);
  gtk_window_present (self->trouble);
}

static void
switch_on (PealApplication *self, bool is_new)
{
  const StationOptions options = {
    .state_path = self->state_path,
    .listen = self->listen,
    .is_user = true,
    .has_sound = true,
    .is_new = is_new,
  };
  GtkApplication *app = GTK_APPLICATION (self);
  g_autoptr (GError) error = NULL;
  PealPhone *phone;

  self->station = station_new (&options, &error);
  if (self->station == NULL) {
    show_trouble (self, error);
    return;
  }
  phone = station_phone (self->station);
  self->windows = peal_windows_new (app, phone, self->settings);
  self->notices = notices_new (G_APPLICATION (self), phone);
  self->awake = awake_new (app, phone);
  g_signal_connect_object (peal_windows_get_main (self->windows), "hide",
                           G_CALLBACK (on_main_hidden), self, G_CONNECT_SWAPPED);
  g_application_hold (G_APPLICATION (self));
}

static void
on_repair (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PealApplication *self = user_data;

  if (self->station != NULL)
    return;
  if (self->trouble != NULL)
    gtk_widget_destroy (GTK_WIDGET (self->trouble));
  switch_on (self, true);
  g_application_activate (G_APPLICATION (self));
}

static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_application_quit (G_APPLICATION (user_data));
}

static gboolean
on_signal (gpointer user_data)
{
  g_application_quit (user_data);
  return G_SOURCE_CONTINUE;
}

static void
peal_application_startup (GApplication *app)
{
  static const GActionEntry entries[] = {
    { .name = "quit", .activate = on_quit },
    { .name = "repair", .activate = on_repair },
  };
  PealApplication *self = PEAL_APPLICATION (app);

  G_APPLICATION_CLASS (peal_application_parent_class)->startup (app);
  g_set_application_name (_ ("Peal"));
  peal_ui_init ();
  self->settings = g_settings_new ("org.pealphone.Peal");
  g_action_map_add_action_entries (G_ACTION_MAP (app), entries, G_N_ELEMENTS (entries), self);
  g_unix_signal_add (SIGINT, on_signal, self);
  g_unix_signal_add (SIGTERM, on_signal, self);
  switch_on (self, false);
}

static void
peal_application_shutdown (GApplication *app)
{
  PealApplication *self = PEAL_APPLICATION (app);

  switch_off (self);
  g_clear_object (&self->settings);
  G_APPLICATION_CLASS (peal_application_parent_class)->shutdown (app);
}

static void
peal_application_activate (GApplication *app)
{
  PealApplication *self = PEAL_APPLICATION (app);

  if (self->windows != NULL)
    peal_windows_present (self->windows);
  else if (self->trouble != NULL)
    gtk_window_present (self->trouble);
}

static bool
is_ours (const char *uri)
{
  const char *scheme = g_uri_peek_scheme (uri);

  return g_strcmp0 (scheme, "sip") == 0 || g_strcmp0 (scheme, "sips") == 0 ||
         g_strcmp0 (scheme, "peal") == 0;
}

/* The contents of an invitation file, or NULL. */
static char *
read_invitation (GFile *file)
{
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, NULL);
  g_autofree char *text = g_malloc0 (INVITATION_FILE_MAX + 1);
  gsize size = 0;

  if (stream == NULL || !g_input_stream_read_all (G_INPUT_STREAM (stream), text,
                                                  INVITATION_FILE_MAX, &size, NULL, NULL))
    return NULL;
  return g_utf8_validate (text, (gssize) size, NULL) ? g_steal_pointer (&text) : NULL;
}

static void
open_text (PealApplication *self, const char *action, const char *text)
{
  if (self->windows != NULL)
    g_action_group_activate_action (G_ACTION_GROUP (self), action, g_variant_new_string (text));
}

static void
peal_application_open (GApplication *app, GFile **files, int count, const char *hint)
{
  PealApplication *self = PEAL_APPLICATION (app);

  g_application_activate (app);
  for (int i = 0; i < count; i++) {
    g_autofree char *uri = g_file_get_uri (files[i]);
    g_autofree char *invitation = is_ours (uri) ? NULL : read_invitation (files[i]);

    if (is_ours (uri))
      open_text (self, "open", uri);
    else if (invitation != NULL)
      open_text (self, "open-invitation", invitation);
  }
}

/* What a person types behind `peal`: a link, a file, or an address to dial. */
static void
open_argument (PealApplication *self, GApplicationCommandLine *line, const char *argument)
{
  g_autoptr (GFile) file = g_application_command_line_create_file_for_arg (line, argument);
  g_autofree char *path = g_file_get_path (file);

  if (is_ours (argument))
    open_text (self, "open", argument);
  else if (path != NULL && g_file_test (path, G_FILE_TEST_IS_REGULAR))
    peal_application_open (G_APPLICATION (self), &file, 1, "");
  else
    open_text (self, "dial", argument);
}

static int
peal_application_command_line (GApplication *app, GApplicationCommandLine *line)
{
  int count;
  g_auto (GStrv) arguments = g_application_command_line_get_arguments (line, &count);

  g_application_activate (app);
  for (int i = 1; i < count; i++)
    open_argument (PEAL_APPLICATION (app), line, arguments[i]);
  return 0;
}

static int
peal_application_handle_local_options (GApplication *app, GVariantDict *options)
{
  PealApplication *self = PEAL_APPLICATION (app);

  g_variant_dict_lookup (options, "listen", "s", &self->listen);
  if (g_variant_dict_lookup (options, "state", "^ay", &self->state_path))
    g_application_set_flags (app, g_application_get_flags (app) | G_APPLICATION_NON_UNIQUE);
  return -1;
}

static void
peal_application_finalize (GObject *object)
{
  PealApplication *self = PEAL_APPLICATION (object);

  g_free (self->state_path);
  g_free (self->listen);
  if (self->trouble != NULL)
    g_object_remove_weak_pointer (G_OBJECT (self->trouble), (gpointer *) &self->trouble);
  G_OBJECT_CLASS (peal_application_parent_class)->finalize (object);
}

static void
peal_application_class_init (PealApplicationClass *klass)
{
  GApplicationClass *app_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = peal_application_finalize;
  app_class->startup = peal_application_startup;
  app_class->shutdown = peal_application_shutdown;
  app_class->activate = peal_application_activate;
  app_class->open = peal_application_open;
  app_class->command_line = peal_application_command_line;
  app_class->handle_local_options = peal_application_handle_local_options;
}

static void
peal_application_init (PealApplication *self)
{
  const GOptionEntry entries[] = {
    { "state", 0, 0, G_OPTION_ARG_FILENAME, NULL, N_ ("Keep everything in this folder"),
      N_ ("DIR") },
    { "listen", 0, 0, G_OPTION_ARG_STRING, NULL, N_ ("Listen at this address alone"),
      N_ ("ADDR:PORT") },
    { NULL },
  };
  GApplication *app = G_APPLICATION (self);

  g_application_add_main_option_entries (app, entries);
  g_application_set_option_context_parameter_string (app, _ ("[ADDRESS]"));
}

PealApplication *
peal_application_new (void)
{
  return g_object_new (PEAL_TYPE_APPLICATION, "application-id", "org.pealphone.Peal", "flags",
                       G_APPLICATION_HANDLES_COMMAND_LINE | G_APPLICATION_HANDLES_OPEN, NULL);
}
