/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/command-private.h"
#include "app/finding.h"
#include "app/json.h"

#include <glib/gi18n.h>

/* One line for each peer on the way; with --json a last one for the whole. */

typedef struct PathCommand {
  Command command;
  gboolean is_json;
  GCancellable *cancellable; /* owned; cancelled when the command goes first */
} PathCommand;

static bool
parse_path (Command *command, char ***arguments, GError **error)
{
  PathCommand *self = (PathCommand *) command;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->is_json, NULL, NULL },
    { NULL },
  };

  return command_options (arguments, entries, error);
}

static void
print_json (Command *command, const PealDiagnosis *diagnosis)
{
  Json *whole = json_new ();
  g_autofree char *last = NULL;

  for (size_t i = 0; i < diagnosis->count; i++) {
    Json *json = json_new ();
    g_autofree char *line = NULL;

    json_whole (json, "step", (gint64) i + 1);
    finding_write_json (&diagnosis->findings[i], json);
    line = json_end (json);
    command_print (command, line);
  }
  json_text (whole, "address", diagnosis->address);
  json_text (whole, "target", diagnosis->target);
  json_whole (whole, "steps", (gint64) diagnosis->count);
  json_truth (whole, "reached", diagnosis->is_reached);
  last = json_end (whole);
  command_print (command, last);
}

static void
print_words (Command *command, const PealDiagnosis *diagnosis)
{
  for (size_t i = 0; i < diagnosis->count; i++) {
    const PealFinding *finding = &diagnosis->findings[i];
    g_autofree char *line =
      finding->problem
        ? g_strdup_printf ("%2zu  %s  %s", i + 1, finding->node_id, finding->problem)
        /* Translators: the number of a step, a peer's number, milliseconds. */
        : g_strdup_printf (_ ("%2zu  %s  %.1f ms"), i + 1, finding->node_id, finding->rtt_ms);

    command_print (command, line);
    finding_print_facts (finding, command);
  }
  if (!diagnosis->is_reached)
    command_say (command, _ ("The way does not lead there."));
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PealDiagnosis) diagnosis =
    peal_phone_diagnose_finish (PEAL_PHONE (source), result, &error);
  PathCommand *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (diagnosis == NULL)
    command_say (&self->command, error->message);
  else if (self->is_json)
    print_json (&self->command, diagnosis);
  else
    print_words (&self->command, diagnosis);
  command_done (&self->command, diagnosis != NULL && diagnosis->is_reached ? 0 : 1);
}

static void
start_path (Command *command)
{
  PathCommand *self = (PathCommand *) command;

  self->cancellable = g_cancellable_new ();
  peal_phone_diagnose_async (command->phone, command->operands[0], true, self->cancellable,
                             on_answer, self);
}

static void
clear_path (Command *command)
{
  PathCommand *self = (PathCommand *) command;

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

const CommandType command_path = {
  .name = "path",
  .synopsis = "NODE|USER@OVERLAY [--json]",
  .size = sizeof (PathCommand),
  .operands = 1,
  .is_on_air = true,
  .parse = parse_path,
  .start = start_path,
  .clear = clear_path,
};
