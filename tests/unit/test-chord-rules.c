/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/chord-private.h"
#include "core/overlay/storage-private.h"
#include "core/wire/attach.h"
#include "core/wire/chord.h"
#include "core/wire/store.h"
#include "core/wire/topology.h"
#include "tests/unit/overlay-stage.h"

#include <string.h>

/* Rules of CHORD-RELOAD (RFC 6940, 10), each under its id in the conformance book. The node is 80;
 * its neighbors are strangers, so that all it says to them can be read. */

enum { SIDE = LIMIT_NEIGHBORS };

typedef struct Fixture {
  OverlayStage *stage;
  Chord *chord;
  Stranger *after[SIDE];  /* 90, 91, ... */
  Stranger *before[SIDE]; /* 70, 6f, ... */
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  self->stage = overlay_stage_new ();
  self->chord = self->stage->overlay->topology.self;
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
}

static void
forget_letters (Fixture *self)
{
  for (guint i = 0; i < self->stage->strangers->len; i++)
    while (stranger_next (g_ptr_array_index (self->stage->strangers, i), 0) != NULL)
      ;
}

/* In a ring, among `count` neighbors each way. */
static void
join (Fixture *self, unsigned count)
{
  for (unsigned i = 0; i < count; i++) {
    Stranger *pair[2];
    pair[0] = self->after[i] = stranger_new (self->stage, "after", 0x90000000 + (i << 24));
    pair[1] = self->before[i] = stranger_new (self->stage, "before", 0x70000000 - (i << 24));
    overlay_stage_join (self->stage, pair);
  }
  overlay_stage_run (self->stage, TIME_SECOND);
  forget_letters (self);
}

static void
lose (Fixture *self, const Stranger *peer)
{
  overlay_link_down (self->stage->overlay, peer->link, LINK_END_LOST);
}

static unsigned
count_letters (Fixture *self, Stranger *at, uint16_t code)
{
  unsigned count = 0;

  while (stranger_next (at, code) != NULL)
    count++;
  return count;
}

static bool
names (const NodeIdList *list, const NodeId *id)
{
  for (size_t i = 0; i < list->count; i++)
    if (node_id_equal (&list->items[i], id))
      return true;
  return false;
}

static ChordUpdate
next_update (Fixture *self, Stranger *at)
{
  Letter *letter = stranger_next (at, MESSAGE_UPDATE_REQ);
  ChordUpdate body;

  g_assert_nonnull (letter);
  letter_read (letter, self->stage, &body);
  return body;
}

/* ---- Admitting somebody ---- */

static void
test_admitting (Fixture *self, const void *data)
{
  Stranger *carol = stranger_new (self->stage, "carol", 0x78000000);
  JoinReq body = { .joining_peer_id = carol->id };
  Stranger *all[3];
  Letter *letter;
  ChordUpdate update;

  join (self, 2);
  stranger_connect (carol);
  overlay_stage_run (self->stage, TIME_SECOND);
  forget_letters (self);
  stranger_send (carol, &(Draft){ .code = MESSAGE_JOIN_REQ, .body = &body });
  overlay_stage_run (self->stage, TIME_SECOND);
  letter = stranger_next (carol, 0);
  g_assert_cmphex (letter->message.contents.message_code, ==, MESSAGE_JOIN_REQ + 1);
  do
    letter = stranger_next (carol, 0);
  while (letter != NULL && letter->message.contents.message_code == MESSAGE_STORE_REQ);
  g_assert_nonnull (letter);
  g_assert_cmphex (letter->message.contents.message_code, ==, MESSAGE_UPDATE_REQ);
  letter_read (letter, self->stage, &update);
  g_assert_true (node_id_equal (&update.predecessors.items[0], &carol->id));
  all[0] = self->after[0];
  all[1] = self->before[0];
  all[2] = self->before[1];
  for (unsigned i = 0; i < 3; i++) {
    update = next_update (self, all[i]);
    g_assert_true (node_id_equal (&update.predecessors.items[0], &carol->id));
  }
}

/* ---- Joining ---- */

static IceCandidate candidate = { .overlay_link = OVERLAY_LINK_DTLS_UDP_SR,
                                  .priority = 1,
                                  .type = CAND_HOST };

static AttachReqAns
attach_answer (void)
{
  const Address address = { .family = ADDRESS_IPV4, .bytes = { 10, 0, 0, 9 }, .port = 9 };

  candidate.addr_port = ip_address_port_of (&address);
  candidate.foundation = bytes_of_text ("1");
  return (AttachReqAns){
    .ufrag = bytes_of_text ("them"),
    .password = bytes_of_text ("aPasswordOfTheRightLength"),
    .role = bytes_of_text ("active"),
    .candidates = { &candidate, 1 },
  };
}

static uint32_t
gather_last (Fixture *self)
{
  uint32_t link = g_array_index (self->stage->links, StageLink, self->stage->links->len - 1).number;
  IceDescription local = {
    .ufrag = "self",
    .password = "aPasswordOfTheRightLength",
    .candidate_count = 1,
    .candidates = { { .type = CANDIDATE_HOST,
                      .address = { .family = ADDRESS_IPV4, .bytes = { 10, 0, 0, 1 }, .port = 7 },
                      .priority = 1,
                      .foundation = "1" } },
  };

  overlay_link_gathered (self->stage->overlay, link, &local);
  return link;
}

/* `who` answers an Attach that came to `via`, and has the link. */
static void
let_attach (Fixture *self, Stranger *via, const Letter *request, Stranger *who, uint32_t link)
{
  AttachReqAns body = attach_answer ();

  stranger_send (via, &(Draft){ .code = MESSAGE_ATTACH_REQ + 1,
                                .body = &body,
                                .signer = who->signer,
                                .transaction_id = request->header.transaction_id });
  stranger_take (who, link);
}

static void
send_update (Stranger *from, const NodeIdList *predecessors, const NodeIdList *successors)
{
  ChordUpdate body = {
    .type = CHORD_UPDATE_NEIGHBORS,
    .predecessors = *predecessors,
    .successors = *successors,
  };

  stranger_send (from, &(Draft){ .code = MESSAGE_UPDATE_REQ, .body = &body });
}

/* The bootstrap peer, which is of a ring of others, and the Attach that it is sent. */
static Letter *
meet_ring (Fixture *self, Stranger *bootstrap)
{
  ProbeInformation share = { PROBE_RESPONSIBLE_SET, 100000000 };
  ProbeAns probe = { { &share, 1 } };
  Letter *letter;

  overlay_start (self->stage->overlay);
  stranger_connect (bootstrap);
  letter = stranger_next (bootstrap, MESSAGE_PROBE_REQ);
  g_assert_nonnull (letter);
  stranger_reply (bootstrap, letter, &probe);
  gather_last (self);
  letter = stranger_next (bootstrap, MESSAGE_ATTACH_REQ);
  g_assert_nonnull (letter);
  return letter;
}

static void
test_joining (Fixture *self, const void *data)
{
  Stranger *bootstrap = stranger_new (self->stage, "bootstrap", 0x20000000);
  Stranger *admitting = stranger_new (self->stage, "admitting", 0x90000000);
  Stranger *neighbor = stranger_new (self->stage, "neighbor", 0x70000000);
  const NodeId *own = &self->stage->overlay->id;
  NodeId beyond = node_id_add_power (own, 0), ring[] = { neighbor->id },
         with_us[] = { *own, ring[0] };
  NodeIdList one = { ring, 1 }, two = { with_us, 2 };
  JoinAns joined = { { NULL, 0 } };
  AttachReqAns asked;
  const DestinationList *way;
  Letter *letter;
  uint32_t link;

  letter = meet_ring (self, bootstrap);
  way = &letter->header.destination_list;
  g_assert_cmpuint (way->count, ==, 1);
  g_assert_cmpuint (way->items[0].type, ==, DESTINATION_RESOURCE);
  g_assert_true (bytes_equal (way->items[0].resource_id, node_id_bytes (&beyond)));
  letter_read (letter, self->stage, &asked);
  g_assert_true (asked.send_update);
  let_attach (self, bootstrap, letter, admitting,
              g_array_index (self->stage->links, StageLink, self->stage->links->len - 1).number);
  send_update (admitting, &one, &one);

  /* A neighbor of the admitting peer's, by its way. Before that link stands nobody is told that we
   * are there. */
  link = gather_last (self);
  letter = stranger_next (admitting, MESSAGE_ATTACH_REQ);
  g_assert_nonnull (letter);
  way = &letter->header.destination_list;
  g_assert_cmpuint (way->count, ==, 2);
  g_assert_true (destination_is_node (&way->items[0], &admitting->id));
  g_assert_true (destination_is_node (&way->items[1], &neighbor->id));
  g_assert_null (stranger_next (admitting, MESSAGE_JOIN_REQ));
  let_attach (self, admitting, letter, neighbor, link);
  letter = stranger_next (admitting, MESSAGE_JOIN_REQ);
  g_assert_nonnull (letter);
  overlay_stage_run (self->stage, 100 * TIME_MS);
  g_assert_null (stranger_next (neighbor, MESSAGE_UPDATE_REQ));

  stranger_reply (admitting, letter, &joined);
  g_assert_cmpint (overlay_state (self->stage->overlay), ==, TOPOLOGY_JOINING);
  send_update (admitting, &two, &one);
  g_assert_cmpint (overlay_state (self->stage->overlay), ==, TOPOLOGY_JOINED);
  overlay_stage_run (self->stage, 100 * TIME_MS);
  g_assert_nonnull (stranger_next (admitting, MESSAGE_UPDATE_REQ));
  g_assert_nonnull (stranger_next (neighbor, MESSAGE_UPDATE_REQ));
}

/* ---- Neighbors ---- */

/* Second predecessor, then the first, which bounds our range. */
static void
test_lost_neighbor (Fixture *self, const void *data)
{
  Stranger *client = stranger_new (self->stage, "client", 0xa0000000);
  ChordUpdate update;

  join (self, 2);
  stranger_connect (client);
  overlay_stage_run (self->stage, TIME_SECOND);
  forget_letters (self);
  lose (self, self->before[1]);
  overlay_stage_run (self->stage, 100 * TIME_MS);
  for (unsigned i = 0; i < 2; i++) {
    update = next_update (self, i == 0 ? self->after[0] : self->before[0]);
    g_assert_false (names (&update.predecessors, &self->before[1]->id));
    g_assert_false (names (&update.predecessors, &self->stage->overlay->id));
    g_assert_false (names (&update.successors, &self->stage->overlay->id));
  }
  g_assert_null (stranger_next (client, MESSAGE_UPDATE_REQ));
  lose (self, self->before[0]);
  overlay_stage_run (self->stage, 1100 * TIME_MS);
  next_update (self, self->after[0]);
  overlay_stage_run (self->stage, 3 * TIME_SECOND);
  next_update (self, client);
}

/* How many Updates have come that do not name `lost`. */
static unsigned
count_told (Fixture *self, Stranger *at, const Stranger *lost)
{
  unsigned count = 0;
  Letter *letter;

  while ((letter = stranger_next (at, MESSAGE_UPDATE_REQ)) != NULL) {
    ChordUpdate update;
    letter_read (letter, self->stage, &update);
    count += !names (&update.predecessors, &lost->id);
  }
  return count;
}

/* Of each loss hear two on either side at once; the others when what else there is to tell has had
 * time to come, and more of it the more there was. */
static void
test_rounds (Fixture *self, const void *data)
{
  Stranger *near, *far;

  join (self, SIDE);
  near = self->after[1];
  far = self->after[2];
  lose (self, self->before[0]);
  overlay_stage_run (self->stage, 100 * TIME_MS);
  g_assert_cmpuint (count_told (self, near, self->before[0]), >, 0);
  g_assert_cmpuint (count_told (self, far, self->before[0]), ==, 0);
  lose (self, self->before[5]);
  lose (self, self->before[6]);
  overlay_stage_run (self->stage, 3 * TIME_SECOND);
  g_assert_cmpuint (count_told (self, near, self->before[6]), >, 0);
  g_assert_cmpuint (count_told (self, far, self->before[0]), ==, 0);
  overlay_stage_run (self->stage, 2 * TIME_SECOND);
  g_assert_cmpuint (count_told (self, far, self->before[6]), >, 0);
  lose (self, self->before[7]);
  overlay_stage_run (self->stage, 2 * TIME_SECOND);
  g_assert_cmpuint (count_told (self, near, self->before[7]), >, 0);
  g_assert_cmpuint (count_told (self, far, self->before[7]), ==, 0);
  overlay_stage_run (self->stage, 3 * TIME_SECOND);
  g_assert_cmpuint (count_told (self, far, self->before[7]), >, 0);
}

/* Who may be dead like the one that is lost is asked before it is told of that: an Update would be
 * sent to it in vain. */
static void
test_asked_first (Fixture *self, const void *data)
{
  join (self, SIDE);
  overlay_stage_run (self->stage, 4 * TIME_SECOND);
  forget_letters (self);
  self->after[5]->is_mute = true;
  lose (self, self->before[0]);
  overlay_stage_run (self->stage, 1500 * TIME_MS);
  g_assert_cmpuint (count_letters (self, self->after[4], MESSAGE_UPDATE_REQ), >, 0);
  g_assert_cmpuint (count_letters (self, self->after[5], MESSAGE_UPDATE_REQ), ==, 0);
}

/* What an Update says that is nearer is attached to, through who has said it. */
static void
test_nearer_neighbor (Fixture *self, const void *data)
{
  Stranger *near = stranger_new (self->stage, "near", 0x88000000);
  NodeIdList none = { NULL, 0 }, one = { &near->id, 1 };
  const DestinationList *way;
  Letter *letter;
  size_t count;
  uint32_t link;

  join (self, 2);
  send_update (self->after[0], &one, &none);
  link = gather_last (self);
  letter = stranger_next (self->after[0], MESSAGE_ATTACH_REQ);
  g_assert_nonnull (letter);
  way = &letter->header.destination_list;
  g_assert_true (destination_is_node (&way->items[0], &self->after[0]->id));
  g_assert_true (destination_is_node (&way->items[1], &near->id));
  forget_letters (self);
  let_attach (self, self->after[0], letter, near, link);
  g_assert_true (
    node_id_equal (&routing_table_successors (self->chord->table, &count)[0], &near->id));
  overlay_stage_run (self->stage, 1200 * TIME_MS);
  for (unsigned i = 0; i < 2; i++) {
    next_update (self, self->after[i]);
    next_update (self, self->before[i]);
  }
  next_update (self, near);
}

static void
test_periodic_updates (Fixture *self, const void *data)
{
  uint64_t interval = self->stage->configuration->chord_update_interval_s * TIME_SECOND;

  join (self, SIDE);
  chord_repair_start (self->chord);
  overlay_stage_run (self->stage, interval / 2);
  forget_letters (self);
  overlay_stage_run (self->stage, interval * 6 / 5);
  for (unsigned i = 0; i < SIDE; i++) {
    g_assert_cmpuint (count_letters (self, self->after[i], MESSAGE_UPDATE_REQ), >, 0);
    g_assert_cmpuint (count_letters (self, self->before[i], MESSAGE_UPDATE_REQ), >, 0);
  }
}

/* Nobody here answers them. */
static void
test_unanswered_update (Fixture *self, const void *data)
{
  join (self, SIDE);
  overlay_stage_run (self->stage, TIME_MINUTE);
  forget_letters (self);
  chord_update_send (self->chord, chord_link_to (self->chord, &self->after[SIDE - 1]->id),
                     CHORD_UPDATE_NEIGHBORS);
  overlay_stage_run (self->stage, 20 * TIME_SECOND);
  g_assert_cmpuint (count_letters (self, self->after[SIDE - 1], MESSAGE_UPDATE_REQ), ==, 2);
}

/* The same but for chance: the rounds begin at other times. */
static void
test_offset_updates (Fixture *self, const void *data)
{
  uint64_t due[2];

  join (self, SIDE);
  for (unsigned i = 0; i < 2; i++) {
    self->stage->random = i == 0 ? 12345 : UINT64_C (0x9e3779b97f4a7c15);
    chord_repair_start (self->chord);
    due[i] = timer_left (&self->chord->stabilize_timer, self->stage->timers);
  }
  g_assert_cmpuint (due[0], !=, due[1]);
}

static void
test_partition_check (Fixture *self, const void *data)
{
  Stranger *far = stranger_new (self->stage, "far", 0xc0000000);
  ProbeInformation share = { PROBE_RESPONSIBLE_SET, 100000000 };
  ProbeAns probe = { { &share, 1 } };
  NodeId beyond = node_id_add_power (&self->stage->overlay->id, 0);
  Letter *letter;

  join (self, SIDE);
  stranger_connect (far);
  letter = stranger_next (far, MESSAGE_PROBE_REQ);
  g_assert_nonnull (letter);
  stranger_reply (far, letter, &probe);
  letter = stranger_next (far, MESSAGE_PING_REQ);
  g_assert_nonnull (letter);
  g_assert_cmpuint (letter->header.destination_list.count, ==, 1);
  g_assert_true (
    bytes_equal (letter->header.destination_list.items[0].resource_id, node_id_bytes (&beyond)));
}

static unsigned
times_met (Fixture *self, Stranger *far, uint64_t span)
{
  count_letters (self, far, MESSAGE_PROBE_REQ);
  overlay_stage_run (self->stage, span);
  return count_letters (self, far, MESSAGE_PROBE_REQ);
}

/* About every eight minutes; a question that is not answered is sent again. */
static void
test_rarer_searches (Fixture *self, const void *data)
{
  Stranger *far = stranger_new (self->stage, "far", 0xc0000000);
  NodeIdList us = { &self->stage->overlay->id, 1 };

  enum { SENDS = 2 };

  unsigned rare;

  join (self, SIDE);
  send_update (self->before[0], &(NodeIdList){ NULL, 0 }, &us);
  chord_repair_start (self->chord);
  stranger_connect (far);
  overlay_stage_run (self->stage, 30 * TIME_MINUTE);
  rare = times_met (self, far, TIME_HOUR);
  g_assert_cmpuint (rare, >=, SENDS * 6);
  g_assert_cmpuint (rare, <=, SENDS * 10);
  chord_repair_wake (self->chord);
  g_assert_cmpuint (times_met (self, far, 75 * TIME_SECOND), >=, SENDS);
}

/* In four hours some thirty rounds, in each of which one is met. */
static void
test_one_at_a_time (Fixture *self, const void *data)
{
  enum { STRANGERS = 3, SENDS = 2 };

  Stranger *far[STRANGERS];
  NodeIdList us = { &self->stage->overlay->id, 1 };
  unsigned met = 0;

  join (self, SIDE);
  send_update (self->before[0], &(NodeIdList){ NULL, 0 }, &us);
  chord_repair_start (self->chord);
  for (unsigned i = 0; i < STRANGERS; i++) {
    far[i] = stranger_new (self->stage, "far", 0xc0000000 + (i << 24));
    stranger_connect (far[i]);
  }
  overlay_stage_run (self->stage, 30 * TIME_MINUTE);
  forget_letters (self);
  overlay_stage_run (self->stage, 4 * TIME_HOUR);
  for (unsigned i = 0; i < STRANGERS; i++) {
    unsigned asked = count_letters (self, far[i], MESSAGE_PROBE_REQ);
    g_assert_cmpuint (asked, >, 0);
    met += asked;
  }
  g_assert_cmpuint (met, >=, SENDS * 24);
  g_assert_cmpuint (met, <=, SENDS * 40);
}

/* ---- Replicas ---- */

static void
store_something (Fixture *self)
{
  certificate_usage_start (self->stage->overlay->certificate_usage);
  overlay_stage_run (self->stage, 100 * TIME_MS);
}

/* One of the two that hold copies. Returns who is to have one in its place. */
static Stranger *
lose_replica (Fixture *self)
{
  /* Everything but what lies between the neighbors is ours. */
  Stranger *neighbors[3];

  for (unsigned i = 0; i < 3; i++)
    neighbors[i] = stranger_new (self->stage, "one", 0x80000001 + i);
  overlay_stage_join (self->stage, neighbors);
  overlay_stage_join (self->stage, (Stranger *[]){ neighbors[1], neighbors[2] });
  overlay_stage_run (self->stage, TIME_SECOND);
  store_something (self);
  replication_topology_changed (self->stage->overlay->replication, ROUTING_REPLICAS);
  overlay_stage_run (self->stage, 5 * TIME_SECOND);
  forget_letters (self);
  lose (self, neighbors[0]);
  return neighbors[2];
}

static void
test_hold_down (Fixture *self, const void *data)
{
  Stranger *heir = lose_replica (self);

  overlay_stage_run (self->stage, 25 * TIME_SECOND);
  g_assert_cmpuint (count_letters (self, heir, MESSAGE_STORE_REQ), ==, 0);
  overlay_stage_run (self->stage, 10 * TIME_SECOND);
  g_assert_cmpuint (count_letters (self, heir, MESSAGE_STORE_REQ), >, 0);
}

/* The next one would be gone before the time was over. */
static void
test_short_lives (Fixture *self, const void *data)
{
  Configuration *configuration = self->stage->overlay->configuration;
  uint64_t now = overlay_now (self->stage->overlay);
  Stranger *heir;

  g_free (configuration->topology_plugin);
  configuration->topology_plugin = g_strdup ("CHORD-SELF-TUNING");
  for (unsigned i = 0; i < 2; i++)
    self_tuning_note_failure (self->chord->tuning, now);
  heir = lose_replica (self);
  overlay_stage_run (self->stage, 10 * TIME_SECOND);
  g_assert_cmpuint (count_letters (self, heir, MESSAGE_STORE_REQ), >, 0);
}

/* Four peers have come between the place of a value and us. */
static void
test_no_replica_of_ours (Fixture *self, const void *data)
{
  Storage *storage = self->stage->overlay->storage;
  NodeId place = resource_id_of (node_id_bytes (&self->stage->overlay->id));
  StoreKindResponse kind = { .kind = KIND_CERTIFICATE_BY_NODE, .generation_counter = 1 };
  StoreAns taken = { { &kind, 1 } };
  Stranger *nearest = NULL;
  Letter *letter = NULL;

  overlay_stage_alone (self->stage);
  g_assert_nonnull (storage_find_resource (storage, &place));
  for (unsigned i = 1; i <= 4; i++) {
    uint32_t id = ((uint32_t) place.bytes[0] << 24) + (i << 24);
    Stranger *peer = stranger_new (self->stage, "peer", id);
    stranger_connect (peer);
    connection_table_find (self->stage->overlay->connections, &peer->id)->is_peer = true;
    chord_set_state (self->chord, TOPOLOGY_JOINED);
    chord_add_neighbor (self->chord, &peer->id, true);
    nearest = nearest != NULL ? nearest : peer;
  }
  for (unsigned i = 0; i < 100 && letter == NULL; i++) {
    overlay_stage_run (self->stage, 100 * TIME_MS);
    while ((letter = stranger_next (nearest, MESSAGE_STORE_REQ)) != NULL) {
      StoreReq body;
      letter_read (letter, self->stage, &body);
      if (bytes_equal (body.resource, node_id_bytes (&place)))
        break;
    }
  }
  g_assert_nonnull (letter);
  g_assert_nonnull (storage_find_resource (storage, &place));
  stranger_reply (nearest, letter, &taken);
  g_assert_null (storage_find_resource (storage, &place));
}

/* ---- Fingers ---- */

/* Which entry of the Finger Table the questions that came to the neighbors look for; 0: none. */
static unsigned
finger_looked_for (Fixture *self)
{
  for (unsigned i = 0; i < 2 * SIDE; i++) {
    Stranger *peer = i < SIDE ? self->after[i] : self->before[i - SIDE];
    Letter *letter;
    while ((letter = stranger_next (peer, MESSAGE_ROUTE_QUERY_REQ)) != NULL) {
      const Destination *to = &letter->header.destination_list.items[0];
      NodeId id;
      if (to->type != DESTINATION_RESOURCE || !node_id_from_bytes (to->resource_id, &id))
        continue;
      for (unsigned k = 1; k <= 16; k++) {
        NodeId first, last;
        routing_table_finger_range (self->chord->table, k, &first, &last);
        if (node_id_equal (&id, &first) || node_id_in_arc (&id, &first, &last))
          return k;
      }
    }
  }
  return 0;
}

static void
test_fingers (Fixture *self, const void *data)
{
  uint64_t interval = self->stage->configuration->chord_ping_interval_s * TIME_SECOND;
  unsigned found[5] = { 0 };

  join (self, SIDE);
  for (unsigned round = 0; round < 64; round++) {
    unsigned finger;
    self->stage->random = UINT64_C (0x9e3779b97f4a7c15) * (round + 1);
    chord_fingers_start (self->chord, TIME_SECOND);
    overlay_stage_run (self->stage, 2 * TIME_SECOND);
    finger = finger_looked_for (self);
    g_assert_cmpuint (finger, <=, 4);
    found[finger]++; /* entry 1 may lead to a place of our own, where nobody is asked */
    /* Nobody answers: the next search waits for the interval. */
    overlay_stage_run (self->stage, interval - 3 * TIME_SECOND);
    g_assert_cmpuint (self->chord->search.index, ==, 0);
    g_assert_cmpuint (timer_left (&self->chord->finger_timer, self->stage->timers), ==,
                      2 * TIME_SECOND);
    forget_letters (self);
  }
  g_assert_cmpuint (found[1], >, found[2]);
  g_assert_cmpuint (found[2], >, 0);
  g_assert_cmpuint (found[0], <, 8);
}

static void
test_lost_finger (Fixture *self, const void *data)
{
  Stranger *finger = stranger_new (self->stage, "finger", 0xc5000000);

  join (self, SIDE);
  stranger_connect (finger);
  g_assert_true (routing_table_set_finger (self->chord->table, 2, &finger->id));
  overlay_stage_run (self->stage, TIME_SECOND);
  forget_letters (self);
  lose (self, finger);
  g_assert_false (routing_table_is_finger (self->chord->table, &finger->id));
  overlay_stage_run (self->stage, 2 * TIME_SECOND);
  g_assert_cmpuint (finger_looked_for (self), !=, 0);
}

static void
test_many_fingers (Fixture *self, const void *data)
{
  for (unsigned i = 1; i <= 128; i++) {
    NodeId first, last;
    routing_table_finger_range (self->chord->table, i, &first, &last);
    g_assert_true (routing_table_set_finger (self->chord->table, i, &first));
    g_assert_true (routing_table_is_finger (self->chord->table, &first));
  }
}

static void
test_nobody_before (Fixture *self, const void *data)
{
  NodeId place = { { 0x85 } }, next;

  join (self, 2);
  g_assert_true (routing_table_next_hop (self->chord->table, &place, NULL, &next));
  g_assert_true (node_id_equal (&next, &self->after[0]->id));
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/rules/rfc6940-10.3-3-who-comes-next-when-nobody-is-before", test_nobody_before);
  ADD ("/rules/rfc6940-10.5-8-10-who-joins-is-told-to-all-neighbors", test_admitting);
  ADD ("/rules/rfc6940-10.5-2-5-11-16-joining-step-by-step", test_joining);
  ADD ("/rules/rfc6940-10.7.1-2-4-a-lost-neighbor-is-told-at-once", test_lost_neighbor);
  ADD ("/rules/rfc6940-10.7.1-2-many-losses-are-told-in-rounds", test_rounds);
  ADD ("/rules/who-may-be-dead-is-asked-before-it-is-told", test_asked_first);
  ADD ("/rules/rfc6940-10.7.1-3-new-replicas-wait", test_hold_down);
  ADD ("/rules/where-peers-stay-for-seconds-new-replicas-wait-less", test_short_lives);
  ADD ("/rules/rfc6940-10.7.2-2-a-lost-finger-is-looked-for", test_lost_finger);
  ADD ("/rules/rfc6940-10.7.3-1-3-who-is-nearer-is-attached-to-and-told", test_nearer_neighbor);
  ADD ("/rules/rfc6940-10.7.3-7-what-others-hold-is-let-go", test_no_replica_of_ours);
  ADD ("/rules/rfc6940-10.7.4.1-1-each-neighbor-hears-of-us", test_periodic_updates);
  ADD ("/rules/rfc6940-10.7.4.1-3-not-all-at-once", test_offset_updates);
  ADD ("/rules/an-update-without-an-answer-is-sent-once-more", test_unanswered_update);
  ADD ("/rules/rfc6940-10.7.4.2-2-3-5-fingers-are-looked-for-by-chance", test_fingers);
  ADD ("/rules/rfc6940-10.7.4.3-2-as-many-fingers-as-bits", test_many_fingers);
  ADD ("/rules/rfc6940-10.7.4.4-2-a-stranger-is-asked-who-follows-us", test_partition_check);
  ADD ("/rules/rfc6940-10.7.4.4-in-a-quiet-ring-ever-more-seldom", test_rarer_searches);
  ADD ("/rules/rfc6940-10.7.4.4-in-a-quiet-ring-one-at-a-time", test_one_at_a_time);
  return g_test_run ();
}
