/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/command-private.h"
#include "app/json.h"
#include "core/phone/registrar.h"

#include <glib/gi18n.h>

/* Who may come into a network with a server: for its owner. */

typedef struct UserCommand {
  Command command;
  gboolean is_device;
  gboolean is_json;
} UserCommand;

static bool
parse_add (Command *command, char ***arguments, GError **error)
{
  UserCommand *self = (UserCommand *) command;
  const GOptionEntry entries[] = {
    { "device", 0, 0, G_OPTION_ARG_NONE, &self->is_device, NULL, NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->is_json, NULL, NULL },
    { NULL },
  };

  return command_options (arguments, entries, error);
}

static bool
parse_list (Command *command, char ***arguments, GError **error)
{
  UserCommand *self = (UserCommand *) command;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->is_json, NULL, NULL },
    { NULL },
  };

  return command_options (arguments, entries, error);
}

static bool
parse_remove (Command *command, char ***arguments, GError **error)
{
  const GOptionEntry entries[] = { { NULL } };

  return command_options (arguments, entries, error);
}

static void
start_add (Command *command)
{
  UserCommand *self = (UserCommand *) command;
  const char *name = command->operands[0];
  g_autofree char *code = NULL, *invitation = NULL;
  g_autoptr (GError) error = NULL;

  invitation = peal_phone_add_user (command->phone, name, self->is_device, &code, &error);
  if (invitation == NULL) {
    command_say (command, error->message);
  } else if (self->is_json) {
    Json *json = json_new ();
    g_autofree char *line = NULL;

    json_text (json, "name", name);
    json_text (json, "code", code);
    json_text (json, "invitation", invitation);
    line = json_end (json);
    command_print (command, line);
  } else {
    command_print (command, invitation);
  }
  command_done (command, invitation != NULL ? 0 : 1);
}

static void
print_user (UserCommand *self, const PealUser *user)
{
  g_autofree char *line = NULL;

  if (self->is_json) {
    Json *json = json_new ();

    json_text (json, "name", user->name);
    json_whole (json, "devices", user->devices);
    json_whole (json, "waiting", user->waiting);
    json_truth (json, "removed", user->is_removed);
    line = json_end (json);
  } else if (user->is_removed) {
    line = g_strdup_printf (_ ("%s: removed"), user->name);
  } else {
    g_autofree char *devices =
      g_strdup_printf (ngettext ("%u device", "%u devices", user->devices), user->devices);
    g_autofree char *waiting =
      g_strdup_printf (ngettext ("%u code not used", "%u codes not used", user->waiting),
                       user->waiting);

    /* Translators: a name, "2 devices", "1 code not used". */
    line = g_strdup_printf (_ ("%s: %s, %s"), user->name, devices, waiting);
  }
  command_print (&self->command, line);
}

static void
start_list (Command *command)
{
  UserCommand *self = (UserCommand *) command;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) users = peal_phone_list_users (command->phone, &error);

  for (guint i = 0; users != NULL && i < users->len; i++)
    print_user (self, users->pdata[i]);
  if (users == NULL)
    command_say (command, error->message);
  command_done (command, users != NULL ? 0 : 1);
}

static void
start_remove (Command *command)
{
  g_autoptr (GError) error = NULL;
  bool is_removed = peal_phone_remove_user (command->phone, command->operands[0], &error);

  if (!is_removed)
    command_say (command, error->message);
  command_done (command, is_removed ? 0 : 1);
}

const CommandType command_user_add = {
  .name = "user add",
  .synopsis = "NAME [--device] [--json]",
  .size = sizeof (UserCommand),
  .parse = parse_add,
  .operands = 1,
  .start = start_add,
};

const CommandType command_user_list = {
  .name = "user list",
  .synopsis = "[--json]",
  .size = sizeof (UserCommand),
  .parse = parse_list,
  .start = start_list,
};

const CommandType command_user_remove = {
  .name = "user remove",
  .synopsis = "NAME",
  .size = sizeof (Command),
  .parse = parse_remove,
  .operands = 1,
  .start = start_remove,
};
