/* SPDX-License-Identifier: GPL-3.0-or-later */
/* configuration-private.h: what the three sources of the configuration share. */
#pragma once
#include "core/overlay/configuration.h"

#define DEFAULT_TOPOLOGY "CHORD-RELOAD"

/* With the values of elements that may be left out. */
Configuration *configuration_new (void);
