/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chord.h: CHORD-RELOAD, the Topology Plug-in that every implementation has (RFC 6940, 10). */
#pragma once
#include "core/overlay/topology.h"

struct Overlay;

extern const TopologyPlugin chord_plugin;

/* The first argument of the plug-in's functions; freed by its free(). */
void *chord_new (struct Overlay *overlay);
