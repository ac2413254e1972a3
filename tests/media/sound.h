/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sound.h: making and judging sound in tests. 48 kHz, 16 bit, mono. */
#pragma once
#include "core/base/bytes.h"

enum { SOUND_RATE = 48000 };

/* A tone in a new WAV file; `is_pulsed` is 250 ms on, 250 ms off, as speech comes and goes. */
void sound_write_tone (const char *path, double hz, double seconds, bool is_pulsed);

/* Noise with the rhythm and roughly the spectrum of speech, always the same. */
void sound_write_speech (const char *path, double seconds);

/* The samples of a WAV file; g_free() them. */
int16_t *sound_read (const char *path, size_t *ret_count);

/* Share of the energy that one frequency has, 0..1 (Goertzel). */
double sound_share (const int16_t *samples, size_t count, double hz);

double sound_rms (const int16_t *samples, size_t count);

/* Share of 20 ms windows in which the tone has a fourth of the median window's power or more. */
double sound_continuity (const int16_t *samples, size_t count, double hz);
