/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/address-port.h"

#include "tests/wire/structures.h"

/* The example of RFC 6940, 6.3.1.1. */
static void
test_ipv4_example (void)
{
  Address address;
  IpAddressPort value;

  g_assert_true (address_from_text ("192.0.2.1:6084", &address));
  value = ip_address_port_of (&address);
  structure_assert_hex (&ip_address_port_type, &value, "01 06 c0000201 17c4");
}

static void
test_ipv6_becomes_an_address (void)
{
  g_autoptr (Arena) arena = arena_new ();
  IpAddressPort value;
  char text[ADDRESS_TEXT_SIZE];

  structure_of_hex (&ip_address_port_type, "02 12 20010db8000000000000000000000001 17c4", arena,
                    &value);
  g_assert_cmpstr (address_to_text (&value.address, text), ==, "[2001:db8::1]:6084");
}

static void
test_unknown_type_keeps_its_bytes (void)
{
  g_autoptr (Arena) arena = arena_new ();
  IpAddressPort value;

  structure_of_hex (&ip_address_port_type, "07 03 010203", arena, &value);
  g_assert_cmpuint (value.address.family, ==, ADDRESS_NONE);
  structure_assert_hex (&ip_address_port_type, &value, "07 03 010203");
}

static void
test_wrong_length_is_refused (void)
{
  structure_assert_refused (&ip_address_port_type, "01 07 c0000201 17c4 00", "length");
  structure_assert_refused (&ip_address_port_type, "01 05 c0000201 17", "port");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/address-port/example-of-the-rfc", test_ipv4_example);
  g_test_add_func ("/wire/address-port/ipv6-becomes-an-address", test_ipv6_becomes_an_address);
  g_test_add_func ("/wire/address-port/unknown-type-keeps-its-bytes",
                   test_unknown_type_keeps_its_bytes);
  g_test_add_func ("/wire/address-port/threat-1.1-wrong-length-is-refused",
                   test_wrong_length_is_refused);
  return g_test_run ();
}
