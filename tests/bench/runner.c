/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/runner.h"
#include "tests/bench/hand.h"

#include <string.h>

/* As nodes.py has it: what was asked for cannot be here. */
enum { SKIPPED = 77 };

char *
runner_measure (const char *script, const char *program, const char *argument, int *ret_status)
{
  g_autofree char *path = g_build_filename (PEAL_BENCH, script, NULL);
  g_autofree char *node = hand_program ("../app/peal-node");
  g_autofree char *other = hand_program (program);
  g_autofree char *said = NULL;
  g_autoptr (GSubprocess) process =
    g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, NULL, "/usr/bin/python3", path, node, other,
                      argument, NULL);

  *ret_status = 1;
  if (process == NULL || !g_subprocess_communicate_utf8 (process, NULL, NULL, &said, NULL, NULL))
    return NULL;
  g_strchomp (said);
  if (g_subprocess_get_successful (process) && g_str_has_prefix (said, "{"))
    return g_steal_pointer (&said);
  g_print ("%s\n", said);
  if (g_subprocess_get_if_exited (process) && g_subprocess_get_exit_status (process) == SKIPPED)
    *ret_status = 0;
  return NULL;
}

double
runner_number (const char *line, const char *section, const char *key)
{
  g_autofree char *object = g_strdup_printf ("\"%s\": {", section);
  g_autofree char *member = g_strdup_printf ("\"%s\": ", key);
  const char *found = strstr (line, object);

  found = found != NULL ? strstr (found, member) : NULL;
  return found != NULL ? g_ascii_strtod (found + strlen (member), NULL) : 0;
}
