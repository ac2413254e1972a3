/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/passage.h"

#include "core/base/limits.h"

/* The last LIMIT_PASSAGES, in a ring that grows up to there. It is of use for two things that
 * lists of Node-IDs cannot tell. A source-routed message may lawfully come by twice, but never to
 * go to the same next entry: then somebody sends it round. And two links may lead to one Node-ID,
 * when a phone comes back before its old link is missed, or has a double: an answer belongs to the
 * link that asked. */

typedef struct Passage {
  uint64_t transaction_id;
  uint32_t next;       /* a hash of the piece and the entry that it goes to */
  uint32_t connection; /* 0: not of a request */
} Passage;

struct Passages {
  GArray *ring;
  guint oldest;
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

static const Passage *
passage_at (const Passages *self, guint i)
{
  return &g_array_index (self->ring, Passage, i);
}

Passages *
passages_new (void)
{
  Passages *self = g_new0 (Passages, 1);

  self->ring = g_array_new (FALSE, FALSE, sizeof (Passage));
  return self;
}

void
passages_free (Passages *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->ring);
  g_free (self);
}

void
passages_note (Passages *self, const ForwardingHeader *header, uint32_t connection)
{
  Passage passage = { header->transaction_id, next_of (header), connection };

  if (self->ring->len < LIMIT_PASSAGES) {
    g_array_append_val (self->ring, passage);
    return;
  }
  g_array_index (self->ring, Passage, self->oldest) = passage;
  self->oldest = (self->oldest + 1) % LIMIT_PASSAGES;
}

bool
passages_know (const Passages *self, const ForwardingHeader *header)
{
  uint32_t next = next_of (header);

  for (guint i = 0; i < self->ring->len; i++)
    if (passage_at (self, i)->transaction_id == header->transaction_id &&
        passage_at (self, i)->next == next)
      return true;
  return false;
}

uint32_t
passages_way_back (const Passages *self, const ForwardingHeader *answer)
{
  for (guint i = 0; i < self->ring->len; i++)
    if (passage_at (self, i)->transaction_id == answer->transaction_id &&
        passage_at (self, i)->connection != 0)
      return passage_at (self, i)->connection;
  return 0;
}
