/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/end-table.h"

#include <string.h>

/* Blocks of ends that never move, and a stack of the places where none stands. A peer has some
 * forty ends: their numbers are few enough to be gone through. Streams are few: what they alone
 * need stands beside. */

enum { BLOCK = 1024, GROWTH = 4 };

struct SimEndTable {
  GPtrArray *blocks; /* of BLOCK ends each, owned */
  GArray *vacant;    /* of uint32_t */
  uint32_t count;    /* ever */
  GHashTable *busy;  /* place of a stream's end -> owned uint64_t: sim_end_free_at() */
};

SimEndTable *
sim_end_table_new (void)
{
  SimEndTable *self = g_new0 (SimEndTable, 1);

  self->blocks = g_ptr_array_new_with_free_func (g_free);
  self->vacant = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  self->busy = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  return self;
}

void
sim_end_table_free (SimEndTable *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->blocks);
  g_array_unref (self->vacant);
  g_hash_table_unref (self->busy);
  g_free (self);
}

static SimEnd *
at (const SimEndTable *self, uint32_t place)
{
  SimEnd *block = g_ptr_array_index (self->blocks, place / BLOCK);

  return &block[place % BLOCK];
}

static void
add_block (SimEndTable *self)
{
  uint32_t first = self->blocks->len * BLOCK;

  g_ptr_array_add (self->blocks, g_new0 (SimEnd, BLOCK));
  for (uint32_t place = first + BLOCK; place-- > first;)
    g_array_append_val (self->vacant, place);
}

static uint32_t
take_place (SimEndTable *self)
{
  uint32_t place;

  if (self->vacant->len == 0)
    add_block (self);
  place = g_array_index (self->vacant, uint32_t, self->vacant->len - 1);
  g_array_set_size (self->vacant, self->vacant->len - 1);
  return place;
}

static void
list_add (SimEndList *list, uint32_t number, uint32_t place)
{
  if (list->count == list->room) {
    list->room += GROWTH;
    list->numbers = g_renew (uint32_t, list->numbers, list->room);
    list->places = g_renew (uint32_t, list->places, list->room);
  }
  list->numbers[list->count] = number;
  list->places[list->count++] = place;
}

static uint32_t
index_of (const SimEndList *list, uint32_t number)
{
  uint32_t i = 0;

  while (i < list->count && list->numbers[i] != number)
    i++;
  return i;
}

SimEnd *
sim_end_new (SimEndTable *self, uint32_t peer, SimEndList *list, uint32_t number)
{
  uint32_t place = take_place (self);
  SimEnd *end = at (self, place);

  g_assert (peer < SIM_PEERS_MAX);
  *end = (SimEnd){ .peer = peer & (SIM_PEERS_MAX - 1), .number = number };
  end->id = (uint64_t) ++self->count << 32 | place;
  list_add (list, number, place);
  return end;
}

void
sim_end_drop (SimEndTable *self, SimEndList *list, SimEnd *end)
{
  uint32_t place = (uint32_t) end->id;
  uint32_t i = index_of (list, end->number);

  g_assert (i < list->count && list->places[i] == place);
  list->count--;
  list->numbers[i] = list->numbers[list->count];
  list->places[i] = list->places[list->count];
  if (end->is_stream)
    g_hash_table_remove (self->busy, GUINT_TO_POINTER (place));
  memset (end, 0, sizeof *end);
  g_array_append_val (self->vacant, place);
}

SimEnd *
sim_end_by_id (SimEndTable *self, uint64_t id)
{
  uint32_t place = (uint32_t) id;
  SimEnd *end = place < self->blocks->len * BLOCK ? at (self, place) : NULL;

  return end != NULL && end->id == id && id != 0 ? end : NULL;
}

void
sim_end_ask_for (const SimEndTable *self, uint64_t id)
{
  uint32_t place = (uint32_t) id;

  if (place < self->blocks->len * BLOCK)
    __builtin_prefetch (at (self, place));
}

SimEnd *
sim_end_by_number (SimEndTable *self, const SimEndList *list, uint32_t number)
{
  uint32_t i = index_of (list, number);

  return i < list->count ? at (self, list->places[i]) : NULL;
}

uint64_t
sim_end_free_at (const SimEndTable *self, const SimEnd *end)
{
  const uint64_t *free_at = g_hash_table_lookup (self->busy, GUINT_TO_POINTER ((uint32_t) end->id));

  return free_at != NULL ? *free_at : 0;
}

void
sim_end_set_free_at (SimEndTable *self, const SimEnd *end, uint64_t free_at)
{
  g_assert (end->is_stream);
  g_hash_table_replace (self->busy, GUINT_TO_POINTER ((uint32_t) end->id),
                        g_memdup2 (&free_at, sizeof free_at));
}

void
sim_end_list_drop (SimEndTable *self, SimEndList *list)
{
  while (list->count > 0)
    sim_end_drop (self, list, at (self, list->places[list->count - 1]));
}

void
sim_end_list_clear (SimEndList *list)
{
  g_free (list->numbers);
  g_free (list->places);
  *list = (SimEndList){ 0 };
}
