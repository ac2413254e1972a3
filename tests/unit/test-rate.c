/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/rate.h"

#include "core/base/limits.h"

typedef struct Fixture {
  Timers *timers;
  Rates *rates;
  Connection alice;
  Connection bob;
  Allowance of_alice;
  Allowance of_bob;
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  self->timers = timers_new (0);
  self->rates = rates_new (self->timers);
  self->alice.allowance = &self->of_alice;
  self->bob.allowance = &self->of_bob;
}

static void
tear_down (Fixture *self, const void *data)
{
  rates_free (self->rates);
  timers_free (self->timers);
}

/* How many of `count` requests are let in, each costing `checks` beyond its own. */
static unsigned
admit (Fixture *self, Connection *connection, unsigned count, unsigned checks)
{
  unsigned admitted = 0;

  for (unsigned i = 0; i < count; i++) {
    if (!rates_admit (self->rates, connection))
      continue;
    rates_charge (self->rates, connection, checks);
    admitted++;
  }
  return admitted;
}

static unsigned
take (Fixture *self, Connection *connection, const NodeId *signer, RateKind kind, unsigned count)
{
  unsigned taken = 0;

  for (unsigned i = 0; i < count; i++)
    taken += rates_take (self->rates, connection, signer, kind);
  return taken;
}

static void
test_requests (Fixture *self, const void *data)
{
  g_assert_cmpuint (admit (self, &self->alice, 1000, 0), ==, LIMIT_REQUESTS_BURST);
  timers_advance (self->timers, TIME_SECOND, 1);
  g_assert_cmpuint (admit (self, &self->alice, 1000, 0), ==, LIMIT_REQUESTS_PER_S);
}

static void
test_ourselves (Fixture *self, const void *data)
{
  NodeId own = { { 1 } };

  g_assert_cmpuint (admit (self, NULL, 10000, LIMIT_CHECKS_MESSAGE), ==, 10000);
  g_assert_cmpuint (take (self, NULL, &own, RATE_STORE, 10000), ==, 10000);
}

/* One link sends what costs most, all the time; the other keeps its share. */
static void
test_checks (Fixture *self, const void *data)
{
  enum { SECONDS = 60, COST = LIMIT_CHECKS_MESSAGE };

  uint64_t spent = 0;

  for (unsigned s = 1; s <= SECONDS; s++) {
    timers_advance (self->timers, s * TIME_SECOND, 1);
    spent += (uint64_t) admit (self, &self->alice, 1000, COST - 1) * COST;
    g_assert_cmpuint (admit (self, &self->bob, LIMIT_CHECKS_PER_S_LINK, 0), ==,
                      LIMIT_CHECKS_PER_S_LINK);
  }
  g_assert_cmpuint (spent, <=,
                    SECONDS * (LIMIT_CHECKS_PER_S + LIMIT_CHECKS_PER_S_LINK) + LIMIT_CHECKS_BURST +
                      LIMIT_CHECKS_BURST_LINK + COST);
  g_assert_cmpuint (spent, >, SECONDS * (LIMIT_CHECKS_PER_S - COST));
}

static void
test_links (Fixture *self, const void *data)
{
  NodeId signers[LIMIT_STORES_BURST];
  unsigned taken = 0;

  for (unsigned i = 0; i < G_N_ELEMENTS (signers); i++) {
    signers[i] = (NodeId){ { 1, (uint8_t) i } };
    taken += take (self, &self->alice, &signers[i], RATE_STORE, 2);
  }
  g_assert_cmpuint (taken, ==, LIMIT_STORES_BURST);
  g_assert_cmpuint (take (self, &self->alice, &signers[0], RATE_STORE, 1), ==, 0);
  g_assert_cmpuint (take (self, &self->bob, &signers[0], RATE_STORE, 1), ==, 1);
  g_assert_cmpuint (take (self, &self->alice, &signers[0], RATE_ATTACH, 100), ==,
                    LIMIT_ATTACHES_BURST);
  timers_advance (self->timers, TIME_SECOND, 1);
  g_assert_cmpuint (take (self, &self->alice, &signers[1], RATE_STORE, 100), ==,
                    LIMIT_STORES_PER_S);
  g_assert_cmpuint (take (self, &self->alice, &signers[1], RATE_ATTACH, 100), ==,
                    LIMIT_ATTACHES_PER_S);
}

/* However many links carry it. */
static void
test_signers (Fixture *self, const void *data)
{
  NodeId eve = { { 6 } };
  NodeId honest = { { 7 } };
  unsigned taken = 0;

  for (unsigned i = 0; i < 20; i++) {
    Allowance allowance = { 0 };
    Connection link = { .number = i, .allowance = &allowance };
    taken += take (self, &link, &eve, RATE_STORE, 100);
  }
  g_assert_cmpuint (taken, ==, LIMIT_STORES_BURST);
  g_assert_cmpuint (take (self, &self->bob, &honest, RATE_STORE, 1), ==, 1);
}

/* More signers than are remembered: one that has used its share up stays. */
static void
test_crowd (Fixture *self, const void *data)
{
  NodeId eve = { { 6 } };

  take (self, &self->alice, &eve, RATE_STORE, LIMIT_STORES_BURST);
  for (unsigned i = 0; i < 10 * LIMIT_QUOTAS; i++) {
    NodeId other = { { 8, (uint8_t) (i >> 8), (uint8_t) i } };
    Allowance allowance = { 0 };
    Connection link = { .number = i, .allowance = &allowance };
    g_assert_cmpuint (take (self, &link, &other, RATE_STORE, 1), ==, 1);
  }
  g_assert_cmpuint (take (self, &self->bob, &eve, RATE_STORE, 1), ==, 0);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/rate/threat-3.5-requests-of-a-link-have-a-rate", test_requests);
  ADD ("/rate/what-we-ask-ourselves-has-none", test_ourselves);
  ADD ("/rate/threat-3.5-costly-messages-leave-the-others-their-share", test_checks);
  ADD ("/rate/threat-3.5-a-link-stores-and-attaches-at-its-rate", test_links);
  ADD ("/rate/threat-3.5-a-signer-has-one-share-over-all-links", test_signers);
  ADD ("/rate/threat-3.5-a-crowd-does-not-wash-a-signer-clean", test_crowd);
  return g_test_run ();
}
