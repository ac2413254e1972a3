/* SPDX-License-Identifier: GPL-3.0-or-later */
/* presence.h: whom we watch and who watches us (RFC 6665, RFC 3856, RFC 3863).
 *
 * A first subscription is the request to be accepted as a buddy. All of it may be called from an
 * event. */
#pragma once
#include "core/sip/user-agent.h"

/* Watches `address` on exactly these devices: new ones are subscribed to, those gone are forgotten.
 * Without any the state becomes PRESENCE_OFFLINE. To be repeated whenever devices were looked up;
 * what stands is left alone, what failed or was lost is tried again. */
void presence_subscribe (UserAgent *ua, const char *address, const NodeId *devices, size_t count);

/* That device does not answer: unless it comes to be heard again, what it last said is not told any
 * longer. */
void presence_doubt (UserAgent *ua, const NodeId *device);

/* Tells them that we no longer watch. No event follows. */
void presence_unsubscribe (UserAgent *ua, const char *address);

/* Answers waiting and standing subscriptions of `address` with that key. */
void presence_decided (UserAgent *ua,
                       const char *address,
                       const UserKey *user_key,
                       PresenceDecision decision);

/* Our own presence, told to those accepted; PRESENCE_OFFLINE to PRESENCE_IN_CALL. */
void presence_set_own (UserAgent *ua, PresenceState presence);
