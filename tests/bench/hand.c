/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/hand.h"

#include <stdlib.h>
#include <string.h>

struct Hand {
  GSubprocess *process;
  GOutputStream *orders; /* borrowed from the process */
  GDataInputStream *lines;
};

char *
hand_program (const char *path)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = g_path_get_dirname (self);

  return g_build_filename (folder, path, NULL);
}

Hand *
hand_new (const char *folder, const char *name)
{
  g_autofree char *program = hand_program ("agents/person");
  g_autofree char *state = g_build_filename (folder, name, NULL);
  g_autoptr (GSubprocessLauncher) launcher =
    g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                               G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GError) error = NULL;
  Hand *self = g_new0 (Hand, 1);

  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C.UTF-8", true);
  self->process = g_subprocess_launcher_spawn (launcher, &error, program, "--state", state, NULL);
  if (self->process == NULL)
    g_error ("%s", error->message);
  self->orders = g_subprocess_get_stdin_pipe (self->process);
  self->lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  return self;
}

void
hand_free (Hand *self)
{
  if (self == NULL)
    return;
  g_output_stream_close (self->orders, NULL, NULL);
  g_subprocess_wait (self->process, NULL, NULL);
  g_object_unref (self->lines);
  g_object_unref (self->process);
  g_free (self);
}

void
hand_tell (Hand *self, const char *order)
{
  g_output_stream_printf (self->orders, NULL, NULL, NULL, "%s\n", order);
}

char *
hand_await (Hand *self, const char *what, const char *piece)
{
  char *line;

  while ((line = g_data_input_stream_read_line (self->lines, NULL, NULL, NULL)) != NULL) {
    if (strstr (line, what) != NULL && (piece == NULL || strstr (line, piece) != NULL))
      return line;
    g_free (line);
  }
  g_error ("a phone has gone while %s %s was waited for", what, piece != NULL ? piece : "");
}

char *
hand_invite (Hand *self)
{
  g_autofree char *line = NULL;
  const char *link;

  hand_tell (self, "invite");
  line = hand_await (self, "\"invitation\"", NULL);
  link = strstr (line, "peal:");
  return g_strndup (link, strcspn (link, "\""));
}

void
hand_create (Hand *self, const char *user)
{
  g_autofree char *order = g_strdup_printf ("create bench %s", user);

  hand_tell (self, order);
  g_free (hand_await (self, "\"account\"", "\"alone\""));
}

void
hand_join (Hand *self, const char *invitation, const char *user)
{
  g_autofree char *order = g_strdup_printf ("join %s %s", invitation, user);

  hand_tell (self, order);
  g_free (hand_await (self, "\"account\"", "\"ready\""));
}

void
hand_find (Hand *self, const char *address)
{
  g_autofree char *order = g_strdup_printf ("find %s", address);

  hand_tell (self, order);
  for (;;) {
    g_autofree char *line = hand_await (self, "\"text\"", NULL);

    if (strstr (line, "\"found\"") != NULL)
      return;
    if (strstr (line, "\"error\"") == NULL)
      continue;
    g_usleep (G_USEC_PER_SEC / 10);
    hand_tell (self, order);
  }
}

void
hand_forget (const char *folder)
{
  g_autoptr (GSubprocess) rm =
    g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, NULL, "rm", "-r", folder, NULL);

  if (rm != NULL)
    g_subprocess_wait (rm, NULL, NULL);
}

int
hand_number (const char *line, const char *key)
{
  g_autofree char *name = g_strdup_printf ("\"%s\": ", key);
  const char *found = strstr (line, name);

  return found != NULL && g_ascii_isdigit (found[strlen (name)])
           ? (int) g_ascii_strtoll (found + strlen (name), NULL, 10)
           : -1;
}
