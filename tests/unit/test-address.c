/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/address.h"

static void
test_text (void)
{
  const char *texts[] = {
    "192.0.2.1:6084", "[2001:db8::1]:6084",    "127.0.0.1:0",         "[fe80::1%3]:65535",
    "[::]:1",         "255.255.255.255:65535", "[::ffff:192.0.2.1]:5"
  };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++) {
    Address address, again;
    char text[ADDRESS_TEXT_SIZE];

    g_assert_true (address_from_text (texts[i], &address));
    g_assert_cmpstr (address_to_text (&address, text), ==, texts[i]);
    g_assert_true (address_from_text (text, &again));
    g_assert_true (address_equal (&address, &again));
  }
}

static void
test_no_port (void)
{
  const char *texts[] = { "192.0.2.1", "2001:db8::1", "[2001:db8::1]", "::1" };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++) {
    Address address;

    g_assert_true (address_from_text (texts[i], &address));
    g_assert_cmpuint (address.port, ==, 0);
  }
}

static void
test_refused (void)
{
  const char *texts[] = { "",
                          "localhost:1",
                          "192.0.2.1:",
                          "192.0.2.1:65536",
                          "192.0.2:1",
                          "192.0.2.1:-1",
                          "[::1",
                          "[::1]6084",
                          "[::1]:",
                          "[fe80::1%0]:1",
                          "[fe80::1%eth0]:1",
                          "192.0.2.1%1:1",
                          "1.2.3.4: 5",
                          "[192.0.2.1%2]:1" };
  const Address untouched = { .family = ADDRESS_NONE, .port = 7 };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++) {
    Address address = untouched;

    if (address_from_text (texts[i], &address))
      g_error ("\"%s\" was taken for an address", texts[i]);
    g_assert_true (address_equal (&address, &untouched));
  }
}

/* l: loopback, k: link-local, p: private and nothing more, s: for strangers too */
static void
test_reach (void)
{
  const char *rows[] = { "l127.0.0.1",   "l127.255.0.9",  "l::1",         "k169.254.3.4",
                         "kfe80::1%2",   "p10.1.2.3",     "p172.16.0.1",  "p172.31.9.9",
                         "p192.168.0.1", "p100.64.0.1",   "pfd00::1",     "pfc00::1",
                         "s192.0.2.1",   "s172.32.0.1",   "s172.15.0.1",  "s100.128.0.1",
                         "s169.253.0.1", "s2001:db8::1",  "sfec0::1",     "s192.169.0.1",
                         "s11.0.0.1",    "s100.63.255.1", "s2002:a00:1::" };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    Address address;

    g_assert_true (address_from_text (rows[i] + 1, &address));
    g_assert_true (address_is_loopback (&address) == (rows[i][0] == 'l'));
    g_assert_true (address_is_link_local (&address) == (rows[i][0] == 'k'));
    g_assert_true (address_is_private (&address) == (rows[i][0] != 's'));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/address/text-comes-back-as-it-was", test_text);
  g_test_add_func ("/address/a-port-may-be-missing", test_no_port);
  g_test_add_func ("/address/what-is-no-address-is-refused", test_refused);
  g_test_add_func ("/address/reach-is-known-by-its-prefix", test_reach);
  return g_test_run ();
}
