/* SPDX-License-Identifier: GPL-3.0-or-later */
/* conjurer.h: names peers that do not exist (threats 2.3). */
#pragma once
#include "tests/sim/gang.h"

/* Every RouteQuery is answered: nobody is nearer to the place than phantoms, and behind these the
 * next member. What is held is withheld. */
bool conjurer_takes (const Gang *gang, Overheard *message);

/* One member after the other tells everybody it has a link to that phantoms are around them. */
void conjurer_step (Gang *gang);
