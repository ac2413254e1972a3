/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "chord"
#include "core/base/log.h"
#include "core/overlay/chord-private.h"

/* Joining (RFC 6940, 10.5) through a bootstrap connection to B:
 *
 *   Probe B              is there a ring behind it?
 *   Attach n+1 via B     the admitting peer AP; its Update names the future neighbors
 *   Attach to each       source-routed through AP
 *   Join to AP           AP hands over what will be ours and says so in an Update
 *   Update to all        from here on we are a peer
 *
 * A neighbor that answers an Attach, but to whom no link comes up, shows that one of us two cannot
 * be reached. When that is the peer before us, or several are, we are a client (chord-client.c), so
 * that others find us soon, and as one try another round with more patience. Where no datagram gets
 * out there is nothing to wait for.
 *
 * A client that tries to become a peer goes through the same steps, but stays what it is: all that
 * is sent, or comes in, goes by home and spare until the last step is done.
 *
 * Whoever meets whom: a ring of one joins any larger ring; of two rings of one, or two that still
 * look, the smaller Node-ID joins the larger. A step that fails starts again through any link that
 * stands. */

#define ALONE_AFTER   (5 * TIME_SECOND)
#define AGAIN_FIRST   (400 * TIME_MS)
#define STEP_TIME     (6 * TIME_SECOND)
#define FIRST_LOOK    (5 * TIME_SECOND)
#define ATTACH_TIME   (4 * TIME_SECOND)
#define LATE_TIME     (6 * TIME_SECOND)
#define LATE_FIRST    (2 * TIME_SECOND)
#define AGAIN_LONGEST (10 * TIME_SECOND)

enum { APART_MANY = 2 };

bool
chord_is_joining (const Chord *self)
{
  return self->state == TOPOLOGY_JOINING || (self->state == TOPOLOGY_CLIENT && self->join_via != 0);
}

void
chord_join_give_up (Chord *self)
{
  attach_cancel_owner (self->overlay->attaches, self);
  transport_cancel_owner (self->overlay->transport, self);
  timer_stop (&self->join_timer);
  self->has_admitting_peer = false;
  self->is_join_sent = false;
  self->join_via = 0;
  routing_table_clear (self->table);
}

static void
fail (Chord *self)
{
  const NodePorts *ports = self->overlay->ports;
  uint64_t pause = MIN (AGAIN_FIRST << MIN (self->join_failures, 8), AGAIN_LONGEST);

  log_debug (ports, "join failed, again soon");
  chord_join_give_up (self);
  if (self->state == TOPOLOGY_CLIENT)
    return; /* and tries again in its own time */
  self->join_failures++;
  chord_set_state (self, TOPOLOGY_LOOKING);
  timer_start (&self->join_timer, ports->timers,
               pause / 2 + ports->random_below (ports->world, (uint32_t) pause));
  chord_join_start_alone_timer (self);
}

static void
become_alone (Chord *self)
{
  chord_client_end (self);
  chord_tuning_joined (self);
  chord_repair_begin_rounds (self);
  chord_set_state (self, TOPOLOGY_ALONE);
  self->join_failures = 0;
  chord_update_anew (self);
  chord_repair_wake (self);
}

static void
on_alone_timer (Timer *timer, void *owner)
{
  Chord *self = owner;

  if (self->state != TOPOLOGY_LOOKING || self->overlay->configuration->sequence == 0)
    return;
  if (overlay_is_expired (self->overlay))
    timer_start (timer, self->overlay->ports->timers, ALONE_AFTER);
  else
    become_alone (self);
}

void
chord_join_start_alone_timer (Chord *self)
{
  if (!timer_is_set (&self->alone_timer))
    timer_start (&self->alone_timer, self->overlay->ports->timers, ALONE_AFTER);
}

/* ---- The joining node ---- */

static void
on_joined_ap (void *owner, const Answer *answer)
{
  Chord *self = owner;

  if (answer->code == RELOAD_OK)
    return; /* the Update that makes us a peer comes next */
  if (answer->code == RELOAD_IN_PROGRESS)
    overlay_report_duplicate (self->overlay);
  else
    fail (self);
}

static void
send_join (Chord *self)
{
  JoinReq body = { .joining_peer_id = self->overlay->id };
  Destination to = destination_of_node (&self->admitting_peer);
  Connection *connection = chord_link_to (self, &self->admitting_peer);
  Request request = {
    .code = MESSAGE_JOIN_REQ,
    .body = &body,
    .destinations = &to,
    .destination_count = 1,
    .answered = on_joined_ap,
    .owner = self,
  };

  if (self->is_join_sent)
    return;
  if (connection == NULL) {
    fail (self);
    return;
  }
  self->is_join_sent = true;
  timer_start (&self->join_timer, self->overlay->ports->timers, STEP_TIME);
  request.hop.connection = connection->number;
  transport_request (self->overlay->transport, &request);
}

/* From when on we know that no link will come of ICE; UINT64_MAX: we do not. */
static uint64_t
walled_at (Chord *self, const Connection *via)
{
  return via->link.is_stream && !self->overlay->configuration->is_no_ice
           ? bootstrap_walled_at (self->overlay->bootstrap)
           : UINT64_MAX;
}

static bool
is_walled (Chord *self, const Connection *via)
{
  return walled_at (self, via) <= overlay_now (self->overlay);
}

/* As a client we are reached through whom we came by, unless he is one as well. */
static void
end_round_apart (Chord *self)
{
  Connection *via = connection_table_by_number (self->overlay->connections, self->join_via);

  if (self->state == TOPOLOGY_CLIENT || via == NULL || !via->is_up) {
    fail (self);
    return;
  }
  via->is_peer = !self->join_via_is_client;
  chord_client_begin (self);
  if (!is_walled (self, via))
    chord_client_join_again (self);
}

/* Once the admitting peer has told of its neighbors and the Attaches to them are over. */
static void
send_join_when_ready (Chord *self)
{
  if (!chord_is_joining (self) || !self->has_heard_admitting_peer || self->join_waiting > 0)
    return;
  if (self->join_apart >= APART_MANY)
    end_round_apart (self);
  else
    send_join (self);
}

static void
on_neighbor_attached (void *owner, const NodeId *target, Connection *connection, ReloadCode code)
{
  Chord *self = owner;

  if (connection != NULL) {
    connection->is_ours = true;
    chord_add_neighbor (self, &connection->peer, false);
  } else if (code == RELOAD_OK) {
    bool is_nearest = self->has_join_before && node_id_equal (target, &self->join_before);
    self->join_apart += is_nearest ? APART_MANY : 1;
  }
  if (self->join_waiting > 0)
    self->join_waiting--;
  send_join_when_ready (self);
}

/* Whom two rounds have left a client is not to become a peer by relays. */
static bool
wants_direct (const Chord *self)
{
  return self->state == TOPOLOGY_CLIENT && !chord_client_is_second_round (self);
}

static void
attach_neighbor (Chord *self, const NodeId *id)
{
  Destination path[2] = {
    destination_of_node (&self->admitting_peer),
    destination_of_node (id),
  };
  AttachOptions options = {
    .destinations = path,
    .destination_count = 2,
    .is_direct = wants_direct (self),
    .done = on_neighbor_attached,
    .owner = self,
  };

  if (chord_link_to (self, id) != NULL) {
    chord_add_neighbor (self, id, false);
    return;
  }
  if (attach_is_pending (self->overlay->attaches, id, 0))
    return;
  self->join_waiting++;
  attach_start (self->overlay->attaches, &options);
}

static void
attach_list (Chord *self, const NodeIdList *ids)
{
  for (size_t i = 0; i < ids->count; i++)
    if (routing_table_wants (self->table, &ids->items[i]) &&
        !node_id_equal (&ids->items[i], &self->admitting_peer))
      attach_neighbor (self, &ids->items[i]);
}

static void
become_joined (Chord *self, const ChordUpdate *update)
{
  NodeId before_us = self->admitting_peer;

  for (size_t i = 0; i + 1 < update->predecessors.count; i++)
    if (node_id_equal (&update->predecessors.items[i], &self->overlay->id))
      before_us = update->predecessors.items[i + 1];
  chord_client_end (self);
  timer_stop (&self->join_timer);
  timer_stop (&self->alone_timer);
  self->join_via = 0;
  self->join_failures = 0;
  self->rounds_apart = 0;
  chord_tuning_joined (self);
  chord_repair_begin_rounds (self);
  chord_set_state (self, TOPOLOGY_JOINED);
  chord_add_neighbor (self, &self->admitting_peer, false);
  chord_add_neighbor (self, &before_us, true);
  chord_update_anew (self);
  chord_want (self, &update->predecessors, &self->admitting_peer);
  chord_want (self, &update->successors, &self->admitting_peer);
  chord_fingers_start (self, TIME_SECOND);
  chord_repair_wake (self);
  chord_client_on_metered (self); /* it may have changed meanwhile */
}

void
chord_join_on_update (Chord *self, const NodeId *from, const ChordUpdate *update)
{
  if (self->state == TOPOLOGY_LOOKING || self->state == TOPOLOGY_ALONE) {
    Connection *connection = chord_link_to (self, from);
    if (connection != NULL)
      chord_join_meet (self, connection);
    return;
  }
  if (self->state == TOPOLOGY_CLIENT)
    chord_client_on_update (self, chord_link_to (self, from), update);
  if (!chord_is_joining (self) || !self->has_admitting_peer ||
      !node_id_equal (from, &self->admitting_peer) || update->type == CHORD_UPDATE_PEER_READY)
    return;
  for (size_t i = 0; self->is_join_sent && i < update->predecessors.count; i++)
    if (node_id_equal (&update->predecessors.items[i], &self->overlay->id)) {
      become_joined (self, update);
      return;
    }
  if (self->has_heard_admitting_peer)
    return;
  self->has_heard_admitting_peer = true;
  self->has_join_before = update->predecessors.count > 0;
  if (self->has_join_before)
    self->join_before = update->predecessors.items[0];
  chord_add_neighbor (self, from, false);
  timer_start (&self->join_timer, self->overlay->ports->timers, ATTACH_TIME);
  attach_list (self, &update->predecessors);
  attach_list (self, &update->successors);
  send_join_when_ready (self);
}

static void
on_admitting_peer_attached (void *owner,
                            const NodeId *target,
                            Connection *connection,
                            ReloadCode code)
{
  Chord *self = owner;

  if (connection == NULL) {
    if (code == RELOAD_OK)
      end_round_apart (self);
    else
      fail (self);
    return;
  }
  bootstrap_note_link (self->overlay->bootstrap, connection);
  self->has_admitting_peer = true;
  self->admitting_peer = connection->peer;
  connection->is_ours = true;
  timer_start (&self->join_timer, self->overlay->ports->timers, STEP_TIME);
}

/* Until the first look at how it goes. */
static uint64_t
patience (Chord *self, const Connection *via)
{
  uint64_t now = overlay_now (self->overlay);
  uint64_t walled = walled_at (self, via);

  if (self->state == TOPOLOGY_CLIENT)
    return 2 * STEP_TIME;
  return MIN (FIRST_LOOK, walled - MIN (now, walled));
}

void
chord_join_begin (Chord *self, Connection *via)
{
  NodeId beyond = node_id_add_power (&self->overlay->id, 0);
  Destination to = destination_of_resource (node_id_bytes (&beyond));
  AttachOptions options = {
    .destinations = &to,
    .destination_count = 1,
    .hop = { .connection = via->number },
    .wants_update = true,
    .is_direct = wants_direct (self),
    .done = on_admitting_peer_attached,
    .owner = self,
  };

  self->join_via = via->number;
  self->has_admitting_peer = false;
  self->has_heard_admitting_peer = false;
  self->is_join_sent = false;
  self->join_waiting = 0;
  self->join_apart = 0;
  self->join_is_late = false;
  self->join_via_is_client = false;
  self->has_join_before = false;
  routing_table_clear (self->table);
  timer_stop (&self->alone_timer);
  if (self->overlay->is_metered && self->state != TOPOLOGY_CLIENT) {
    chord_client_begin (self);
    return;
  }
  timer_start (&self->join_timer, self->overlay->ports->timers, patience (self, via));
  if (self->state != TOPOLOGY_CLIENT)
    chord_set_state (self, TOPOLOGY_JOINING);
  attach_start (self->overlay->attaches, &options);
}

/* No datagram has been heard while the first Attach was under way. */
static bool
is_at_wall (Chord *self)
{
  const Connection *via = connection_table_by_number (self->overlay->connections, self->join_via);

  return self->state != TOPOLOGY_CLIENT && !self->has_admitting_peer && via != NULL &&
         is_walled (self, via);
}

/* A client is found meanwhile. */
static uint64_t
late_time (const Chord *self, unsigned answered)
{
  if (answered == 0)
    return STEP_TIME;
  return self->state == TOPOLOGY_CLIENT ? LATE_TIME : LATE_FIRST;
}

/* Links that are slow to come are waited for; a neighbor that does not even answer has gone. */
static void
end_waiting (Chord *self)
{
  Attaches *attaches = self->overlay->attaches;
  unsigned answered = attach_count_answered (attaches, self);
  bool is_nearest_late =
    answered > 0 &&
    (!self->has_heard_admitting_peer ||
     (self->has_join_before && attach_is_pending (attaches, &self->join_before, 0)));

  if (is_at_wall (self)) {
    end_round_apart (self);
  } else if ((answered > 0 || !self->has_admitting_peer) && !self->join_is_late) {
    self->join_is_late = true;
    timer_start (&self->join_timer, self->overlay->ports->timers, late_time (self, answered));
  } else if (is_nearest_late || answered + self->join_apart >= APART_MANY) {
    end_round_apart (self);
  } else if (self->has_heard_admitting_peer) {
    send_join (self);
  } else {
    fail (self);
  }
}

static void
on_join_timer (Timer *timer, void *owner)
{
  Chord *self = owner;

  if (self->state == TOPOLOGY_LOOKING)
    chord_join_again (self);
  else if (chord_is_joining (self) && !self->is_join_sent)
    end_waiting (self);
  else if (chord_is_joining (self))
    fail (self);
}

void
chord_join_on_peer_down (Chord *self, const NodeId *peer)
{
  if (chord_is_joining (self) && self->has_admitting_peer &&
      node_id_equal (&self->admitting_peer, peer))
    fail (self);
}

/* ---- Meeting a member ---- */

/* Somebody with our own Node-ID: a second copy of us, or ourselves through a loop of the network.
 * Of two copies the one that is not in the ring stops, else the younger. A loop has one state and
 * one age. */
static void
meet_own_copy (Chord *self, Connection *connection, uint32_t responsible_ppb, uint32_t uptime)
{
  bool is_in_ring = self->state != TOPOLOGY_LOOKING;
  bool is_younger = chord_uptime_s (self) < uptime;

  connection_table_close (self->overlay->connections, connection);
  if (responsible_ppb > 0 && (!is_in_ring || is_younger))
    overlay_report_duplicate (self->overlay);
}

static bool
joins_larger (const Chord *self, const NodeId *other)
{
  return node_id_compare (&self->overlay->id, other) < 0;
}

/* Of two that have none. While a place is being tried there may be one behind it, and one that
 * could not be joined has not gone away. */
static bool
may_begin_ring (const Chord *self, const NodeId *other)
{
  return self->state == TOPOLOGY_LOOKING && self->join_failures == 0 &&
         !joins_larger (self, other) && bootstrap_trying (self->overlay->bootstrap) == 0 &&
         self->overlay->configuration->sequence != 0;
}

static void
decide (Chord *self, Connection *connection, uint32_t responsible_ppb)
{
  bool they_are_alone = responsible_ppb == PPB_ALONE;
  bool they_have_ring = responsible_ppb > 0;

  if (self->state == TOPOLOGY_JOINING || self->state == TOPOLOGY_OFF ||
      overlay_is_expired (self->overlay))
    return;
  if (self->state == TOPOLOGY_JOINED) {
    if (they_have_ring && !they_are_alone)
      chord_repair_check_partition (self, connection);
    return;
  }
  if (self->client != NULL && they_have_ring) {
    if (self->state != TOPOLOGY_CLIENT)
      chord_client_begin (self);
    chord_update_ask (self, connection);
    return;
  }
  if (self->state == TOPOLOGY_CLIENT)
    return;
  if (they_have_ring && !they_are_alone) {
    chord_join_begin (self, connection);
    self->join_via_is_client = responsible_ppb == PPB_CLIENT;
  } else if (they_have_ring) {
    if (self->state == TOPOLOGY_LOOKING || joins_larger (self, &connection->peer))
      chord_join_begin (self, connection);
  } else if (may_begin_ring (self, &connection->peer)) {
    become_alone (self);
  }
}

bool
chord_read_uptime (Chord *self, const Answer *answer, uint32_t *ret_uptime)
{
  ProbeAns body;

  if (!answer_decode (answer, self->overlay, MESSAGE_PROBE_REQ, &body))
    return false;
  for (size_t i = 0; i < body.probe_info.count; i++)
    if (body.probe_info.items[i].type == PROBE_UPTIME) {
      *ret_uptime = body.probe_info.items[i].value;
      return true;
    }
  return false;
}

bool
chord_read_probe (Chord *self, const Answer *answer, uint32_t *ret_ppb, uint32_t *ret_uptime)
{
  ProbeAns body;
  bool has_ppb = false;

  if (!answer_decode (answer, self->overlay, MESSAGE_PROBE_REQ, &body))
    return false;
  *ret_uptime = 0;
  for (size_t i = 0; i < body.probe_info.count; i++) {
    const ProbeInformation *item = &body.probe_info.items[i];
    if (item->type == PROBE_RESPONSIBLE_SET) {
      *ret_ppb = item->value;
      has_ppb = true;
    } else if (item->type == PROBE_UPTIME) {
      *ret_uptime = item->value;
    }
  }
  return has_ppb;
}

/* The connection is found again by who answered. */
static void
on_probed (void *owner, const Answer *answer)
{
  Chord *self = owner;
  Connection *connection = NULL;
  uint32_t ppb, uptime;

  if (answer->code == RELOAD_REQUEST_TIMEOUT)
    return;
  connection = chord_link_to (self, &answer->responder);
  if (connection == NULL)
    return;
  if (answer->code == RELOAD_CONFIG_TOO_OLD) {
    /* The newer document is on its way to us; overlay.c comes back here when it is adopted. */
    return;
  }
  if (!chord_read_probe (self, answer, &ppb, &uptime))
    return;
  if (node_id_equal (&answer->responder, &self->overlay->id))
    meet_own_copy (self, connection, ppb, uptime);
  else
    decide (self, connection, ppb);
}

void
chord_probe (Chord *self, Connection *connection, AnswerFunc answered)
{
  static const uint8_t wanted[] = { PROBE_RESPONSIBLE_SET, PROBE_UPTIME };
  ProbeReq body = { .requested_info = { wanted, sizeof wanted } };
  Destination to = destination_of_node (&connection->peer);
  Request request = {
    .code = MESSAGE_PROBE_REQ,
    .body = &body,
    .destinations = &to,
    .destination_count = 1,
    .hop = { .connection = connection->number },
    .tries = 2,
    .answered = answered,
    .owner = self,
  };

  transport_request (self->overlay->transport, &request);
}

void
chord_join_meet (Chord *self, Connection *connection)
{
  if (self->state != TOPOLOGY_OFF && self->state != TOPOLOGY_JOINING)
    chord_probe (self, connection, on_probed);
}

void
chord_join_again (Chord *self)
{
  connection_table_for_each (self->overlay->connections, connection)
  {
    if (connection->has_peer && chord_link_to (self, &connection->peer) == connection)
      chord_join_meet (self, connection);
  }
}

void
chord_join_init (Chord *self)
{
  timer_init (&self->join_timer, on_join_timer, self);
  timer_init (&self->alone_timer, on_alone_timer, self);
}
