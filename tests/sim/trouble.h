/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trouble.h: what seldom happens, made often: rare branches are taken in every run. */
#pragma once
#include "tests/sim/world.h"

typedef enum TroubleKind {
  TROUBLE_NONE,
  TROUBLE_FAILED, /* the system did not take it */
  TROUBLE_TWICE,  /* it arrives twice, */
  TROUBLE_LATE,   /* or behind many that were sent after it */
} TroubleKind;

/* Of one datagram, by the world's `trouble`. */
TroubleKind trouble_of_datagram (SimWorld *world, double share);

/* How much later than others, in microseconds. */
uint64_t trouble_delay (SimWorld *world);

/* Whether there is no room on the disk for what is to be kept. */
bool trouble_of_disk (SimWorld *world, double share);
