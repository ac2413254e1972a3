/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/command-private.h"
#include "app/json.h"

#include <glib/gi18n.h>

/* Dials, follows the call by its properties, and prints one line for each of its states. With
 * --for it hangs up that many seconds after the answer; else the other side does, or whoever stops
 * the command. */

typedef struct CallCommand {
  Command command;
  gboolean is_json;
  int duration_s; /* 0: until somebody hangs up */
  char *play_path;
  char *record_path;
  PealCall *call; /* owned */
  guint end_source;
  PealCallState state; /* printed last */
  bool was_up;
} CallCommand;

static bool
parse_call (Command *command, char ***arguments, GError **error)
{
  CallCommand *self = (CallCommand *) command;
  const GOptionEntry entries[] = {
    { "play", 0, 0, G_OPTION_ARG_FILENAME, &self->play_path, NULL, NULL },
    { "record", 0, 0, G_OPTION_ARG_FILENAME, &self->record_path, NULL, NULL },
    { "for", 0, 0, G_OPTION_ARG_INT, &self->duration_s, NULL, NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->is_json, NULL, NULL },
    { NULL },
  };

  if (!command_options (arguments, entries, error))
    return false;
  if (self->duration_s < 0 || self->duration_s > 24 * 3600) {
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                         _ ("A call lasts between one second and a day."));
    return false;
  }
  return true;
}

static const char *
state_name (PealCallState state)
{
  static const char *const names[] = {
    [PEAL_CALL_LOOKING] = "looking",           [PEAL_CALL_CONNECTING] = "connecting",
    [PEAL_CALL_RINGING] = "ringing",           [PEAL_CALL_UP] = "up",
    [PEAL_CALL_RECONNECTING] = "reconnecting", [PEAL_CALL_ENDED] = "ended",
  };

  g_assert (state < G_N_ELEMENTS (names));
  return names[state];
}

static void
print_json (CallCommand *self)
{
  PealCallFacts facts = peal_call_get_facts (self->call);
  Json *json = json_new ();
  g_autofree char *line = NULL;

  json_text (json, "state", state_name (self->state));
  json_text (json, "address", peal_call_get_address (self->call));
  if (self->state == PEAL_CALL_ENDED) {
    g_autofree char *end = NULL;
    g_auto (GStrv) signs = peal_call_get_signs (self->call);
    guint duration = 0;

    g_object_get (self->call, "end-text", &end, "duration", &duration, NULL);
    json_text (json, "end", end);
    json_truth (json, "talked", self->was_up);
    json_whole (json, "duration_s", duration);
    json_whole (json, "ring_ms", facts.ring_ms);
    json_whole (json, "answer_to_sound_ms", facts.answer_to_sound_ms);
    json_text (json, "path", !self->was_up ? NULL : facts.is_direct ? "direct" : "relay");
    json_truth (json, "encrypted", facts.is_encrypted);
    json_share (json, "loss", facts.loss_received);
    json_share (json, "rtt_ms", facts.rtt_ms);
    json_texts (json, "details", (const char *const *) signs);
  }
  line = json_end (json);
  command_print (&self->command, line);
}

/* Whom there is to call, when several have that name. */
static void
print_choices (CallCommand *self)
{
  size_t count;
  const PealCallChoice *choices = peal_call_get_choices (self->call, &count);

  for (size_t i = 0; i < count; i++) {
    g_autofree char *line = choices[i].name != NULL
                              ? g_strdup_printf ("  %s · %s", choices[i].name, choices[i].words)
                              : g_strdup_printf ("  %s", choices[i].words);

    command_say (&self->command, line);
  }
  if (count > 0)
    command_say (&self->command, _ ("Add this person in the Peal window and choose there."));
}

static void
print_words (CallCommand *self)
{
  g_autofree char *state = NULL, *end = NULL, *hint = NULL;

  g_object_get (self->call, "state-text", &state, "end-text", &end, "end-hint", &hint, NULL);
  command_say (&self->command, self->state == PEAL_CALL_ENDED && end != NULL ? end : state);
  if (self->state == PEAL_CALL_ENDED && hint != NULL && hint[0] != '\0')
    command_say (&self->command, hint);
  print_choices (self);
}

static gboolean
on_time_over (gpointer user_data)
{
  CallCommand *self = user_data;

  self->end_source = 0;
  peal_call_end (self->call);
  return G_SOURCE_REMOVE;
}

static void
on_state (CallCommand *self)
{
  PealCallState state = peal_call_get_state (self->call);

  if (state == self->state)
    return;
  self->state = state;
  if (state == PEAL_CALL_UP && !self->was_up && self->duration_s > 0)
    self->end_source = g_timeout_add_seconds ((guint) self->duration_s, on_time_over, self);
  self->was_up = self->was_up || state == PEAL_CALL_UP;
  print_words (self);
  if (self->is_json)
    print_json (self);
  if (state == PEAL_CALL_ENDED)
    command_done (&self->command, self->was_up ? 0 : 1);
}

static PealCall *
dial (CallCommand *self, GError **error)
{
  Command *command = &self->command;
  g_autofree char *play =
    self->play_path != NULL ? g_canonicalize_filename (self->play_path, command->folder) : NULL;
  g_autofree char *record =
    self->record_path != NULL ? g_canonicalize_filename (self->record_path, command->folder) : NULL;
  const CallMediaOptions options = { .play_path = play, .record_path = record };

  if (play != NULL && !g_file_test (play, G_FILE_TEST_IS_REGULAR)) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT, _ ("There is no file “%s”."), play);
    return NULL;
  }
  return peal_phone_dial_with (command->phone, command->operands[0], &options, error);
}

static void
start_call (Command *command)
{
  CallCommand *self = (CallCommand *) command;
  g_autoptr (GError) error = NULL;
  PealCall *call = dial (self, &error);

  if (call == NULL) {
    command_say (command, error->message);
    command_done (command, 1);
    return;
  }
  self->call = g_object_ref (call);
  self->state = PEAL_CALL_LOOKING;
  print_words (self);
  g_signal_connect_swapped (call, "notify::state", G_CALLBACK (on_state), self);
  on_state (self);
}

static void
clear_call (Command *command)
{
  CallCommand *self = (CallCommand *) command;

  g_clear_handle_id (&self->end_source, g_source_remove);
  if (self->call != NULL) {
    g_signal_handlers_disconnect_by_data (self->call, self);
    peal_call_end (self->call);
    peal_call_close (self->call);
  }
  g_clear_object (&self->call);
  g_free (self->play_path);
  g_free (self->record_path);
}

const CommandType command_call = {
  .name = "call",
  .synopsis = "USER@OVERLAY [--play WAV] [--record WAV] [--for SECONDS] [--json]",
  .size = sizeof (CallCommand),
  .operands = 1,
  .is_on_air = true,
  .has_sound = true,
  .parse = parse_call,
  .start = start_call,
  .clear = clear_call,
};
