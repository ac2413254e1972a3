/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/node.h"
#include "core/wire/error.h"

static void
test_problems (void)
{
  g_assert_cmpint (node_problem_of (RELOAD_OK), ==, NODE_PROBLEM_NONE);
  g_assert_cmpint (node_problem_of (RELOAD_UPSTREAM_MISROUTING), ==, NODE_PROBLEM_MISROUTED);
  g_assert_cmpint (node_problem_of (RELOAD_MESSAGE_EXPIRED), ==, NODE_PROBLEM_EXPIRED);
  g_assert_cmpint (node_problem_of (0xfff0), ==, NODE_PROBLEM_OTHER);
  g_assert_cmpstr (node_error_name (RELOAD_LOOP_DETECTED), ==, "Error_Loop_Detected");
  g_assert_cmpstr (node_error_name (0xfff0), ==, "Error_Unknown");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/node-problem/codes-mean-something-to-people", test_problems);
  return g_test_run ();
}
