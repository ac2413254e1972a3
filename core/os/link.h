/* SPDX-License-Identifier: GPL-3.0-or-later */
/* link.h: one link of the node, by its number: what connects DTLS or TLS with what carries it. */
#pragma once
#include "core/os/world-private.h"

/* Known to its world by its number from now on. */
Link *link_new (World *world, uint32_t number);

/* At once and without a word; never from inside an event. */
void link_free (Link *self);
void link_free_all (World *world);

/* One of these begins it. */
void link_connect (Link *self, LinkTransport transport, const Address *to);
void link_gather (Link *self, const LinkSetup *setup);
void link_accept_datagrams (Link *self, const Route *route, SSL *ssl);
void link_accept_stream (Link *self, const Address *from, int fd);

void
link_check (Link *self, const IceDescription *remote, const LinkSetup *setup, Bytes fingerprint);
void link_hear (Link *self, Bytes datagram);
void link_send (Link *self, Bytes bytes);

/* Says goodbye; its number is free and it frees itself in the next turn. */
void link_close (Link *self);

bool link_media_keys (const Link *self, SrtpKeys *ret_keys);
void link_media_send (Link *self, Bytes datagram);

/* Of a newcomer who asks for an invitation (invite-desk.h). */
bool link_is_newcomer (const Link *self);
const Address *link_peer_address (const Link *self);
uint32_t link_number (const Link *self);

/* Closes it when it is not closed by then. */
void link_set_deadline (Link *self, unsigned seconds);
