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

/* The sentence of the network strip, and below it what more there is to say of each network. */
static void
print_words (Command *command)
{
  GListModel *accounts = peal_phone_get_accounts (command->phone);

  command_print (command, peal_phone_get_status (command->phone));
  for (guint i = 0; i < g_list_model_get_n_items (accounts); i++) {
    g_autoptr (PealAccount) account = g_list_model_get_item (accounts, i);
    g_autofree char *details = NULL;
    g_object_get (account, "details", &details, NULL);
    g_auto (GStrv) lines = g_strsplit (details, "\n", -1);
    for (guint j = 1; lines[0] != NULL && lines[j] != NULL; j++)
      command_print (command, lines[j]);
  }
}

static void
start_status (Command *command)
{
  StatusCommand *self = (StatusCommand *) command;

  if (self->is_json) {
    g_autofree char *facts = peal_phone_describe (command->phone);
    command_print (command, facts);
  } else {
    print_words (command);
  }
  command_done (command, 0);
}

const CommandType command_status = {
  .name = "status",
  .synopsis = "[--json]",
  .size = sizeof (StatusCommand),
  .parse = parse_status,
  .start = start_status,
};
