/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/handshake-limit.h"

#include "core/base/limits.h"

#include <string.h>

/* Token buckets: one for all, one for each /24 or /48. Networks share a table of fixed size by
 * hash, so that an attacker with many networks costs no memory; where two collide, the newcomer
 * takes over what is left in the bucket, which favours nobody. A bucket holds what one second
 * allows. */

enum { NETWORKS = 256 };

typedef struct Bucket {
  uint64_t filled; /* when `tokens` was right */
  double tokens;
} Bucket;

struct HandshakeLimit {
  const Timers *timers;
  uint32_t seed; /* nobody can aim at another network's bucket */
  Bucket all;
  Bucket networks[NETWORKS];
};

static bool
bucket_has (Bucket *self, uint64_t now, double per_s)
{
  double more = (double) (now - self->filled) / TIME_SECOND * per_s;

  self->tokens = MIN (self->tokens + more, per_s);
  self->filled = now;
  return self->tokens >= 1;
}

static size_t
network_index (const HandshakeLimit *self, const Address *from)
{
  size_t size = from->family == ADDRESS_IPV4 ? 3 : 6;
  uint32_t hash = self->seed ^ (uint32_t) from->family; /* FNV-1a */

  for (size_t i = 0; i < size; i++)
    hash = (hash ^ from->bytes[i]) * 16777619u;
  return hash % NETWORKS;
}

HandshakeLimit *
handshake_limit_new (const Timers *timers)
{
  HandshakeLimit *self = g_new0 (HandshakeLimit, 1);

  self->timers = timers;
  self->seed = g_random_int ();
  self->all.tokens = LIMIT_HANDSHAKES_PER_S;
  for (size_t i = 0; i < NETWORKS; i++)
    self->networks[i].tokens = LIMIT_HANDSHAKES_PER_S_NET;
  return self;
}

void
handshake_limit_free (HandshakeLimit *self)
{
  g_free (self);
}

bool
handshake_limit_take (HandshakeLimit *self, const Address *from)
{
  uint64_t now = timers_now (self->timers);
  Bucket *network = &self->networks[network_index (self, from)];
  bool is_counted = !address_is_loopback (from);

  if (is_counted && !bucket_has (network, now, LIMIT_HANDSHAKES_PER_S_NET))
    return false;
  if (!bucket_has (&self->all, now, LIMIT_HANDSHAKES_PER_S))
    return false;
  if (is_counted)
    network->tokens -= 1;
  self->all.tokens -= 1;
  return true;
}
