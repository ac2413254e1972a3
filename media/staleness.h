/* SPDX-License-Identifier: GPL-3.0-or-later */
/* staleness.h: tells packets that nobody would hear in time any more from those to be played. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum {
  STALENESS_MAX_MS = 500,  /* so far behind, and a packet is past what any jitter buffer waits */
  STALENESS_LEFT_MS = 40,  /* ... and so little behind, and the stream has caught up */
  STALENESS_JUDGE_MS = 200 /* of packets that are behind, before that is the new measure */
};

typedef struct Staleness {
  bool has_any, is_behind;
  uint32_t ssrc, timestamp;
  int64_t media_us;                     /* `timestamp`, as time that never wraps */
  int64_t least_us;                     /* transit of the quickest, which slowly is forgotten */
  int64_t judged_us, judged_transit_us; /* arrival and transit where the last judgement began */
} Staleness;

/* For each packet of speech in the order of arrival. True when it is not to be played. */
bool staleness_check (Staleness *self, uint32_t ssrc, uint32_t timestamp, int64_t arrival_us);
