/* SPDX-License-Identifier: GPL-3.0-or-later */
/* multicast.h: the group on the local network where phones find each other: 239.255.77.84 and
 * ff12::7784, port 6084, never beyond the first router. */
#pragma once
#include "core/base/address.h"

enum { MULTICAST_INTERFACES = 32 };

typedef struct Multicast Multicast;

/* On the interface that has `only`, or (NULL) on all. NULL with errno set when neither IPv4 nor
 * IPv6 works. */
Multicast *multicast_new (const Address *only);
void multicast_free (Multicast *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Multicast, multicast_free)

/* Descriptors to be watched for reading; -1 for a family that this machine has not. */
int multicast_fd (const Multicast *self, AddressFamily family);

/* Joins on interfaces that have come since. */
void multicast_refresh (Multicast *self);

void multicast_send (Multicast *self, Bytes datagram);

/* The size of the next datagram, or -1. */
ssize_t multicast_receive (
  Multicast *self, AddressFamily family, uint8_t *ret_bytes, size_t size, Address *ret_from);
