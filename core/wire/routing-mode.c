/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/routing-mode.h"

#include "core/wire/walk.h"

/* RFC 7263, 5.2.2 */
void
walk_extensive_routing_mode_option (Wire *w, ExtensiveRoutingModeOption *o)
{
  wire_u8 (w, "routemode", &o->routemode);
  wire_u8 (w, "transport", &o->transport);
  wire_enter (w, "ipaddressport");
  walk_ip_address_port (w, &o->ipaddressport);
  wire_leave (w);
  walk_destinations (w, "destinations", 1, &o->destinations);
  if (w->mode == WIRE_MAKE) /* a random list may be too long for its length byte */
    o->destinations.count = MIN (o->destinations.count, (size_t) 1);
}

WIRE_DEFINE (ExtensiveRoutingModeOption, extensive_routing_mode_option)
