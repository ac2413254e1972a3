/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/bench.h"
#include "tests/bench/hand.h"

#include <string.h>

/* Real peal-nodes beside as many nodes of OpenDHT: dht.py has both, and tells what it has measured.
 * Theirs check no signature here, ours check every one. */

enum { SKIPPED = 77 };

static const unsigned sizes[] = { 32, 100 };

static const struct {
  const char *key, *what;
} rows[] = {
  { "get_ms", "get, ms" },
  { "put_ms", "put, ms" },
  { "bytes_per_s", "bytes/s at rest" },
  { "cpu_share", "CPU share at rest" },
  { "found_5_s", "found 5 s after half were killed" },
  { "found_30_s", "found 30 s after half were killed" },
};

/* The line of JSON; NULL when there is none, which has been said. */
static char *
measure (unsigned count, int *ret_status)
{
  g_autofree char *node = hand_program ("../app/peal-node");
  g_autofree char *visitor = hand_program ("bench/visitor");
  g_autofree char *number = g_strdup_printf ("%u", count);
  g_autofree char *said = NULL;
  g_autoptr (GSubprocess) both =
    g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, NULL, "/usr/bin/python3",
                      PEAL_BENCH "/dht.py", node, visitor, number, NULL);

  *ret_status = 1;
  if (both == NULL || !g_subprocess_communicate_utf8 (both, NULL, NULL, &said, NULL, NULL))
    return NULL;
  g_strchomp (said);
  if (g_subprocess_get_successful (both) && g_str_has_prefix (said, "{"))
    return g_steal_pointer (&said);
  g_print ("dht: %s\n", said);
  if (g_subprocess_get_if_exited (both) && g_subprocess_get_exit_status (both) == SKIPPED)
    *ret_status = 0;
  return NULL;
}

/* The number after "key": behind "whose":. */
static double
number_of (const char *line, const char *whose, const char *key)
{
  g_autofree char *section = g_strdup_printf ("\"%s\": {", whose);
  g_autofree char *name = g_strdup_printf ("\"%s\": ", key);
  const char *found = strstr (line, section);

  found = found != NULL ? strstr (found, name) : NULL;
  return found != NULL ? g_ascii_strtod (found + strlen (name), NULL) : 0;
}

static void
print_rows (const char *line, unsigned count)
{
  g_print ("%45s %10s %10s %8s\n", "", "Peal", "OpenDHT", "ratio");
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    double ours = number_of (line, "ours", rows[i].key);
    double theirs = number_of (line, "theirs", rows[i].key);

    g_print ("%3u nodes: %-34s %10.5g %10.5g %8.2f\n", count, rows[i].what, ours, theirs,
             theirs > 0 ? ours / theirs : 0);
  }
}

int
bench_dht (const BenchOptions *options)
{
  g_autoptr (GString) extra = g_string_new ("\"sizes\":[");
  double ours_ms = 1, theirs_ms = 1;

  for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++) {
    int status;
    g_autofree char *line = measure (sizes[i], &status);

    if (line == NULL)
      return status;
    print_rows (line, sizes[i]);
    ours_ms = number_of (line, "ours", "get_ms");
    theirs_ms = number_of (line, "theirs", "get_ms");
    g_string_append_printf (extra, "%s%s", i > 0 ? "," : "", line);
  }
  g_string_append (extra, "]");
  bench_report (options, "dht", 1000 / ours_ms, 1000 / theirs_ms, ours_ms / theirs_ms, extra->str);
  return 0;
}
