/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/command-private.h"
#include "core/phone/registrar.h"

#include <glib/gi18n.h>

/* A network with a server, or with a secret that keys its links: making it, and what its
 * configuration says. */

typedef struct OverlayCommand {
  Command command;
  char *domain;
  char *server;
  char *user;
  gboolean is_shared;
} OverlayCommand;

static bool
parse_create (Command *command, char ***arguments, GError **error)
{
  OverlayCommand *self = (OverlayCommand *) command;
  const GOptionEntry entries[] = {
    { "domain", 0, 0, G_OPTION_ARG_STRING, &self->domain, NULL, NULL },
    { "server", 0, 0, G_OPTION_ARG_STRING, &self->server, NULL, NULL },
    { "user", 0, 0, G_OPTION_ARG_STRING, &self->user, NULL, NULL },
    { "shared-secret", 0, 0, G_OPTION_ARG_NONE, &self->is_shared, NULL, NULL },
    { NULL },
  };

  if (!command_options (arguments, entries, error))
    return false;
  if (self->server == NULL && !self->is_shared)
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                         _ ("Say with --server where everybody can reach the server."));
  else if (self->is_shared && (self->server != NULL || self->domain != NULL))
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                         _ ("A network with a shared secret is made without a server."));
  else
    return true;
  return false;
}

static bool
parse_nothing (Command *command, char ***arguments, GError **error)
{
  const GOptionEntry entries[] = { { NULL } };

  return command_options (arguments, entries, error);
}

static void
start_create (Command *command)
{
  OverlayCommand *self = (OverlayCommand *) command;
  const char *user = self->user != NULL ? self->user : "owner";
  g_autoptr (GError) error = NULL;
  const char *label = command->operands[0];
  PealAccount *account = self->is_shared
                           ? peal_phone_create_shared (command->phone, label, user, user, &error)
                           : peal_phone_create_enrolled (command->phone, label, self->domain,
                                                         self->server, user, &error);

  if (account != NULL)
    command_print (command, peal_account_get_instance_name (account));
  else
    command_say (command, error->message);
  command_done (command, account != NULL ? 0 : 1);
}

static void
clear_create (Command *command)
{
  OverlayCommand *self = (OverlayCommand *) command;

  g_free (self->domain);
  g_free (self->server);
  g_free (self->user);
}

static void
start_show (Command *command)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *document = peal_phone_get_document (command->phone, &error);
  g_auto (GStrv) lines = document != NULL ? g_strsplit (g_strchomp (document), "\n", -1) : NULL;

  for (char **line = lines; line != NULL && *line != NULL; line++)
    command_print (command, *line);
  if (document == NULL)
    command_say (command, error->message);
  command_done (command, document != NULL ? 0 : 1);
}

static void
start_sign (Command *command)
{
  g_autofree char *path = g_canonicalize_filename (command->operands[0], command->folder);
  g_autofree char *document = NULL;
  g_autoptr (GError) error = NULL;
  bool is_signed = g_file_get_contents (path, &document, NULL, &error) &&
                   peal_phone_sign_document (command->phone, document, &error);

  if (!is_signed)
    command_say (command, error->message);
  command_done (command, is_signed ? 0 : 1);
}

const CommandType command_overlay_create = {
  .name = "overlay create",
  .synopsis = "LABEL --server https://HOST:PORT [--domain NAME] | --shared-secret  [--user NAME]",
  .size = sizeof (OverlayCommand),
  .parse = parse_create,
  .operands = 1,
  .start = start_create,
  .clear = clear_create,
};

const CommandType command_overlay_show = {
  .name = "overlay show",
  .synopsis = "",
  .size = sizeof (Command),
  .parse = parse_nothing,
  .start = start_show,
};

const CommandType command_overlay_sign = {
  .name = "overlay sign",
  .synopsis = "FILE",
  .size = sizeof (Command),
  .parse = parse_nothing,
  .operands = 1,
  .start = start_sign,
};
