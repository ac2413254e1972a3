/* SPDX-License-Identifier: GPL-3.0-or-later */
/* quality.h: a three-second window over counters that only grow. */
#pragma once
#include "core/phone/call-media.h"

/* Totals since the stream began, but for jitter, rtt and what is said of sent packets, which are
 * the latest. */
typedef struct QualityCounters {
  uint64_t played;         /* packets the jitter buffer passed on */
  uint64_t lost;           /* packets it gave up */
  uint64_t bytes_sent;     /* SRTP and SRTCP */
  uint64_t bytes_received; /* authenticated */
  double jitter_ms;
  double jitter_sent_ms; /* -1 before the first report, like the next two */
  double rtt_ms;
  double loss_sent;
  double silence_s;
  uint64_t report_time; /* when the peer made its latest report, by its clock; 0: none yet */
  unsigned highest;     /* sequence number of ours in that report; 0: it had none */
} QualityCounters;

enum { QUALITY_WINDOW_S = 3, QUALITY_STALLED = 3 };

typedef struct Quality {
  QualityCounters seconds[QUALITY_WINDOW_S + 1]; /* a ring; the oldest is the window's start */
  unsigned count;
  CallMediaHearing hearing;
  unsigned stalled; /* reports of the peer since one told that more of ours had arrived */
} Quality;

void quality_init (Quality *self);

/* From now on we send, or no longer do. */
void quality_forget_hearing (Quality *self);

/* Once a second. What levels tell is left to the caller. */
void quality_update (Quality *self, const QualityCounters *now, CallMediaQuality *ret_quality);
