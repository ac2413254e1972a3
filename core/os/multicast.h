/* SPDX-License-Identifier: GPL-3.0-or-later */
/* multicast.h: the group on the local network where phones find each other: 239.255.77.84 and
 * ff12::7784, port 6084, never beyond the first router. */
#pragma once
#include "core/base/address.h"
#include "core/os/loop.h"

typedef struct Multicast Multicast;

/* Must not free the group. What is longer than LIMIT_DISCOVERY_SIZE does not get here. */
typedef void (*MulticastFunc) (const Address *from, Bytes datagram, void *user_data);

/* On the interface that has `only`, or (NULL) on all. NULL with errno set when there are no
 * sockets. */
Multicast *multicast_new (Loop *loop, const Address *only, MulticastFunc func, void *user_data);
void multicast_free (Multicast *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Multicast, multicast_free)

/* Joins where interfaces have come since, and leaves where they have gone. */
void multicast_refresh (Multicast *self);
void multicast_send (Multicast *self, Bytes datagram);
