/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/command-private.h"

#include <glib/gi18n.h>
#include <string.h>

/* A command is parsed, waits until the phone is on the air, does its work by callbacks of the
 * phone, and says from an idle callback that it is done, so that whoever runs it may free it then
 * and there. */

enum { AIR_WAIT_MS = 10000 };

static const CommandType *const types[] = {
  &command_call,         &command_lookup,   &command_ping,           &command_path,
  &command_status,       &command_invite,   &command_overlay_create, &command_overlay_show,
  &command_overlay_sign, &command_user_add, &command_user_list,      &command_user_remove,
};

char *
command_usage (void)
{
  GString *usage = g_string_new (NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    g_string_append_printf (usage, "  peal-node %s [--state DIR] %s\n", types[i]->name,
                            types[i]->synopsis);
  return g_string_free (usage, FALSE);
}

void
command_print (Command *self, const char *line)
{
  self->reply.print (self->reply.user_data, line);
}

void
command_say (Command *self, const char *sentence)
{
  self->reply.say (self->reply.user_data, sentence);
}

static gboolean
on_done (gpointer user_data)
{
  Command *self = user_data;

  self->done_source = 0;
  self->reply.done (self->reply.user_data, self->status);
  return G_SOURCE_REMOVE;
}

void
command_done (Command *self, int status)
{
  if (self->done_source != 0)
    return;
  self->status = status;
  self->done_source = g_idle_add (on_done, self);
}

bool
command_options (char ***arguments, const GOptionEntry *entries, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_add_main_entries (context, entries, NULL);
  return g_option_context_parse_strv (context, arguments, error);
}

/* Whether the arguments begin with the words of `name`; *ret_words tells how many those are. */
static bool
begins_with (char **arguments, const char *name, guint *ret_words)
{
  g_auto (GStrv) words = g_strsplit (name, " ", -1);
  guint count = 0;

  for (; words[count] != NULL; count++)
    if (arguments[count] == NULL || strcmp (arguments[count], words[count]) != 0)
      return false;
  *ret_words = count;
  return true;
}

static const CommandType *
find_type (char **arguments, guint *ret_words)
{
  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    if (begins_with (arguments, types[i]->name, ret_words))
      return types[i];
  return NULL;
}

Command *
command_new (char **arguments, const char *folder, GError **error)
{
  guint words;
  const CommandType *type = find_type (arguments, &words);
  g_auto (GStrv) rest = NULL;
  g_autoptr (Command) self = NULL;

  if (type == NULL) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, _ ("There is no command “%s”."),
                 arguments[0] != NULL ? arguments[0] : "");
    return NULL;
  }
  rest = g_strdupv (arguments + words - 1);
  self = g_malloc0 (type->size);
  self->type = type;
  self->folder = g_strdup (folder);
  if (!type->parse (self, &rest, error))
    return NULL;
  if (g_strv_length (rest) != type->operands + 1) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                 /* Translators: a command and what it takes, as in "call USER@OVERLAY". */
                 _ ("The command is: %s %s"), type->name, type->synopsis);
    return NULL;
  }
  self->operands = g_strdupv (rest + 1);
  return g_steal_pointer (&self);
}

bool
command_has_sound (const Command *self)
{
  return self->type->has_sound;
}

void
command_free (Command *self)
{
  if (self == NULL)
    return;
  if (self->phone != NULL)
    g_signal_handlers_disconnect_by_data (self->phone, self);
  if (self->type->clear != NULL)
    self->type->clear (self);
  g_clear_handle_id (&self->wait_source, g_source_remove);
  g_clear_handle_id (&self->done_source, g_source_remove);
  g_strfreev (self->operands);
  g_free (self->folder);
  g_free (self);
}

/* Without an account there is nothing to wait for. */
static bool
is_ready (PealPhone *phone)
{
  gboolean ready = FALSE;

  g_object_get (phone, "is-ready", &ready, NULL);
  return ready || g_list_model_get_n_items (peal_phone_get_accounts (phone)) == 0;
}

static void
stop_waiting (Command *self)
{
  g_signal_handlers_disconnect_by_data (self->phone, self);
  g_clear_handle_id (&self->wait_source, g_source_remove);
  self->type->start (self);
}

static void
on_ready (Command *self)
{
  if (is_ready (self->phone))
    stop_waiting (self);
}

static gboolean
on_wait_over (gpointer user_data)
{
  Command *self = user_data;

  self->wait_source = 0;
  stop_waiting (self);
  return G_SOURCE_REMOVE;
}

void
command_start (Command *self, PealPhone *phone, const CommandReply *reply)
{
  g_assert (self->phone == NULL);
  self->phone = phone;
  self->reply = *reply;
  if (!self->type->is_on_air || is_ready (phone)) {
    self->type->start (self);
    return;
  }
  g_signal_connect_swapped (phone, "notify::is-ready", G_CALLBACK (on_ready), self);
  self->wait_source = g_timeout_add (AIR_WAIT_MS, on_wait_over, self);
}
