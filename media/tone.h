/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tone.h: the sounds a phone makes by itself, as samples. */
#pragma once
#include "core/phone/call-media.h"

enum { TONE_RATE = 48000 };

typedef struct Tone {
  CallMediaTone kind;
  uint64_t position; /* samples since it began */
} Tone;

/* Silence when there is nothing (more) to hear. Returns false from the end on: only "busy" ends. */
bool tone_fill (Tone *self, int16_t *samples, size_t count);
