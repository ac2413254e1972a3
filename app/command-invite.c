/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/command-private.h"

#include "app/json.h"
#include <glib/gi18n.h>

typedef struct InviteCommand {
  Command command;
  gboolean is_json;
  char *invitation;
  GCancellable *cancellable;
} InviteCommand;

static bool
parse_invite (Command *command, char ***arguments, GError **error)
{
  InviteCommand *self = (InviteCommand *) command;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->is_json, NULL, NULL },
    { NULL },
  };

  return command_options (arguments, entries, error);
}

static const char *
reach_name (PealReach reach)
{
  switch (reach) {
  case PEAL_REACH_UNTRIED:
    return "untried";
  case PEAL_REACH_OPEN:
    return "open";
  case PEAL_REACH_NETWORK:
    return "network";
  case PEAL_REACH_CLOSED:
    return "closed";
  }
  g_assert_not_reached ();
}

static void
print_json (InviteCommand *self, const PealInvitationCheck *check)
{
  Json *json = json_new ();
  g_autofree char *line = NULL;

  json_text (json, "invitation", self->invitation);
  json_text (json, "reach", reach_name (check->reach));
  json_text (json, "words", check->words);
  json_text (json, "more", check->more);
  json_text (json, "command", check->command);
  line = json_end (json);
  command_print (&self->command, line);
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PealInvitationCheck) check =
    peal_phone_check_invitation_finish (PEAL_PHONE (source), result, &error);
  InviteCommand *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (check == NULL) {
    command_say (&self->command, error->message);
  } else if (self->is_json) {
    print_json (self, check);
  } else {
    command_say (&self->command, check->words);
    if (*check->more != '\0')
      command_say (&self->command, check->more);
  }
  command_done (&self->command, check != NULL ? 0 : 1);
}

static void
start_invite (Command *command)
{
  InviteCommand *self = (InviteCommand *) command;
  g_autoptr (PealAccount) account =
    g_list_model_get_item (peal_phone_get_accounts (command->phone), 0);
  g_autoptr (GError) error = NULL;

  if (account == NULL) {
    command_say (command, _ ("There is no network here yet to invite to."));
    command_done (command, 1);
    return;
  }
  self->invitation = peal_phone_invite (command->phone, account, &error);
  if (self->invitation == NULL) {
    command_say (command, error->message);
    command_done (command, 1);
    return;
  }
  if (!self->is_json)
    command_print (command, self->invitation);
  self->cancellable = g_cancellable_new ();
  peal_phone_check_invitation_async (command->phone, account, self->invitation, self->cancellable,
                                     on_checked, self);
}

static void
clear_invite (Command *command)
{
  InviteCommand *self = (InviteCommand *) command;

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->invitation, g_free);
}

const CommandType command_invite = {
  .name = "invite",
  .synopsis = "[--json]",
  .size = sizeof (InviteCommand),
  .is_on_air = true,
  .parse = parse_invite,
  .start = start_invite,
  .clear = clear_invite,
};
