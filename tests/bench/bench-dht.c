/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/bench.h"
#include "tests/bench/runner.h"

/* Real peal-nodes beside as many nodes of OpenDHT: dht.py has both, and tells what it has measured.
 * Theirs check no signature here, ours check every one. */

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

static void
print_rows (const char *line, unsigned count)
{
  g_print ("%45s %10s %10s %8s\n", "", "Peal", "OpenDHT", "ratio");
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    double ours = runner_number (line, "ours", rows[i].key);
    double theirs = runner_number (line, "theirs", rows[i].key);

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
    g_autofree char *count = g_strdup_printf ("%u", sizes[i]);
    g_autofree char *line = runner_measure ("dht.py", "bench/visitor", count, &status);

    if (line == NULL)
      return status;
    print_rows (line, sizes[i]);
    ours_ms = runner_number (line, "ours", "get_ms");
    theirs_ms = runner_number (line, "theirs", "get_ms");
    g_string_append_printf (extra, "%s%s", i > 0 ? "," : "", line);
  }
  g_string_append (extra, "]");
  bench_report (options, "dht", 1000 / ours_ms, 1000 / theirs_ms, ours_ms / theirs_ms, extra->str);
  return 0;
}
