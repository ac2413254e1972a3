/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/rate.h"

#include "core/base/limits.h"

/* Three rates stand one behind the other.
 *
 *   requests   of each link, taken before anything is checked
 *   checks     of signatures: each link has a share of its own, and what is beyond that comes from
 *              a purse common to all, so that one link can empty the purse but not the others'
 *              shares. A message is admitted for one check and pays for the others afterwards:
 *              who sends costly ones waits until they are paid.
 *   methods    Stores, Attaches and ConfigUpdates, of each link and, wherever they come from, of
 *              each signer. These are known only once the signature holds.
 *
 * Answers to our own requests pay, but are always admitted; so is what we send to ourselves. What
 * is passed on for others has a rate of its own (forwarding.c) and does not come here.
 *
 * Copies between neighbors are no Stores here: when a peer dies, its neighbor sends all that it
 * answers for at once. Simulated overlays of 40 to 200 with one person a peer, half of them killed
 * or cut in two, brought up to 33 copies within a second over one link; with several people a peer
 * it would be as many times more. They pay as requests and for their signatures. Of honest Stores
 * and Attaches these rates dropped none, neither there nor when a hundred joined within ten
 * seconds.
 *
 * The buckets of signers are as many as LIMIT_RATED_SIGNERS; the one that is nearest to full gives
 * way, for it remembers least, and before there are more of them one that is full. */

typedef struct Rated {
  NodeId signer;
  TokenBucket buckets[RATE_KINDS];
} Rated;

struct Rates {
  const Timers *timers;
  TokenBucket checks;
  GArray *signers; /* of Rated */
};

static const struct {
  uint32_t per_s;
  uint32_t burst;
} method_rates[RATE_KINDS] = {
  [RATE_STORE] = { LIMIT_STORES_PER_S, LIMIT_STORES_BURST },
  [RATE_CONFIGURATION] = { LIMIT_CONFIGURATIONS_PER_S, LIMIT_CONFIGURATIONS_BURST },
  [RATE_ATTACH] = { LIMIT_ATTACHES_PER_S, LIMIT_ATTACHES_BURST },
};

Rates *
rates_new (const Timers *timers)
{
  Rates *self = g_new0 (Rates, 1);

  self->timers = timers;
  self->signers = g_array_new (FALSE, FALSE, sizeof (Rated));
  return self;
}

void
rates_free (Rates *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->signers);
  g_free (self);
}

/* Its own share first. */
static bool
take_check (Rates *self, Connection *connection)
{
  uint64_t now = timers_now (self->timers);

  return token_bucket_take (&connection_allowance (connection)->checks, now,
                            LIMIT_CHECKS_PER_S_LINK, LIMIT_CHECKS_BURST_LINK) ||
         token_bucket_take (&self->checks, now, LIMIT_CHECKS_PER_S, LIMIT_CHECKS_BURST);
}

bool
rates_admit (Rates *self, Connection *connection)
{
  return connection == NULL || (token_bucket_take (&connection_allowance (connection)->requests,
                                                   timers_now (self->timers), LIMIT_REQUESTS_PER_S,
                                                   LIMIT_REQUESTS_BURST) &&
                                take_check (self, connection));
}

void
rates_charge (Rates *self, Connection *connection, uint64_t checks)
{
  uint64_t now = timers_now (self->timers);

  if (connection == NULL)
    return;
  for (uint64_t i = 0; i < checks; i++)
    if (!take_check (self, connection)) {
      token_bucket_charge (&connection_allowance (connection)->checks, now, LIMIT_CHECKS_PER_S_LINK,
                           (uint32_t) (checks - i));
      return;
    }
}

/* When all its buckets will be full. */
static uint64_t
full_at (const Rated *rated)
{
  uint64_t at = 0;

  for (unsigned kind = 0; kind < RATE_KINDS; kind++)
    at = MAX (at, rated->buckets[kind].empty_at);
  return at;
}

static Rated *
need_signer (Rates *self, const NodeId *signer)
{
  Rated fresh = { .signer = *signer };
  Rated *fullest = NULL;

  for (guint i = 0; i < self->signers->len; i++) {
    Rated *rated = &g_array_index (self->signers, Rated, i);
    if (node_id_equal (&rated->signer, signer))
      return rated;
    if (fullest == NULL || full_at (rated) < full_at (fullest))
      fullest = rated;
  }
  if (self->signers->len < LIMIT_RATED_SIGNERS &&
      (fullest == NULL || full_at (fullest) > timers_now (self->timers))) {
    g_array_append_val (self->signers, fresh);
    return &g_array_index (self->signers, Rated, self->signers->len - 1);
  }
  *fullest = fresh;
  return fullest;
}

bool
rates_take (Rates *self, Connection *connection, const NodeId *signer, RateKind kind)
{
  uint64_t now = timers_now (self->timers);
  uint32_t per_s = method_rates[kind].per_s;
  uint32_t burst = method_rates[kind].burst;

  return connection == NULL ||
         (token_bucket_take (&connection_allowance (connection)->methods[kind], now, per_s,
                             burst) &&
          token_bucket_take (&need_signer (self, signer)->buckets[kind], now, per_s, burst));
}
