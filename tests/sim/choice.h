/* SPDX-License-Identifier: GPL-3.0-or-later */
/* choice.h: SIM_PEERS and SIM_SEED, by which a test that stands in the suite at one size is run by
 * hand at another. */
#pragma once
#include "tests/sim/world.h"

unsigned choice_peers (unsigned usual);
uint64_t choice_seed (void);

/* A ring of so many peers that is as it would be after a day (see construction.h), and ten seconds
 * more. Says how it is made again. */
SimWorld *choice_world (unsigned usual_peers, const SimOptions *options);
