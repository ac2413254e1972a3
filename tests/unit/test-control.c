/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/command.h"
#include "app/control.h"

#include <fcntl.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* A command of our own stands in for those of peal-node: "say WORD" answers on both outputs and
 * ends with 7, "wait" never ends, everything else is wrong usage. */

struct Command {
  char *word;
  guint source;
  CommandReply reply;
};

static unsigned commands_alive, commands_made;

static gboolean
on_said (gpointer user_data)
{
  Command *self = user_data;

  self->source = 0;
  self->reply.done (self->reply.user_data, 7);
  return G_SOURCE_REMOVE;
}

Command *
command_new (char **arguments, const char *folder, GError **error)
{
  g_autofree char *current = g_get_current_dir ();
  Command *self;

  g_assert_cmpstr (folder, ==, current);
  if (strcmp (arguments[0], "say") != 0 && strcmp (arguments[0], "wait") != 0) {
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "wrong usage");
    return NULL;
  }
  self = g_new0 (Command, 1);
  self->word = g_strdup (arguments[1]);
  commands_alive++;
  commands_made++;
  return self;
}

void
command_start (Command *self, PealPhone *phone, const CommandReply *reply)
{
  self->reply = *reply;
  if (self->word == NULL)
    return;
  reply->print (reply->user_data, self->word);
  reply->say (reply->user_data, "said");
  self->source = g_idle_add (on_said, self);
}

void
command_free (Command *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->source, g_source_remove);
  g_free (self->word);
  g_free (self);
  commands_alive--;
}

typedef struct Place {
  char *path;
  Control *control;
} Place;

static void
place_open (Place *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("peal-control-XXXXXX", &error);
  g_autofree char *deep = g_strnfill (120, 'd'); /* longer than a socket's name can be */

  g_assert_no_error (error);
  self->path = g_build_filename (folder, deep, NULL);
  self->control = control_new (self->path, &error);
  g_assert_no_error (error);
  control_serve (self->control, (PealPhone *) self);
}

static void
place_close (Place *self, gconstpointer unused)
{
  g_autofree char *lock = g_build_filename (self->path, "lock", NULL);
  g_autofree char *parent = g_path_get_dirname (self->path);

  control_free (self->control);
  g_unlink (lock);
  g_assert_cmpint (g_rmdir (self->path), ==, 0); /* so the socket is gone too */
  g_rmdir (parent);
  g_free (self->path);
  g_assert_cmpuint (commands_alive, ==, 0);
}

/* The asking side blocks, so it has a thread of its own. */
typedef struct Asking {
  const char *path;
  char **arguments;
  int status;
  bool was_owned;
  int is_over;
} Asking;

static gpointer
ask (gpointer data)
{
  Asking *self = data;

  self->was_owned = control_ask (self->path, self->arguments, &self->status);
  g_atomic_int_set (&self->is_over, 1);
  g_main_context_wakeup (NULL);
  return NULL;
}

static Asking
asked (const char *path, const char *line)
{
  g_auto (GStrv) arguments = g_strsplit (line, " ", -1);
  Asking asking = { .path = path, .arguments = arguments, .status = -1 };
  GThread *thread = g_thread_new ("ask", ask, &asking);

  while (!g_atomic_int_get (&asking.is_over))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  return asking;
}

static void
test_answer (Place *place, gconstpointer unused)
{
  Asking said = asked (place->path, "say ");
  Asking wrong = asked (place->path, "dance");

  g_assert_true (said.was_owned && wrong.was_owned);
  g_assert_cmpint (said.status, ==, 7);
  g_assert_cmpint (wrong.status, ==, 2);
}

static void
test_nobody (Place *place, gconstpointer unused)
{
  g_assert_false (asked ("/nonexistent/peal", "say x").was_owned);
}

static void
test_lock (Place *place, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (control_new (place->path, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  control_free (place->control);
  place->control = control_new (place->path, NULL);
  g_assert_nonnull (place->control);
}

static void
test_modes (Place *place, gconstpointer unused)
{
  g_autofree char *socket = g_build_filename (place->path, "control", NULL);
  g_autofree char *lock = g_build_filename (place->path, "lock", NULL);
  struct stat facts;

  g_assert_cmpint (g_stat (place->path, &facts), ==, 0);
  g_assert_cmphex (facts.st_mode & 0777, ==, 0700);
  g_assert_cmpint (g_stat (socket, &facts), ==, 0);
  g_assert_cmphex (facts.st_mode & 0777, ==, 0600);
  g_assert_cmpint (g_stat (lock, &facts), ==, 0);
  g_assert_cmphex (facts.st_mode & 0777, ==, 0600);
}

static int
dial_in (Place *place)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int folder = open (place->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  int caller = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

  g_snprintf (address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/control", folder);
  g_assert_cmpint (connect (caller, (struct sockaddr *) &address, sizeof address), ==, 0);
  close (folder);
  return caller;
}

/* Whether the other end has closed, after everything pending was done. */
static bool
is_closed (int caller)
{
  char byte;

  while (g_main_context_iteration (NULL, FALSE))
    ;
  while (recv (caller, &byte, 1, MSG_DONTWAIT) > 0)
    ;
  return recv (caller, &byte, 1, MSG_DONTWAIT) == 0;
}

static void
test_hostile (Place *place, gconstpointer unused)
{
  g_autofree char *large = g_malloc0 (CONTROL_REQUEST_MAX + 1);
  g_autoptr (GString) many = g_string_new (NULL);
  const Bytes requests[] = {
    { (const uint8_t *) "no end", 6 },   { (const uint8_t *) "/\0say\0\xff\0", 8 },
    { (const uint8_t *) "/", 2 },        { (const uint8_t *) large, CONTROL_REQUEST_MAX + 1 },
    { NULL, CONTROL_ARGUMENTS_MAX + 1 },
  };

  memset (large, 'a', CONTROL_REQUEST_MAX);
  for (size_t i = 0; i < G_N_ELEMENTS (requests); i++) {
    const uint8_t nothing[CONTROL_ARGUMENTS_MAX + 1] = { 0 };
    const uint8_t *data = requests[i].data != NULL ? requests[i].data : nothing;
    int caller = dial_in (place);

    g_assert_cmpint (send (caller, data, requests[i].size, 0), ==, (int) requests[i].size);
    g_assert_true (is_closed (caller));
    close (caller);
  }
  g_assert_cmpuint (commands_alive, ==, 0);
}

static void
test_hang_up (Place *place, gconstpointer unused)
{
  g_autofree char *folder = g_get_current_dir ();
  g_autoptr (GString) request = g_string_new (folder);
  int caller = dial_in (place);
  unsigned before = commands_made;

  g_string_append_len (request, "\0wait\0", 6);
  send (caller, request->str, request->len, 0);
  g_assert_false (is_closed (caller));
  g_assert_cmpuint (commands_made, ==, before + 1);
  g_assert_cmpuint (commands_alive, ==, 1);
  close (caller);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (commands_alive, ==, 0);
}

static void
test_crowd (Place *place, gconstpointer unused)
{
  int callers[CONTROL_CLIENTS_MAX + 1];

  for (size_t i = 0; i < G_N_ELEMENTS (callers); i++) {
    callers[i] = dial_in (place);
    g_assert_true (is_closed (callers[i]) == (i == CONTROL_CLIENTS_MAX));
  }
  for (size_t i = 0; i < G_N_ELEMENTS (callers); i++)
    close (callers[i]);
}

/* Another user gets at the socket by a descriptor that the owner left open, say. */
static void
test_other_user (Place *place, gconstpointer unused)
{
  pid_t child;
  int status;

  if (geteuid () != 0) {
    g_test_skip ("only root can become somebody else");
    return;
  }
  child = fork ();
  if (child == 0) {
    int folder = open (place->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int caller = socket (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    bool is_refused;

    if (fchmodat (folder, "control", 0666, 0) != 0 || setuid (65534) != 0)
      _exit (2);
    g_snprintf (address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/control", folder);
    is_refused = connect (caller, (struct sockaddr *) &address, sizeof address) != 0 ||
                 recv (caller, &status, 1, 0) <= 0;
    _exit (is_refused ? 0 : 1);
  }
  while (waitpid (child, &status, WNOHANG) == 0)
    g_main_context_iteration (NULL, FALSE);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  g_assert_cmpuint (commands_alive, ==, 0);
}

static void
add (const char *path, void (*test) (Place *, gconstpointer))
{
  g_test_add (path, Place, NULL, place_open, test, place_close);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/control/answers-and-status-come-back", test_answer);
  add ("/control/nobody-answers-for-a-folder-without-an-owner", test_nobody);
  add ("/control/a-folder-has-one-owner", test_lock);
  add ("/control/threat-5.7-folder-and-socket-are-the-owners-alone", test_modes);
  add ("/control/threat-5.7-another-user-is-refused", test_other_user);
  add ("/control/threat-5.7-malformed-requests-run-nothing", test_hostile);
  add ("/control/threat-5.7-callers-have-a-limit", test_crowd);
  add ("/control/a-caller-that-goes-ends-its-command", test_hang_up);
  return g_test_run ();
}
