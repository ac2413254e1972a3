/* SPDX-License-Identifier: GPL-3.0-or-later */
/* carrier.h: what carries one link of the node, by its number: TLS over TCP, or DTLS over UDP or
 * ICE. (The link itself, with its frames, is core/overlay/link.h.) */
#pragma once
#include "core/os/world-private.h"

/* Known to its world by its number from now on. */
Carrier *carrier_new (World *world, uint32_t number);

/* At once and without a word; never from inside an event. */
void carrier_free (Carrier *self);
void carrier_free_all (World *world);

/* One of these begins it. */
void carrier_connect (Carrier *self, LinkTransport transport, const Address *to);
void carrier_gather (Carrier *self, const LinkSetup *setup);
void carrier_accept_datagrams (Carrier *self, Listener *listener, const Path *path, SSL *ssl);
void carrier_accept_stream (Carrier *self, const Address *from, int fd);

void carrier_check (Carrier *self,
                    const IceDescription *remote,
                    const LinkSetup *setup,
                    Bytes fingerprint);
void carrier_hear (Carrier *self, Bytes datagram);
void carrier_send (Carrier *self, Bytes bytes);

/* Says goodbye; its number is free and it frees itself in the next turn. */
void carrier_close (Carrier *self);

bool carrier_media_keys (const Carrier *self, SrtpKeys *ret_keys);
void carrier_media_send (Carrier *self, Bytes datagram);

/* Whether its ICE goes over no relay. */
bool carrier_is_direct (const Carrier *self);

/* See world_media_report(). */
bool carrier_report (const Carrier *self, PathReport *ret_report);

/* Of a newcomer who asks for an invitation (invite-desk.h). */
bool carrier_is_newcomer (const Carrier *self);
const Address *carrier_peer_address (const Carrier *self);
uint32_t carrier_number (const Carrier *self);

/* Closes it when it is not closed by then. */
void carrier_set_deadline (Carrier *self, unsigned seconds);
