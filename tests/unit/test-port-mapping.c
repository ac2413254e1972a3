/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/port-mapping.h"

#include <string.h>

/* A router that does as it is told by the test. It is asked in a thread. */

enum { PORT = 6084 };

typedef struct Router {
  GMutex mutex;
  bool is_willing;
  Address outside;
  unsigned asked;
  unsigned unmapped;
} Router;

typedef struct Stage {
  Router router;
  unsigned told;
  bool is_mapped;
  Address outside;
} Stage;

static Address
address_of (const char *text)
{
  Address address;

  g_assert_true (address_from_text (text, &address));
  return address;
}

static bool
map (void *gateway, uint16_t port, GatewayMapping *ret_mapping)
{
  Router *router = gateway;
  bool is_willing;

  g_assert_cmpuint (port, ==, PORT);
  g_mutex_lock (&router->mutex);
  router->asked++;
  is_willing = router->is_willing;
  if (is_willing)
    *ret_mapping = (GatewayMapping){ router->outside, 3600 };
  g_mutex_unlock (&router->mutex);
  return is_willing;
}

static void
unmap (void *gateway, uint16_t port)
{
  Router *router = gateway;

  g_assert_cmpuint (port, ==, PORT);
  g_mutex_lock (&router->mutex);
  router->unmapped++;
  g_mutex_unlock (&router->mutex);
}

static const PortMappingWays ways = { map, unmap };

static void
on_mapping (const Address *outside, void *user_data)
{
  Stage *stage = user_data;

  stage->told++;
  stage->is_mapped = outside != NULL;
  if (outside != NULL)
    stage->outside = *outside;
}

static void
set_router (Stage *stage, bool is_willing, const char *outside)
{
  g_mutex_lock (&stage->router.mutex);
  stage->router.is_willing = is_willing;
  stage->router.outside = address_of (outside);
  g_mutex_unlock (&stage->router.mutex);
}

static unsigned
times_asked (Stage *stage)
{
  unsigned asked;

  g_mutex_lock (&stage->router.mutex);
  asked = stage->router.asked;
  g_mutex_unlock (&stage->router.mutex);
  return asked;
}

static void
await_told (Stage *stage, unsigned count)
{
  while (stage->told < count)
    g_main_context_iteration (NULL, TRUE);
}

static void
await_asked (Stage *stage, unsigned count)
{
  while (times_asked (stage) < count)
    g_thread_yield ();
}

static void
test_mapped (void)
{
  Stage stage = { 0 };
  Address expected = address_of ("192.0.2.7:6090");
  PortMapping *mapping;

  set_router (&stage, true, "192.0.2.7:6090");
  mapping = port_mapping_new (PORT, &ways, &stage.router, on_mapping, &stage);
  await_told (&stage, 1);
  g_assert_true (stage.is_mapped && address_equal (&stage.outside, &expected));
  g_assert_cmpuint (stage.router.unmapped, ==, 0);
  port_mapping_free (mapping);
  g_assert_cmpuint (stage.router.unmapped, ==, 1);
}

static void
test_unwilling (void)
{
  Stage stage = { 0 };
  PortMapping *mapping = port_mapping_new (PORT, &ways, &stage.router, on_mapping, &stage);

  await_asked (&stage, 1);
  port_mapping_free (mapping);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpuint (stage.told, ==, 0);
  g_assert_cmpuint (stage.router.unmapped, ==, 0); /* there was nothing to take back */
}

/* What stays as it was is not told again. */
static void
test_changes (void)
{
  Stage stage = { 0 };
  Address expected = address_of ("192.0.2.8:6084");
  PortMapping *mapping;

  set_router (&stage, true, "192.0.2.7:6084");
  mapping = port_mapping_new (PORT, &ways, &stage.router, on_mapping, &stage);
  await_told (&stage, 1);
  port_mapping_renew (mapping);
  await_asked (&stage, 2);
  set_router (&stage, true, "192.0.2.8:6084");
  port_mapping_renew (mapping);
  await_told (&stage, 2);
  g_assert_true (stage.is_mapped && address_equal (&stage.outside, &expected));
  set_router (&stage, false, "192.0.2.8:6084");
  port_mapping_renew (mapping);
  await_told (&stage, 3);
  g_assert_false (stage.is_mapped);
  port_mapping_free (mapping);
  g_assert_cmpuint (stage.router.unmapped, ==, 0);
}

/* News that is on its way finds nobody. */
static void
test_freed (void)
{
  Stage stage = { 0 };
  PortMapping *mapping;

  set_router (&stage, true, "192.0.2.7:6084");
  mapping = port_mapping_new (PORT, &ways, &stage.router, on_mapping, &stage);
  await_asked (&stage, 1);
  port_mapping_free (mapping);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpuint (stage.told, ==, 0);
  g_assert_cmpuint (stage.router.unmapped, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/port-mapping/mapped-and-given-back", test_mapped);
  g_test_add_func ("/port-mapping/a-router-that-will-not-is-nothing-to-tell", test_unwilling);
  g_test_add_func ("/port-mapping/changes-are-told", test_changes);
  g_test_add_func ("/port-mapping/nothing-is-told-after-the-end", test_freed);
  return g_test_run ();
}
