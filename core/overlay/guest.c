/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/guest.h"

#include "core/overlay/overlay-private.h"
#include "core/overlay/quota.h"

/* Peers serve each other; what one passes on for its neighbors they pass on for it. A client only
 * takes, with or without good reason, and nobody can tell which. So each has a share, which is what
 * a phone needs, whoever else is greedy, and all of them together may take a bit more: what is left
 * over goes to the peers and to ourselves. Shares belong to Node-IDs, so several links, and links
 * that are made anew, are worth no more than one. Nor are links to many peers: only one peer is a
 * client's home (the one responsible for its Node-ID), elsewhere it has enough to get there.
 * Whatever comes counts, for us or to be passed on, before anything else is done with it: farther
 * on nobody can tell for whom it is.
 *
 * Even what is not looked at has to be acknowledged, so whoever goes on like that loses his links
 * and may come again when he is forgotten, in some minutes. No phone sends that much.
 *
 * A guest is, to a peer, everybody who has not said by an Update that it is one too, also when the
 * link was our own wish: we look for strangers now and then. To those who are no peers themselves,
 * newcomers and clients, nobody is a guest: what comes to them is what they asked for.
 * Newcomers have a while to join, and may spend in it more than a phone does.
 *
 * Who says that it is a peer is taken for one, and gets a place in the ring with the work that
 * belongs to it; who then does not do that work is what doubts.c is about. */

#define GRACE (30 * TIME_SECOND)

struct Guests {
  Overlay *overlay;
  Quota *at_home;
  Quota *elsewhere;
  TokenBucket rest;
  Doubts expelled;
};

Guests *
guests_new (Overlay *overlay)
{
  Guests *self = g_new0 (Guests, 1);

  self->overlay = overlay;
  self->at_home = quota_new (LIMIT_GUEST_PER_MINUTE, LIMIT_GUEST_BURST);
  self->elsewhere = quota_new (LIMIT_STRANGER_PER_MINUTE, LIMIT_STRANGER_BURST);
  return self;
}

void
guests_free (Guests *self)
{
  if (self == NULL)
    return;
  doubts_clear (&self->expelled);
  quota_free (self->at_home);
  quota_free (self->elsewhere);
  g_free (self);
}

static bool
is_in_ring (const Guests *self)
{
  const Topology *topology = &self->overlay->topology;
  TopologyState state = topology->plugin->state (topology->self);

  return state == TOPOLOGY_JOINED || state == TOPOLOGY_ALONE;
}

/* One link of a peer speaks for all. */
static bool
is_guest (Guests *self, const Connection *connection)
{
  const Connection *best;

  if (connection->is_peer || connection->kind == CONNECTION_APPLICATION ||
      connection->kind == CONNECTION_MEDIA || !is_in_ring (self))
    return false;
  best = connection_table_find (self->overlay->connections, &connection->peer);
  return best == NULL || !best->is_peer;
}

bool
guests_is_expelled (const Guests *self, const NodeId *guest)
{
  return doubts_has (&self->expelled, guest, overlay_now (self->overlay));
}

bool
guests_welcome (Guests *self, const Connection *connection)
{
  return !guests_is_expelled (self, &connection->peer) || !is_guest (self, connection);
}

/* All its links. */
static void
expel (Guests *self, const NodeId *guest)
{
  ConnectionTable *connections = self->overlay->connections;
  NodeId id = *guest;

  doubts_note (&self->expelled, &id, overlay_now (self->overlay));
  connection_table_for_each (connections, connection)
  {
    if (connection->is_up && node_id_equal (&connection->peer, &id) &&
        !guests_welcome (self, connection))
      connection_table_end (connections, connection, LINK_END_CLOSED);
  }
}

static bool
take_share (Guests *self, const NodeId *guest)
{
  const Topology *topology = &self->overlay->topology;
  bool is_home = topology->plugin->is_responsible (topology->self, guest);

  return quota_take (is_home ? self->at_home : self->elsewhere, guest, overlay_now (self->overlay));
}

bool
guests_admit (Guests *self, Connection *connection)
{
  uint64_t now = overlay_now (self->overlay);

  if (!is_guest (self, connection) || take_share (self, &connection->peer) ||
      token_bucket_take (&self->rest, now / 60, LIMIT_GUESTS_PER_MINUTE, LIMIT_GUESTS_BURST))
    return true;
  if (!token_bucket_take (&connection_allowance (connection)->excess, now, LIMIT_GUEST_EXCESS_PER_S,
                          LIMIT_GUEST_EXCESS_BURST))
    expel (self, &connection->peer);
  return false;
}

void
guests_tidy (Guests *self)
{
  uint64_t now = overlay_now (self->overlay);
  unsigned count = 0;

  connection_table_for_each (self->overlay->connections, connection)
  {
    if (!connection->is_up || connection->is_closed || connection->opened_at + GRACE > now ||
        !is_guest (self, connection))
      continue;
    if (count == LIMIT_GUESTS)
      connection_table_close (self->overlay->connections, connection);
    else
      count++;
  }
}
