/* SPDX-License-Identifier: GPL-3.0-or-later */
/* level.h: what ten levels a second tell about the person at the microphone. */
#pragma once
#include <stdbool.h>

typedef struct Level {
  double microphone_db;
  double speaker_db;
  unsigned silent_ticks;   /* in a row, not muted */
  unsigned speaking_ticks; /* while muted; rises by one, falls by one */
} Level;

void level_init (Level *self);

/* Ten times a second; dBFS. */
void level_update (Level *self, double microphone_db, double speaker_db, bool is_muted);

bool level_is_silent (const Level *self);
bool level_is_speaking_muted (const Level *self);
