/* SPDX-License-Identifier: GPL-3.0-or-later */
/* network.h: notices when addresses of this machine come or go. */
#pragma once
#include "core/os/loop.h"

typedef struct Network Network;

Network *network_new (Loop *loop, void (*changed) (void *user_data), void *user_data);
void network_free (Network *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Network, network_free)
