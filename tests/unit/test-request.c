/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/phone/request-private.h"
#include "tests/unit/phone-stage.h"

static void
test_detached_request_is_silent (void)
{
  g_autoptr (PealRequest) request = peal_request_new (
    &(PealRequestStart){ .address = "b@x", .display_address = "b@home", .name = "B" }, NULL, NULL);

  peal_request_accept (request);
  peal_request_refuse (request);
  g_assert_cmpstr (stage_text (request, "name"), ==, "B");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/request/detached-is-silent", test_detached_request_is_silent);
  return g_test_run ();
}
