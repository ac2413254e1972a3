/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/command-private.h"

#include <glib/gi18n.h>

static bool
parse_invite (Command *command, char ***arguments, GError **error)
{
  const GOptionEntry entries[] = { { NULL } };

  return command_options (arguments, entries, error);
}

static void
start_invite (Command *command)
{
  g_autoptr (PealAccount) account =
    g_list_model_get_item (peal_phone_get_accounts (command->phone), 0);
  g_autoptr (GError) error = NULL;
  g_autofree char *invitation = NULL;

  if (account == NULL) {
    command_say (command, _ ("There is no network here yet to invite to."));
    command_done (command, 1);
    return;
  }
  invitation = peal_phone_invite (command->phone, account, &error);
  if (invitation != NULL) {
    g_autofree char *more = NULL;
    g_autofree char *words = peal_phone_check_invitation (command->phone, invitation, &more);

    command_print (command, invitation);
    if (words != NULL)
      command_say (command, words);
    if (more != NULL)
      command_say (command, more);
  } else {
    command_say (command, error->message);
  }
  command_done (command, invitation != NULL ? 0 : 1);
}

const CommandType command_invite = {
  .name = "invite",
  .synopsis = "",
  .size = sizeof (Command),
  .is_on_air = true,
  .parse = parse_invite,
  .start = start_invite,
};
