/* SPDX-License-Identifier: GPL-3.0-or-later */
/* port-mapping.h: what a router does so that others get to one of our ports, for as long as this
 * stands. */
#pragma once
#include "core/os/gateway.h"

typedef struct PortMapping PortMapping;

/* How the router is asked; in a thread, one at a time. */
typedef struct PortMappingWays {
  bool (*map) (void *gateway, uint16_t port, GatewayMapping *ret_mapping);
  void (*unmap) (void *gateway, uint16_t port);
} PortMappingWays;

/* `outside` is where others reach the port from now on; NULL: nowhere any more. */
typedef void (*PortMappingFunc) (const Address *outside, void *user_data);

/* Tells from the thread-default main context of the thread that makes it, and only changes. The
 * gateway outlives it. */
PortMapping *port_mapping_new (
  uint16_t port, const PortMappingWays *ways, void *gateway, PortMappingFunc func, void *user_data);

/* Gives the port back, which may take a moment; tells nothing more. */
void port_mapping_free (PortMapping *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PortMapping, port_mapping_free)

/* The network is another one, or the router. */
void port_mapping_renew (PortMapping *self);
