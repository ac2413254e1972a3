/* SPDX-License-Identifier: GPL-3.0-or-later */
/* route.h: the way to a device: a destination list of Node-IDs (RFC 7904, 3.2 and 6). */
#pragma once
#include "core/base/limits.h"
#include "core/base/node-id.h"

typedef struct Route {
  NodeId device;                 /* the last entry */
  NodeId via[LIMIT_ROUTE_PEERS]; /* those before it */
  size_t via_count;
} Route;
