/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/node-run.h"
#include "app/station.h"
#include "core/phone/registrar.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <string.h>

/* A bare peer routes and stores for others. With --user it is somebody who can be called, and with
 * --answer one who takes every call: an echo, or silence. */

const char node_run_synopsis[] =
  "[--create LABEL | --join INVITATION|FILE [--code CODE]]\n"
  "                [--user NAME] [--listen ADDR:PORT] [--answer] [--echo]\n"
  "                [--relay] [--enroll ADDR:PORT]";

typedef struct Run {
  char *create;
  char *join;
  char *code;
  char *enroll;
  char *user;
  char *listen;
  gboolean is_answering;
  gboolean is_echo;
  gboolean is_relay;
  PealPhone *phone; /* borrowed from the station */
  GMainLoop *loop;
  guint settle_source;
} Run;

static bool
set_usage (GError **error, const char *sentence)
{
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, sentence);
  return false;
}

static bool
parse (Run *self, char **arguments, GError **error)
{
  const GOptionEntry entries[] = {
    { "create", 0, 0, G_OPTION_ARG_STRING, &self->create, NULL, NULL },
    { "join", 0, 0, G_OPTION_ARG_STRING, &self->join, NULL, NULL },
    { "code", 0, 0, G_OPTION_ARG_STRING, &self->code, NULL, NULL },
    { "enroll", 0, 0, G_OPTION_ARG_STRING, &self->enroll, NULL, NULL },
    { "user", 0, 0, G_OPTION_ARG_STRING, &self->user, NULL, NULL },
    { "listen", 0, 0, G_OPTION_ARG_STRING, &self->listen, NULL, NULL },
    { "answer", 0, 0, G_OPTION_ARG_NONE, &self->is_answering, NULL, NULL },
    { "echo", 0, 0, G_OPTION_ARG_NONE, &self->is_echo, NULL, NULL },
    { "relay", 0, 0, G_OPTION_ARG_NONE, &self->is_relay, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_auto (GStrv) rest = g_strdupv (arguments);

  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse_strv (context, &rest, error))
    return false;
  if (g_strv_length (rest) > 1)
    return set_usage (error, _ ("“run” takes options only."));
  if (self->create != NULL && self->join != NULL)
    return set_usage (error, _ ("Either --create or --join, not both."));
  if (self->user != NULL && peal_phone_check_name (self->user) != NULL)
    return set_usage (error, peal_phone_check_name (self->user));
  return true;
}

static PealAccount *
find_account (PealPhone *phone, const char *label)
{
  GListModel *accounts = peal_phone_get_accounts (phone);

  for (guint i = 0; i < g_list_model_get_n_items (accounts); i++) {
    g_autoptr (PealAccount) account = g_list_model_get_item (accounts, i);
    if (g_strcmp0 (peal_account_get_label (account), label) == 0)
      return account;
  }
  return NULL;
}

/* A bare peer has a name too, since its certificate must carry one; nobody dials it. */
static char *
name_of (const Run *self)
{
  if (self->user != NULL)
    return g_ascii_strdown (self->user, -1);
  return g_strdup_printf ("peer-%08x", g_random_int ());
}

static bool
create (Run *self, GError **error)
{
  g_autofree char *name = name_of (self);

  return find_account (self->phone, self->create) != NULL ||
         peal_phone_create (self->phone, self->create, name, name, error) != NULL;
}

typedef struct Enrolling {
  GMainLoop *loop;
  bool is_in;
  GError **error;
} Enrolling;

static void
on_enrolled (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Enrolling *enrolling = user_data;

  enrolling->is_in =
    peal_phone_enrol_finish (PEAL_PHONE (object), result, enrolling->error) != NULL;
  g_main_loop_quit (enrolling->loop);
}

/* The server of the network gives us our name, or the one that the invitation is for. */
static bool
enrol (Run *self, const char *invitation, const char *invited, GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autofree char *name = self->user == NULL && *invited ? g_strdup (invited) : name_of (self);
  const PealEnrolment options = {
    .invitation = invitation, .name = name, .display_name = name, .code = self->code
  };
  Enrolling enrolling = { .loop = loop, .error = error };

  peal_phone_enrol_async (self->phone, &options, NULL, on_enrolled, &enrolling);
  g_main_loop_run (loop);
  return enrolling.is_in;
}

static bool
join (Run *self, GError **error)
{
  g_autofree char *name = name_of (self), *invitation = NULL, *label = NULL, *invited = NULL;

  if (!g_file_test (self->join, G_FILE_TEST_IS_REGULAR))
    invitation = g_strdup (self->join);
  else if (!g_file_get_contents (self->join, &invitation, NULL, error))
    return false;
  g_strstrip (invitation);
  if (!peal_phone_read_invitation (invitation, &label, NULL, error))
    return false;
  if (find_account (self->phone, label) != NULL)
    return true;
  if (peal_phone_read_enrolment (invitation, &invited, NULL))
    return enrol (self, invitation, invited, error);
  return peal_phone_join (self->phone, invitation, name, name, error) != NULL;
}

static bool
enter (Run *self, GError **error)
{
  if (self->create != NULL)
    return create (self, error);
  if (self->join != NULL)
    return join (self, error);
  if (g_list_model_get_n_items (peal_phone_get_accounts (self->phone)) > 0)
    return true;
  return set_usage (error, _ ("There is no network here yet: use --create or --join."));
}

static void
on_status (Run *self)
{
  g_printerr ("%s\n", peal_phone_get_status (self->phone));
}

/* Backwards, since closing takes a call off the list. */
static gboolean
on_calls_settled (gpointer user_data)
{
  Run *self = user_data;
  GListModel *calls = peal_phone_get_calls (self->phone);

  self->settle_source = 0;
  for (guint i = g_list_model_get_n_items (calls); i-- > 0;) {
    g_autoptr (PealCall) call = g_list_model_get_item (calls, i);
    PealCallState state = peal_call_get_state (call);

    if (state == PEAL_CALL_ENDED)
      peal_call_close (call);
    else if (self->is_answering && state == PEAL_CALL_RINGING && peal_call_get_is_incoming (call))
      peal_call_answer (call);
  }
  return G_SOURCE_REMOVE;
}

/* Whoever says that something changed is in the middle of changing it. */
static void
settle_soon (Run *self)
{
  if (self->settle_source == 0)
    self->settle_source = g_idle_add (on_calls_settled, self);
}

static void
on_calls_changed (GListModel *calls, guint position, guint removed, guint added, Run *self)
{
  for (guint i = position; i < position + added; i++) {
    g_autoptr (PealCall) call = g_list_model_get_item (calls, i);

    g_signal_handlers_disconnect_by_data (call, self);
    g_signal_connect_swapped (call, "notify::state", G_CALLBACK (settle_soon), self);
  }
  settle_soon (self);
}

static void
forget_calls (Run *self)
{
  GListModel *calls = peal_phone_get_calls (self->phone);

  g_clear_handle_id (&self->settle_source, g_source_remove);
  g_signal_handlers_disconnect_by_data (calls, self);
  for (guint i = 0; i < g_list_model_get_n_items (calls); i++) {
    g_autoptr (PealCall) call = g_list_model_get_item (calls, i);
    g_signal_handlers_disconnect_by_data (call, self);
  }
}

static gboolean
on_signal (gpointer user_data)
{
  Run *self = user_data;

  g_main_loop_quit (self->loop);
  return G_SOURCE_CONTINUE;
}

static void
stay (Run *self)
{
  const CallMediaOptions sound = { .is_echo = self->is_echo, .is_silent = !self->is_echo };

  peal_phone_set_call_options (self->phone, &sound);
  g_signal_connect_swapped (self->phone, "notify::status", G_CALLBACK (on_status), self);
  if (self->is_answering)
    g_signal_connect (peal_phone_get_calls (self->phone), "items-changed",
                      G_CALLBACK (on_calls_changed), self);
  on_status (self);
  self->loop = g_main_loop_new (NULL, FALSE);
  g_unix_signal_add (SIGINT, on_signal, self);
  g_unix_signal_add (SIGTERM, on_signal, self);
  g_main_loop_run (self->loop);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  forget_calls (self);
  g_signal_handlers_disconnect_by_data (self->phone, self);
}

static void
run_clear (Run *self)
{
  g_free (self->create);
  g_free (self->join);
  g_free (self->code);
  g_free (self->enroll);
  g_free (self->user);
  g_free (self->listen);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

int
node_run (const char *state_path, char **arguments)
{
  g_auto (Run) self = { 0 };
  g_autoptr (Station) station = NULL;
  g_autoptr (GError) error = NULL;

  if (parse (&self, arguments, &error)) {
    const StationOptions options = { .state_path = state_path,
                                     .listen = self.listen,
                                     .is_user = self.user != NULL,
                                     .is_relay = self.is_relay,
                                     .has_sound = self.user != NULL };
    station = station_new (&options, &error);
  }
  if (station != NULL) {
    self.phone = station_phone (station);
    if (enter (&self, &error) &&
        (self.enroll == NULL || peal_phone_serve (self.phone, self.enroll, &error))) {
      stay (&self);
      return 0;
    }
  }
  g_printerr ("%s\n", error->message);
  return error->domain == G_OPTION_ERROR ? 2 : 1;
}
