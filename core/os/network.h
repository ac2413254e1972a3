/* SPDX-License-Identifier: GPL-3.0-or-later */
/* network.h: notices when addresses of this machine come or go, and whether what it sends is paid
 * for. */
#pragma once
#include "core/os/loop.h"

typedef struct Network Network;

/* By the byte, as far as the system knows of its connection to the internet. */
bool network_is_metered (void);

/* `changed` is also called when what network_is_metered() says has changed. */
Network *network_new (Loop *loop, void (*changed) (void *user_data), void *user_data);
void network_free (Network *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Network, network_free)
