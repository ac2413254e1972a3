/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "chord"
#include "core/base/log.h"
#include "core/overlay/chord-private.h"

/* Updates (RFC 6940, 10.7): what neighbors tell each other. A loss is told at once to the nearest,
 * whose ranges and copies depend on it; to the others, and when it changed our range to everybody
 * with a link, in rounds that gather what happens for a second, and for longer the more rounds
 * there were of late. When half of a ring dies, each of its peers sees as many changes as it has
 * neighbors, and to tell all of them of each would cost the square of that. Where periods are tuned
 * even less is told at once, see has_tuned_news_for(). Whoever is new in our table tells its
 * neighbors itself, so that what we have to say of it has time. An Update names peers; those that
 * belong among our neighbors, were all of them there, are attached to through its sender, and enter
 * the table when that link stands. A sender that has not seen our latest table gets it in return.
 * The link sees to it that an Update arrives: who does not answer has too much to do, and is not
 * asked five times. */

#define GATHER        (10 * TIME_MS)
#define GATHER_GAINS  (1 * TIME_SECOND)
#define GATHER_SHAKEN (1 * TIME_SECOND)
#define GATHER_ROUND  (1 * TIME_SECOND)
#define ROUND_FIRST   (4 * TIME_SECOND)
#define ROUND_LAST    (16 * TIME_SECOND)
#define SILENT        (2 * TIME_SECOND)
#define LEAVER_GRACE  (10 * TIME_SECOND)

enum { NEAREST = 2 }; /* on each side */

static void
on_update_answered (void *owner, const Answer *answer)
{
}

uint32_t
chord_uptime_s (const Chord *self)
{
  return (uint32_t) ((overlay_now (self->overlay) - self->overlay->started_at) / TIME_SECOND);
}

static NodeIdList
as_list (const NodeId *items, size_t count)
{
  return (NodeIdList){ (NodeId *) items, count };
}

void
chord_update_send (Chord *self, Connection *connection, ChordUpdateType type)
{
  size_t successors, predecessors;
  const NodeId *after = routing_table_successors (self->table, &successors);
  const NodeId *before = routing_table_predecessors (self->table, &predecessors);
  NodeId fingers[LIMIT_FINGERS];
  ChordUpdate body = {
    .uptime = chord_uptime_s (self),
    .type = (uint8_t) type,
    .predecessors = as_list (before, predecessors),
    .successors = as_list (after, successors),
  };
  Destination to = destination_of_node (&connection->peer);
  Request request = {
    .code = MESSAGE_UPDATE_REQ,
    .body = &body,
    .destinations = &to,
    .destination_count = 1,
    .hop = { .connection = connection->number },
    .tries = 2,
    .answered = on_update_answered,
    .owner = self,
  };

  if (type == CHORD_UPDATE_FULL)
    body.fingers = as_list (fingers, routing_table_fingers (self->table, fingers));
  connection->told = self->version;
  transport_request (self->overlay->transport, &request);
}

static bool
is_listening (const Connection *connection)
{
  return connection->is_up && !connection->is_closed &&
         (connection->kind != CONNECTION_APPLICATION && connection->kind != CONNECTION_MEDIA);
}

static void
schedule (Chord *self, uint64_t delay)
{
  uint64_t now = overlay_now (self->overlay);

  if (now >= self->round_at && !timer_is_set (&self->update_timer))
    self->round_at = now + GATHER_ROUND;
  if (timer_left (&self->update_timer, self->overlay->ports->timers) > delay)
    timer_start (&self->update_timer, self->overlay->ports->timers, delay);
}

static bool
is_among_first (const NodeId *list, size_t count, const NodeId *id)
{
  for (size_t i = 0; i < MIN (count, (size_t) NEAREST); i++)
    if (node_id_equal (&list[i], id))
      return true;
  return false;
}

static bool
is_nearest (Chord *self, const NodeId *id)
{
  size_t successors, predecessors;
  const NodeId *after = routing_table_successors (self->table, &successors);
  const NodeId *before = routing_table_predecessors (self->table, &predecessors);

  return is_among_first (after, successors, id) || is_among_first (before, predecessors, id);
}

/* Where periods are tuned, at the end of each one both sides hear of every version. What cannot
 * wait for that is who has come or gone next to us: the nearest hear of it, and of a loss, which
 * others may not have noticed yet, all neighbors. Whoever comes, and who leaves in good order,
 * tells them itself. */
static bool
has_tuned_news_for (Chord *self, const Connection *connection)
{
  if (connection->told == 0)
    return true;
  return connection->told <
         (is_nearest (self, &connection->peer) ? self->near_version : self->loss_version);
}

/* Neighbors hear of every version; everybody with a link, also one who only looks for a ring, of
 * those that changed our range. */
static bool
has_news_for (Chord *self, const Connection *connection)
{
  if (chord_link_to (self, &connection->peer) != connection)
    return false;
  if (!routing_table_is_neighbor (self->table, &connection->peer))
    return connection->told < self->range_version;
  if (chord_is_tuned (self))
    return has_tuned_news_for (self, connection);
  return connection->told != self->version;
}

/* It has been asked for a sign of life and has not given one yet: it may be dead, and an Update to
 * the dead is sent five times. */
static bool
is_silent (Chord *self, const Connection *connection)
{
  return !link_is_idle (&connection->link) &&
         link_heard_at (&connection->link) + SILENT <= overlay_now (self->overlay);
}

/* Whose place hangs on it: the nearest, and who looks for a ring. */
static bool
is_pressing (Chord *self, const Connection *connection)
{
  return is_nearest (self, &connection->peer) || !connection->is_peer;
}

/* Returns how many have been told, and how many have to wait for a round. */
static unsigned
tell (Chord *self, bool is_round, unsigned *ret_waiting)
{
  unsigned told = 0;

  *ret_waiting = 0;

  connection_table_for_each (self->overlay->connections, connection)
  {
    if (!is_listening (connection) || !has_news_for (self, connection))
      continue;
    if (is_pressing (self, connection) || (is_round && !is_silent (self, connection))) {
      chord_update_send (self, connection, CHORD_UPDATE_NEIGHBORS);
      told++;
    } else {
      (*ret_waiting)++;
    }
  }
  return told;
}

/* Each round makes the next wait longer, until there has been nothing to tell for a while. */
static void
note_round (Chord *self)
{
  uint64_t now = overlay_now (self->overlay);
  bool was_quiet = now > self->told_at + 2 * ROUND_LAST;

  self->told_at = now;
  self->round_pause =
    was_quiet ? ROUND_FIRST : CLAMP (2 * self->round_pause, ROUND_FIRST, ROUND_LAST);
  self->round_at = now + self->round_pause;
}

/* Where the way out is full, neighbors seem to go and come back all the time: to tell everybody
 * each time would keep it full. */
static void
on_update_timer (Timer *timer, void *owner)
{
  Chord *self = owner;
  uint64_t now = overlay_now (self->overlay);
  bool is_round = now >= self->round_at;
  unsigned waiting;

  if (self->state != TOPOLOGY_JOINED && self->state != TOPOLOGY_ALONE)
    return;
  if (!token_bucket_take (&self->news, now, LIMIT_NEWS_PER_S, LIMIT_NEWS_BURST)) {
    schedule (self, TIME_SECOND);
    return;
  }
  if (tell (self, is_round, &waiting) > 0 && is_round)
    note_round (self);
  if (waiting > 0)
    schedule (self, self->round_at - now);
}

void
chord_update_soon (Chord *self)
{
  schedule (self, chord_is_shaken (self) ? GATHER_SHAKEN : GATHER);
}

void
chord_update_later (Chord *self)
{
  schedule (self, GATHER_GAINS);
}

void
chord_update_anew (Chord *self)
{
  self->version++;
  self->range_version = self->near_version = self->loss_version = self->version;
  chord_update_soon (self);
}

void
chord_update_hold (Chord *self)
{
  self->round_at = MAX (self->round_at, overlay_now (self->overlay) + ROUND_FIRST);
}

void
chord_update_neighbors (Chord *self)
{
  connection_table_for_each (self->overlay->connections, connection)
  {
    if (is_listening (connection) && chord_link_to (self, &connection->peer) == connection &&
        routing_table_is_neighbor (self->table, &connection->peer))
      chord_update_send (self, connection, CHORD_UPDATE_NEIGHBORS);
  }
}

void
chord_update_ask (Chord *self, Connection *connection)
{
  RouteQueryReq body = {
    .send_update = true,
    .destination = destination_of_node (&self->overlay->id),
  };
  Destination to = destination_of_node (&connection->peer);

  transport_request (self->overlay->transport, &(Request){
                                                 .code = MESSAGE_ROUTE_QUERY_REQ,
                                                 .body = &body,
                                                 .destinations = &to,
                                                 .destination_count = 1,
                                                 .hop = { .connection = connection->number },
                                                 .tries = 2,
                                                 .answered = on_update_answered,
                                                 .owner = self,
                                               });
}

static void
on_wanted_attached (void *owner, const NodeId *target, Connection *connection, ReloadCode code)
{
  Chord *self = owner;

  if (connection == NULL) {
    if (code == RELOAD_OK && self->state == TOPOLOGY_JOINED)
      chord_client_note_apart (self, target);
    return;
  }
  connection->is_ours = true;
  chord_add_neighbor (self, &connection->peer, false);
  /* Also when it is no neighbor after all: it may find out who we are to it. */
  if (self->state == TOPOLOGY_JOINED && connection->told != self->version)
    chord_update_send (self, connection, CHORD_UPDATE_NEIGHBORS);
}

static void
attach_wanted (Chord *self, const NodeId *id, const NodeId *via)
{
  Destination path[2] = { destination_of_node (via), destination_of_node (id) };
  AttachOptions options = {
    .destinations = path,
    .destination_count = 2,
    .done = on_wanted_attached,
    .owner = self,
  };

  attach_start (self->overlay->attaches, &options);
}

/* Nobody's word brings back a peer that we have lost, but its own. */
static bool
is_lost (Chord *self, const NodeId *id)
{
  return chord_is_gone (self, id) && chord_link_to (self, id) == NULL;
}

unsigned
chord_want (Chord *self, const NodeIdList *ids, const NodeId *via)
{
  NodeId there[2 * LIMIT_NEIGHBORS_TUNED] = { 0 };
  bool is_wanted[2 * LIMIT_NEIGHBORS_TUNED];
  size_t count = 0;
  unsigned begun = 0;

  for (size_t i = 0; i < ids->count && count < G_N_ELEMENTS (there); i++)
    if (!node_id_equal (&ids->items[i], via) && !is_lost (self, &ids->items[i]))
      there[count++] = ids->items[i];
  routing_table_choose (self->table, there, count, is_wanted);
  for (size_t i = 0; i < count; i++) {
    const NodeId *id = &there[i];
    if (!is_wanted[i])
      continue;
    if (chord_link_to (self, id) != NULL) {
      if (chord_is_of_member (chord_link_to (self, id)))
        chord_add_neighbor (self, id, false);
    } else if (!attach_is_pending (self->overlay->attaches, id, 0)) {
      attach_wanted (self, id, via);
      begun++;
    }
  }
  return begun;
}

static bool
names (const NodeIdList *list, const NodeId *id)
{
  for (size_t i = 0; i < list->count; i++)
    if (node_id_equal (&list->items[i], id))
      return true;
  return false;
}

/* A ring of one says so by naming nobody. It is no peer of ours until it joins. */
static bool
is_alone (const ChordUpdate *update)
{
  return update->type != CHORD_UPDATE_PEER_READY && update->successors.count == 0 &&
         update->predecessors.count == 0;
}

/* Whether `id` is nearer to `from` than the farthest of its neighbors, and none of them. */
static bool
is_left_out (const NodeId *from, const ChordUpdate *update, const NodeId *id)
{
  const NodeIdList *before = &update->predecessors;
  const NodeIdList *after = &update->successors;
  bool is_near =
    (before->count > 0 && node_id_in_arc (id, &before->items[before->count - 1], from)) ||
    (after->count > 0 && node_id_in_arc (id, from, &after->items[after->count - 1]));

  return is_near && !node_id_equal (id, from) && !names (before, id) && !names (after, id);
}

/* A neighbor of ours that another one has lost is asked for a sign of life. Nothing else follows
 * from its loss: what counts is our own link (threats 2.10). */
static void
check_left_out (Chord *self, const NodeId *from, const ChordUpdate *update)
{
  connection_table_for_each (self->overlay->connections, connection)
  {
    if (connection->is_up && !connection->is_closed &&
        is_left_out (from, update, &connection->peer) &&
        chord_link_to (self, &connection->peer) == connection &&
        routing_table_is_neighbor (self->table, &connection->peer) &&
        link_is_idle (&connection->link))
      link_send (&connection->link, (Bytes){ NULL, 0 });
  }
}

static void
apply_update (Chord *self, const NodeId *from, const ChordUpdate *update)
{
  Connection *connection = chord_link_to (self, from);

  if (connection == NULL)
    return;
  connection->is_peer = !is_alone (update);
  chord_tuning_uptime (self, from, update->uptime);
  if (update->type != CHORD_UPDATE_PEER_READY)
    connection->names_us = names (&update->successors, &self->overlay->id);
  if (self->state != TOPOLOGY_JOINED) {
    chord_join_on_update (self, from, update);
    return;
  }
  if (!connection->is_peer)
    return;
  chord_add_neighbor (self, from, connection->names_us);
  if (update->type != CHORD_UPDATE_PEER_READY) {
    chord_want (self, &update->predecessors, from);
    chord_want (self, &update->successors, from);
    check_left_out (self, from, update);
  }
  if (has_news_for (self, connection))
    chord_update_later (self);
}

/* Only a peer's own word over its own link counts (threats 1.4, 2.10). */
void
chord_handle_update (void *topology, Incoming *request)
{
  Chord *self = topology;
  NodeId from = request->from;
  ChordUpdate body;
  EmptyAns answer = { 0 };
  g_autoptr (Arena) arena = arena_new ();
  Bytes copy;

  if (!incoming_decode (request, &body))
    return;
  if (!request->is_direct || node_id_equal (&from, &self->overlay->id)) {
    incoming_refuse_text (request, RELOAD_FORBIDDEN, "an Update comes over its sender's link");
    return;
  }
  /* The answer frees the request, and with it what the body borrows from. */
  copy = arena_dup (arena, request->message.contents.message_body);
  incoming_answer (request, &answer, NULL);
  if (chord_update_decode (copy, arena, &body, NULL))
    apply_update (self, &from, &body);
}

/* Messages overtake each other: the Leave may come before what was handed over ahead of it. */
static void
note_leaver (Chord *self, const NodeId *id)
{
  if (self->leavers == NULL)
    self->leavers = g_new0 (Leaver, LIMIT_LEAVERS);
  self->leavers[self->leaver_count++ % LIMIT_LEAVERS] =
    (Leaver){ *id, overlay_now (self->overlay) + LEAVER_GRACE };
}

bool
chord_has_left (const Chord *self, const NodeId *id)
{
  uint64_t now = overlay_now (self->overlay);

  for (unsigned i = 0; self->leavers != NULL && i < LIMIT_LEAVERS; i++)
    if (self->leavers[i].until > now && node_id_equal (&self->leavers[i].id, id))
      return true;
  return false;
}

void
chord_handle_leave (void *topology, Incoming *request)
{
  Chord *self = topology;
  NodeId from = request->from;
  LeaveReq body;
  EmptyAns answer = { 0 };

  if (!incoming_decode (request, &body))
    return;
  if (!request->is_direct || !node_id_equal (&body.leaving_peer_id, &from)) {
    incoming_refuse_text (request, RELOAD_FORBIDDEN, "only the leaver says so");
    return;
  }
  incoming_answer (request, &answer, NULL);
  connection_table_for_each (self->overlay->connections, connection)
  {
    if (connection->has_peer && node_id_equal (&connection->peer, &from))
      connection->is_peer = false;
  }
  note_leaver (self, &from);
  if (routing_table_is_neighbor (self->table, &from))
    chord_tuning_lost (self);
  replication_skip_hold_down (self->overlay->replication);
  chord_remove_neighbor (self, &from);
  chord_client_on_leave (self, &from);
}

void
chord_send_leave_to (Chord *self, Connection *connection)
{
  size_t successors, predecessors;
  const NodeId *after = routing_table_successors (self->table, &successors);
  const NodeId *before = routing_table_predecessors (self->table, &predecessors);
  bool we_succeed_them = false;
  ChordLeaveData data = { 0 };
  LeaveReq body = { .leaving_peer_id = self->overlay->id };
  Destination to = destination_of_node (&connection->peer);
  g_autoptr (GByteArray) encoded = g_byte_array_new ();

  for (size_t i = 0; i < predecessors; i++)
    we_succeed_them = we_succeed_them || node_id_equal (&before[i], &connection->peer);
  data.type = we_succeed_them ? CHORD_LEAVE_FROM_SUCC : CHORD_LEAVE_FROM_PRED;
  data.successors = as_list (after, we_succeed_them ? successors : 0);
  data.predecessors = as_list (before, we_succeed_them ? 0 : predecessors);
  chord_leave_data_encode (&data, encoded);
  body.overlay_specific_data = (Bytes){ encoded->data, encoded->len };
  transport_request (self->overlay->transport, &(Request){
                                                 .code = MESSAGE_LEAVE_REQ,
                                                 .body = &body,
                                                 .destinations = &to,
                                                 .destination_count = 1,
                                                 .hop = { .connection = connection->number },
                                                 .tries = 1,
                                               });
}

void
chord_send_leave (Chord *self)
{
  connection_table_for_each (self->overlay->connections, connection)
  {
    if (is_listening (connection) && chord_link_to (self, &connection->peer) == connection)
      chord_send_leave_to (self, connection);
  }
}

void
chord_update_init (Chord *self)
{
  timer_init (&self->update_timer, on_update_timer, self);
}
