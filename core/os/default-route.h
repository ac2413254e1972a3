/* SPDX-License-Identifier: GPL-3.0-or-later */
/* default-route.h: the router to which this machine gives what is for the IPv6 internet. */
#pragma once
#include "core/base/address.h"

/* What Linux shows of its routes in /proc/net/ipv6_route. Port 0; of several routers the one that
 * is preferred. False where there is none. */
bool default_route_parse (const char *table, Address *ret_router);

bool default_route_find (Address *ret_router);
