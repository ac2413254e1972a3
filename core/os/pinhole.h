/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pinhole.h: the IPv6 firewall of the router, asked to let others in to a port of ours: by PCP
 * (RFC 6887) or UPnP (WANIPv6FirewallControl).
 *
 * Every function waits for the router, for up to some seconds: they are for a thread of its own. */
#pragma once
#include "core/os/gateway.h"

typedef struct Pinhole Pinhole;

Pinhole *pinhole_new (void);

/* Whatever was opened stays so. */
void pinhole_free (Pinhole *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pinhole, pinhole_free)

/* Lets others in to the port, of UDP and where it can be had of TCP, at our public addresses, or
 * renews that; the first of these stands in the mapping, since IPv6 has no other outside. False
 * when there is no router that does so. */
bool pinhole_open (Pinhole *self, uint16_t port, GatewayMapping *ret_mapping);

/* Takes back what was opened. */
void pinhole_close (Pinhole *self, uint16_t port);
