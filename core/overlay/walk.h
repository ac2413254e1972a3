/* SPDX-License-Identifier: GPL-3.0-or-later */
/* walk.h: a way to an ID that is found step by step from here, by RouteQuery (RFC 6940, 6.4.2.4),
 * for a request that recursive routing does not bring there. */
#pragma once
#include "core/wire/destination.h"

struct Overlay;

typedef struct Walk Walk;

/* A destination list by which the request may be sent now: peers that have answered, and behind
 * them the target, or the Node-ID of one that keeps a copy. Never from inside walk_new(). */
typedef void (*WalkFunc) (void *owner, const Destination *destinations, size_t count);

typedef struct WalkOptions {
  const Destination *target; /* a Node-ID or a Resource-ID */
  bool wants_copies;         /* of a Resource-ID: the peers behind its owner serve as well */
  WalkFunc found;            /* again and again, until the walk is freed or has used up its steps */
  void *owner;
} WalkOptions;

Walk *walk_new (struct Overlay *overlay, const WalkOptions *options);
void walk_free (Walk *self);

/* Whether there are peers left to be asked. */
bool walk_goes_on (const Walk *self);

/* That node has answered the request, but not what was hoped for. */
void walk_hear (Walk *self, const NodeId *node);

/* Whether all have been heard who would know better: the owner, and who keeps copies, as several
 * peers in front of them know. */
bool walk_is_settled (const Walk *self);

/* Whether the request was sent to that node as to one that may keep a copy, and is not the owner.
 */
bool walk_is_copy (const Walk *self, const NodeId *node);
