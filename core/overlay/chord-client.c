/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "chord"
#include "core/base/log.h"
#include "core/overlay/chord-private.h"

/* Somebody whom the others cannot reach would tear the ring: neighbors without a link to each other
 * both answer for what lies between them. Such a node stays outside as a client (RFC 6940, 4.2.1):
 *
 *   home    the peer responsible for our Node-ID: whoever sends to that comes by
 *   spare   any other peer: our registration leads through it, also when home cannot be reached;
 *           one at a random place, when we get there, so that listeners keep room for newcomers
 *
 *   JOINING ──nearest neighbor answers, but no link comes──────────────────> CLIENT
 *   JOINED  ──the same, twice or more often────────────────────────────────> CLIENT
 *   CLIENT  ──joins, when links come of a second round─────────────────────> JOINED
 *   CLIENT  ──two peers that we had no link to could be linked, then joins─> JOINED
 *   CLIENT  ──no link is left──────────────────────────────────────────────> LOOKING
 *
 * What we ask goes through one or the other. Both are watched closely, and looked for anew at once
 * when one is lost, else now and then: the ring changes. Trying to become a peer disturbs neither:
 * until the ring has taken us in we are called, and ask, through them.
 *
 * Whoever pays for what is sent is a client wherever there is somebody to be one of. */

#define ROUND       (20 * TIME_SECOND)
#define ROUND_SOON  (300 * TIME_MS)
#define ROUND_LATE  (2 * TIME_SECOND) /* when something is missing */
#define TRIAL       (10 * TIME_MINUTE)
#define TRIAL_SOON  (5 * TIME_SECOND)
#define TRIAL_AGAIN TIME_MINUTE /* when joining came to nothing: others may have done so, too */
#define SECOND      (2 * TIME_SECOND) /* round of joining */
#define PROBE       (2 * TIME_SECOND)
#define SAME_ROUND  (5 * TIME_SECOND) /* when both have asked at once, or several are apart */
#define LONG_AGO    (10 * TIME_MINUTE)

enum { TRIALS = 2, ASKED = 4, ROUNDS_APART = 2, SEARCHES = 5 };

struct ChordClient {
  Chord *chord;
  bool has_home;
  bool has_spare;
  NodeId home;
  NodeId spare;
  unsigned searches; /* rounds since something was lost, while something is missing */
  unsigned peers;    /* of the overlay, as far as home's neighbors tell */
  Timer round_timer;
  Timer trial_timer;
  bool is_new;       /* a second round of joining is to come; */
  bool is_second;    /* it has, and no trial since */
  unsigned trials;   /* under way */
  bool trial_failed; /* somebody answered, but no link came of it */
};

static bool
is_standing (Chord *self, const Connection *connection)
{
  return connection->is_up && !connection->is_closed &&
         connection->kind != CONNECTION_APPLICATION && connection->kind != CONNECTION_MEDIA &&
         !link_is_suspected (&connection->link) &&
         chord_link_to (self, &connection->peer) == connection;
}

static bool
is_linked (Chord *self, const NodeId *peer)
{
  Connection *connection = chord_link_to (self, peer);

  return connection != NULL && is_standing (self, connection);
}

/* A listener's room belongs to those who come. */
static bool
is_borrowed (const Connection *connection)
{
  return connection->kind != CONNECTION_OVERLAY;
}

/* Any peer but home. */
static bool
may_be_spare (Chord *self, const Connection *connection)
{
  const ChordClient *client = self->client;

  return is_standing (self, connection) && connection->is_peer &&
         !(client->has_home && node_id_equal (&client->home, &connection->peer));
}

static void
watch (Chord *self, const NodeId *peer)
{
  Connection *connection = chord_link_to (self, peer);

  if (connection != NULL)
    link_set_probe (&connection->link, PROBE);
}

/* Others find us by what stands in our registration. */
static void
set_spare (Chord *self, const NodeId *spare)
{
  ChordClient *client = self->client;
  bool is_same = client->has_spare == (spare != NULL) &&
                 (spare == NULL || node_id_equal (&client->spare, spare));

  client->has_spare = spare != NULL;
  if (spare != NULL) {
    client->spare = *spare;
    watch (self, spare);
  }
  if (!is_same)
    registration_usage_lead (self->overlay->registration_usage, spare);
}

/* The one that we have, unless its room is borrowed and another's is not. */
static void
choose_spare (Chord *self)
{
  const ChordClient *client = self->client;
  const Connection *spare = client->has_spare ? chord_link_to (self, &client->spare) : NULL;

  if (spare != NULL && !may_be_spare (self, spare))
    spare = NULL;
  connection_table_for_each (self->overlay->connections, connection)
  {
    if (may_be_spare (self, connection) &&
        (spare == NULL || (is_borrowed (spare) && !is_borrowed (connection))))
      spare = connection;
  }
  set_spare (self, spare != NULL ? &spare->peer : NULL);
}

/* Behind walls there is no other way than to listeners. */
static bool
wants_spare (Chord *self)
{
  const ChordClient *client = self->client;
  const Connection *spare = client->has_spare ? chord_link_to (self, &client->spare) : NULL;

  return spare == NULL || (client->has_home && client->searches < SEARCHES && is_borrowed (spare));
}

static void
look_soon (Chord *self, uint64_t delay)
{
  ChordClient *client = self->client;

  if (timer_left (&client->round_timer, self->overlay->ports->timers) > delay)
    timer_start (&client->round_timer, self->overlay->ports->timers, delay);
}

static void
note_lost (Chord *self)
{
  self->client->searches = 0;
  look_soon (self, ROUND_SOON);
}

/* Links have come or gone. */
static void
settle (Chord *self)
{
  ChordClient *client = self->client;
  bool had_home = client->has_home, had_spare = client->has_spare;

  client->has_home = client->has_home && is_linked (self, &client->home);
  if (client->has_home)
    watch (self, &client->home);
  choose_spare (self);
  if ((had_home && !client->has_home) || (had_spare && !client->has_spare))
    note_lost (self);
  if (self->state != TOPOLOGY_CLIENT)
    return;
  if (chord_client_link (self, NULL) != NULL) {
    overlay_topology_changed (self->overlay);
    return;
  }
  chord_join_give_up (self);
  chord_set_state (self, TOPOLOGY_LOOKING);
  chord_join_start_alone_timer (self);
  bootstrap_wake (self->overlay->bootstrap);
}

Connection *
chord_client_link (Chord *self, const NodeId *exclude)
{
  const ChordClient *client = self->client;
  Connection *best = NULL;

  connection_table_for_each (self->overlay->connections, connection)
  {
    if (!is_standing (self, connection) ||
        (exclude != NULL && node_id_equal (exclude, &connection->peer)))
      continue;
    if (client->has_home && node_id_equal (&client->home, &connection->peer))
      return connection;
    if (!chord_is_of_member (connection))
      continue;
    if (best == NULL || (connection->is_peer && !best->is_peer))
      best = connection;
  }
  return best;
}

/* ---- Home and spare ---- */

static void
ping (Chord *self, const NodeId *id, const NodeId *exclude, AnswerFunc answered)
{
  Connection *via = chord_client_link (self, exclude);
  Destination to = destination_of_resource (node_id_bytes (id));
  PingReq body = { .padding = { NULL, 0 } };

  if (via == NULL)
    via = chord_client_link (self, NULL);
  if (via == NULL)
    return;
  transport_request (self->overlay->transport, &(Request){
                                                 .code = MESSAGE_PING_REQ,
                                                 .body = &body,
                                                 .destinations = &to,
                                                 .destination_count = 1,
                                                 .hop = { .connection = via->number },
                                                 .is_for_anyone = true,
                                                 .tries = 2,
                                                 .answered = answered,
                                                 .owner = self->client,
                                               });
}

static void
attach (Chord *self, const Answer *answer, bool is_direct, AttachFunc done)
{
  Destination path[2] = { destination_of_node (&answer->first_hop),
                          destination_of_node (&answer->responder) };
  AttachOptions options = {
    .destinations = path,
    .destination_count = 2,
    .is_direct = is_direct,
    .done = done,
    .owner = self->client,
  };

  if (!attach_is_pending (self->overlay->attaches, &answer->responder, 0))
    attach_start (self->overlay->attaches, &options);
}

/* Who answers for an ID of the ring is a peer; who has left since is none. */
static bool
note_peer (Chord *self, Connection *connection)
{
  connection->is_peer = !chord_has_left (self, &connection->peer);
  return connection->is_peer;
}

/* Who passes on what we ask may be one, too, and our spare before there is another. Or it is a
 * client like us: its Update tells, which clients do not send. */
static void
note_first_hop (Chord *self, const Answer *answer)
{
  Connection *connection = chord_link_to (self, &answer->first_hop);

  if (connection != NULL && !connection->is_peer &&
      !node_id_equal (&answer->first_hop, &answer->responder))
    chord_update_ask (self, connection);
}

static void
take_home (Chord *self, Connection *connection)
{
  ChordClient *client = self->client;

  if (!note_peer (self, connection)) {
    look_soon (self, ROUND_LATE);
    return;
  }
  if (!client->has_home || !node_id_equal (&client->home, &connection->peer))
    chord_update_ask (self, connection);
  client->has_home = true;
  client->home = connection->peer;
  settle (self);
}

static void
on_home_attached (void *owner, const NodeId *target, Connection *connection, ReloadCode code)
{
  ChordClient *client = owner;

  if (connection == NULL)
    return;
  connection->is_ours = true;
  take_home (client->chord, connection);
}

static void
on_home_found (void *owner, const Answer *answer)
{
  ChordClient *client = owner;
  Chord *self = client->chord;
  Connection *connection;

  if (answer->code != RELOAD_OK || node_id_equal (&answer->responder, &self->overlay->id)) {
    look_soon (self, ROUND_LATE);
    return;
  }
  note_first_hop (self, answer);
  connection = chord_link_to (self, &answer->responder);
  if (connection != NULL)
    take_home (self, connection);
  else
    attach (self, answer, false, on_home_attached);
}

static void
on_spare_attached (void *owner, const NodeId *target, Connection *connection, ReloadCode code)
{
  ChordClient *client = owner;

  if (connection == NULL)
    return;
  connection->is_ours = true;
  note_peer (client->chord, connection);
  settle (client->chord);
}

static void
on_spare_found (void *owner, const Answer *answer)
{
  ChordClient *client = owner;
  Chord *self = client->chord;
  Connection *connection;

  if (answer->code != RELOAD_OK || node_id_equal (&answer->responder, &self->overlay->id))
    return;
  connection = chord_link_to (self, &answer->responder);
  if (connection == NULL) {
    attach (self, answer, false, on_spare_attached);
    return;
  }
  note_peer (self, connection);
  settle (self);
}

static NodeId
random_id (Chord *self)
{
  const NodePorts *ports = self->overlay->ports;
  NodeId id;

  ports->random_bytes (ports->world, id.bytes, NODE_ID_SIZE);
  return id;
}

/* Some of those of whom we do not know whether they are peers: their Updates tell. */
static void
ask_links (Chord *self)
{
  unsigned asked = 0;

  connection_table_for_each (self->overlay->connections, connection)
  {
    if (asked < ASKED && is_standing (self, connection) && !connection->is_peer) {
      chord_update_ask (self, connection);
      asked++;
    }
  }
}

static void
on_round (Timer *timer, void *owner)
{
  ChordClient *client = owner;
  Chord *self = client->chord;
  NodeId anywhere = random_id (self);
  bool is_spare_wanted = wants_spare (self);
  bool is_late = client->searches < SEARCHES && (is_spare_wanted || !client->has_home);

  client->searches += is_late;
  timer_start (timer, self->overlay->ports->timers, is_late ? ROUND_LATE : ROUND);
  if (self->state != TOPOLOGY_CLIENT)
    return;
  ping (self, &self->overlay->id, client->has_home ? &client->home : NULL, on_home_found);
  if (is_spare_wanted)
    ping (self, &anywhere, NULL, on_spare_found);
  if (!client->has_spare)
    ask_links (self);
}

/* ---- Becoming a peer after all ---- */

static void
end_trial (Chord *self, bool is_good)
{
  ChordClient *client = self->client;
  Connection *via = chord_client_link (self, NULL);

  client->trial_failed = client->trial_failed || !is_good;
  if (--client->trials > 0)
    return;
  if (client->trial_failed || via == NULL || self->state != TOPOLOGY_CLIENT) {
    timer_start (&client->trial_timer, self->overlay->ports->timers, TRIAL);
    return;
  }
  log_info (self->overlay->ports, "others can reach us: joining");
  timer_start (&client->trial_timer, self->overlay->ports->timers, TRIAL_AGAIN);
  chord_join_begin (self, via);
}

static void
on_trial_attached (void *owner, const NodeId *target, Connection *connection, ReloadCode code)
{
  ChordClient *client = owner;

  if (connection != NULL)
    connection->is_ours = true;
  end_trial (client->chord, connection != NULL || code != RELOAD_OK);
}

static void
on_trial_found (void *owner, const Answer *answer)
{
  ChordClient *client = owner;
  Chord *self = client->chord;

  if (answer->code == RELOAD_OK && chord_link_to (self, &answer->responder) == NULL &&
      !node_id_equal (&answer->responder, &self->overlay->id) &&
      !attach_is_pending (self->overlay->attaches, &answer->responder, 0))
    attach (self, answer, true, on_trial_attached);
  else
    end_trial (self, answer->code == RELOAD_OK);
}

/* Peers to which there are links already prove nothing; where there are no others, joining shows
 * what is to be seen. So does the second round of who has just come. */
static void
on_trial (Timer *timer, void *owner)
{
  ChordClient *client = owner;
  Chord *self = client->chord;
  Connection *via = chord_client_link (self, NULL);

  client->is_second = client->is_new;
  client->is_new = false;
  client->trial_failed = false;
  client->trials = TRIALS;
  timer_start (timer, self->overlay->ports->timers, TRIAL);
  if (self->state != TOPOLOGY_CLIENT || self->overlay->is_metered || chord_is_joining (self) ||
      via == NULL)
    return;
  if (client->is_second) {
    timer_start (timer, self->overlay->ports->timers, TRIAL_AGAIN);
    chord_join_begin (self, via);
    return;
  }
  for (unsigned i = 0; i < TRIALS; i++) {
    NodeId anywhere = random_id (self);
    ping (self, &anywhere, NULL, on_trial_found);
  }
}

/* ---- Ceasing to be a peer ---- */

/* Whether `id` would be the first on one side of us. */
static bool
is_nearest (Chord *self, const NodeId *id)
{
  size_t successors, predecessors;
  const NodeId *after = routing_table_successors (self->table, &successors);
  const NodeId *before = routing_table_predecessors (self->table, &predecessors);
  const NodeId *own = &self->overlay->id;

  return successors == 0 || predecessors == 0 || node_id_in_arc (id, own, &after[0]) ||
         node_id_in_arc (id, &before[0], own);
}

/* How often in a row; 0: never. Who is behind a wall gives way at once: he cannot be linked to
 * others either, and has been called from the same side of it at most. */
static unsigned
rounds_until_client (Chord *self, const NodeId *target)
{
  unsigned rounds = ROUNDS_APART;

  if (bootstrap_walled_at (self->overlay->bootstrap) <= overlay_now (self->overlay))
    return 1;
  if (self->was_called)
    return 0;
  if (node_id_compare (&self->overlay->id, target) > 0)
    rounds += ROUNDS_APART;
  if (self->was_called_near)
    rounds += ROUNDS_APART + 1;
  return rounds;
}

static void
give_way (Chord *self)
{
  replication_hand_over_all (self->overlay->replication);
  chord_send_leave (self);
  chord_client_begin (self);
}

/* One of the two has to go: not the one that others can reach, and rather not the one that is
 * reached from its own network, which may be the home of all that call; else the smaller Node-ID,
 * and the larger only if that does not. Rounds count in which anybody who would be nearest cannot
 * be linked. */
void
chord_client_note_apart (Chord *self, const NodeId *target)
{
  unsigned rounds = rounds_until_client (self, target);
  uint64_t now = overlay_now (self->overlay);

  if (rounds == 0 || !is_nearest (self, target) || is_linked (self, target))
    return;
  if (now >= self->apart_at + LONG_AGO)
    self->rounds_apart = 0;
  else if (self->rounds_apart > 0 && now < self->apart_at + SAME_ROUND)
    return;
  self->apart_at = now;
  if (++self->rounds_apart >= rounds)
    give_way (self);
}

/* While they ask we do not: whoever asks first would be the only one ever to find out. */
void
chord_client_note_unreached (Chord *self, const Connection *connection)
{
  if (self->state == TOPOLOGY_JOINED && connection->kind == CONNECTION_OVERLAY &&
      connection->has_peer && !connection->is_up && !connection->is_requested &&
      chord_link_to (self, &connection->peer) == NULL &&
      routing_table_wants (self->table, &connection->peer))
    chord_client_note_apart (self, &connection->peer);
}

/* ---- Events ---- */

void
chord_client_on_link (Chord *self)
{
  if (self->client != NULL && self->state == TOPOLOGY_CLIENT)
    settle (self);
}

/* How many peers there are, by the part of the ring that the sender's neighbors span. */
static unsigned
estimate (const NodeId *from, const ChordUpdate *update)
{
  const NodeIdList *before = &update->predecessors;
  const NodeIdList *after = &update->successors;
  size_t count = before->count + after->count;
  NodeId span;

  if (before->count == 0 || after->count == 0)
    return (unsigned) count + 1;
  /* Lists that meet name everybody, and most of them twice. */
  for (size_t i = 0; i < after->count; i++)
    if (node_id_equal (&after->items[i], &before->items[before->count - 1]))
      return (unsigned) (before->count + i) + 1;
  span = node_id_distance (&before->items[before->count - 1], &after->items[after->count - 1]);
  return (unsigned) ((double) count / node_id_fraction (&span) + 0.5);
}

static bool
names_us (const Chord *self, const ChordUpdate *update)
{
  const NodeIdList *lists[] = { &update->successors, &update->predecessors };

  for (size_t side = 0; side < G_N_ELEMENTS (lists); side++)
    for (size_t i = 0; i < lists[side]->count; i++)
      if (node_id_equal (&lists[side]->items[i], &self->overlay->id))
        return true;
  return false;
}

void
chord_client_on_update (Chord *self, Connection *connection, const ChordUpdate *update)
{
  ChordClient *client = self->client;

  if (update->type == CHORD_UPDATE_PEER_READY)
    return;
  if (client->has_home && node_id_equal (&client->home, &connection->peer)) {
    client->peers = estimate (&connection->peer, update);
    look_soon (self, ROUND_LATE);
  }
  if (names_us (self, update) && !chord_is_joining (self))
    chord_send_leave_to (self, connection); /* it takes us for what we were */
  settle (self);
}

void
chord_client_on_leave (Chord *self, const NodeId *peer)
{
  ChordClient *client = self->client;

  if (client == NULL)
    return;
  if (client->has_home && node_id_equal (&client->home, peer)) {
    client->has_home = false;
    note_lost (self);
  }
  chord_client_on_link (self);
}

void
chord_client_on_network (Chord *self)
{
  if (self->client == NULL)
    return;
  self->client->searches = 0;
  timer_start (&self->client->trial_timer, self->overlay->ports->timers, TRIAL_SOON);
}

void
chord_client_on_metered (Chord *self)
{
  if (self->overlay->is_metered && self->state == TOPOLOGY_JOINED)
    give_way (self);
  else if (!self->overlay->is_metered && self->client != NULL)
    timer_start (&self->client->trial_timer, self->overlay->ports->timers, TRIAL_SOON);
}

unsigned
chord_client_peers (const Chord *self)
{
  return self->client->peers + 1; /* and we */
}

const char *
chord_client_role (const Chord *self, const NodeId *peer)
{
  const ChordClient *client = self->client;
  const Connection *via = connection_table_by_number (self->overlay->connections, self->join_via);

  if (client->has_home && node_id_equal (&client->home, peer))
    return "home";
  if (client->has_spare && node_id_equal (&client->spare, peer))
    return "spare";
  return chord_is_joining (self) && via != NULL && node_id_equal (&via->peer, peer) ? "way in"
                                                                                    : "link";
}

/* ---- Beginning and end ---- */

void
chord_client_begin (Chord *self)
{
  Timers *timers = self->overlay->ports->timers;
  ChordClient *client = self->client;

  log_info (self->overlay->ports, "a client from now on");
  chord_join_give_up (self);
  timer_stop (&self->alone_timer);
  self->join_failures = 0;
  if (client == NULL) {
    client = self->client = g_new0 (ChordClient, 1);
    client->chord = self;
    client->peers = 1;
    timer_init (&client->round_timer, on_round, client);
    timer_init (&client->trial_timer, on_trial, client);
  }
  client->searches = 0;
  timer_start (&client->round_timer, timers, ROUND_SOON);
  timer_start (&client->trial_timer, timers, TRIAL);
  settle (self); /* what is registered then leads to us */
  chord_set_state (self, TOPOLOGY_CLIENT);
  settle (self);
}

void
chord_client_join_again (Chord *self)
{
  self->client->is_new = true;
  timer_start (&self->client->trial_timer, self->overlay->ports->timers, SECOND);
}

bool
chord_client_is_second_round (const Chord *self)
{
  return self->client->is_second;
}

void
chord_client_end (Chord *self)
{
  if (self->client == NULL)
    return;
  registration_usage_lead (self->overlay->registration_usage, NULL);
  chord_client_stop (self);
}

void
chord_client_stop (Chord *self)
{
  if (self->client == NULL)
    return;
  attach_cancel_owner (self->overlay->attaches, self->client);
  transport_cancel_owner (self->overlay->transport, self->client);
  chord_client_free (self);
}

void
chord_client_free (Chord *self)
{
  ChordClient *client = g_steal_pointer (&self->client);

  if (client == NULL)
    return;
  timer_stop (&client->round_timer);
  timer_stop (&client->trial_timer);
  g_free (client);
}
