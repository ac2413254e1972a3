/* SPDX-License-Identifier: GPL-3.0-or-later */
/* node-run.h: `peal-node run`: a peer that stays until it is told to go. */
#pragma once

/* `arguments` begin with "run". The exit status. */
int node_run (const char *state_path, char **arguments);

extern const char node_run_synopsis[];
