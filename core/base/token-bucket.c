/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/token-bucket.h"

#include <glib.h>

/* The generic cell rate algorithm: a bucket is one moment in time, which each token moves ahead by
 * its share of a second and which may be ahead of now by the burst. */

bool
token_bucket_take (TokenBucket *self, uint64_t now, uint32_t per_second, uint32_t burst)
{
  uint64_t share = UINT64_C (1000000) / per_second;
  uint64_t at = MAX (self->empty_at, now);

  if (at + share > now + burst * share)
    return false;
  self->empty_at = at + share;
  return true;
}

void
token_bucket_charge (TokenBucket *self, uint64_t now, uint32_t per_second, uint32_t tokens)
{
  self->empty_at = MAX (self->empty_at, now) + tokens * (UINT64_C (1000000) / per_second);
}
