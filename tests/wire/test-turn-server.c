/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/turn-server.h"

#include "tests/wire/structures.h"

static void
test_value (void)
{
  Address address;
  TurnServer server = { .iteration = 3 };

  g_assert_true (address_from_text ("192.0.2.9:3478", &address));
  server.server_address = ip_address_port_of (&address);
  structure_assert_hex (&turn_server_type, &server, "03 01 06 c0000209 0d96");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/turn-server/value", test_value);
  return g_test_run ();
}
