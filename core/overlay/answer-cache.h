/* SPDX-License-Identifier: GPL-3.0-or-later */
/* answer-cache.h: the answers we gave to requests that change something, should these come again
 * (RFC 6940, 6.2.1). */
#pragma once
#include "core/base/bytes.h"
#include "core/base/node-id.h"
#include "core/base/timers.h"

typedef struct AnswerCache AnswerCache;

/* An answer; or, without contents, a request that is being worked on. */
typedef struct GivenAnswer {
  Bytes contents;          /* owned; empty while no answer was given */
  GPtrArray *certificates; /* owned, of Certificate; NULL when none went along */
} GivenAnswer;

/* `timers` outlives it. */
AnswerCache *answer_cache_new (const Timers *timers);
void answer_cache_free (AnswerCache *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnswerCache, answer_cache_free)

/* NULL when that request did not come in the last LIMIT_ANSWER_CACHE_S seconds. Valid until the
 * next call. */
const GivenAnswer *
answer_cache_find (AnswerCache *self, const NodeId *from, uint64_t transaction_id);

/* A request that has come, and how it was answered; both are copied. The latter does nothing when
 * the request has been forgotten. */
void answer_cache_open (AnswerCache *self, const NodeId *from, uint64_t transaction_id);
void answer_cache_close (AnswerCache *self,
                         const NodeId *from,
                         uint64_t transaction_id,
                         Bytes contents,
                         const GPtrArray *certificates);

/* Gives back the memory of those that are too old to come again. */
void answer_cache_tidy (AnswerCache *self);

/* As if it had never come. */
void answer_cache_drop (AnswerCache *self, const NodeId *from, uint64_t transaction_id);
