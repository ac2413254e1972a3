/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test"
#include "core/base/log.h"

typedef struct Said {
  unsigned count;
  LogLevel level;
  char *text;
} Said;

static void
on_log (void *world, LogLevel level, const char *domain, const char *text)
{
  Said *said = world;

  g_assert_cmpstr (domain, ==, "test");
  said->count++;
  said->level = level;
  g_free (said->text);
  said->text = g_strdup (text);
}

static const char *
format_argument (unsigned *count)
{
  ++*count;
  return "bob";
}

static void
test_level (void)
{
  Said said = { 0 };
  NodePorts ports = { .world = &said, .log_level = LOG_LEVEL_WARNING, .log = on_log };
  unsigned formatted = 0;

  log_debug (&ports, "%s", format_argument (&formatted));
  log_info (&ports, "%s", format_argument (&formatted));
  g_assert_cmpuint (said.count + formatted, ==, 0);
  log_warning (&ports, "%s is %d", format_argument (&formatted), 7);
  g_assert_cmpint (said.level, ==, LOG_LEVEL_WARNING);
  g_assert_cmpstr (said.text, ==, "bob is 7");
  log_error (&ports, "no");
  g_assert_cmpint (said.level, ==, LOG_LEVEL_ERROR);
  g_assert_cmpuint (said.count, ==, 2);
  g_free (said.text);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/log/what-the-level-hides-is-not-even-formatted", test_level);
  return g_test_run ();
}
