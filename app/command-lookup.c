/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/command-private.h"
#include "app/json.h"
#include "core/phone/service.h"

#include <glib/gi18n.h>

typedef struct LookupCommand {
  Command command;
  gboolean is_json;
  gboolean is_service;       /* the operand is a service, not a person */
  GCancellable *cancellable; /* owned; cancelled when the command goes first */
} LookupCommand;

static bool
parse_lookup (Command *command, char ***arguments, GError **error)
{
  LookupCommand *self = (LookupCommand *) command;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->is_json, NULL, NULL },
    { "service", 0, 0, G_OPTION_ARG_NONE, &self->is_service, NULL, NULL },
    { NULL },
  };

  return command_options (arguments, entries, error);
}

static void
print_json (Command *command, const PealLookup *lookup)
{
  Json *json = json_new ();
  g_autofree char *line = NULL;

  json_text (json, "address", lookup->address);
  json_texts (json, "devices", (const char *const *) lookup->node_ids);
  json_whole (json, "hops", lookup->hops);
  json_truth (json, "partial", lookup->is_partial);
  json_whole (json, "lookup_ms", lookup->duration_ms);
  line = json_end (json);
  command_print (command, line);
}

static void
print_words (Command *command, const PealLookup *lookup)
{
  guint count = g_strv_length (lookup->node_ids);
  g_autofree char *line =
    /* Translators: "bob@home is registered on 2 devices." */
    g_strdup_printf (ngettext ("%s is registered on %u device.", "%s is registered on %u devices.",
                               count),
                     lookup->address, count);

  command_print (command, line);
  if (lookup->is_partial)
    command_print (command, _ ("There were also records that are not this person's."));
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PealLookup) lookup = peal_phone_lookup_finish (PEAL_PHONE (source), result, &error);
  LookupCommand *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (lookup == NULL)
    command_say (&self->command, error->message);
  else if (self->is_json)
    print_json (&self->command, lookup);
  else
    print_words (&self->command, lookup);
  command_done (&self->command, lookup != NULL ? 0 : 1);
}

static void
print_service (LookupCommand *self, const PealService *service)
{
  g_autofree char *line = NULL;

  if (self->is_json) {
    Json *json = json_new ();
    json_text (json, "service", service->name);
    json_text (json, "provider", service->node_id);
    json_whole (json, "fetches", service->fetches);
    json_whole (json, "lookup_ms", service->duration_ms);
    line = json_end (json);
  } else {
    /* Translators: the name of a service, a peer's number. */
    line = g_strdup_printf (_ ("“%s” is offered by peer %s."), service->name, service->node_id);
  }
  command_print (&self->command, line);
}

static void
on_service_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PealService) service =
    peal_phone_find_service_finish (PEAL_PHONE (source), result, &error);
  LookupCommand *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (service == NULL)
    command_say (&self->command, error->message);
  else
    print_service (self, service);
  command_done (&self->command, service != NULL ? 0 : 1);
}

static void
start_lookup (Command *command)
{
  LookupCommand *self = (LookupCommand *) command;

  self->cancellable = g_cancellable_new ();
  if (self->is_service)
    peal_phone_find_service_async (command->phone, command->operands[0], self->cancellable,
                                   on_service_found, self);
  else
    peal_phone_lookup_async (command->phone, command->operands[0], self->cancellable, on_found,
                             self);
}

static void
clear_lookup (Command *command)
{
  LookupCommand *self = (LookupCommand *) command;

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

const CommandType command_lookup = {
  .name = "lookup",
  .synopsis = "USER@OVERLAY | --service NAME[@OVERLAY] [--json]",
  .size = sizeof (LookupCommand),
  .operands = 1,
  .is_on_air = true,
  .parse = parse_lookup,
  .start = start_lookup,
  .clear = clear_lookup,
};
