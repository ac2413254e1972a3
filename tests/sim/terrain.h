/* SPDX-License-Identifier: GPL-3.0-or-later */
/* terrain.h: where the peers of a simulated world are on the Internet: how far from each other, how
 * wide their way out is, what gets lost on it, what stands before it, and how their clocks go. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Site {
  int32_t x_us; /* in a plane where distances are round trips */
  int32_t y_us;
  uint32_t access_us; /* what it adds to each round trip of its own */
  uint32_t uplink;    /* bytes a second */
  uint32_t loss;      /* of a million datagrams, its part of each way */
  int32_t clock_offset_ms;
  bool is_open;     /* else a router stands before it: nobody calls at its listener */
  uint64_t free_at; /* when its uplink has sent what it has */
} Site;

/* So many of them, to be freed with g_free(); the same ones for the same seed. The first is open.
 */
Site *terrain_new (unsigned count, uint64_t seed);

/* One way, in microseconds, of what meets no queue. */
uint64_t terrain_delay (const Site *from, const Site *to);

/* A datagram is sent: how long it waits, and takes, for the uplink; TIME_NEVER when the queue is
 * full. */
uint64_t terrain_send (Site *self, uint64_t now, size_t size);
