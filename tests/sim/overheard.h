/* SPDX-License-Identifier: GPL-3.0-or-later */
/* overheard.h: a message that reaches a member of a gang, before the member's own node sees it, and
 * what can be done with it. */
#pragma once
#include "core/overlay/overlay-private.h"
#include "tests/sim/world.h"

typedef struct Overheard {
  Arena *arena; /* owned */
  SimPeer *self;
  Connection *connection; /* it came over */
  ForwardingHeader header;
  Bytes payload;
  uint16_t code; /* 0: of a fragment that is not the first */
  Bytes body;
  bool is_transit; /* for somebody else, or, by its place, for whoever is responsible for it */
  bool has_target;
  NodeId target; /* the last entry of the destination list, or, of a Fetch, what is asked for */
} Overheard;

/* False when that frame is no message. */
bool overheard_read (Overheard *self, SimPeer *peer, uint32_t link, Bytes frame);
void overheard_clear (Overheard *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Overheard, overheard_clear)

/* The body of a request as its method's structure. */
bool overheard_decode (Overheard *self, void *ret_body);

/* Answers it in the name of `speaker`, who lends its key. `certificates` (may be NULL) are those of
 * others that the receiver needs. */
void overheard_answer (const Overheard *self,
                       const SimPeer *speaker,
                       const void *body,
                       MessageExtensionList extensions,
                       const GPtrArray *certificates);

/* Passes it on over that link, as if that were the way. False when it must not go any further. */
bool overheard_pass_on (Overheard *self, Connection *next);

/* The same, having written over the destination: nobody signs that. */
bool overheard_redirect (Overheard *self, const NodeId *to);

/* Whether that peer has passed it on before. */
bool overheard_came_by (const Overheard *self, const NodeId *peer);
