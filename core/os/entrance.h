/* SPDX-License-Identifier: GPL-3.0-or-later */
/* entrance.h: how others come in to a world's listener. */
#pragma once
#include "core/os/world-private.h"

void entrance_init (World *self);
void entrance_free (World *self);

/* All that was found out may be different now. */
void entrance_network_changed (World *self);

/* A peer has told how it sees us: it could be asked more. */
void entrance_peer_heard (World *self);
