/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/answer-cache.h"

#include "core/base/limits.h"
#include "core/overlay/message-writer.h"

#include <string.h>

/* A row in the order of coming. When it is full the oldest gives way; who has his share full gives
 * way to himself, so that nobody's flood makes others' requests run twice. */

enum { GROWTH = 4 };

typedef struct Entry {
  uint64_t transaction_id;
  NodeId from;
  uint64_t at;
  GivenAnswer answer;
} Entry;

struct AnswerCache {
  const Timers *timers;
  Entry *entries; /* owned, the oldest first */
  unsigned count;
  unsigned room;
};

AnswerCache *
answer_cache_new (const Timers *timers)
{
  AnswerCache *self = g_new0 (AnswerCache, 1);

  self->timers = timers;
  return self;
}

static void
clear (Entry *entry)
{
  g_free ((void *) entry->answer.contents.data);
  g_clear_pointer (&entry->answer.certificates, g_ptr_array_unref);
}

void
answer_cache_free (AnswerCache *self)
{
  if (self == NULL)
    return;
  for (unsigned i = 0; i < self->count; i++)
    clear (&self->entries[i]);
  g_free (self->entries);
  g_free (self);
}

static void
remove_range (AnswerCache *self, unsigned from, unsigned count)
{
  for (unsigned i = from; i < from + count; i++)
    clear (&self->entries[i]);
  self->count -= count;
  memmove (&self->entries[from], &self->entries[from + count],
           (self->count - from) * sizeof *self->entries);
  if (self->count + 2 * GROWTH <= self->room) {
    self->room = self->count + GROWTH;
    self->entries = g_renew (Entry, self->entries, self->room);
  }
}

static Entry *
find (AnswerCache *self, const NodeId *from, uint64_t transaction_id)
{
  for (unsigned i = 0; i < self->count; i++)
    if (self->entries[i].transaction_id == transaction_id &&
        node_id_equal (&self->entries[i].from, from))
      return &self->entries[i];
  return NULL;
}

static void
drop_old (AnswerCache *self)
{
  uint64_t now = timers_now (self->timers);
  unsigned old = 0;

  while (old < self->count && self->entries[old].at + LIMIT_ANSWER_CACHE_S * TIME_SECOND <= now)
    old++;
  if (old > 0)
    remove_range (self, 0, old);
}

/* For one more of `from`. */
static void
make_room (AnswerCache *self, const NodeId *from)
{
  unsigned of_sender = 0;
  unsigned oldest = 0;

  if (self->count < LIMIT_ANSWER_CACHE_SENDER)
    return;
  for (unsigned i = self->count; i-- > 0;)
    if (node_id_equal (&self->entries[i].from, from)) {
      of_sender++;
      oldest = i;
    }
  if (of_sender >= LIMIT_ANSWER_CACHE_SENDER)
    remove_range (self, oldest, 1);
  else if (self->count == LIMIT_ANSWER_CACHE)
    remove_range (self, 0, 1);
}

const GivenAnswer *
answer_cache_find (AnswerCache *self, const NodeId *from, uint64_t transaction_id)
{
  Entry *entry;

  drop_old (self);
  entry = find (self, from, transaction_id);
  return entry != NULL ? &entry->answer : NULL;
}

void
answer_cache_open (AnswerCache *self, const NodeId *from, uint64_t transaction_id)
{
  g_assert (find (self, from, transaction_id) == NULL);
  make_room (self, from);
  if (self->count == self->room)
    self->entries = g_renew (Entry, self->entries, self->room += GROWTH);
  self->entries[self->count++] = (Entry){
    .transaction_id = transaction_id,
    .from = *from,
    .at = timers_now (self->timers),
  };
}

void
answer_cache_close (AnswerCache *self,
                    const NodeId *from,
                    uint64_t transaction_id,
                    Bytes contents,
                    const GPtrArray *certificates)
{
  Entry *entry = find (self, from, transaction_id);

  if (entry == NULL)
    return;
  g_assert (entry->answer.contents.size == 0 && contents.size > 0);
  entry->answer.contents = (Bytes){ bytes_dup (contents), contents.size };
  entry->answer.certificates = certificates_copy (certificates);
}

void
answer_cache_tidy (AnswerCache *self)
{
  drop_old (self);
}

void
answer_cache_drop (AnswerCache *self, const NodeId *from, uint64_t transaction_id)
{
  Entry *entry = find (self, from, transaction_id);

  if (entry != NULL)
    remove_range (self, (unsigned) (entry - self->entries), 1);
}
