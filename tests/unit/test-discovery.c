/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/multicast.h"
#include "core/os/ports.h"
#include "tests/unit/fake-node.h"

#include <gio/gio.h>
#include <string.h>

#define LOOPBACK "127.0.0.1:0"

typedef struct Ear {
  Discovery *discovery;
  unsigned heard;
  DiscoveryHere last;
  const char *label; /* only of this overlay; other tests may run beside this one */
} Ear;

static void
on_here (const DiscoveryHere *here, void *user_data)
{
  Ear *self = user_data;

  if (strcmp (here->label, self->label) != 0)
    return;
  self->heard++;
  self->last = *here;
}

static void
ear_open (Ear *self, const char *label)
{
  g_autoptr (GError) error = NULL;

  *self = (Ear){ .label = label };
  self->discovery = discovery_new (LOOPBACK, on_here, self, &error);
  g_assert_no_error (error);
}

static DiscoveryHere
here (const char *label, uint16_t port)
{
  DiscoveryHere it = { .peers = 7, .listener = { .port = port } };

  g_strlcpy (it.label, label, sizeof it.label);
  memset (it.instance_hash, 0x5a, sizeof it.instance_hash);
  return it;
}

static char *
fresh_label (void)
{
  return g_strdup_printf ("t%08x", g_random_int ());
}

static void
test_ask (void)
{
  g_autofree char *label = fresh_label ();
  DiscoveryHere member = here (label, 6099);
  Ear a;
  Ear b;

  ear_open (&a, label);
  ear_open (&b, label);
  discovery_announce (b.discovery, &member);
  discovery_ask (a.discovery);
  wait_for (&a.heard, 1);
  g_assert_cmpuint (a.last.listener.port, ==, 6099);
  g_assert_true (address_is_loopback (&a.last.listener));
  g_assert_cmpuint (a.last.peers, ==, 7);
  g_assert_cmpmem (a.last.instance_hash, 32, member.instance_hash, 32);
  g_assert_cmpuint (b.heard, ==, 0); /* not its own voice */
  discovery_free (a.discovery);
  discovery_free (b.discovery);
}

static void
test_two_phones (void)
{
  g_autofree char *label = fresh_label ();
  DiscoveryHere one = here (label, 6098);
  DiscoveryHere other = here (label, 6099);
  Ear a;
  Ear b;

  ear_open (&a, label);
  ear_open (&b, label);
  discovery_announce (a.discovery, &one);
  discovery_announce (b.discovery, &other);
  discovery_ask (a.discovery);
  wait_for (&a.heard, 1);
  wait_for (&b.heard, 1);
  g_assert_cmpuint (a.last.listener.port, ==, 6099);
  g_assert_cmpuint (b.last.listener.port, ==, 6098);
  discovery_free (a.discovery);
  discovery_free (b.discovery);
}

/* However often they ask. */
static void
test_flood (void)
{
  g_autofree char *label = fresh_label ();
  DiscoveryHere member = here (label, 6099);
  Ear a;
  Ear b;

  ear_open (&a, label);
  ear_open (&b, label);
  discovery_announce (b.discovery, &member);
  for (unsigned i = 0; i < 200; i++) {
    discovery_ask (a.discovery);
    g_main_context_iteration (NULL, FALSE);
  }
  wait_for (&a.heard, 1);
  wait_ms (100);
  /* Each answer goes out once for each address family. */
  g_assert_cmpuint (a.heard, <=, 2 * 2 * LIMIT_DISCOVERY_PER_S);
  discovery_announce (b.discovery, NULL);
  discovery_free (a.discovery);
  discovery_free (b.discovery);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/discovery/ask-and-here", test_ask);
  g_test_add_func ("/discovery/two-phones-on-one-machine", test_two_phones);
  g_test_add_func ("/discovery/answers-are-rationed", test_flood);
  return g_test_run ();
}
