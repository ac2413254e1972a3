/* SPDX-License-Identifier: GPL-3.0-or-later */
/* yardstick.h: how long a chirp takes from one sink of a sound server to another.
 *
 * Both sinks' monitors are recorded by children of ours; what is compared is the same chirp in both
 * recordings, so that the recorders' own delay cancels. */
#pragma once
#include "tests/media/sound-server.h"

typedef struct Yardstick Yardstick;

typedef struct Delay {
  unsigned count; /* chirps found at both ends */
  double median_ms;
  double spread_ms; /* from the tenth to the ninetieth percentile */
} Delay;

/* Chirps are spoken into `mouth_sink`; `ear_sink` is listened to. */
Yardstick *yardstick_new (SoundServer *server, const char *mouth_sink, const char *ear_sink);
void yardstick_free (Yardstick *self);

/* Speaks `chirps` of them, about two a second, runs the main loop meanwhile, and compares. */
Delay yardstick_measure (Yardstick *self, unsigned chirps);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Yardstick, yardstick_free)
