/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token-bucket.h: a rate with a burst. A zeroed bucket is full. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

typedef struct TokenBucket {
  uint64_t empty_at; /* the moment at which, spent at the rate, it was last empty */
} TokenBucket;

/* Takes one token; false when there is none. `now` in microseconds, never going backwards. */
bool token_bucket_take (TokenBucket *self, uint64_t now, uint32_t per_second, uint32_t burst);

/* Takes `tokens` whether they are there or not; those that come next fill the hole first. */
void token_bucket_charge (TokenBucket *self, uint64_t now, uint32_t per_second, uint32_t tokens);
