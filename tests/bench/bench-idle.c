/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/bench.h"
#include "tests/bench/hand.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* The desktop program with its window on a screen of its own, in an overlay of ten, doing nothing.
 * All ten are the same phone but for the window, and they have the loopback of their network
 * namespace for themselves: a tenth of what goes over it is what one sends, IP headers included.
 * GNOME Calls stands beside it where it is installed, without an account, as it starts. */

enum { OTHERS = 9, SETTLE_S = 30, MEASURE_S = 60, LIMIT_S = 400 };

static const double wakeups_aim = 10;

typedef struct Use {
  double rss_mib;
  double cpu_s;
  double wakeups;
  double bytes;
} Use;

static double
number_in (const char *path, const char *key)
{
  g_autofree char *text = NULL;
  const char *found;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  found = strstr (text, key);
  return found != NULL ? g_ascii_strtod (found + strlen (key), NULL) : 0;
}

/* Bytes sent over loopback: the ninth number of its line. */
static double
loopback_bytes (void)
{
  g_autofree char *text = NULL;
  const char *line;
  char *end;

  if (!g_file_get_contents ("/proc/self/net/dev", &text, NULL, NULL) ||
      (line = strstr (text, "lo:")) == NULL)
    return 0;
  end = (char *) line + 3;
  for (int i = 0; i < 8; i++)
    g_ascii_strtoull (end, &end, 10);
  return (double) g_ascii_strtoull (end, NULL, 10);
}

static Use
look (int pid)
{
  g_autofree char *tasks = g_strdup_printf ("/proc/%d/task", pid);
  g_autofree char *status = g_strdup_printf ("/proc/%d/status", pid);
  g_autoptr (GDir) folder = g_dir_open (tasks, 0, NULL);
  Use use = { .rss_mib = number_in (status, "VmRSS:") / 1024, .bytes = loopback_bytes () };
  const char *task;

  while (folder != NULL && (task = g_dir_read_name (folder)) != NULL) {
    g_autofree char *switches = g_build_filename (tasks, task, "status", NULL);
    g_autofree char *times = g_build_filename (tasks, task, "schedstat", NULL);

    use.wakeups += number_in (switches, "\nvoluntary_ctxt_switches:");
    use.cpu_s += number_in (times, "") / 1e9;
  }
  return use;
}

/* What `program` uses in a second of idleness, on a screen and a bus of its own. */
static bool
measure (const char *folder, const char *program, Use *ret_use)
{
  g_autofree char *pid_path = g_build_filename (folder, "pid", NULL), *text = NULL;
  g_autofree char *schemas = hand_program ("../data"); /* of the build, not of an installed one */
  g_autofree char *script = g_strdup_printf (
    "export GSETTINGS_BACKEND=memory GSETTINGS_SCHEMA_DIR=%s LC_ALL=C.UTF-8 HOME=%s\n"
    "export XDG_RUNTIME_DIR=%s; exec xvfb-run -a dbus-run-session -- "
    "sh -c 'echo $$ >%s; exec %s'",
    schemas, folder, folder, pid_path, program);
  g_autoptr (GSubprocess) screen =
    g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL,
                      "sh", "-c", script, NULL);
  Use before, after;
  int pid;

  if (screen == NULL)
    return false;
  g_usleep (SETTLE_S * G_USEC_PER_SEC);
  if (!g_file_get_contents (pid_path, &text, NULL, NULL))
    return false;
  pid = (int) g_ascii_strtoll (text, NULL, 10);
  before = look (pid);
  g_usleep (MEASURE_S * G_USEC_PER_SEC);
  after = look (pid);
  *ret_use = (Use){
    .rss_mib = after.rss_mib,
    .cpu_s = (after.cpu_s - before.cpu_s) / MEASURE_S,
    .wakeups = (after.wakeups - before.wakeups) / MEASURE_S,
    .bytes = (after.bytes - before.bytes) / MEASURE_S / (OTHERS + 1),
  };
  kill (pid, SIGTERM);
  g_subprocess_wait (screen, NULL, NULL);
  g_unlink (pid_path);
  return after.rss_mib > 0;
}

static bool
measure_ours (const char *folder, Use *ret_use)
{
  g_autofree char *peal = hand_program ("../app/peal"), *invitation = NULL, *program = NULL;
  g_autoptr (GPtrArray) others = g_ptr_array_new_with_free_func ((GDestroyNotify) hand_free);
  Hand *phone;

  for (int i = 0; i < OTHERS; i++) {
    g_autofree char *name = g_strdup_printf ("other%d", i);
    Hand *other = hand_new (folder, name);

    g_ptr_array_add (others, other);
    if (i == 0) {
      hand_create (other, name);
      invitation = hand_invite (other);
    } else {
      hand_join (other, invitation, name);
    }
  }
  phone = hand_new (folder, "phone");
  hand_join (phone, invitation, "phone");
  hand_free (phone);
  program = g_strdup_printf ("%s --state %s/phone", peal, folder);
  return measure (folder, program, ret_use);
}

static void
print_use (const char *who, const Use *use)
{
  g_print ("%-12s %6.1f MiB  %6.3f %% CPU  %6.2f wake-ups/s", who, use->rss_mib, use->cpu_s * 100,
           use->wakeups);
  if (use->bytes > 0)
    g_print ("  %6.0f B/s sent", use->bytes);
  g_print ("\n");
}

static void
print_rivals (const char *folder)
{
  g_autofree char *calls = g_find_program_in_path ("gnome-calls");
  Use use;

  if (calls != NULL && measure (folder, calls, &use)) {
    use.bytes = 0;
    print_use ("GNOME Calls", &use);
  } else {
    g_print ("GNOME Calls    55 MiB, 0.07 wake-ups/s (without an account; not installed here)\n");
  }
  g_print ("linphone      247 MiB, 50 wake-ups/s; Jami 383 MiB, 42 wake-ups/s, 201 B/s\n");
}

static int
run_here (const BenchOptions *options)
{
  g_autofree char *folder = g_dir_make_tmp ("peal-bench-XXXXXX", NULL), *extra = NULL;
  char numbers[4][G_ASCII_DTOSTR_BUF_SIZE];
  Use ours;

  alarm (LIMIT_S);
  if (!measure_ours (folder, &ours)) {
    g_printerr ("idle: the window needs xvfb-run and dbus-run-session\n");
    return 1;
  }
  print_use ("Peal", &ours);
  print_rivals (folder);
  hand_forget (folder);
  extra =
    g_strdup_printf ("\"rss_mib\":%s,\"cpu_share\":%s,\"bytes_per_s\":%s,\"wakeups_per_s\":%s",
                     g_ascii_formatd (numbers[0], sizeof numbers[0], "%.1f", ours.rss_mib),
                     g_ascii_formatd (numbers[1], sizeof numbers[1], "%.5f", ours.cpu_s),
                     g_ascii_formatd (numbers[2], sizeof numbers[2], "%.1f", ours.bytes),
                     g_ascii_formatd (numbers[3], sizeof numbers[3], "%.2f", ours.wakeups));
  bench_report (options, "idle", ours.wakeups, wakeups_aim, ours.wakeups / wakeups_aim, extra);
  return 0;
}

/* Once more in a network namespace, which has nobody's bytes but ours. */
int
bench_idle (const BenchOptions *options)
{
  g_autofree char *self = hand_program ("peal-bench");

  if (g_getenv ("PEAL_BENCH_ALONE") != NULL)
    return run_here (options);
  g_setenv ("PEAL_BENCH_ALONE", "1", true);
  execlp ("unshare", "unshare", geteuid () == 0 ? "-n" : "-rn", "sh", "-c",
          "ip link set lo up; exec \"$@\"", "sh", self, "idle", options->is_json ? "--json" : NULL,
          NULL);
  g_printerr ("idle: needs unshare\n");
  return 1;
}
