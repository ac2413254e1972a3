/* SPDX-License-Identifier: GPL-3.0-or-later */
/* runner.h: what a script of this folder measures with real nodes, as one line of JSON. */
#pragma once

/* Runs `script` with `program`, of the folder of peal-bench, and `argument` (may be NULL), behind
 * the path of peal-node. NULL when it has nothing to tell, which has been said; then *ret_status is
 * what the benchmark ends with. (transfer full) */
char *
runner_measure (const char *script, const char *program, const char *argument, int *ret_status);

/* The number of `key` in the object `section`; 0 when there is none. */
double runner_number (const char *line, const char *section, const char *key);
