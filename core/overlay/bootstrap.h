/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bootstrap.h: finding a first peer, or another ring (RFC 6940, 11.4; design: Joining and
 * discovery). */
#pragma once
#include "core/overlay/connection-table.h"

struct Overlay;

typedef struct Bootstrap Bootstrap;

Bootstrap *bootstrap_new (struct Overlay *overlay);
void bootstrap_free (Bootstrap *self);
void bootstrap_start (Bootstrap *self);
void bootstrap_stop (Bootstrap *self);

/* A place where a member may listen. */
void bootstrap_add (Bootstrap *self, LinkTransport transport, const Address *address);

/* A peer kept from an earlier run. */
void bootstrap_restore (Bootstrap *self, Bytes key, Bytes value);

/* Where an attached peer listens, by its own word. */
void bootstrap_note_listening (Bootstrap *self,
                               const NodeId *peer,
                               const Address *addresses,
                               size_t count);

/* Try everything again now: we are alone. */
void bootstrap_wake (Bootstrap *self);

/* Calls two of the peers to which there are links, in case these are dead. */
void bootstrap_call_again (Bootstrap *self);

/* Connects to where that peer listened, if we know. */
void bootstrap_try_peer (Bootstrap *self, const NodeId *peer);

/* Connects to one place whose peer we have no link to: it may be of another ring. */
void bootstrap_look_for_strangers (Bootstrap *self);

/* Connects to a place of an earlier run that has had no turn in this one. */
void bootstrap_look_for_known (Bootstrap *self);

/* ---- Events of links ---- */
void bootstrap_on_up (Bootstrap *self, Connection *connection);
void bootstrap_on_down (Bootstrap *self, Connection *connection);

/* From when on it is sure enough that no datagram gets out of this network, while streams do;
 * UINT64_MAX: nothing looks like it. */
uint64_t bootstrap_walled_at (const Bootstrap *self);

/* A link without a relay stands: it may show that they do. */
void bootstrap_note_link (Bootstrap *self, const Connection *connection);

/* Places being tried now. */
unsigned bootstrap_trying (const Bootstrap *self);
