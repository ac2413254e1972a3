/* SPDX-License-Identifier: GPL-3.0-or-later */
/* race.h: the ways to one place, of which the first that gets through wins (after RFC 8305). */
#pragma once
#include "core/overlay/connection-table.h"

struct Overlay;

/* The values are written to disk. */
typedef enum Way {
  WAY_DATAGRAMS = 1, /* DTLS over UDP */
  WAY_STREAM = 2,    /* TLS over TCP, to the same port */
  WAY_WEB = 3,       /* TLS over TCP, to the port of the web */
} Way;

enum { WAYS = 3 };

typedef struct Race Race;

/* To where somebody listens; `known` has led there before. race_run() begins it. */
Race *race_new (struct Overlay *overlay, const Address *to, Way known);

/* Closes what is under way. */
void race_free (Race *self);

/* Begins what is due, and gives when that is next; UINT64_MAX when everything has begun. */
uint64_t race_run (Race *self);

/* Which way that connection is; 0: none of these. */
Way race_way_of (const Race *self, uint32_t number);

/* It stands. The other ways are closed, but for datagrams when these are not what has won: whether
 * they get through at all is worth knowing. */
void race_note_up (Race *self, uint32_t number);

/* It has failed: the next way need not wait. */
void race_note_down (Race *self, uint32_t number);

/* Nothing is under way, and nothing left to begin. */
bool race_is_over (const Race *self);
bool race_is_won (const Race *self);

/* When the first datagram went; 0: none has. */
uint64_t race_datagrams_since (const Race *self);
