/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/bench.h"
#include "tests/bench/hand.h"

#include <string.h>

/* Calls between two homes behind routers, in the laboratory of tests/natlab, one pair of kinds
 * after the other. Its packets are under way for no time: what is measured is how often they go
 * there and back, and what the phones do in between. Beside it stands the way that the sound has to
 * take, and what Jami needed on one machine, without any router. */

static const char *const cells[][2] = {
  { "open", "open" },
  { "fullcone", "port" },
  { "port", "sym" },
  { "sym", "sym" },
};

enum { JAMI_COLD_MS = 680, JAMI_SOUND_MS = 970 };

/* The line that the laboratory prints of a pair; NULL when it says none. */
static char *
measure (const char *a, const char *b)
{
  g_autofree char *node = hand_program ("../app/peal-node");
  g_autofree char *person = hand_program ("agents/person");
  g_autoptr (GSubprocess) laboratory =
    g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, NULL, "/usr/bin/python3",
                      PEAL_NATLAB "/pace.py", node, person, a, b, NULL);
  char *said = NULL;

  if (laboratory == NULL ||
      !g_subprocess_communicate_utf8 (laboratory, NULL, NULL, &said, NULL, NULL))
    return NULL;
  g_strchomp (said);
  if (g_subprocess_get_successful (laboratory) && g_str_has_prefix (said, "{"))
    return said;
  g_free (said);
  return NULL;
}

/* "path": "direct" -> direct. (transfer full) */
static char *
text_of (const char *line, const char *key)
{
  g_autofree char *name = g_strdup_printf ("\"%s\": \"", key);
  const char *found = strstr (line, name);

  found = found != NULL ? found + strlen (name) : "";
  return g_strndup (found, strcspn (found, "\""));
}

static void
print_cell (const char *a, const char *b, const char *line)
{
  g_autofree char *path = text_of (line, "path"), *expected = text_of (line, "expected");
  g_autofree char *name = g_strdup_printf ("%s - %s", a, b);

  g_print ("%-16s  %-8s %-8s  %5d ms %6d ms  %5d ms %6d ms\n", name, path, expected,
           hand_number (line, "cold_ring_ms"), hand_number (line, "cold_answer_to_sound_ms"),
           hand_number (line, "warm_ring_ms"), hand_number (line, "warm_answer_to_sound_ms"));
}

int
bench_nat_call (const BenchOptions *options)
{
  g_autoptr (GString) extra = g_string_new ("\"cells\":[");
  int slowest_ms = 1;

  g_print ("                  path     expected  cold: to ring, sound  warm: to ring, sound\n");
  for (size_t i = 0; i < G_N_ELEMENTS (cells); i++) {
    g_autofree char *line = measure (cells[i][0], cells[i][1]);

    if (line == NULL) {
      g_printerr ("nat-call: no call between %s and %s\n", cells[i][0], cells[i][1]);
      return 1;
    }
    print_cell (cells[i][0], cells[i][1], line);
    slowest_ms = MAX (slowest_ms, hand_number (line, "cold_ring_ms"));
    g_string_append_printf (extra, "%s%s", i > 0 ? "," : "", line);
  }
  g_print ("Jami, no router                      %5d ms %6d ms\n", JAMI_COLD_MS, JAMI_SOUND_MS);
  g_string_append (extra, "]");
  bench_report (options, "nat-call", 1000.0 / slowest_ms, 1000.0 / JAMI_COLD_MS,
                (double) slowest_ms / JAMI_COLD_MS, extra->str);
  return 0;
}
