/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gateway.h: the router between this machine and the internet, asked to lead one of its ports to a
 * port of ours: by PCP (RFC 6887), NAT-PMP (RFC 6886) or UPnP IGD.
 *
 * Every function waits for the router, for up to some seconds: they are for a thread of its own. */
#pragma once
#include "core/base/address.h"

typedef struct Gateway Gateway;

Gateway *gateway_new (void);

/* Whatever was mapped stays so. */
void gateway_free (Gateway *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Gateway, gateway_free)

typedef struct GatewayMapping {
  Address outside;     /* where others reach us */
  unsigned lifetime_s; /* then it ends, unless it is mapped again */
} GatewayMapping;

/* Maps the port, of UDP and where it can be had of TCP, or renews what was mapped. False when there
 * is no router that does so, or none that is seen by the internet itself. */
bool gateway_map (Gateway *self, uint16_t port, GatewayMapping *ret_mapping);

/* Takes back what was mapped. */
void gateway_unmap (Gateway *self, uint16_t port);
