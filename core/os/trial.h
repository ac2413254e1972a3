/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trial.h: whether sound comes over a new way, both ways, while it goes on over the old one. */
#pragma once
#include "core/base/ports.h"

typedef struct Trial {
  bool is_first;  /* to speak over the new way */
  unsigned old;   /* datagrams that came over the old way since the new one is there */
  unsigned fresh; /* and over the new one */
  unsigned alone; /* of these, since the last that came over the old one */
} Trial;

void trial_begin (Trial *self, bool is_first);

/* A datagram of the sound came. */
void trial_hear (Trial *self, bool is_new);

/* Whether our sound goes over the new way too. */
bool trial_speaks (const Trial *self);

/* Both directions are shown: the old way is needed no more. */
bool trial_is_won (const Trial *self);

/* What to say of one that was not won in time. */
LinkTrial trial_verdict (const Trial *self);
