/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/frame.h"
#include "tests/sim/identities.h"
#include "tests/sim/trace.h"
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

/* ---- What counts ---- */

typedef struct Flipping {
  const Configuration *configuration;
  unsigned messages;
} Flipping;

static uint64_t
number_with (const Flipping *self, Bytes frame, size_t flipped)
{
  SimTrace *trace = sim_trace_new (self->configuration);
  g_autofree uint8_t *copy = bytes_dup (frame);
  uint64_t number;

  copy[flipped] ^= 1;
  sim_trace_add (trace, 0, (Bytes){ copy, frame.size });
  number = sim_trace_number (trace);
  sim_trace_free (trace);
  return number;
}

/* The signature is the end of every message, and the Forwarding Header its beginning. */
static void
on_frame (SimPeer *from, SimPeer *to, Bytes frame, void *user_data)
{
  enum { HEADER = FRAME_DATA_HEADER_SIZE + 38 };

  Flipping *self = user_data;
  uint64_t number;

  if (frame.size <= HEADER || frame.data[0] != FRAME_DATA)
    return;
  self->messages++;
  number = number_with (self, frame, frame.size - 1);
  g_assert_cmphex (number, ==, number_with (self, frame, frame.size - 2));
  for (size_t i = 0; i < HEADER; i++)
    g_assert_cmphex (number, !=, number_with (self, frame, i));
}

static void
test_what_counts (void)
{
  SimOptions options = { .peers = 2, .seed = 6, .latency_ms = 10 };
  g_autoptr (SimWorld) world = sim_world_new (&options);
  Flipping flipping = { .configuration = sim_world_configuration (world) };

  sim_world_set_tap (world, on_frame, &flipping);
  sim_peer_start (sim_world_peer (world, 0), NULL, 0);
  sim_peer_start (sim_world_peer (world, 1), (unsigned[]){ 0 }, 1);
  sim_world_run (world, 20 * TIME_SECOND);
  g_assert_cmpuint (flipping.messages, >, 10);
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
  g_test_add_func ("/sim/signatures/every-byte-of-a-header-counts-and-none-of-a-signature",
                   test_what_counts);
  return g_test_run ();
}
