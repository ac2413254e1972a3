/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/relay-reach.h"

static bool
may (const char *relayed_text, const char *peer_text)
{
  Address relayed;
  Address peer;

  g_assert_true (address_from_text (relayed_text, &relayed));
  g_assert_true (address_from_text (peer_text, &peer));
  return relay_may_reach (&relayed, &peer);
}

static void
test_public (void)
{
  g_assert_true (may ("203.0.113.1:1", "198.51.100.7:9"));
  g_assert_true (may ("203.0.113.1:1", "11.0.0.1:9"));
  g_assert_true (may ("[2001:db8::1]:1", "[2a01::7]:9"));
  g_assert_false (may ("203.0.113.1:1", "[2a01::7]:9"));
  g_assert_false (may ("203.0.113.1:1", "192.168.1.7:9"));
}

static void
test_private (void)
{
  g_assert_true (may ("192.168.1.1:1", "192.168.1.7:9"));
  g_assert_true (may ("192.168.1.1:1", "198.51.100.7:9"));
  g_assert_false (may ("192.168.1.1:1", "127.0.0.1:9"));
  g_assert_false (may ("192.168.1.1:1", "169.254.1.1:9"));
  g_assert_true (may ("[fd00::1]:1", "[fd00::2]:9"));
}

static void
test_loopback (void)
{
  g_assert_true (may ("127.0.0.1:1", "127.0.0.2:9"));
  g_assert_true (may ("[::1]:1", "[::1]:9"));
  g_assert_false (may ("127.0.0.1:1", "0.0.0.0:9"));
}

static const Address *
host_of (const char *first, const char *second, bool is_shut, bool is_told)
{
  static Address own[2];

  g_assert_true (address_from_text (first, &own[0]));
  g_assert_true (address_from_text (second, &own[1]));
  return relay_choose_host (own, 2, is_shut, is_told);
}

static void
test_behind_nat (void)
{
  g_assert_null (host_of ("203.0.113.1:1", "192.168.1.7:1", true, false));
  g_assert_nonnull (host_of ("203.0.113.1:1", "192.168.1.7:1", true, true));
}

static void
test_at_home (void)
{
  g_assert_null (host_of ("192.168.1.7:1", "[fd00::1]:1", false, false));
  g_assert_null (host_of ("10.1.1.1:1", "172.16.0.1:1", false, false));
  g_assert_nonnull (host_of ("192.168.1.7:1", "[fd00::1]:1", false, true));
}

static void
test_fit (void)
{
  const Address *host = host_of ("192.168.1.7:1", "203.0.113.1:1", false, false);

  g_assert_nonnull (host);
  g_assert_false (address_is_private (host));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/reach/threat-4.6-from-a-public-address", test_public);
  g_test_add_func ("/relay/reach/threat-4.6-from-a-private-address", test_private);
  g_test_add_func ("/relay/reach/threat-4.6-from-loopback", test_loopback);
  g_test_add_func ("/relay/reach/rfc6940-9-1-nobody-relays-behind-a-nat", test_behind_nat);
  g_test_add_func ("/relay/reach/rfc6940-9-2-nobody-relays-at-a-private-address", test_at_home);
  g_test_add_func ("/relay/reach/rfc6940-9-3-everybody-else-does", test_fit);
  return g_test_run ();
}
