/* SPDX-License-Identifier: GPL-3.0-or-later */
/* silence.h: notices that nothing arrives any more where something always does. */
#pragma once
#include "core/base/timers.h"

typedef struct SilenceEvents {
  /* Again and again while it lasts, and once that it is over, also at first. */
  void (*told) (void *owner, bool is_silent);

  /* Whether this program has been held up, so that it cannot know what has arrived; may be NULL. */
  bool (*is_deaf) (void *owner);
} SilenceEvents;

typedef struct Silence {
  Timers *timers; /* NULL before it begins */
  Timer timer;
  uint64_t heard_at;
  bool is_silent;
  const SilenceEvents *events;
  void *owner;
} Silence;

/* All zero before it begins; from then on something is awaited. */
void silence_begin (Silence *self, Timers *timers, const SilenceEvents *events, void *owner);
void silence_end (Silence *self);

/* How long nothing has arrived, in microseconds. */
uint64_t silence_length (const Silence *self);

/* Something has arrived. */
void silence_break (Silence *self);
