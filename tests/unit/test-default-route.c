/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/default-route.h"

#define NOWHERE    "00000000000000000000000000000000"
#define HERE       "20010db8000a00020000000000000000"
#define ROUTER     "20010db8000a00020000000000000001"
#define OTHER      "20010db8000a00020000000000000002"
#define LINK_LOCAL "fe800000000000000000000000000001"
#define ROUTE(to, bits, router, metric, flags) \
  to " " bits " " NOWHERE " 00 " router " " metric " 00000001 00000000 " flags "       lo\n"

static void
expect (const char *table, const char *expected)
{
  Address router, wanted;

  if (expected == NULL) {
    g_assert_false (default_route_parse (table, &router));
    return;
  }
  g_assert_true (default_route_parse (table, &router));
  g_assert_true (address_from_text (expected, &wanted));
  g_assert_cmpmem (router.bytes, sizeof router.bytes, wanted.bytes, sizeof wanted.bytes);
}

static void
test_found (void)
{
  static const char table[] = ROUTE (HERE, "40", NOWHERE, "00000100", "00000001")
    ROUTE (NOWHERE, "00", OTHER, "00000800", "00000003")
      ROUTE (NOWHERE, "00", ROUTER, "00000400", "00000003")
        ROUTE (NOWHERE, "00", NOWHERE, "ffffffff", "00200200");

  expect (table, "[2001:db8:a:2::1]");
}

/* Which of our networks it is on is part of it. */
static void
test_scope (void)
{
  Address router;

  g_assert_true (
    default_route_parse (ROUTE (NOWHERE, "00", LINK_LOCAL, "00000400", "00000003"), &router));
  g_assert_cmpuint (router.scope, ==, 1);
}

static void
test_none (void)
{
  expect ("", NULL);
  expect ("\n\n", NULL);
  expect (ROUTE (NOWHERE, "00", ROUTER, "00000400", "00000001"), NULL); /* no router */
  expect (ROUTE (NOWHERE, "00", ROUTER, "00000400", "00000203"), NULL); /* rejects */
  expect (ROUTE (NOWHERE, "01", ROUTER, "00000400", "00000003"), NULL); /* half of all */
  expect (ROUTE (HERE, "00", ROUTER, "00000400", "00000003"), NULL);
  expect (NOWHERE " 00 " NOWHERE " 00 " ROUTER " 00000400", NULL);
  expect (NOWHERE " 00 " NOWHERE " 00 nonsense 00000400 0 0 00000003 lo", NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/default-route/the-preferred-router", test_found);
  g_test_add_func ("/default-route/on-one-of-our-networks", test_scope);
  g_test_add_func ("/default-route/other-routes-are-none", test_none);
  return g_test_run ();
}
