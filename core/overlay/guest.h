/* SPDX-License-Identifier: GPL-3.0-or-later */
/* guest.h: those who use the overlay through us and serve nobody: clients (RFC 6940, 4.2.1), and
 * whoever has not joined yet. How much of us they may have (threats 3.5). */
#pragma once
#include "core/overlay/connection-table.h"

struct Overlay;

typedef struct Guests Guests;

Guests *guests_new (struct Overlay *overlay);
void guests_free (Guests *self);

/* Whether that link (or one that such a node asks for) may stand: not that of a guest who was shown
 * the door a moment ago. */
bool guests_welcome (Guests *self, const Connection *connection);
bool guests_is_expelled (const Guests *self, const NodeId *guest);

/* Whether what has come over that link may be looked at: all that a peer sends, and of what a guest
 * sends as much as is its due. One that sends far more is shown the door. */
bool guests_admit (Guests *self, Connection *connection);

/* Closes the youngest links of guests where there are too many. */
void guests_tidy (Guests *self);
