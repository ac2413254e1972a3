/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/command-private.h"
#include "app/finding.h"
#include "app/json.h"

#include <glib/gi18n.h>

/* Asks again a second after each answer; the last one says whether the node is there. */

enum { COUNT = 4, COUNT_MAX = 10000, PAUSE_S = 1 };

typedef struct PingCommand {
  Command command;
  gboolean is_json;
  int count;
  int sent;
  guint next_source;
  GCancellable *cancellable; /* owned; cancelled when the command goes first */
} PingCommand;

static bool
parse_ping (Command *command, char ***arguments, GError **error)
{
  PingCommand *self = (PingCommand *) command;
  const GOptionEntry entries[] = {
    { "count", 0, 0, G_OPTION_ARG_INT, &self->count, NULL, NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->is_json, NULL, NULL },
    { NULL },
  };

  self->count = COUNT;
  if (!command_options (arguments, entries, error))
    return false;
  if (self->count < 1 || self->count > COUNT_MAX) {
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                         _ ("It can be asked between once and ten thousand times."));
    return false;
  }
  return true;
}

static void
print_words (Command *command, const PealFinding *finding)
{
  g_autofree char *line = NULL;

  if (finding->problem)
    line = g_strdup_printf ("%s: %s", finding->node_id, finding->problem);
  else
    line = g_strdup_printf (
      /* Translators: a peer's number; how many peers pass a message on; milliseconds. */
      ngettext ("%s answers over %u hop after %.1f ms", "%s answers over %u hops after %.1f ms",
                finding->hops),
      finding->node_id, finding->hops, finding->rtt_ms);
  command_print (command, line);
  finding_print_facts (finding, command);
}

static void on_answer (GObject *source, GAsyncResult *result, gpointer user_data);

static gboolean
on_next (gpointer user_data)
{
  PingCommand *self = user_data;

  self->next_source = 0;
  self->sent++;
  peal_phone_diagnose_async (self->command.phone, self->command.operands[0], false,
                             self->cancellable, on_answer, self);
  return G_SOURCE_REMOVE;
}

static void
print (PingCommand *self, const PealDiagnosis *diagnosis)
{
  Json *json;
  g_autofree char *line = NULL;

  if (!self->is_json) {
    print_words (&self->command, &diagnosis->findings[0]);
    return;
  }
  json = json_new ();
  json_text (json, "address", diagnosis->address);
  finding_write_json (&diagnosis->findings[0], json);
  line = json_end (json);
  command_print (&self->command, line);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PealDiagnosis) diagnosis =
    peal_phone_diagnose_finish (PEAL_PHONE (source), result, &error);
  PingCommand *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (diagnosis == NULL) {
    command_say (&self->command, error->message);
    command_done (&self->command, 1);
    return;
  }
  print (self, diagnosis);
  if (self->sent < self->count)
    self->next_source = g_timeout_add_seconds (PAUSE_S, on_next, self);
  else
    command_done (&self->command, diagnosis->is_reached ? 0 : 1);
}

static void
start_ping (Command *command)
{
  PingCommand *self = (PingCommand *) command;

  self->cancellable = g_cancellable_new ();
  on_next (self);
}

static void
clear_ping (Command *command)
{
  PingCommand *self = (PingCommand *) command;

  g_clear_handle_id (&self->next_source, g_source_remove);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

const CommandType command_ping = {
  .name = "ping",
  .synopsis = "NODE|USER@OVERLAY [--count N] [--json]",
  .size = sizeof (PingCommand),
  .operands = 1,
  .is_on_air = true,
  .parse = parse_ping,
  .start = start_ping,
  .clear = clear_ping,
};
