/* SPDX-License-Identifier: GPL-3.0-or-later */
/* guest.h: a phone in this process that is a member of somebody's overlay. */
#pragma once
#include "core/overlay/overlay-private.h"
#include "core/overlay/publication.h"
#include "core/phone/phone.h"

typedef struct Guest Guest;

/* Joins, and returns when it is on the air; the main loop turns meanwhile. A failure ends the
 * program. */
Guest *guest_new (const char *state, const char *invitation, const char *name);
void guest_free (Guest *self);

PealPhone *guest_phone (Guest *self);
Overlay *guest_overlay (Guest *self);

/* A record of this node, not yet stored, as the provider of `service`: a peer may store one at as
 * many places as there are names (RFC 7374). It is signed, and checked by whoever keeps it, like a
 * registration. */
Publication *guest_record (Guest *self, const char *service);

/* Where that is. */
NodeId guest_place (const char *service);
