/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/rate.h"

#include "core/base/limits.h"
#include "core/overlay/quota.h"

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
 * seconds. */

struct Rates {
  const Timers *timers;
  TokenBucket checks;
  Quota *signers[RATE_KINDS]; /* owned */
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
  for (unsigned kind = 0; kind < RATE_KINDS; kind++)
    self->signers[kind] = quota_new (60 * method_rates[kind].per_s, method_rates[kind].burst);
  return self;
}

void
rates_free (Rates *self)
{
  if (self == NULL)
    return;
  for (unsigned kind = 0; kind < RATE_KINDS; kind++)
    quota_free (self->signers[kind]);
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

bool
rates_take (Rates *self, Connection *connection, const NodeId *signer, RateKind kind)
{
  uint64_t now = timers_now (self->timers);

  return connection == NULL ||
         (token_bucket_take (&connection_allowance (connection)->methods[kind], now,
                             method_rates[kind].per_s, method_rates[kind].burst) &&
          quota_take (self->signers[kind], signer, now));
}
