/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A cadence is a list of notes, repeated. Ringback and busy are those of ETSI TR 101 041 (425 Hz,
 * 1 s on 4 s off; half a second on and off); the ring is our own: a rising third, twice, then a
 * pause, each note fading like a small bell.
 *
 * A note begins and ends within some milliseconds, for a step is heard as a click. */
#include "media/tone.h"

#include <math.h>

typedef struct Note {
  double hz; /* 0 is a pause */
  double seconds;
  double decay_per_s; /* of a bell; 0 holds */
} Note;

typedef struct Cadence {
  Note notes[8];
  unsigned repeats; /* 0 is for ever */
} Cadence;

static const Cadence cadences[] = {
  [CALL_MEDIA_TONE_NONE] = { .repeats = 1 },
  [CALL_MEDIA_TONE_RING] = { .notes = { { 659.26, 0.22, 5 },
                                        { 783.99, 0.22, 5 },
                                        { 1046.5, 0.56, 4 },
                                        { 659.26, 0.22, 5 },
                                        { 783.99, 0.22, 5 },
                                        { 1046.5, 0.96, 4 },
                                        { 0, 1.6, 0 } } },
  [CALL_MEDIA_TONE_RINGBACK] = { .notes = { { 425, 1, 0 }, { 0, 4, 0 } } },
  [CALL_MEDIA_TONE_BUSY] = { .notes = { { 425, 0.5, 0 }, { 0, 0.5, 0 } }, .repeats = 4 },
};

static const double AMPLITUDE = 0.25 * INT16_MAX, EDGE_S = 0.006;

static double
cadence_seconds (const Cadence *cadence)
{
  double seconds = 0;
  for (size_t i = 0; i < G_N_ELEMENTS (cadence->notes); i++)
    seconds += cadence->notes[i].seconds;
  return seconds;
}

static double
note_sample (const Note *note, double at_s)
{
  double edge_s = MIN (at_s, note->seconds - at_s);
  double volume = exp (-note->decay_per_s * at_s) * CLAMP (edge_s / EDGE_S, 0, 1);
  return AMPLITUDE * volume * sin (2 * G_PI * note->hz * at_s);
}

static double
cadence_sample (const Cadence *cadence, double at_s)
{
  for (size_t i = 0; i < G_N_ELEMENTS (cadence->notes); i++) {
    if (at_s < cadence->notes[i].seconds)
      return note_sample (&cadence->notes[i], at_s);
    at_s -= cadence->notes[i].seconds;
  }
  return 0;
}

bool
tone_fill (Tone *self, int16_t *samples, size_t count)
{
  const Cadence *cadence = &cadences[self->kind];
  double seconds = cadence_seconds (cadence);
  bool is_on = false;
  for (size_t i = 0; i < count; i++) {
    double at_s = (double) self->position++ / TONE_RATE;
    is_on = seconds > 0 && (cadence->repeats == 0 || at_s < seconds * cadence->repeats);
    samples[i] = is_on ? (int16_t) cadence_sample (cadence, fmod (at_s, seconds)) : 0;
  }
  return is_on;
}
