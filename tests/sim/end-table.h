/* SPDX-License-Identifier: GPL-3.0-or-later */
/* end-table.h: the ends of all simulated links. An end is found by its id, which says where it
 * stands and how many ends there were before it, and by its number at its peer. */
#pragma once
#include "core/base/list.h"

#include <stdint.h>

typedef struct SimEnd {
  uint64_t id;             /* what the other side calls it; 0: nobody's */
  uint64_t other;          /* the other end, 0 while there is none */
  uint32_t number;         /* at its peer */
  uint32_t peer : 24;      /* its index in the world */
  uint32_t is_checked : 1; /* its side has asked for checks */
  uint32_t is_up : 1;
  uint32_t is_stream : 1;
} SimEnd;

/* An address has no room for more (SimEnd.peer). */
enum { SIM_PEERS_MAX = 1 << 24 };

/* The ends of one peer, by their numbers. A zeroed one has none. */
typedef struct SimEndList {
  uint32_t *numbers; /* owned, both */
  uint32_t *places;
  uint32_t count;
  uint32_t room;
} SimEndList;

typedef struct SimEndTable SimEndTable;

SimEndTable *sim_end_table_new (void);
void sim_end_table_free (SimEndTable *self);

/* Its place stays the same until it is dropped. */
SimEnd *sim_end_new (SimEndTable *self, uint32_t peer, SimEndList *list, uint32_t number);
void sim_end_drop (SimEndTable *self, SimEndList *list, SimEnd *end);

/* NULL when it does not stand any more. */
SimEnd *sim_end_by_id (SimEndTable *self, uint64_t id);
/* Asks for its memory, that it may be there when it is looked for. */
void sim_end_ask_for (const SimEndTable *self, uint64_t id);
SimEnd *sim_end_by_number (SimEndTable *self, const SimEndList *list, uint32_t number);

/* Of a stream: nothing that is sent from now on arrives before this moment, which was set for what
 * was sent before; 0: nothing was. */
uint64_t sim_end_free_at (const SimEndTable *self, const SimEnd *end);
void sim_end_set_free_at (SimEndTable *self, const SimEnd *end, uint64_t free_at);

/* Drops all ends of a peer; keeps the room. */
void sim_end_list_drop (SimEndTable *self, SimEndList *list);
void sim_end_list_clear (SimEndList *list);
