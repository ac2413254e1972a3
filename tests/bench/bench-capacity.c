/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/bench.h"
#include "tests/bench/runner.h"

#include <string.h>

/* The five things that a peer does for others, each as often as one real peer can: capacity.py has
 * it, and the phones that press it. Beside it stands what the slides take for granted: ten
 * registrations a second. tests/sim/law.py makes of the five how large an overlay may be. */

static const char *const names[] = { "register", "fetch", "transit", "attach", "update" };
static const double slides_per_s = 10;

int
bench_capacity (const BenchOptions *options)
{
  int status;
  g_autofree char *line = runner_measure ("capacity.py", "bench/press", NULL, &status),
                  *extra = NULL;
  double per_s;

  if (line == NULL)
    return status;
  g_print ("             /s       99 of 100 within   processor\n");
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    g_print ("%-9s %8.1f %16.1f ms %10.1f %%\n", names[i], runner_number (line, names[i], "per_s"),
             runner_number (line, names[i], "p99_ms"),
             100 * runner_number (line, names[i], "cpu_share"));
  /* Its braces go: what is in them stands beside the rest. */
  extra = g_strndup (line + 1, strlen (line) - 2);
  per_s = runner_number (line, "register", "per_s");
  bench_report (options, "capacity", per_s, slides_per_s, per_s / slides_per_s, extra);
  return 0;
}
