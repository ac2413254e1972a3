/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/chord-private.h"

/* How soon we notice that a peer has gone. First successor and predecessor are asked for a sign of
 * life every two seconds of silence. The others are asked now and then: the sooner peers go, the
 * more often, so that of all messages sent to one of them about the same share meets a peer that
 * has gone and is not missed yet. When the first of many have gone, lives seem short at once, and
 * all others are asked within moments.
 *
 * Some routers forget after 30 s that a link goes through them. ICE keeps those links open that it
 * has made, by Binding indications every 25 s (RFC 8445, 11), so that these may be silent; the
 * others, of listeners and their callers, may not. */

#define PROBE_NEAREST (2 * TIME_SECOND)
#define PROBE_LEAST   (5 * TIME_SECOND)
#define PROBE_MOST    (28 * TIME_SECOND)
#define PROBE_KEPT    (112 * TIME_SECOND)

#define AT_ONCE   (5 * TIME_SECOND)
#define AFTERMATH (30 * TIME_SECOND)
#define FRESH     (1 * TIME_SECOND)

enum { PROBES_OF_LIFE = 256 };

static bool
is_kept_open (const Chord *self, const Connection *connection)
{
  return connection->kind == CONNECTION_OVERLAY && !self->overlay->configuration->is_no_ice;
}

static bool
is_nearest (Chord *self, const NodeId *peer)
{
  size_t successors, predecessors;
  const NodeId *after = routing_table_successors (self->table, &successors);
  const NodeId *before = routing_table_predecessors (self->table, &predecessors);

  return (successors > 0 && node_id_equal (&after[0], peer)) ||
         (predecessors > 0 && node_id_equal (&before[0], peer));
}

void
chord_watch (Chord *self, Connection *connection)
{
  uint64_t lifetime = self_tuning_lifetime (self->tuning, overlay_now (self->overlay));
  uint64_t most = is_kept_open (self, connection) ? PROBE_KEPT : PROBE_MOST;

  link_set_probe (&connection->link, is_nearest (self, &connection->peer)
                                       ? PROBE_NEAREST
                                       : CLAMP (lifetime / PROBES_OF_LIFE, PROBE_LEAST, most));
}

void
chord_watch_all (Chord *self)
{
  connection_table_for_each (self->overlay->connections, connection)
  {
    if (connection->is_up && !connection->is_closed && connection->kind != CONNECTION_APPLICATION)
      chord_watch (self, connection);
  }
}

bool
chord_is_shaken (const Chord *self)
{
  return overlay_now (self->overlay) < self->shaken_until;
}

/* Where one has died more may have: all neighbors are asked for a sign of life, and where a second
 * has, everybody, long before it would be their turn. */
void
chord_watch_lost (Chord *self)
{
  uint64_t now = overlay_now (self->overlay);
  bool is_second = self->lost_at > 0 && now < self->lost_at + AT_ONCE;

  self->lost_at = now;
  if (is_second && !chord_is_shaken (self))
    chord_update_hold (self);
  if (is_second)
    self->shaken_until = now + AFTERMATH;
  connection_table_for_each (self->overlay->connections, connection)
  {
    if (connection->is_up && !connection->is_closed && connection->is_peer &&
        connection->kind != CONNECTION_APPLICATION && link_is_idle (&connection->link) &&
        link_heard_at (&connection->link) + FRESH <= now &&
        (is_second || routing_table_is_neighbor (self->table, &connection->peer)))
      link_send (&connection->link, (Bytes){ NULL, 0 });
  }
}
