/* SPDX-License-Identifier: GPL-3.0-or-later */
/* survey.h: look-ups made by random peers of a simulated world, and what became of them. */
#pragma once
#include "tests/sim/world.h"

/* Durations are counted by steps of 10 ms. */
enum { SURVEY_HOPS = 64, SURVEY_STEP_MS = 10, SURVEY_STEPS = 2000 };

/* Those that can be found, for somebody honest keeps them. */
typedef struct SurveyPart {
  unsigned asked;
  unsigned found;
} SurveyPart;

typedef struct Survey {
  SimWorld *world;
  SimPeer *victim;     /* asks a third of all, and is looked for by another; NULL: nobody special */
  SurveyPart by, of;   /* look-ups by the victim, and those for it */
  unsigned turn;       /* whose it is */
  GHashTable *unheard; /* of SimPeer: nobody honest keeps what they registered. Borrowed, or NULL */
  GHashTable *open;    /* (peer, look-up) -> whom it is for */
  unsigned repeated;   /* ends that were no longer awaited */
  unsigned asked;
  unsigned asked_unheard; /* of these, for those */
  unsigned found;
  unsigned first_try; /* found without a retransmission */
  unsigned within_4;  /* found within four tries of a second each */
  unsigned wrong;     /* "nobody of that name", when who owns the place had the record */
  unsigned unheld;    /* the same, when the owner did not, or nobody honest */
  unsigned lost;      /* no answer, or the asker died */
  unsigned ridden;    /* look-ups of riders that found somebody */
  unsigned hops[SURVEY_HOPS];
  unsigned durations[SURVEY_STEPS]; /* of those found */
} Survey;

/* Takes the world's events. Riders (rider.h) take no part; what they find is counted apart. */
Survey *survey_new (SimWorld *world);
void survey_free (Survey *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Survey, survey_free)

/* A random peer that is on the air, and knows more than RFC 6940, looks for another that has been
 * for `settled` microseconds. False when there are no two such. */
bool survey_ask (Survey *self, uint64_t settled);

/* `count` of them, `pause` apart, and then time for the last answers. */
void survey_run (Survey *self, unsigned count, uint64_t pause);

/* Forgets what was counted. */
void survey_reset (Survey *self);

/* Those that were asked and have come to an end: who has died meanwhile waits no more. */
unsigned survey_ended (const Survey *self);
double survey_hops_mean (const Survey *self);
unsigned survey_hops_quantile (const Survey *self, double share);
unsigned survey_ms_quantile (const Survey *self, double share);
