/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "media/protection.h"

#include <glib.h>

static ProtectionMode
report (Protection *self, unsigned count, double fraction_lost)
{
  for (unsigned i = 0; i < count; i++)
    protection_report (self, fraction_lost);
  return self->mode;
}

static void
test_little_loss_is_left_to_concealment (void)
{
  Protection self;
  protection_init (&self);
  g_assert_cmpint (report (&self, 100, 0.03), ==, PROTECTION_NONE);
}

static void
test_some_loss_turns_red_on_and_off (void)
{
  Protection self;
  protection_init (&self);
  g_assert_cmpint (report (&self, 20, 0.07), ==, PROTECTION_RED);
  g_assert_cmpint (report (&self, 100, 0), ==, PROTECTION_NONE);
}

static void
test_much_loss_turns_red_on_within_seconds (void)
{
  Protection self;
  protection_init (&self);
  g_assert_cmpint (report (&self, 3, 0.2), ==, PROTECTION_RED);
}

static void
test_red_stays_while_it_hides_the_loss (void)
{
  Protection self;
  protection_init (&self);
  report (&self, 5, 0.12);
  /* One report in two shows 2 % of packets that RED could not repair: 10 % are lost. */
  for (unsigned i = 0; i < 100; i++)
    g_assert_cmpint (report (&self, 1, i % 2 == 0 ? 0.02 : 0), ==, PROTECTION_RED);
  g_assert_cmpfloat_with_epsilon (protection_loss (&self), 0.1, 0.02);
}

static void
test_red_ends_when_nothing_is_lost (void)
{
  Protection self;
  protection_init (&self);
  report (&self, 5, 0.12);
  g_assert_cmpint (report (&self, 100, 0), ==, PROTECTION_NONE);
}

static void
test_nonsense_is_clamped (void)
{
  Protection self;
  protection_init (&self);
  report (&self, 10, 1e9);
  g_assert_cmpfloat (protection_loss (&self), <=, 1);
  report (&self, 1000, -1e9);
  g_assert_cmpfloat (protection_loss (&self), >=, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/protection/little-loss-is-left-to-concealment",
                   test_little_loss_is_left_to_concealment);
  g_test_add_func ("/protection/some-loss-turns-red-on-and-off",
                   test_some_loss_turns_red_on_and_off);
  g_test_add_func ("/protection/much-loss-turns-red-on-within-seconds",
                   test_much_loss_turns_red_on_within_seconds);
  g_test_add_func ("/protection/red-stays-while-it-hides-the-loss",
                   test_red_stays_while_it_hides_the_loss);
  g_test_add_func ("/protection/red-ends-when-nothing-is-lost", test_red_ends_when_nothing_is_lost);
  g_test_add_func ("/protection/threat-4.11-nonsense-is-clamped", test_nonsense_is_clamped);
  return g_test_run ();
}
