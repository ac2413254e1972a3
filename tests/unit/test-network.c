/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/network.h"

#include "tests/unit/fake-node.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void
on_changed (void *user_data)
{
  (*(unsigned *) user_data)++;
}

/* In a network of its own, where loopback is down at first. */
static bool
enter_network (void)
{
  return unshare (CLONE_NEWUSER | CLONE_NEWNET) == 0 || unshare (CLONE_NEWNET) == 0;
}

static bool
set_loopback (bool is_up)
{
  struct ifreq request = { .ifr_name = "lo", .ifr_flags = is_up ? IFF_UP | IFF_RUNNING : 0 };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  bool is_done = ioctl (fd, SIOCSIFFLAGS, &request) == 0;

  close (fd);
  return is_done;
}

static void
test_change (void)
{
  g_autoptr (Loop) loop = NULL;
  g_autoptr (Network) network = NULL;
  unsigned changes = 0;

  if (!enter_network () || !set_loopback (true)) {
    g_test_skip ("may not make a network of its own");
    return;
  }
  loop = loop_new ();
  network = network_new (loop, on_changed, &changes);
  set_loopback (false);
  wait_for (&changes, 1);
  set_loopback (true);
  wait_for (&changes, 2);
  /* Down and up again in one breath is no change. */
  set_loopback (false);
  set_loopback (true);
  wait_ms (700);
  g_assert_cmpuint (changes, ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/network/addresses-come-and-go", test_change);
  return g_test_run ();
}
