/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clock.h: is our time of day right? Judged by what neighbors say in Ping answers. */
#pragma once
#include <stdint.h>

struct Overlay;
typedef struct ClockCheck ClockCheck;

ClockCheck *clock_check_new (struct Overlay *overlay);
void clock_check_free (ClockCheck *self);

/* Asks some neighbors, and again now and then; called whenever the node has joined. When the median
 * of their answers is more than half a minute from our clock, the overlay's `clock` event says so,
 * once for each such finding; and with 0 when it is right again. */
void clock_check_start (ClockCheck *self);

/* Milliseconds since 1970 by the neighbors' clocks, if ours is known to be off. */
uint64_t clock_check_time_ms (const ClockCheck *self);
