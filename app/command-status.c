/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/command-private.h"

typedef struct StatusCommand {
  Command command;
  gboolean is_json;
} StatusCommand;

static bool
parse_status (Command *command, char ***arguments, GError **error)
{
  StatusCommand *self = (StatusCommand *) command;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->is_json, NULL, NULL },
    { NULL },
  };

  return command_options (arguments, entries, error);
}

static void
start_status (Command *command)
{
  StatusCommand *self = (StatusCommand *) command;
  g_autofree char *facts = peal_phone_describe (command->phone);

  command_print (command, self->is_json ? facts : peal_phone_get_status (command->phone));
  command_done (command, 0);
}

const CommandType command_status = {
  .name = "status",
  .synopsis = "[--json]",
  .size = sizeof (StatusCommand),
  .parse = parse_status,
  .start = start_status,
};
