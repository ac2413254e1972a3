/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/routing-mode.h"

#include "tests/wire/structures.h"

static void
test_option (void)
{
  NodeId id = { { [NODE_ID_SIZE - 1] = 7 } };
  Destination here = destination_of_node (&id);
  Address address;
  ExtensiveRoutingModeOption option = {
    .routemode = ROUTE_MODE_DRR,
    .transport = 1,
    .destinations = { &here, 1 },
  };

  g_assert_true (address_from_text ("192.0.2.9:6084", &address));
  option.ipaddressport = ip_address_port_of (&address);
  structure_assert_hex (&extensive_routing_mode_option_type, &option,
                        "01 01 01 06 c0000209 17c4 12 0110 00000000000000000000000000000007");
  g_assert_true (address_from_text ("[2001:db8::9]:6084", &address));
  option.ipaddressport = ip_address_port_of (&address);
  structure_assert_hex (&extensive_routing_mode_option_type, &option,
                        "01 01 02 12 20010db8000000000000000000000009 17c4"
                        "12 0110 00000000000000000000000000000007");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/routing-mode/option-of-both-families-rfc7263-5.3.1-6", test_option);
  return g_test_run ();
}
