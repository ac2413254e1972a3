/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/registration.h"

#include "tests/wire/structures.h"

static const NodeId device = { { 0x0d } };

static void
test_uri_and_route (void)
{
  Destination destination = destination_of_node (&device);
  SipRegistration uri = { .type = SIP_REGISTRATION_URI, .uri = bytes_of_text ("a@b") };
  SipRegistration route = { .type = SIP_REGISTRATION_ROUTE,
                            .contact_prefs = bytes_of_text ("p"),
                            .destination_list = { &destination, 1 } };

  structure_assert_hex (&sip_registration_type, &uri, "01 0005 0003 614062");
  structure_assert_hex (&sip_registration_type, &route,
                        "02 0017 0001 70 0012 01 10 0d000000000000000000000000000000");
}

static void
test_odd_ones (void)
{
  g_autoptr (Arena) arena = arena_new ();
  SipRegistration unknown;

  structure_of_hex (&sip_registration_type, "09 0002 abcd", arena, &unknown);
  structure_assert_hex (&sip_registration_type, &unknown, "09 0002 abcd");
  structure_assert_refused (&sip_registration_type, "01 0004 0003 614062", "uri");
  structure_assert_refused (&sip_registration_type, "01 0006 0003 614062 00", "length");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/registration/uri-and-route", test_uri_and_route);
  g_test_add_func ("/wire/registration/threat-1.1-lengths-must-agree", test_odd_ones);
  return g_test_run ();
}
