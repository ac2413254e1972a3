/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/handshake-limit.h"

#include "core/base/limits.h"

static Address
address (uint8_t net, uint8_t host)
{
  return (Address){ .family = ADDRESS_IPV4, .bytes = { 198, 51, net, host } };
}

static void
test_network (void)
{
  g_autoptr (Timers) timers = timers_new (0);
  g_autoptr (HandshakeLimit) limit = handshake_limit_new (timers);
  unsigned taken = 0;

  for (uint8_t host = 0; host < 100; host++) {
    Address from = address (100, host);
    taken += handshake_limit_take (limit, &from);
  }
  g_assert_cmpuint (taken, ==, LIMIT_HANDSHAKES_PER_S_NET);
  timers_advance (timers, TIME_SECOND, 1);
  Address again = address (100, 7);
  g_assert_true (handshake_limit_take (limit, &again));
}

static void
test_all (void)
{
  g_autoptr (Timers) timers = timers_new (0);
  g_autoptr (HandshakeLimit) limit = handshake_limit_new (timers);
  unsigned taken = 0;

  for (unsigned i = 0; i < 65536; i++) {
    Address from = address ((uint8_t) (i >> 8), (uint8_t) i);
    taken += handshake_limit_take (limit, &from);
  }
  g_assert_cmpuint (taken, ==, LIMIT_HANDSHAKES_PER_S);
}

static void
test_loopback (void)
{
  g_autoptr (Timers) timers = timers_new (0);
  g_autoptr (HandshakeLimit) limit = handshake_limit_new (timers);
  Address from = { .family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 1 } };

  for (unsigned i = 0; i < LIMIT_HANDSHAKES_PER_S; i++)
    g_assert_true (handshake_limit_take (limit, &from));
  g_assert_false (handshake_limit_take (limit, &from));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/handshake-limit/threat-4.1-one-network", test_network);
  g_test_add_func ("/handshake-limit/threat-4.1-all-networks", test_all);
  g_test_add_func ("/handshake-limit/loopback-counts-for-all-only", test_loopback);
  return g_test_run ();
}
