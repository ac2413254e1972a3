/* SPDX-License-Identifier: GPL-3.0-or-later */
/* misrouter.h: passes on what it gets, but to the wrong peers (threats 2.2). */
#pragma once
#include "tests/sim/gang.h"

bool misrouter_takes (Gang *gang, Overheard *message);
