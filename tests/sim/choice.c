/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/choice.h"

#include "tests/sim/construction.h"

#define SETTLED (10 * TIME_SECOND)

static uint64_t
number_in (const char *name, uint64_t usual)
{
  const char *text = g_getenv (name);

  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : usual;
}

unsigned
choice_peers (unsigned usual)
{
  return (unsigned) number_in ("SIM_PEERS", usual);
}

uint64_t
choice_seed (void)
{
  return number_in ("SIM_SEED", 1);
}

SimWorld *
choice_world (unsigned usual_peers, const SimOptions *options)
{
  SimOptions own = *options;
  SimWorld *world;

  own.peers = choice_peers (usual_peers);
  own.seed = choice_seed ();
  own.latency_ms = 10;
  own.jitter_ms = 40;
  g_test_message ("SIM_PEERS=%u SIM_SEED=%" G_GUINT64_FORMAT, own.peers, own.seed);
  world = sim_world_new (&own);
  construction_build (world);
  construction_store (world);
  if (!own.is_diskless)
    construction_note_places (world);
  sim_world_run (world, SETTLED);
  return world;
}
