/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/answer-cache.h"

#include "core/base/limits.h"
#include "core/overlay/message-writer.h"

/* A list in the order of coming: the oldest give way, to time or to number. */

struct AnswerCache {
  const Timers *timers;
  ListLink all; /* the oldest first */
  unsigned count;
};

static void
given_free (AnswerCache *self, GivenAnswer *given)
{
  list_remove (&given->all);
  self->count--;
  g_clear_pointer (&given->contents, g_byte_array_unref);
  g_clear_pointer (&given->certificates, g_ptr_array_unref);
  g_free (given);
}

static void
forget_old (AnswerCache *self)
{
  while (!list_is_empty (&self->all)) {
    GivenAnswer *oldest = list_element (self->all.next, GivenAnswer, all);
    if (self->count < LIMIT_ANSWER_CACHE &&
        oldest->at + LIMIT_ANSWER_CACHE_S * TIME_SECOND > timers_now (self->timers))
      return;
    given_free (self, oldest);
  }
}

static GivenAnswer *
find (AnswerCache *self, const NodeId *from, uint64_t transaction_id)
{
  list_for_each (&self->all, l)
  {
    GivenAnswer *given = list_element (l, GivenAnswer, all);
    if (given->transaction_id == transaction_id && node_id_equal (&given->from, from))
      return given;
  }
  return NULL;
}

AnswerCache *
answer_cache_new (const Timers *timers)
{
  AnswerCache *self = g_new0 (AnswerCache, 1);

  self->timers = timers;
  list_init (&self->all);
  return self;
}

void
answer_cache_free (AnswerCache *self)
{
  if (self == NULL)
    return;
  list_for_each (&self->all, l) given_free (self, list_element (l, GivenAnswer, all));
  g_free (self);
}

const GivenAnswer *
answer_cache_find (AnswerCache *self, const NodeId *from, uint64_t transaction_id)
{
  forget_old (self);
  return find (self, from, transaction_id);
}

void
answer_cache_open (AnswerCache *self, const NodeId *from, uint64_t transaction_id)
{
  GivenAnswer *given = g_new0 (GivenAnswer, 1);

  given->from = *from;
  given->transaction_id = transaction_id;
  given->at = timers_now (self->timers);
  list_append (&self->all, &given->all);
  self->count++;
}

void
answer_cache_close (AnswerCache *self,
                    const NodeId *from,
                    uint64_t transaction_id,
                    const GByteArray *contents,
                    const GPtrArray *certificates)
{
  GivenAnswer *given = find (self, from, transaction_id);

  if (given == NULL)
    return;
  /* A copy, for what was written into has room for much more. */
  given->contents =
    g_byte_array_append (g_byte_array_sized_new (contents->len), contents->data, contents->len);
  given->certificates = certificates_copy (certificates);
}

void
answer_cache_drop (AnswerCache *self, const NodeId *from, uint64_t transaction_id)
{
  GivenAnswer *given = find (self, from, transaction_id);

  if (given != NULL)
    given_free (self, given);
}
