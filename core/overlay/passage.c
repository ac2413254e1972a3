/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/passage.h"

#include "core/base/limits.h"

/* At least the last LIMIT_PASSAGES of the last quarter of a minute, in two heaps: when the young
 * one is full, or has its time, it becomes the old one, and what was that is forgotten. It is of
 * use for two things that lists of Node-IDs cannot tell. A source-routed message may lawfully come
 * by twice, but never to go to the same next entry: then somebody sends it round. And two links may
 * lead to one Node-ID, when a phone comes back before its old link is missed, or has a double: an
 * answer belongs to the link that asked. */

enum { GROWTH = 8 };

typedef struct Passage {
  uint64_t transaction_id;
  uint32_t next;       /* a hash of the piece and the entry that it goes to */
  uint32_t connection; /* 0: not of a request */
} Passage;

typedef struct Heap {
  Passage *passages; /* owned */
  unsigned count;
} Heap;

struct Passages {
  Heap young;
  Heap old;
};

/* FNV-1a. */
static uint32_t
next_of (const ForwardingHeader *header)
{
  const Destination *first = &header->destination_list.items[0];
  Bytes id = first->type == DESTINATION_NODE ? node_id_bytes (&first->node_id) : first->resource_id;
  uint32_t hash = UINT32_C (0x811c9dc5) ^ header_fragment_offset (header);

  for (size_t i = 0; i < id.size; i++)
    hash = (hash ^ id.data[i]) * UINT32_C (0x01000193);
  return hash;
}

Passages *
passages_new (void)
{
  return g_new0 (Passages, 1);
}

void
passages_free (Passages *self)
{
  if (self == NULL)
    return;
  g_free (self->young.passages);
  g_free (self->old.passages);
  g_free (self);
}

void
passages_tidy (Passages *self)
{
  g_free (self->old.passages);
  self->old = self->young;
  self->young = (Heap){ NULL, 0 };
}

void
passages_note (Passages *self, const ForwardingHeader *header, uint32_t connection)
{
  Heap *heap = &self->young;

  if (heap->count == LIMIT_PASSAGES)
    passages_tidy (self);
  if (heap->count % GROWTH == 0)
    heap->passages = g_renew (Passage, heap->passages, heap->count + GROWTH);
  heap->passages[heap->count++] = (Passage){ header->transaction_id, next_of (header), connection };
}

static bool
knows (const Heap *heap, uint64_t transaction_id, uint32_t next)
{
  for (unsigned i = 0; i < heap->count; i++)
    if (heap->passages[i].transaction_id == transaction_id && heap->passages[i].next == next)
      return true;
  return false;
}

bool
passages_know (const Passages *self, const ForwardingHeader *header)
{
  uint32_t next = next_of (header);

  return knows (&self->young, header->transaction_id, next) ||
         knows (&self->old, header->transaction_id, next);
}

/* The first that came: what comes again may come by another way. */
static uint32_t
way_back (const Heap *heap, uint64_t transaction_id)
{
  for (unsigned i = 0; i < heap->count; i++)
    if (heap->passages[i].transaction_id == transaction_id && heap->passages[i].connection != 0)
      return heap->passages[i].connection;
  return 0;
}

uint32_t
passages_way_back (const Passages *self, const ForwardingHeader *answer)
{
  uint32_t connection = way_back (&self->old, answer->transaction_id);

  return connection != 0 ? connection : way_back (&self->young, answer->transaction_id);
}
