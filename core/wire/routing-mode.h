/* SPDX-License-Identifier: GPL-3.0-or-later */
/* routing-mode.h: how an answer is to come back (RFC 7263, 5.2). */
#pragma once
#include "core/wire/address-port.h"
#include "core/wire/destination.h"

/* RFC 7263, 8.1: the forwarding option that holds an ExtensiveRoutingModeOption. */
#define FORWARDING_OPTION_ROUTING_MODE 0x2

/* RFC 7263, 5.2.1: peers on the way need keep nothing of the request. */
#define IGNORE_STATE_KEEPING 0x08

typedef enum RouteMode {
  ROUTE_MODE_DRR = 1, /* direct response */
  ROUTE_MODE_RPR = 2, /* by a relay peer (RFC 7264) */
} RouteMode;

/* RFC 7263, 5.2.2 */
typedef struct ExtensiveRoutingModeOption {
  uint8_t routemode;
  uint8_t transport; /* OverlayLinkType */
  IpAddressPort ipaddressport;
  DestinationList destinations;
} ExtensiveRoutingModeOption;

WIRE_DECLARE (ExtensiveRoutingModeOption, extensive_routing_mode_option)
