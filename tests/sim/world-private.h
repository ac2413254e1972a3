/* SPDX-License-Identifier: GPL-3.0-or-later */
/* world-private.h: what a simulated world consists of, for its own files. */
#pragma once
#include "tests/sim/conveyor.h"
#include "tests/sim/terrain.h"
#include "tests/sim/trace.h"
#include "tests/sim/world.h"

struct SimWorld {
  SimOptions options;
  Timers *timers;
  Configuration *configuration;
  SimPeer *peers;
  Site *sites;              /* one for each; NULL: all are equal */
  GHashTable *certificates; /* references to those of the peers: a set, by their DER */
  SimEndTable *ends;
  Conveyor *conveyor;
  uint64_t arrived; /* the end over which a frame came last */
  SimTraffic traffic;
  uint64_t random;
  SimTrace *trace;
  unsigned border;
  SimEventFunc event_func;
  void *event_data;
  SimTapFunc tap_func;
  void *tap_data;
  SimArrivalFunc arrival_func;
  void *arrival_data;
};

uint64_t sim_world_random_64 (SimWorld *self);
