/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/command.h"
#include "app/control.h"
#include "app/language.h"
#include "app/node-run.h"
#include "app/station.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

/* peal-node: Peal without a screen. `run` stays; every other command is handed to the program that
 * runs with the same state, or, when there is none, done by a phone switched on for it alone. */

typedef struct Alone {
  GMainLoop *loop;
  int status;
} Alone;

static void
on_print (void *user_data, const char *line)
{
  g_print ("%s\n", line);
  fflush (stdout);
}

static void
on_say (void *user_data, const char *sentence)
{
  g_printerr ("%s\n", sentence);
}

static void
on_done (void *user_data, int status)
{
  Alone *self = user_data;

  self->status = status;
  g_main_loop_quit (self->loop);
}

static int
run_alone (Command *command, const char *state_path)
{
  const StationOptions options = { .state_path = state_path,
                                   .is_user = true,
                                   .has_sound = command_has_sound (command) };
  g_autoptr (GError) error = NULL;
  g_autoptr (Station) station = station_new (&options, &error);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Alone self = { .loop = loop };
  const CommandReply reply = { on_print, on_say, on_done, &self };

  if (station == NULL) {
    g_printerr ("%s\n", error->message);
    command_free (command);
    return 1;
  }
  command_start (command, station_phone (station), &reply);
  g_main_loop_run (loop);
  command_free (command);
  return self.status;
}

static int
run_command (const char *state_path, char **arguments)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_get_current_dir ();
  Command *command = command_new (arguments, folder, &error);
  int status;

  if (command == NULL) {
    g_printerr ("%s\n", error->message);
    return 2;
  }
  if (!control_ask (state_path, arguments, &status))
    return run_alone (command, state_path);
  command_free (command);
  return status;
}

static void
print_usage (void)
{
  g_autofree char *commands = command_usage ();

  g_printerr ("%s\n  peal-node run  [--state DIR] %s\n%s", _ ("Usage:"), node_run_synopsis,
              commands);
}

/* Takes --state off the command line, wherever it stands. */
static bool
take_state (char ***arguments, char **ret_state_path, GError **error)
{
  const GOptionEntry entries[] = {
    { "state", 0, 0, G_OPTION_ARG_FILENAME, ret_state_path, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_ignore_unknown_options (context, TRUE);
  g_option_context_add_main_entries (context, entries, NULL);
  return g_option_context_parse_strv (context, arguments, error);
}

int
main (int argc, char **argv)
{
  g_auto (GStrv) arguments = g_strdupv (argv);
  g_autofree char *state_path = NULL;
  g_autoptr (GError) error = NULL;

  language_init ();
  if (!take_state (&arguments, &state_path, &error)) {
    g_printerr ("%s\n", error->message);
    return 2;
  }
  if (arguments[1] == NULL || strcmp (arguments[1], "--help") == 0) {
    print_usage ();
    return arguments[1] == NULL ? 2 : 0;
  }
  if (strcmp (arguments[1], "run") == 0)
    return node_run (state_path, arguments + 1);
  return run_command (state_path, arguments + 1);
}
