/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "chord"
#include "core/base/log.h"
#include "core/overlay/chord-private.h"

/* The admitting peer (RFC 6940, 10.5, steps 5 to 8). A Join counts over the joiner's own link and
 * for its own Node-ID; an identity may join three times at once and then once a minute
 * (threats 2.9).
 *
 * When an older link to the same Node-ID stands, it is either what a crash has left, or that of
 * another copy of the same identity. The older link is probed: when a member of the ring answers
 * there, the newcomer is told Error_In_Progress and stops; otherwise the old link goes and the
 * newcomer comes in. A peer that fell out of the ring and joins again over its old links answers
 * that it is no member now. Either way its old place in our table goes first: it is what makes us
 * answer for the joiner's own Node-ID again. */

static Joiner *
find_joiner (Chord *self, const NodeId *id)
{
  Joiner fresh = { .id = *id };
  Joiner *oldest = NULL;

  if (self->joiners == NULL)
    self->joiners = g_array_new (FALSE, FALSE, sizeof (Joiner));
  for (guint i = 0; i < self->joiners->len; i++) {
    Joiner *joiner = &g_array_index (self->joiners, Joiner, i);
    if (joiner->count > 0 && node_id_equal (&joiner->id, id))
      return joiner;
    if (oldest == NULL || joiner->count == 0 ||
        (oldest->count > 0 && joiner->since < oldest->since))
      oldest = joiner;
  }
  if (self->joiners->len < LIMIT_JOINERS && (oldest == NULL || oldest->count > 0)) {
    g_array_append_val (self->joiners, fresh);
    return &g_array_index (self->joiners, Joiner, self->joiners->len - 1);
  }
  *oldest = fresh;
  return oldest;
}

/* Only those that were admitted count: who asks the wrong peer may ask another at once. */
static Joiner *
rated_joiner (Chord *self, const NodeId *joining)
{
  uint64_t period = LIMIT_JOIN_PERIOD_S * TIME_SECOND;
  uint64_t now = overlay_now (self->overlay);
  Joiner *joiner = find_joiner (self, joining);

  if (joiner->count == 0)
    joiner->since = now;
  while (joiner->count > 0 && joiner->since + period <= now) {
    joiner->count--;
    joiner->since += period;
  }
  return joiner;
}

static bool
speaks_for_itself (Chord *self, const Incoming *request, const NodeId *joining)
{
  return node_id_equal (joining, &request->from) && request->is_direct &&
         connection_table_by_number (self->overlay->connections, request->connection) != NULL &&
         !node_id_equal (joining, &self->overlay->id);
}

static void
admit (Chord *self, Incoming *request, const NodeId *joining)
{
  JoinAns answer = { .overlay_specific_data = { NULL, 0 } };
  uint32_t number = request->connection;
  Connection *connection;

  rated_joiner (self, joining)->count++;
  incoming_answer (request, &answer, NULL);
  replication_hand_over (self->overlay->replication, joining);
  if (self->state == TOPOLOGY_ALONE)
    chord_set_state (self, TOPOLOGY_JOINED);
  chord_add_neighbor (self, joining, true);
  connection = connection_table_by_number (self->overlay->connections, number);
  if (connection != NULL && connection->is_up)
    chord_update_send (self, connection, CHORD_UPDATE_NEIGHBORS);
  chord_fingers_start (self, TIME_SECOND);
  chord_repair_wake (self);
}

/* A link over which that Node-ID was a member of the ring before, other than `number`. */
static Connection *
find_older (Chord *self, const NodeId *joining, uint32_t number)
{
  connection_table_for_each (self->overlay->connections, connection)
  {
    if (connection->number != number && connection->is_peer && connection->is_up &&
        !connection->is_closed && node_id_equal (&connection->peer, joining))
      return connection;
  }
  return NULL;
}

/* Whether we admit whoever has that Node-ID: we answer for it, or would if our predecessor were not
 * what we remember of him. */
static bool
is_ours_to_admit (Chord *self, const NodeId *joining)
{
  NodeId start;

  return self->overlay->topology.plugin->is_responsible (self, joining) ||
         (routing_table_range_start (self->table, &start) && node_id_equal (&start, joining));
}

/* Who joins has no place in the ring, whatever we remember of an earlier one. */
static void
admit_anew (Chord *self, Incoming *request, const NodeId *joining)
{
  bool is_ours = is_ours_to_admit (self, joining);

  if (routing_table_is_neighbor (self->table, joining))
    chord_remove_neighbor (self, joining);
  if (is_ours)
    admit (self, request, joining);
  else
    incoming_refuse_text (request, RELOAD_NOT_FOUND, "somebody else admits you");
}

static void
on_older_probed (void *owner, const Answer *answer)
{
  Chord *self = owner;
  Incoming *request = g_steal_pointer (&self->suspense.request);
  NodeId joining = self->suspense.joining;
  uint32_t ppb, uptime;
  Connection *older;

  if (request == NULL)
    return;
  if (chord_read_probe (self, answer, &ppb, &uptime) && ppb > 0) {
    incoming_refuse (request, RELOAD_IN_PROGRESS, (Bytes){ NULL, 0 });
    return;
  }
  while ((older = find_older (self, &joining, request->connection)) != NULL)
    connection_table_close (self->overlay->connections, older);
  admit_anew (self, request, &joining);
}

void
chord_handle_join (void *topology, Incoming *request)
{
  Chord *self = topology;
  Connection *older;
  NodeId joining;
  JoinReq body;

  if (!incoming_decode (request, &body))
    return;
  joining = body.joining_peer_id;
  if (!speaks_for_itself (self, request, &joining)) {
    incoming_refuse_text (request, RELOAD_FORBIDDEN, "join over your own link, as yourself");
    return;
  }
  older = find_older (self, &joining, request->connection);
  if (older == NULL && !routing_table_is_neighbor (self->table, &joining) &&
      !self->overlay->topology.plugin->is_responsible (self, &joining)) {
    incoming_refuse_text (request, RELOAD_NOT_FOUND, "somebody else admits you");
  } else if (rated_joiner (self, &joining)->count >= LIMIT_JOIN_BURST) {
    self->overlay->counters.over_rate++;
    incoming_refuse_text (request, RELOAD_FORBIDDEN, "too many joins");
  } else if (older == NULL) {
    admit_anew (self, request, &joining);
  } else if (self->suspense.request != NULL) {
    incoming_refuse_text (request, RELOAD_NOT_FOUND, "one after the other");
  } else {
    self->suspense = (Suspense){ request, joining };
    chord_probe (self, older, on_older_probed);
  }
}

void
chord_admit_free (Chord *self)
{
  Incoming *request = g_steal_pointer (&self->suspense.request);

  if (request != NULL)
    incoming_refuse (request, RELOAD_NOT_FOUND, (Bytes){ NULL, 0 });
  g_clear_pointer (&self->joiners, g_array_unref);
}
