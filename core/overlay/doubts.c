/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/doubts.h"

#include "core/base/limits.h"
#include "core/base/timers.h"

/* A doubt may be wrong: the next but one was gone, say. It ends by itself, and at once when the
 * peer has passed something on. */

#define WHILE (5 * TIME_MINUTE)

static Doubt *
find (const Doubts *self, const NodeId *id)
{
  for (unsigned i = 0; i < self->count; i++)
    if (node_id_equal (&self->all[i].id, id))
      return &self->all[i];
  return NULL;
}

/* The one that ends first. */
static Doubt *
find_oldest (const Doubts *self)
{
  Doubt *oldest = self->all;

  for (unsigned i = 1; i < self->count; i++)
    if (self->all[i].until < oldest->until)
      oldest = &self->all[i];
  return oldest;
}

void
doubts_clear (Doubts *self)
{
  g_clear_pointer (&self->all, g_free);
  self->count = 0;
}

void
doubts_note (Doubts *self, const NodeId *id, uint64_t now)
{
  Doubt *doubt = find (self, id);

  if (self->all == NULL)
    self->all = g_new (Doubt, LIMIT_DOUBTS);
  if (doubt == NULL)
    doubt = self->count < LIMIT_DOUBTS ? &self->all[self->count++] : find_oldest (self);
  *doubt = (Doubt){ .id = *id, .until = now + WHILE };
}

void
doubts_forget (Doubts *self, const NodeId *id)
{
  Doubt *doubt = find (self, id);

  if (doubt != NULL)
    *doubt = self->all[--self->count];
}

bool
doubts_has (const Doubts *self, const NodeId *id, uint64_t now)
{
  const Doubt *doubt = find (self, id);

  return doubt != NULL && now < doubt->until;
}
