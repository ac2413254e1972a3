/* SPDX-License-Identifier: GPL-3.0-or-later */
/* attach.h: asking for direct links and granting them: Attach and AppAttach (RFC
 * 6940, 6.5.1, 6.5.2). */
#pragma once
#include "core/overlay/connection-table.h"
#include "core/overlay/incoming.h"
#include "core/overlay/transport.h"

struct Overlay;

typedef struct Attaches Attaches;

Attaches *attaches_new (struct Overlay *overlay);
void attaches_free (Attaches *self);

/* `target` is the node asked for, zero when it was whoever is responsible. `connection` is NULL
 * when no link came of it; `code` then says why: an error of the other side,
 * RELOAD_REQUEST_TIMEOUT, or RELOAD_OK when ICE or DTLS failed. */
typedef void (*AttachFunc) (void *owner,
                            const NodeId *target,
                            Connection *connection,
                            ReloadCode code);

typedef struct AttachOptions {
  const Destination *destinations;
  size_t destination_count;
  FirstHop hop;
  uint16_t application; /* 0: an overlay link; else APPLICATION_SIP … */
  bool wants_update;    /* send_update */
  bool is_urgent;       /* see Request */
  bool is_direct;       /* no link over a relay */
  AttachFunc done;      /* exactly once, unless cancelled; never from inside the call */
  void *owner;
} AttachOptions;

void attach_start (Attaches *self, const AttachOptions *options);
void attach_cancel_owner (Attaches *self, const void *owner);

/* Ends all that are under way, without a word. */
void attaches_give_up (Attaches *self);

/* True when a link to that Node-ID is under way, from either side; `done` hears of it then, unless
 * somebody else does. */
bool attach_adopt (
  Attaches *self, const NodeId *peer, uint16_t application, AttachFunc done, void *owner);

/* Whether we have asked for a link to that Node-ID. What they asked for may be of a life before
 * their last start: it hinders nobody from asking. */
bool attach_is_asked (Attaches *self, const NodeId *peer, uint16_t application);

/* Whether a link to that Node-ID is under way, for an application or (0) for the overlay. */
bool attach_is_pending (Attaches *self, const NodeId *peer, uint16_t application);

/* How many Attaches of `owner` have been answered, and wait for their links. */
unsigned attach_count_answered (Attaches *self, const void *owner);

/* The handlers of Attach and AppAttach. */
void attach_handle (Attaches *self, Incoming *request);

/* ---- Events of links ---- */
void attach_on_gathered (Attaches *self, Connection *connection, const IceDescription *local);
void attach_on_up (Attaches *self, Connection *connection);
void attach_on_down (Attaches *self, Connection *connection);
