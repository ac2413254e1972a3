/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "chord"
#include "core/overlay/chord-private.h"

#include "core/base/log.h"

/* A peer's way into the ring and what keeps it there:
 *
 *   LOOKING ──a member answers──> JOINING ──Update from the admitting peer──> JOINED
 *      │ nobody within 5 s                                                     │ nobody left
 *      └────────────────────────> ALONE <──────────────────────────────────────┘
 *                                   │ a ring appears ──> JOINING
 *                                   └ somebody joins through us ──> JOINED
 *
 * chord-join.c is the way in, chord-client.c is for those who cannot go it, chord-update.c tells
 * neighbors of neighbors, chord-watch.c notices who has gone, chord-repair.c what is missing,
 * chord-fingers.c keeps the shortcuts. Nothing that a third party says changes the table: only a
 * link that stands to a peer that has shown its certificate does. */

Connection *
chord_link_to (Chord *self, const NodeId *id)
{
  return connection_table_find (self->overlay->connections, id);
}

bool
chord_is_of_member (const Connection *connection)
{
  return connection != NULL && (connection->is_peer || connection->kind != CONNECTION_INCOMING);
}

void
chord_set_state (Chord *self, TopologyState state)
{
  if (self->state == state)
    return;
  log_debug (self->overlay->ports, "topology state %d -> %d", self->state, state);
  self->state = state;
  overlay_topology_changed (self->overlay);
}

void
chord_changed (Chord *self, RoutingChange change)
{
  size_t count;

  if (change == ROUTING_UNCHANGED)
    return;
  self->version++;
  if ((change & ROUTING_RANGE) != 0)
    self->range_version = self->version;
  if (change != ROUTING_NEIGHBORS)
    self->near_version = self->version;
  if (self->client == NULL)
    chord_watch_all (self);
  routing_table_successors (self->table, &count);
  if (count == 0 && self->state == TOPOLOGY_JOINED) {
    chord_set_state (self, TOPOLOGY_ALONE);
    bootstrap_wake (self->overlay->bootstrap);
    chord_repair_wake (self);
  }
  if (self->state != TOPOLOGY_JOINED && self->state != TOPOLOGY_ALONE)
    return;
  if (change == ROUTING_NEIGHBORS)
    chord_update_later (self);
  else
    chord_update_soon (self);
  replication_topology_changed (self->overlay->replication, change);
  overlay_topology_changed (self->overlay);
}

void
chord_add_neighbor (Chord *self, const NodeId *id, bool is_confirmed)
{
  Connection *connection = chord_link_to (self, id);
  bool was_neighbor;

  if (connection == NULL || link_is_suspected (&connection->link))
    return;
  connection->is_peer = true;
  chord_gone_forget (self, id);
  was_neighbor = routing_table_is_neighbor (self->table, id);
  chord_changed (self, routing_table_add (self->table, id, is_confirmed));
  if (!was_neighbor && routing_table_is_neighbor (self->table, id))
    overlay_moved (self->overlay);
}

/* Puts peers with standing links into the place that became free (10.7.1); as predecessors they
 * bound no range until they say so themselves. */
static void
fill_from_links (Chord *self)
{
  RoutingChange change = ROUTING_UNCHANGED;

  connection_table_for_each (self->overlay->connections, connection)
  {
    if (connection->is_up && connection->is_peer && !connection->is_closed &&
        connection->kind != CONNECTION_APPLICATION && !link_is_suspected (&connection->link) &&
        routing_table_wants (self->table, &connection->peer))
      change |= routing_table_add (self->table, &connection->peer, connection->names_us);
  }
  chord_changed (self, change);
}

void
chord_remove_neighbor (Chord *self, const NodeId *id)
{
  bool was_neighbor = routing_table_is_neighbor (self->table, id);
  bool was_finger = routing_table_is_finger (self->table, id);
  RoutingChange change = routing_table_remove (self->table, id);

  chord_changed (self, change);
  if ((change & (ROUTING_SUCCESSOR | ROUTING_PREDECESSOR)) != 0 && !chord_has_left (self, id))
    self->loss_version = self->version;
  if (was_neighbor) {
    overlay_moved (self->overlay);
    if (!chord_has_left (self, id))
      chord_watch_lost (self);
    fill_from_links (self);
    if (self->state == TOPOLOGY_JOINED) {
      bool was_nearest = (change & (ROUTING_SUCCESSOR | ROUTING_PREDECESSOR)) != 0;
      if (was_nearest || chord_repair_is_short (self)) {
        chord_update_soon (self);
        chord_repair_short_list (self);
      }
      chord_repair_wake (self);
    }
  }
  if (was_finger)
    chord_fingers_lost (self);
}

/* ---- The plug-in ---- */

static bool
is_in_ring (const Chord *self)
{
  return self->state == TOPOLOGY_JOINED || self->state == TOPOLOGY_ALONE;
}

static bool
plugin_is_responsible (void *topology, const NodeId *id)
{
  Chord *self = topology;

  return is_in_ring (self) && routing_table_is_responsible (self->table, id);
}

static bool
plugin_is_replica (void *topology, const NodeId *id)
{
  Chord *self = topology;

  return routing_table_is_replica (self->table, id);
}

/* RFC 6940, 10.3, of those that pass on what they get: whoever does not is no part of the Routing
 * Table for a while, unless there is nobody else on this side of `id`. */
bool
chord_next_hop (const Chord *self, const NodeId *id, const NodeId *exclude, NodeId *ret_next)
{
  static const NodeId one = { .bytes = { [NODE_ID_SIZE - 1] = 1 } };
  const Overlay *overlay = self->overlay;
  NodeId candidate;

  if (!routing_table_next_hop (self->table, id, exclude, &candidate))
    return false;
  *ret_next = candidate;
  while (!node_id_equal (&candidate, id) && node_id_in_arc (&candidate, &overlay->id, id) &&
         doubts_has (&overlay->doubts, &candidate, overlay_now (overlay))) {
    NodeId before = node_id_distance (&one, &candidate);
    if (!routing_table_next_hop (self->table, &before, exclude, &candidate) ||
        !node_id_in_arc (&candidate, &overlay->id, &before))
      return true;
  }
  *ret_next = candidate;
  return true;
}

static bool
plugin_next_hop (void *topology, const NodeId *id, const NodeId *exclude, NodeId *ret_next)
{
  Chord *self = topology;
  Connection *via;

  if (is_in_ring (self))
    return chord_next_hop (self, id, exclude, ret_next);
  if (self->state == TOPOLOGY_CLIENT) {
    via = chord_client_link (self, exclude);
    if (via != NULL)
      *ret_next = via->peer;
    return via != NULL;
  }
  /* A joining node reaches the overlay through its bootstrap connection. */
  via = connection_table_by_number (self->overlay->connections, self->join_via);
  if (via == NULL || !via->is_up)
    return false;
  *ret_next = via->peer;
  return true;
}

static bool
plugin_is_detour (void *topology, const NodeId *id, const NodeId *previous)
{
  Chord *self = topology;

  return is_in_ring (self) && node_id_in_arc (previous, &self->overlay->id, id);
}

static bool
plugin_may_answer (void *topology, const NodeId *id, const NodeId *responder)
{
  Chord *self = topology;
  size_t counts[2];
  const NodeId *lists[2] = {
    routing_table_successors (self->table, &counts[0]),
    routing_table_predecessors (self->table, &counts[1]),
  };
  NodeId theirs = node_id_distance (id, responder);

  if (!is_in_ring (self))
    return true;
  for (size_t side = 0; side < 2; side++)
    for (size_t i = 0; i < counts[side]; i++) {
      NodeId distance = node_id_distance (id, &lists[side][i]);
      if (node_id_compare (&distance, &theirs) < 0)
        return false;
    }
  return true;
}

static bool
is_among (const NodeId *list, size_t count, const NodeId *id)
{
  for (size_t i = 0; i < count; i++)
    if (node_id_equal (&list[i], id))
      return true;
  return false;
}

/* A joining node takes what its admitting peer hands over. A peer takes copies from the two peers
 * before it, whose ranges it copies, and what is its own from those behind it, one of which has
 * answered for that before; for a moment also from one that has left. */
static bool
plugin_may_replicate (void *topology, const NodeId *id, const NodeId *sender)
{
  Chord *self = topology;
  size_t successors, predecessors;
  const NodeId *after = routing_table_successors (self->table, &successors);
  const NodeId *before = routing_table_predecessors (self->table, &predecessors);
  bool is_replica = routing_table_is_replica (self->table, id);

  if (chord_is_joining (self))
    return self->has_admitting_peer && node_id_equal (&self->admitting_peer, sender);
  if (is_among (before, MIN (predecessors, 2), sender) && is_replica)
    return true;
  return (is_among (after, successors, sender) || chord_has_left (self, sender)) &&
         (routing_table_is_responsible (self->table, id) || is_replica);
}

static size_t
plugin_replicas (void *topology, NodeId *ret_peers, size_t size)
{
  Chord *self = topology;
  size_t count;
  const NodeId *after = routing_table_successors (self->table, &count);

  count = MIN (count, MIN (size, 2));
  for (size_t i = 0; i < count; i++)
    ret_peers[i] = after[i];
  return count;
}

/* The first of our neighbors at or behind `id`: what moves away from us moves among them. */
static bool
plugin_owner (void *topology, const NodeId *id, NodeId *ret_owner)
{
  Chord *self = topology;
  size_t counts[2];
  const NodeId *lists[2] = {
    routing_table_predecessors (self->table, &counts[0]),
    routing_table_successors (self->table, &counts[1]),
  };
  NodeId best;
  bool has_best = false;

  if (!routing_table_is_near (self->table, id))
    return false;

  for (size_t side = 0; side < 2; side++)
    for (size_t i = 0; i < counts[side]; i++) {
      NodeId distance = node_id_distance (id, &lists[side][i]);
      if (has_best && node_id_compare (&distance, &best) >= 0)
        continue;
      best = distance;
      *ret_owner = lists[side][i];
      has_best = true;
    }
  return has_best;
}

static bool
plugin_range_start (void *topology, NodeId *ret_peer)
{
  Chord *self = topology;

  return routing_table_range_start (self->table, ret_peer);
}

static uint64_t
plugin_lifetime (void *topology)
{
  const Chord *self = topology;

  return chord_is_tuned (self) ? self_tuning_lifetime (self->tuning, overlay_now (self->overlay))
                               : TIME_NEVER;
}

static bool
plugin_random_peer (void *topology, const NodeId *exclude, NodeId *ret_peer)
{
  Chord *self = topology;
  const NodePorts *ports = self->overlay->ports;
  const NodeId *found[LIMIT_LINKS_INCOMING];
  uint32_t count = 0;

  connection_table_for_each (self->overlay->connections, connection)
  {
    if (connection->is_up && connection->is_peer && !connection->is_closed &&
        connection->kind != CONNECTION_APPLICATION && count < G_N_ELEMENTS (found) &&
        (exclude == NULL || !node_id_equal (&connection->peer, exclude)))
      found[count++] = &connection->peer;
  }
  if (count == 0)
    return false;
  *ret_peer = *found[ports->random_below (ports->world, count)];
  return true;
}

static void
plugin_send_update (void *topology, Connection *connection)
{
  Chord *self = topology;

  if (is_in_ring (self))
    chord_update_send (self, connection, CHORD_UPDATE_FULL);
}

/* Somebody who calls at our listener may have been started anew. His older links are dead then, and
 * the sooner that shows the sooner he finds his place. */
static void
ask_older_links (Chord *self, const Connection *newer)
{
  connection_table_for_each (self->overlay->connections, connection)
  {
    if (connection != newer && connection->is_up && !connection->is_closed &&
        connection->kind != CONNECTION_APPLICATION &&
        node_id_equal (&connection->peer, &newer->peer))
      link_send (&connection->link, (Bytes){ NULL, 0 });
  }
}

static void
plugin_peer_up (void *topology, Connection *connection)
{
  Chord *self = topology;

  if (connection->kind == CONNECTION_INCOMING) {
    self->was_called |= !connection->is_near;
    self->was_called_near |= connection->is_near;
    ask_older_links (self, connection);
  }
  chord_watch (self, connection);
  if (connection->kind == CONNECTION_BOOTSTRAP || connection->kind == CONNECTION_INCOMING)
    chord_join_meet (self, connection);
  chord_client_on_link (self);
}

static void
plugin_peer_down (void *topology, Connection *connection, LinkEnd end)
{
  Chord *self = topology;
  NodeId peer = connection->peer;

  if (end == LINK_END_UNREACHABLE)
    chord_client_note_unreached (self, connection);
  if (!connection->has_peer || !connection->is_up ||
      chord_is_of_member (chord_link_to (self, &peer)))
    return;
  if (end != LINK_END_CLOSED && connection->is_peer) {
    chord_tuning_lost (self);
    chord_gone_note (self, &peer);
  }
  chord_join_on_peer_down (self, &peer);
  chord_remove_neighbor (self, &peer);
  chord_client_on_link (self);
}

/* There is nobody whom we could ask in its place. */
static bool
is_only_neighbor (const Chord *self, const NodeId *id)
{
  size_t count;
  const NodeId *successors = routing_table_successors (self->table, &count);

  return count == 1 && node_id_equal (&successors[0], id);
}

/* The only neighbor is given up with its link, not before: whoever is alone answers for everything
 * and joins anew, too much for a moment's silence. */
static void
plugin_peer_suspected (void *topology, Connection *connection, bool is_suspected)
{
  Chord *self = topology;
  NodeId peer = connection->peer;
  Connection *best = chord_link_to (self, &peer);

  if (chord_is_of_member (best) && !link_is_suspected (&best->link)) {
    if (!is_suspected && connection->is_peer && is_in_ring (self))
      chord_add_neighbor (self, &peer, connection->names_us);
    return;
  }
  if (is_suspected && !is_only_neighbor (self, &peer))
    chord_remove_neighbor (self, &peer);
  chord_client_on_link (self);
}

static void
plugin_network_changed (void *topology)
{
  Chord *self = topology;

  self->was_called = self->was_called_near = false;
  chord_client_on_network (self);
}

static void
plugin_metered_changed (void *topology)
{
  chord_client_on_metered (topology);
}

static TopologyState
plugin_state (void *topology)
{
  return ((Chord *) topology)->state;
}

static uint32_t
plugin_responsible_ppb (void *topology)
{
  Chord *self = topology;
  NodeId start, range;

  if (!routing_table_range_start (self->table, &start))
    return PPB_CLIENT + 1;
  range = node_id_distance (&start, &self->overlay->id);
  return (uint32_t) MAX (PPB_CLIENT + 1, node_id_fraction (&range) * (PPB_ALONE - 1));
}

static unsigned
plugin_estimate (void *topology)
{
  Chord *self = topology;

  if (self->state == TOPOLOGY_CLIENT)
    return chord_client_peers (self);
  return (unsigned) (1.0 / routing_table_spacing (self->table) + 0.5);
}

static unsigned
plugin_table_size (void *topology)
{
  Chord *self = topology;

  return routing_table_size (self->table);
}

static MessageExtensionList
plugin_hear_probe (void *topology, const Incoming *request)
{
  return chord_tuning_answer (topology, request);
}

static const char *
plugin_role (void *topology, const NodeId *peer)
{
  Chord *self = topology;
  size_t successors, predecessors;
  const NodeId *after = routing_table_successors (self->table, &successors);
  const NodeId *before = routing_table_predecessors (self->table, &predecessors);

  if (self->state == TOPOLOGY_CLIENT)
    return chord_client_role (self, peer);
  if (successors > 0 && node_id_equal (&after[0], peer))
    return "successor";
  if (predecessors > 0 && node_id_equal (&before[0], peer))
    return "predecessor";
  if (routing_table_is_neighbor (self->table, peer))
    return "neighbor";
  return routing_table_is_finger (self->table, peer) ? "finger" : "link";
}

static void
plugin_start (void *topology)
{
  Chord *self = topology;

  routing_table_clear (self->table);
  chord_set_state (self, TOPOLOGY_LOOKING);
  chord_join_start_alone_timer (self);
  chord_repair_start (self);
  chord_gone_start (self);
}

static void
plugin_stop (void *topology, bool says_goodbye)
{
  Chord *self = topology;

  if (says_goodbye && self->state == TOPOLOGY_JOINED)
    chord_send_leave (self);
  timer_stop (&self->update_timer);
  timer_stop (&self->join_timer);
  timer_stop (&self->alone_timer);
  timer_stop (&self->stabilize_timer);
  timer_stop (&self->search_timer);
  timer_stop (&self->repair_timer);
  timer_stop (&self->finger_timer);
  chord_gone_stop (self);
  chord_client_stop (self);
  chord_set_state (self, TOPOLOGY_OFF);
}

static void
plugin_free (void *topology)
{
  Chord *self = topology;

  timer_stop (&self->update_timer);
  timer_stop (&self->join_timer);
  timer_stop (&self->alone_timer);
  timer_stop (&self->stabilize_timer);
  timer_stop (&self->search_timer);
  timer_stop (&self->repair_timer);
  timer_stop (&self->finger_timer);
  chord_client_free (self);
  chord_admit_free (self);
  chord_gone_free (self);
  self_tuning_free (self->tuning);
  routing_table_free (self->table);
  g_free (self->leavers);
  g_free (self);
}

const TopologyPlugin chord_plugin = {
  .name = "CHORD-RELOAD",
  .is_responsible = plugin_is_responsible,
  .is_replica = plugin_is_replica,
  .next_hop = plugin_next_hop,
  .is_detour = plugin_is_detour,
  .may_answer = plugin_may_answer,
  .may_replicate = plugin_may_replicate,
  .replicas = plugin_replicas,
  .owner = plugin_owner,
  .range_start = plugin_range_start,
  .lifetime = plugin_lifetime,
  .random_peer = plugin_random_peer,
  .join = chord_handle_join,
  .leave = chord_handle_leave,
  .update = chord_handle_update,
  .route_query = chord_handle_route_query,
  .send_update = plugin_send_update,
  .peer_up = plugin_peer_up,
  .peer_down = plugin_peer_down,
  .peer_suspected = plugin_peer_suspected,
  .network_changed = plugin_network_changed,
  .metered_changed = plugin_metered_changed,
  .state = plugin_state,
  .responsible_ppb = plugin_responsible_ppb,
  .estimate = plugin_estimate,
  .table_size = plugin_table_size,
  .hear_probe = plugin_hear_probe,
  .role = plugin_role,
  .start = plugin_start,
  .stop = plugin_stop,
  .free = plugin_free,
};

void *
chord_new (Overlay *overlay)
{
  Chord *self = g_new0 (Chord, 1);

  self->overlay = overlay;
  self->table = routing_table_new (&overlay->id);
  self->tuning = self_tuning_new ();
  chord_join_init (self);
  chord_update_init (self);
  chord_repair_init (self);
  chord_gone_init (self);
  chord_fingers_init (self);
  return self;
}
