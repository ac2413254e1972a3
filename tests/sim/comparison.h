/* SPDX-License-Identifier: GPL-3.0-or-later */
/* comparison.h: three ways to find each other on the same Internet: a server, an unstructured
 * overlay that is flooded, and ours. The first two are models, ours is the phone's own core. */
#pragma once
#include <stdint.h>

/* All of them print JSON, one object a line. */
void comparison_print_rest (unsigned peers, uint64_t seed);

/* With sessions of ten minutes, and after the death of a share of all machines. `progress` is told
 * how much is done, 0..1; may be NULL. */
void comparison_print_trouble (unsigned peers, uint64_t seed, void (*progress) (double done));
