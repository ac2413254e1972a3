/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "carrier"
#include "core/os/carrier-private.h"

#include "core/os/invite-desk.h"
#include "core/os/knock-desk.h"
#include "core/os/relay-desk.h"
#include "core/os/relay-ticket.h"

/* Most streams are links. Others ask for something at the same door, and say so by ALPN: to be let
 * in, for a relay's credential, to be knocked at, or to use the relay. */

/* The member hangs up when it has heard it. */
static void
carrier_say_ticket (Carrier *self, const NodeId *node)
{
  RelayDesk *desk = self->world->relay_desk;
  RelayTicket ticket = { .lifetime_s = LIMIT_RELAY_CREDENTIAL_S };
  uint8_t bytes[RELAY_TICKET_SIZE];

  if (desk != NULL)
    relay_admit (relay_desk_relay (desk), node, &ticket.credential);
  tls_stream_send (self->stream, (Bytes){ bytes, relay_ticket_encode (&ticket, bytes) });
}

/* Without a word it only wants its ticket. */
static void
carrier_hear_member (Carrier *self, Bytes bytes)
{
  RelayDesk *desk = self->world->relay_desk;

  if (desk != NULL && bytes.size == 1 && bytes.data[0] == RELAY_MOVED)
    relay_doubt (relay_desk_relay (desk),
                 &tls_stream_peer (self->stream)->certificate->node_ids[0]);
}

static void
on_stream_up (void *owner)
{
  Carrier *self = owner;
  const TlsPeer *peer = tls_stream_peer (self->stream);

  if (!peer->is_newcomer && !peer->wants_relay && !peer->wants_knock && !peer->wants_turn) {
    carrier_up (self, peer->certificate);
    return;
  }
  if (self->parent != NULL) {
    carrier_fail (self, LINK_END_REFUSED);
    return;
  }
  if (peer->wants_turn) {
    if (self->world->relay_desk != NULL)
      relay_desk_take_tls (self->world->relay_desk, &self->peer, g_steal_pointer (&self->stream));
    carrier_fail (self, LINK_END_CLOSED);
    return;
  }
  if (peer->wants_knock) {
    knock_desk_take (self->world->knock_desk, &self->peer, g_steal_pointer (&self->stream));
    carrier_fail (self, LINK_END_CLOSED);
    return;
  }
  if (peer->wants_relay) {
    carrier_say_ticket (self, &peer->certificate->node_ids[0]);
    return;
  }
  carrier_make_newcomer (self);
  if (!invite_desk_add (self->world->desk, self))
    carrier_fail (self, LINK_END_LOCAL);
}

static void
on_stream_receive (void *owner, Bytes bytes)
{
  Carrier *self = owner;

  if (self->is_newcomer && self->state == CARRIER_OPENING)
    invite_desk_receive (self->world->desk, self, bytes);
  else if (tls_stream_peer (self->stream)->wants_relay)
    carrier_hear_member (self, bytes);
  else
    carrier_receive (self, bytes);
}

static void
on_stream_down (void *owner, LinkEnd end)
{
  carrier_fail (owner, end);
}

static const TlsStreamEvents stream_events = { on_stream_up, on_stream_receive, on_stream_down };

void
carrier_begin_tls (Carrier *self, int fd, bool is_server)
{
  World *world = self->world;
  SSL *ssl = tls_connection (world->tls, TLS_USE_STREAM, is_server);

  self->stream = tls_stream_new (world->loop, fd, world->tls, ssl, &stream_events, self);
  if (self->purpose == LINK_PURPOSE_OVERLAY)
    tls_key_by_secret (ssl);
}
