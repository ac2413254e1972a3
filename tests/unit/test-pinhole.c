/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/pinhole.h"

#include <sched.h>
#include <unistd.h>

/* In a network without anything: with routers it is tried in tests/natlab. */

static void
test_no_router (void)
{
  g_autoptr (Pinhole) pinhole = pinhole_new ();
  GatewayMapping mapping = { .lifetime_s = 7 };

  if (unshare (CLONE_NEWNET | (geteuid () == 0 ? 0 : CLONE_NEWUSER)) != 0) {
    g_test_skip ("no networks of our own here");
    return;
  }
  for (unsigned i = 0; i < 2; i++) {
    g_assert_false (pinhole_open (pinhole, 6084, &mapping));
    g_assert_cmpuint (mapping.lifetime_s, ==, 7);
    pinhole_close (pinhole, 6084);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pinhole/where-there-is-no-router-nothing-is-opened", test_no_router);
  return g_test_run ();
}
