/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dropper.h: drops what it should pass on, and withholds what it holds (threats 2.1). */
#pragma once
#include "tests/sim/gang.h"

bool dropper_takes (const Overheard *message);
