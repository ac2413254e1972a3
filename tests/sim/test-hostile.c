/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/node-private.h"
#include "core/overlay/chord-private.h"
#include "core/wire/frame.h"
#include "core/wire/store.h"
#include "tests/sim/census.h"
#include "tests/sim/churn.h"
#include "tests/sim/intruder.h"
#include "tests/sim/photograph.h"
#include "tests/sim/sim-signer.h"
#include "tests/sim/survey.h"
#include "tests/unit/document.h"

/* A member of the overlay turns against it. SIM_SEED: another seed than the usual one. */

static uint64_t
seed (void)
{
  const char *text = g_getenv ("SIM_SEED");

  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : 1;
}

static void
expect_ring (SimWorld *world)
{
  if (sim_world_run_until (world, census_is_one_ring, NULL, TIME_MINUTE))
    return;
  census_print (world);
  g_test_fail ();
}

/* `peers` in one ring; the last of them is the intruder. */
static SimWorld *
world_of (unsigned peers, Intruder *intruder)
{
  SimOptions options = { .peers = peers, .seed = seed (), .latency_ms = 10, .jitter_ms = 30 };
  SimWorld *world = sim_world_new (&options);

  g_test_message ("SIM_SEED=%" G_GUINT64_FORMAT, seed ());
  churn_join (world, 0, peers, 200 * TIME_MS);
  expect_ring (world);
  sim_world_run (world, 10 * TIME_SECOND);
  *intruder = (Intruder){ .peer = sim_world_peer (world, peers - 1) };
  return world;
}

static Overlay *
overlay_of (SimPeer *peer)
{
  return peer->node->overlay;
}

/* ---- 1.4: everything that was ever said, once more ---- */

typedef struct Recorded {
  SimPeer *to;
  GBytes *message;
  uint16_t code; /* 0 of the further pieces of a message */
} Recorded;

static void
recorded_clear (void *data)
{
  g_bytes_unref (((Recorded *) data)->message);
}

static uint16_t
code_of (Bytes message)
{
  g_autoptr (Arena) arena = arena_new ();
  ForwardingHeader header;
  Bytes payload;

  return header_decode (message, arena, &header, &payload, NULL) && payload.size >= 2 &&
             header_fragment_offset (&header) == 0
           ? (uint16_t) (payload.data[0] << 8 | payload.data[1])
           : 0;
}

static void
on_frame (SimPeer *from, SimPeer *to, Bytes bytes, void *user_data)
{
  GArray *record = user_data;
  FramedMessage frame;
  Recorded item = { .to = to };

  if (!frame_decode (bytes, &frame) || frame.type != FRAME_DATA || frame.message.size == 0)
    return;
  item.code = code_of (frame.message);
  item.message = g_bytes_new (frame.message.data, frame.message.size);
  g_array_append_val (record, item);
}

/* To each whom it was meant for, with pauses, so that it is no rate that refuses. Answers are told
 * from others by their transactions alone, whenever they come: once is enough. */
static void
replay (Intruder *intruder, const GArray *record, bool with_answers)
{
  SimWorld *world = intruder->peer->world;

  for (guint i = 0; i < record->len; i++) {
    const Recorded *item = &g_array_index (record, Recorded, i);
    Bytes message = { g_bytes_get_data (item->message, NULL), g_bytes_get_size (item->message) };
    if (item->to == intruder->peer || item->to->node == NULL ||
        (!with_answers && item->code != 0 && !message_code_is_request (item->code)))
      continue;
    intruder_send (intruder, item->to, message);
    if (i % 10 == 0)
      sim_world_run (world, 10 * TIME_MS);
  }
  sim_world_run (world, 10 * TIME_SECOND);
}

static void
replay_after (Intruder *intruder, const GArray *record, uint64_t delay, bool with_answers)
{
  g_autoptr (Photograph) before = NULL;

  sim_world_run (intruder->peer->world, delay);
  before = photograph_new (intruder->peer->world);
  g_assert_cmpuint (photograph_values (before), >, 0);
  replay (intruder, record, with_answers);
  photograph_expect_unchanged (before);
  g_assert_true (census_is_one_ring (intruder->peer->world, NULL));
}

static void
test_replay (void)
{
  enum { PEERS = 24 };

  SimOptions options = { .peers = PEERS + 1, .seed = seed (), .latency_ms = 10, .jitter_ms = 30 };
  g_autoptr (SimWorld) world = sim_world_new (&options);
  g_autoptr (GArray) record = g_array_new (FALSE, FALSE, sizeof (Recorded));
  g_autoptr (Configuration) next = NULL;
  Intruder intruder = { .peer = sim_world_peer (world, PEERS) };
  SimPeer *gone = sim_world_peer (world, 7);

  g_test_message ("SIM_SEED=%" G_GUINT64_FORMAT, seed ());
  g_array_set_clear_func (record, recorded_clear);
  sim_world_set_tap (world, on_frame, record);
  churn_join (world, 0, PEERS, 200 * TIME_MS);
  next = document_after (sim_world_configuration (world), &sim_world_peer (world, 0)->signer);
  g_assert_true (node_update_configuration (sim_world_peer (world, 0)->node, next->document));
  sim_peer_stop (gone);
  sim_world_run (world, 30 * TIME_SECOND);
  sim_world_set_tap (world, NULL, NULL);
  sim_peer_start (intruder.peer, (unsigned[]){ 0 }, 1);
  expect_ring (world);
  sim_world_run (world, 5 * TIME_MINUTE); /* until every finger is found */
  g_test_message ("%u messages", record->len);
  for (unsigned i = 0; i < PEERS; i++)
    if (sim_world_peer (world, i) != gone)
      g_assert_cmpuint (overlay_of (sim_world_peer (world, i))->configuration->sequence, ==, 2);
  replay_after (&intruder, record, TIME_SECOND, true);
  replay_after (&intruder, record, TIME_MINUTE, false);
  /* Once the removal of a value has lived as long as the value, only the owner's newer one stands
   * in the way of the old: RFC 6940 signs no lifetime. */
  sim_peer_start (gone, NULL, 0);
  replay_after (&intruder, record, TIME_HOUR, false);
}

/* ---- 2.9: the same identity joins and joins ---- */

static void
test_joins (void)
{
  enum { PEERS = 12, SECONDS = 150, PER_S = 100 };

  Intruder intruder;
  g_autoptr (SimWorld) world = world_of (PEERS, &intruder);
  const NodeId *id = sim_peer_id (intruder.peer);
  NodeId beyond = node_id_add_power (id, 0);
  SimPeer *admitting = census_owner_of (world, &beyond);
  LeaveReq leave = { .leaving_peer_id = *id };
  JoinReq join = { .joining_peer_id = *id };
  Intruder leaver = intruder;

  for (unsigned i = 0; i < SECONDS * PER_S; i++) {
    intruder_ask (&leaver, admitting, MESSAGE_LEAVE_REQ, &leave);
    intruder_ask (&intruder, admitting, MESSAGE_JOIN_REQ, &join);
    sim_world_run (world, TIME_SECOND / PER_S);
  }
  g_test_message ("%u granted, %u refused, %u unanswered", intruder.granted, intruder.refused,
                  intruder.unanswered);
  g_assert_cmpuint (intruder.granted, <=, LIMIT_JOIN_BURST + SECONDS / LIMIT_JOIN_PERIOD_S);
  g_assert_cmpuint (intruder.granted, >, 0);
  g_assert_cmpuint (overlay_of (admitting)->counters.over_rate, >, 0);
  /* Who has had enough of it is back in the end. */
  sim_world_run (world, 6 * TIME_MINUTE);
  expect_ring (world);
}

static void
test_crashed (void)
{
  enum { PEERS = 12 };

  Intruder honest;
  g_autoptr (SimWorld) world = world_of (PEERS, &honest);

  for (unsigned i = 0; i + 1 < LIMIT_JOIN_BURST; i++) {
    sim_peer_kill (honest.peer);
    sim_world_run (world, TIME_SECOND); /* its links still stand for the others */
    sim_peer_start (honest.peer, NULL, 0);
    if (!sim_world_run_until (world, census_is_one_ring, NULL, 15 * TIME_SECOND))
      census_print (world);
    g_assert_true (census_is_one_ring (world, NULL));
  }
}

/* ---- Another copy of one identity ---- */

typedef struct Twins {
  unsigned duplicates[2]; /* told to the one that was there, and to the newcomer */
  SimPeer *first, *second;
} Twins;

static void
on_event (SimPeer *peer, const NodeEvent *event, void *user_data)
{
  Twins *twins = user_data;

  if (event->type != NODE_EVENT_STATE || event->state.state != NODE_DUPLICATE)
    return;
  twins->duplicates[0] += peer == twins->first;
  twins->duplicates[1] += peer == twins->second;
}

/* The last two peers are one. */
static void
init_signer (Signer *signer, const char *user, void *user_data)
{
  unsigned *made = user_data;
  NodeId id = { { 0 } };

  enum { PEERS = 12 };

  for (unsigned i = 0; i < NODE_ID_SIZE; i++)
    id.bytes[i] = (uint8_t) ((MIN (*made, PEERS - 1) + 1) * 151 >> (i % 5));
  (*made)++;
  sim_signer_init (signer, &id, *made >= PEERS ? "twin@" SIM_INSTANCE : user);
}

static void
test_twins (void)
{
  enum { PEERS = 12 };

  unsigned made = 0;
  SimOptions options = { .peers = PEERS + 1,
                         .seed = seed (),
                         .latency_ms = 10,
                         .jitter_ms = 30,
                         .init_signer = init_signer,
                         .signer_data = &made };
  g_autoptr (SimWorld) world = sim_world_new (&options);
  Twins twins = { .first = sim_world_peer (world, PEERS - 1),
                  .second = sim_world_peer (world, PEERS) };

  g_test_message ("SIM_SEED=%" G_GUINT64_FORMAT, seed ());
  sim_world_set_event_func (world, on_event, &twins);
  churn_join (world, 0, PEERS, 200 * TIME_MS);
  expect_ring (world);
  sim_peer_start (twins.second, (unsigned[]){ 0 }, 1);
  sim_world_run (world, 20 * TIME_SECOND);
  g_assert_cmpuint (twins.duplicates[0], ==, 0);
  g_assert_cmpuint (twins.duplicates[1], >, 0);
  sim_peer_kill (twins.second);
  g_assert_true (census_is_one_ring (world, NULL));
}

/* ---- 2.10: reports about others ---- */

static void
test_false_reports (void)
{
  enum { PEERS = 24 };

  Intruder intruder;
  g_autoptr (SimWorld) world = world_of (PEERS, &intruder);
  NodeId nobodies[LIMIT_NEIGHBORS];
  ChordUpdate update = {
    .type = CHORD_UPDATE_NEIGHBORS,
    .predecessors = { nobodies, LIMIT_NEIGHBORS },
    .successors = { nobodies, LIMIT_NEIGHBORS },
  };
  g_autoptr (Photograph) before = NULL;

  sim_world_run (world, 5 * TIME_MINUTE);
  for (unsigned i = 0; i + 1 < PEERS; i++)
    intruder_reach (&intruder, sim_world_peer (world, i));
  sim_world_run (world, 10 * TIME_SECOND);
  before = photograph_new (world);
  for (unsigned i = 0; i + 1 < PEERS; i++) {
    SimPeer *victim = sim_world_peer (world, i);
    for (unsigned k = 0; k + 1 < PEERS; k++) {
      LeaveReq leave = { .leaving_peer_id = *sim_peer_id (sim_world_peer (world, k)) };
      intruder_ask (&intruder, victim, MESSAGE_LEAVE_REQ, &leave);
    }
    /* Right beside the victim, and not there at all. */
    nobodies[0] = *sim_peer_id (victim);
    for (unsigned k = 1; k < LIMIT_NEIGHBORS; k++)
      nobodies[k] = node_id_add_power (&nobodies[k - 1], 1);
    intruder_ask (&intruder, victim, MESSAGE_UPDATE_REQ, &update);
    sim_world_run (world, 500 * TIME_MS);
  }
  sim_world_run (world, TIME_MINUTE);
  g_test_message ("%u granted, %u refused, %u unanswered", intruder.granted, intruder.refused,
                  intruder.unanswered);
  g_assert_cmpuint (intruder.refused, ==, (PEERS - 1) * (PEERS - 1));
  g_assert_cmpint (intruder.code, ==, RELOAD_FORBIDDEN);
  photograph_expect_unchanged (before);
}

/* ---- 3.2: copies from one who keeps none ---- */

/* As its own writer would. */
static void
sign (Intruder *intruder,
      const NodeId *place,
      StoredData *value,
      uint8_t signature[SIGNATURE_SIZE_MAX])
{
  const CertificateCache *certificates = overlay_of (intruder->peer)->certificates;
  g_autoptr (GByteArray) input = g_byte_array_new ();

  value->signature.identity = certificate_cache_own_identity (certificates);
  stored_data_signature_input (value, node_id_bytes (place), KIND_CERTIFICATE_BY_USER, input);
  value->signature =
    certificate_cache_sign (certificates, (Bytes){ input->data, input->len }, signature);
}

static void
test_copies (void)
{
  enum { PEERS = 40 };

  Intruder intruder;
  g_autoptr (SimWorld) world = world_of (PEERS, &intruder);
  const Chord *chord = overlay_of (intruder.peer)->topology.self;
  NodeId place = resource_id_of (bytes_of_text (intruder.peer->user));
  unsigned asked = 0;
  uint64_t misplaced = 0;

  for (unsigned i = 0; i + 1 < PEERS; i++) {
    SimPeer *victim = sim_world_peer (world, i);
    uint8_t signature[SIGNATURE_SIZE_MAX];
    StoredData value = {
      .storage_time = victim->ports.wall_clock_ms (victim),
      .lifetime = 600,
      .value = { .model = DATA_MODEL_ARRAY, .value = { true, bytes_of_text ("mine") } },
    };
    StoreKindData kind = { KIND_CERTIFICATE_BY_USER, 1, { &value, 1 } };
    StoreReq body = { node_id_bytes (&place), 1, { &kind, 1 } };

    if (routing_table_is_neighbor (chord->table, sim_peer_id (victim)))
      continue;
    sign (&intruder, &place, &value, signature);
    intruder_ask (&intruder, victim, MESSAGE_STORE_REQ, &body);
    asked++;
    sim_world_run (world, 200 * TIME_MS);
    misplaced += overlay_of (victim)->counters.misplaced_store > 0;
  }
  sim_world_run (world, 5 * TIME_SECOND);
  g_assert_cmpuint (asked, >, PEERS / 2);
  g_assert_cmpuint (intruder.refused, ==, asked);
  g_assert_cmpint (intruder.code, ==, RELOAD_FORBIDDEN);
  g_assert_cmpuint (misplaced, ==, asked);
}

/* ---- 3.5: ten thousand requests a second ---- */

static void
test_flood (void)
{
  enum { PEERS = 16, SECONDS = 6, PER_TURN = 100 };

  Intruder intruder;
  g_autoptr (SimWorld) world = world_of (PEERS, &intruder);
  g_autoptr (Survey) survey = survey_new (world);
  SimPeer *victim = sim_world_peer (world, 0);
  const OverlayCounters *counters = &overlay_of (victim)->counters;
  PingReq ping = { { NULL, 0 } };
  uint64_t verified, checks, end;

  intruder_reach (&intruder, victim);
  survey_reset (survey);
  verified = counters->verified_messages;
  checks = certificate_cache_checks (overlay_of (victim)->certificates);
  end = sim_world_now (world) + SECONDS * TIME_SECOND;
  for (unsigned turn = 0; sim_world_now (world) < end; turn++) {
    for (unsigned i = 0; i < PER_TURN; i++)
      intruder_blast (&intruder, victim, MESSAGE_PING_REQ, &ping);
    if (turn % 5 == 0)
      survey_ask (survey, TIME_SECOND);
    sim_world_run (world, PER_TURN * TIME_SECOND / 10000);
  }
  sim_world_run (world, 10 * TIME_SECOND);
  g_test_message ("%u verified, %u dropped; %u asked, %u found",
                  (unsigned) (counters->verified_messages - verified),
                  (unsigned) counters->over_rate, survey->asked, survey->found);
  g_assert_cmpuint (counters->over_rate, >, 0);
  g_assert_cmpuint (certificate_cache_checks (overlay_of (victim)->certificates) - checks, <,
                    2 * (LIMIT_REQUESTS_BURST + SECONDS * LIMIT_REQUESTS_PER_S));
  g_assert_cmpfloat (survey->found, >=, 0.99 * survey->asked);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hostile/threat-1.4-nothing-that-was-said-counts-again", test_replay);
  g_test_add_func ("/hostile/threat-2.9-an-identity-joins-three-times-and-once-a-minute",
                   test_joins);
  g_test_add_func ("/hostile/threat-2.9-a-crashed-phone-joins-at-once", test_crashed);
  g_test_add_func ("/hostile/another-copy-of-an-identity-stops-and-the-ring-stays", test_twins);
  g_test_add_func ("/hostile/threat-2.10-false-reports-change-no-table", test_false_reports);
  g_test_add_func ("/hostile/threat-3.2-a-strangers-copies-are-all-refused", test_copies);
  g_test_add_func ("/hostile/threat-3.5-a-flood-leaves-look-ups-alone", test_flood);
  return g_test_run ();
}
