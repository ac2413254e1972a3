/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/quota.h"

#include "core/base/limits.h"
#include "core/base/timers.h"

enum { PER_MINUTE = 3, BURST = 10 };

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Quota, quota_free)

static unsigned
take (Quota *quota, const NodeId *who, uint64_t now, unsigned count)
{
  unsigned taken = 0;

  for (unsigned i = 0; i < count; i++)
    taken += quota_take (quota, who, now);
  return taken;
}

static void
test_each (void)
{
  g_autoptr (Quota) quota = quota_new (PER_MINUTE, BURST);
  NodeId alice = { { 1 } }, bob = { { 2 } };

  g_assert_cmpuint (take (quota, &alice, 0, 100), ==, BURST);
  g_assert_cmpuint (take (quota, &bob, 0, 100), ==, BURST);
  g_assert_cmpuint (take (quota, &alice, TIME_MINUTE, 100), ==, PER_MINUTE);
  g_assert_cmpuint (take (quota, &bob, TIME_HOUR, 100), ==, BURST);
}

/* One that has used its share up stays. */
static void
test_crowd (void)
{
  g_autoptr (Quota) quota = quota_new (PER_MINUTE, BURST);
  NodeId eve = { { 6 } };

  take (quota, &eve, 0, BURST);
  for (unsigned i = 0; i < 10 * LIMIT_QUOTAS; i++) {
    NodeId other = { { 8, (uint8_t) (i >> 8), (uint8_t) i } };
    g_assert_cmpuint (take (quota, &other, 0, 1), ==, 1);
  }
  g_assert_cmpuint (take (quota, &eve, 0, 1), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/quota/each-has-its-own", test_each);
  g_test_add_func ("/quota/threat-3.5-a-crowd-washes-nobody-clean", test_crowd);
  return g_test_run ();
}
