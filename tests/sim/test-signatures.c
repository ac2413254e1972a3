/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/identities.h"
#include "tests/sim/trial.h"

/* A keyed hash may stand for signatures only if nobody can tell by what happens. */

static uint64_t
number_of (IdentityKind kind, Plan plan, uint64_t *ret_messages)
{
  g_autoptr (Identities) identities = identities_new (SIM_INSTANCE, (uint64_t) plan.seed, kind);
  g_autoptr (Trial) trial = NULL;
  g_autofree char *complaint = NULL;

  plan.init_signer = identities_init_signer;
  plan.signer_data = identities;
  trial = trial_new (&plan);
  trial_run (trial, NULL);
  complaint = trial_judge (trial);
  g_assert_cmpstr (complaint, ==, NULL);
  *ret_messages = trial->messages;
  return sim_world_trace (trial->world);
}

static void
expect_equal (const Plan *plan)
{
  uint64_t messages, messages_by_hash;
  uint64_t number = number_of (IDENTITY_REAL, *plan, &messages);

  g_assert_cmpuint (number, ==, number_of (IDENTITY_OF_REAL_SIZE, *plan, &messages_by_hash));
  g_assert_cmpuint (messages, ==, messages_by_hash);
}

static void
test_joining (void)
{
  expect_equal (&(Plan){ .peers = 12, .minutes = 0.5, .seed = 1 });
}

static void
test_constructed (void)
{
  expect_equal (&(Plan){ .peers = 40, .minutes = 0.5, .seed = 2, .is_constructed = true });
}

static void
test_internet (void)
{
  expect_equal (&(Plan){ .peers = 10, .minutes = 0.5, .seed = 3, .is_internet = true });
}

static void
test_seeds_differ (void)
{
  uint64_t messages;
  Plan plan = { .peers = 3, .minutes = 0.1, .seed = 4 };
  uint64_t number = number_of (IDENTITY_OF_REAL_SIZE, plan, &messages);

  plan.seed = 5;
  g_assert_cmpuint (number, !=, number_of (IDENTITY_OF_REAL_SIZE, plan, &messages));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/signatures/keyed-hashes-give-the-same-trace/joining", test_joining);
  g_test_add_func ("/sim/signatures/keyed-hashes-give-the-same-trace/constructed",
                   test_constructed);
  g_test_add_func ("/sim/signatures/keyed-hashes-give-the-same-trace/internet", test_internet);
  g_test_add_func ("/sim/signatures/another-seed-gives-another-trace", test_seeds_differ);
  return g_test_run ();
}
