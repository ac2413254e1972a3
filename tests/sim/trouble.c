/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/trouble.h"

/* Without trouble nothing is drawn: runs are those of before. */

#define LATE_MAX_MS 500

static bool
is_hit (SimWorld *world, double share)
{
  return share > 0 && sim_world_random (world, 1000000) < share * 1000000;
}

TroubleKind
trouble_of_datagram (SimWorld *world, double share)
{
  const TroubleKind kinds[] = { TROUBLE_FAILED, TROUBLE_TWICE, TROUBLE_LATE };

  if (!is_hit (world, share))
    return TROUBLE_NONE;
  return kinds[sim_world_random (world, G_N_ELEMENTS (kinds))];
}

uint64_t
trouble_delay (SimWorld *world)
{
  return sim_world_random (world, LATE_MAX_MS) * TIME_MS;
}

bool
trouble_of_disk (SimWorld *world, double share)
{
  return is_hit (world, share);
}
