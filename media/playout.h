/* SPDX-License-Identifier: GPL-3.0-or-later */
/* playout.h: how long the jitter buffer waits for a packet. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum {
  PLAYOUT_TICK_MS = 250,  /* how often playout_update() is called */
  PLAYOUT_LEAST_MS = 20,  /* one packet */
  PLAYOUT_REPAIR_MS = 20, /* a packet repaired by the next one comes one packet later */
  PLAYOUT_LATE_STEP_MS = 20,
  PLAYOUT_CALM_STEP_MS = 10,
  PLAYOUT_CALM_TICKS = 60, /* without a late packet before the wait is shortened */
  PLAYOUT_CALM_AGAIN_TICKS = 12,
};

typedef struct Playout {
  uint32_t latency_ms;
  unsigned calm_ticks;
} Playout;

/* What the jitter buffer saw since the last call. */
typedef struct PlayoutTick {
  uint64_t late; /* packets that came after their turn */
  double jitter_ms;
  bool is_repairing; /* packets are lost and the next ones carry them */
} PlayoutTick;

void playout_init (Playout *self);

/* The new wait; equal to `latency_ms` as it was when nothing need change. */
uint32_t playout_update (Playout *self, const PlayoutTick *tick);
