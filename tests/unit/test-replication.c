/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/replication.h"

#include "core/node-private.h"
#include "core/overlay/chord-private.h"
#include "core/overlay/redir-tree.h"
#include "core/overlay/storage-private.h"
#include "core/wire/redir.h"
#include "core/wire/store.h"
#include "tests/sim/census.h"
#include "tests/unit/overlay-stage.h"

/* A peer that answers for nearly the whole ring, its two successors, and a value of its own. */

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *neighbors[2];
  NodeId place;
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  self->stage = overlay_stage_new ();
  self->neighbors[0] = stranger_new (self->stage, "one", 0x80000001);
  self->neighbors[1] = stranger_new (self->stage, "two", 0x80000002);
  overlay_stage_join (self->stage, self->neighbors);
  self->place = resource_id_of (node_id_bytes (&self->stage->overlay->id));
  certificate_usage_start (self->stage->overlay->certificate_usage);
  overlay_stage_run (self->stage, 10 * TIME_MS);
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
}

static StoreReq
next_copy (Fixture *self, Stranger *at)
{
  Letter *letter;
  StoreReq body;

  while ((letter = stranger_next (at, MESSAGE_STORE_REQ)) != NULL) {
    letter_read (letter, self->stage, &body);
    if (bytes_equal (body.resource, node_id_bytes (&self->place)))
      return body;
  }
  g_assert_not_reached ();
}

static void
test_stored (Fixture *self, const void *data)
{
  for (unsigned i = 0; i < 2; i++) {
    StoreReq copy = next_copy (self, self->neighbors[i]);
    g_assert_cmpuint (copy.replica_number, ==, i + 1);
    g_assert_cmpuint (copy.kind_data.count, ==, 1);
    g_assert_cmpuint (copy.kind_data.items[0].generation_counter, ==, 1);
  }
}

/* ---- A tree node of a service, where many stand ---- */

enum { PROVIDERS = 12 };

static NodeId
tree_place (void)
{
  return redir_resource (bytes_of_text (TURN_NAMESPACE), 0, 0);
}

static void
enter (Fixture *self, Stranger *provider)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  Destination there = destination_of_node (&provider->id);
  RedirServiceProvider record = { .destination_list = { &there, 1 },
                                  .namespace = bytes_of_text (TURN_NAMESPACE) };
  NodeId place = tree_place ();
  SignedValue value = { 0 };
  StoreKindData kind = { .kind = KIND_REDIR, .values = { &value.data, 1 } };
  StoreReq body = { .resource = node_id_bytes (&place), .kind_data = { &kind, 1 } };

  redir_service_provider_encode (&record, bytes);
  signed_value_init (&value, self->stage, provider->signer, &place, KIND_REDIR,
                     (StoredDataValue){ .model = DATA_MODEL_DICTIONARY,
                                        .key = node_id_bytes (&provider->id),
                                        .value = { true, { bytes->data, bytes->len } } });
  stranger_connect (provider);
  g_assert_cmpint (stranger_verdict (provider,
                                     &(Draft){ .code = MESSAGE_STORE_REQ, .body = &body }),
                   ==, RELOAD_OK);
  overlay_stage_run (self->stage, 10 * TIME_MS);
}

static size_t
values_in (Fixture *self, const Letter *letter)
{
  NodeId place = tree_place ();
  StoreReq body;

  letter_read (letter, self->stage, &body);
  return bytes_equal (body.resource, node_id_bytes (&place)) ? body.kind_data.items[0].values.count
                                                             : 0;
}

/* What is there already is not sent along. */
static void
test_new_alone (Fixture *self, const void *data)
{
  Letter *letter;
  unsigned copies = 0;

  self->place = tree_place ();
  for (unsigned i = 0; i < PROVIDERS; i++)
    enter (self, stranger_new (self->stage, "provider", 0));
  while ((letter = stranger_next (self->neighbors[0], MESSAGE_STORE_REQ)) != NULL) {
    size_t count = values_in (self, letter);
    g_assert_cmpuint (count, <=, 1);
    copies += count == 1;
  }
  g_assert_cmpuint (copies, ==, PROVIDERS);
}

/* More than one message can carry: a longer one would cost the link. */
static void
test_parts (Fixture *self, const void *data)
{
  Stranger *heir = self->neighbors[0];
  Letter *letter;
  unsigned parts = 0;
  size_t count = 0;

  self->stage->configuration->max_message_size = 4000;
  for (unsigned i = 0; i < PROVIDERS; i++)
    enter (self, stranger_new (self->stage, "provider", 0));
  while (stranger_next (heir, 0) != NULL)
    ;
  replication_hand_over_all (self->stage->overlay->replication);
  while ((letter = stranger_next (heir, MESSAGE_STORE_REQ)) != NULL) {
    size_t size = values_in (self, letter);
    g_assert_cmpuint (letter->header.length, <=, 4000);
    count += size;
    parts += size > 0;
  }
  g_assert_cmpuint (count, ==, PROVIDERS);
  g_assert_cmpuint (parts, >, 1);
}

/* Three come between the place and us: the first has it from now on. */
static Stranger *
lose_place (Fixture *self)
{
  Chord *chord = self->stage->overlay->topology.self;
  NodeId place = tree_place ();
  uint32_t start = (uint32_t) place.bytes[0] << 24 | (uint32_t) place.bytes[1] << 16;
  Stranger *first = NULL;

  for (uint32_t i = 3; i > 0; i--) {
    first = stranger_new (self->stage, "between", start + (i << 16));
    stranger_connect (first);
    routing_table_add (chord->table, &first->id, true);
    connection_table_find (self->stage->overlay->connections, &first->id)->is_peer = true;
  }
  replication_topology_changed (self->stage->overlay->replication,
                                ROUTING_RANGE | ROUTING_PREDECESSOR);
  return first;
}

/* Answers the parts that have come; the first of them with `verdict`. Returns how many there were.
 */
static unsigned
take_parts (Fixture *self, Stranger *heir, ReloadCode verdict)
{
  StoreAns answer = { { NULL, 0 } };
  unsigned parts = 0;
  Letter *letter;

  while ((letter = stranger_next (heir, MESSAGE_STORE_REQ)) != NULL) {
    if (values_in (self, letter) == 0)
      continue;
    if (parts++ == 0 && verdict != RELOAD_OK)
      stranger_refuse (heir, letter, verdict);
    else
      stranger_reply (heir, letter, &answer);
  }
  return parts;
}

/* One part is refused, and none is dropped; all are taken, and all are. */
static void
test_refused_part (Fixture *self, const void *data)
{
  Storage *storage = self->stage->overlay->storage;
  unsigned waited = 0;
  Stranger *heir;

  self->stage->configuration->max_message_size = 4000;
  for (unsigned i = 0; i < PROVIDERS; i++)
    enter (self, stranger_new (self->stage, "provider", 0));
  heir = lose_place (self);
  overlay_stage_run (self->stage, 100 * TIME_MS);
  g_assert_cmpuint (take_parts (self, heir, RELOAD_FORBIDDEN), >, 1);
  g_assert_cmpuint (storage_count_of_kind (storage, KIND_REDIR), ==, PROVIDERS);
  while (take_parts (self, heir, RELOAD_OK) == 0 && waited++ < 100)
    overlay_stage_run (self->stage, 100 * TIME_MS);
  g_assert_cmpuint (storage_count_of_kind (storage, KIND_REDIR), ==, 0);
}

/* The owner of what is not ours refuses it each time: it is tried less and less often, and dropped
 * after two minutes. */
static void
test_refused_to_the_last (Fixture *self, const void *data)
{
  Storage *storage = self->stage->overlay->storage;
  unsigned refused[2] = { 0, 0 }; /* in the first five minutes, and after them */
  Stranger *heir;

  enter (self, stranger_new (self->stage, "provider", 0));
  heir = lose_place (self);
  for (unsigned second = 0; second < 600; second++) {
    overlay_stage_run (self->stage, TIME_SECOND);
    refused[second >= 300] += take_parts (self, heir, RELOAD_FORBIDDEN);
  }
  g_assert_cmpuint (refused[0], >, 5);
  g_assert_cmpuint (refused[0], <, 10);
  g_assert_cmpuint (refused[1], ==, 0);
  g_assert_cmpuint (storage_count_of_kind (storage, KIND_REDIR), ==, 0);
}

/* A node that takes the place from us, and one that comes between the place and us. */
static void
test_hand_over (Fixture *self, const void *data)
{
  uint32_t start = (uint32_t) self->place.bytes[0] << 24 | (uint32_t) self->place.bytes[1] << 16;
  Stranger *after = stranger_new (self->stage, "after", start + (1 << 16));
  Stranger *before = stranger_new (self->stage, "before", start - (1 << 16));
  StoreReq copy;

  stranger_connect (after);
  stranger_connect (before);
  overlay_stage_run (self->stage, 100 * TIME_SECOND);
  replication_hand_over (self->stage->overlay->replication, &after->id);
  copy = next_copy (self, after);
  /* What has lived a while here has less left (7.4.1.1). */
  g_assert_cmpuint (copy.kind_data.items[0].values.items[0].lifetime, <=, 24 * 3600 - 100);
  replication_hand_over (self->stage->overlay->replication, &before->id);
  g_assert_null (stranger_next (before, MESSAGE_STORE_REQ));
}

static void
test_leaving (Fixture *self, const void *data)
{
  next_copy (self, self->neighbors[0]);
  replication_hand_over_all (self->stage->overlay->replication);
  next_copy (self, self->neighbors[0]);
}

/* A copy of a value of carol's, from `from`. */
static int
copy_from (Fixture *self, Stranger *from, Stranger *carol)
{
  NodeId place = resource_id_of (node_id_bytes (&carol->id));
  SignedValue value = { 0 };
  GenericCertificate certificate = { CERTIFICATE_TYPE_X509, carol->signer->own->der };
  StoreKindData kind = { .kind = KIND_CERTIFICATE_BY_NODE,
                         .generation_counter = 1,
                         .values = { &value.data, 1 } };
  StoreReq body = { .resource = node_id_bytes (&place),
                    .replica_number = 1,
                    .kind_data = { &kind, 1 } };

  signed_value_init (&value, self->stage, carol->signer, &place, kind.kind,
                     (StoredDataValue){ .model = DATA_MODEL_ARRAY,
                                        .value = { true, carol->signer->own->der } });
  return stranger_verdict (from, &(Draft){ .code = MESSAGE_STORE_REQ,
                                           .body = &body,
                                           .certificates = { &certificate, 1 } });
}

/* What is handed over may arrive after the Leave that was sent behind it. */
static void
test_leaver (Fixture *self, const void *data)
{
  Stranger *leaver = self->neighbors[0];
  Stranger *carol = stranger_new (self->stage, "carol", 0);
  LeaveReq leave = { .leaving_peer_id = leaver->id };
  Draft goodbye = { .code = MESSAGE_LEAVE_REQ, .body = &leave };

  g_assert_cmpint (stranger_verdict (leaver, &goodbye), ==, RELOAD_OK);
  g_assert_cmpint (copy_from (self, leaver, carol), ==, RELOAD_OK);
  overlay_stage_run (self->stage, 11 * TIME_SECOND);
  g_assert_cmpint (copy_from (self, leaver, carol), ==, RELOAD_FORBIDDEN);
}

/* ---- Newer elsewhere ---- */

static Letter *
next_letter (Stranger *at, uint16_t code)
{
  Letter *letter = stranger_next (at, code);

  g_assert_nonnull (letter);
  return letter;
}

/* What we have stored, written later by another run of us. */
static void
write_newer (Fixture *self, SignedValue *value, const StoreReq *ours)
{
  value->data = ours->kind_data.items[0].values.items[0];
  value->data.storage_time += 5000;
  signed_value_init (value, self->stage, &self->stage->signer, &self->place,
                     ours->kind_data.items[0].kind, value->data.value);
}

static uint64_t
generation_of (Fixture *self, uint32_t kind)
{
  Storage *storage = self->stage->overlay->storage;

  return storage_find_kind (storage_find_resource (storage, &self->place), kind)->generation;
}

static void
test_newer (Fixture *self, const void *data)
{
  Letter *letter = next_letter (self->neighbors[0], MESSAGE_STORE_REQ);
  SignedValue newer;
  StoreReq ours, again;
  FetchReq asked;
  FetchKindResponse response = { .generation = 7, .values = { &newer.data, 1 } };
  FetchAns answer = { { &response, 1 } };

  letter_read (letter, self->stage, &ours);
  write_newer (self, &newer, &ours);
  stranger_refuse (self->neighbors[0], letter, RELOAD_DATA_TOO_OLD);
  overlay_stage_run (self->stage, 10 * TIME_MS);
  letter = next_letter (self->neighbors[0], MESSAGE_FETCH_REQ);
  letter_read (letter, self->stage, &asked);
  g_assert_true (bytes_equal (asked.resource, node_id_bytes (&self->place)));
  response.kind = asked.specifiers.items[0].kind;
  stranger_reply (self->neighbors[0], letter, &answer);
  overlay_stage_run (self->stage, 10 * TIME_MS);
  again = next_copy (self, self->neighbors[0]);
  g_assert_cmpuint (again.kind_data.items[0].generation_counter, ==, 7);
  g_assert_cmpuint (again.kind_data.items[0].values.items[0].storage_time, ==,
                    newer.data.storage_time);
}

/* Nobody can push a forged value on us in that way, nor lead us round in circles. */
static void
test_newer_forged (Fixture *self, const void *data)
{
  Letter *letter = next_letter (self->neighbors[0], MESSAGE_STORE_REQ);
  SignedValue newer;
  StoreReq ours;
  FetchKindResponse response = { .generation = 7, .values = { &newer.data, 1 } };
  FetchAns answer = { { &response, 1 } };

  letter_read (letter, self->stage, &ours);
  response.kind = ours.kind_data.items[0].kind;
  write_newer (self, &newer, &ours);
  newer.data.storage_time++;
  stranger_refuse (self->neighbors[0], letter, RELOAD_DATA_TOO_OLD);
  overlay_stage_run (self->stage, 10 * TIME_MS);
  letter = next_letter (self->neighbors[0], MESSAGE_FETCH_REQ);
  stranger_reply (self->neighbors[0], letter, &answer);
  overlay_stage_run (self->stage, 10 * TIME_MS);
  g_assert_null (stranger_next (self->neighbors[0], MESSAGE_STORE_REQ));
  g_assert_cmpuint (generation_of (self, response.kind), <, 7);
}

/* A copy has the owner's count, though ours was larger. */
static void
test_generation (Fixture *self, const void *data)
{
  static const uint64_t generations[] = { 9, 3 };
  Letter *letter = next_letter (self->neighbors[0], MESSAGE_STORE_REQ);
  SignedValue newer;
  StoreReq ours;
  StoreKindData kind = { .values = { &newer.data, 1 } };
  StoreReq copy = { .replica_number = 1, .kind_data = { &kind, 1 } };

  letter_read (letter, self->stage, &ours);
  kind.kind = ours.kind_data.items[0].kind;
  copy.resource = node_id_bytes (&self->place);
  for (unsigned i = 0; i < G_N_ELEMENTS (generations); i++) {
    write_newer (self, &newer, &ours);
    ours.kind_data.items[0].values.items[0].storage_time += 5000;
    kind.generation_counter = generations[i];
    overlay_stage_run (self->stage, 50 * TIME_MS);
    g_assert_cmpint (stranger_verdict (self->neighbors[0],
                                       &(Draft){ .code = MESSAGE_STORE_REQ, .body = &copy }),
                     ==, RELOAD_OK);
    g_assert_cmpuint (generation_of (self, kind.kind), ==, generations[i]);
  }
}

/* ---- In a ring ---- */

/* Whole nodes in one ring; each has stored its certificate and its registration. What is watched
 * is where those of a name are held. */

enum { PEERS = 8, COPIES = 3 };

static SimWorld *
world_of (unsigned running)
{
  SimOptions options = { .peers = PEERS, .seed = 3, .latency_ms = 5, .jitter_ms = 5 };
  SimWorld *world = sim_world_new (&options);
  unsigned first = 0;

  for (unsigned i = 0; i < running; i++) {
    sim_peer_start (sim_world_peer (world, i), &first, i > 0);
    sim_world_run (world, i == 0 ? 6 * TIME_SECOND : TIME_SECOND);
  }
  g_assert_true (sim_world_run_until (world, census_is_one_ring, NULL, TIME_MINUTE));
  sim_world_run (world, TIME_MINUTE);
  return world;
}

static NodeId
place_of (SimWorld *world, unsigned peer)
{
  return resource_id_of (bytes_of_text (sim_world_peer (world, peer)->user));
}

static bool
holds (const SimPeer *peer, const NodeId *id)
{
  return storage_find_resource (peer->node->overlay->storage, id) != NULL;
}

/* Who is looked for there, and has it. */
static SimPeer *
owner_of (SimWorld *world, const NodeId *id)
{
  SimPeer *owner = census_owner_of (world, id);

  g_assert_true (holds (owner, id));
  return owner;
}

/* Every name that was registered is held where it is looked for, and `copies` times at least: a
 * former replica may not have let go yet. */
static void
expect_all (SimWorld *world, unsigned names, unsigned copies)
{
  for (unsigned i = 0; i < names; i++) {
    NodeId id = place_of (world, i);
    owner_of (world, &id);
    g_assert_cmpuint (census_holders (world, &id), >=, copies);
  }
}

static void
test_three_copies (void)
{
  g_autoptr (SimWorld) world = world_of (PEERS);

  expect_all (world, PEERS, COPIES);
}

static void
test_two_peers (void)
{
  g_autoptr (SimWorld) world = world_of (2);

  expect_all (world, 2, 2);
}

static void
test_crash (void)
{
  for (unsigned i = 0; i < PEERS; i++) {
    g_autoptr (SimWorld) world = world_of (PEERS);
    NodeId id = place_of (world, i);

    sim_peer_kill (owner_of (world, &id));
    sim_world_run (world, 2 * TIME_MINUTE);
    expect_all (world, PEERS, COPIES);
  }
}

/* Two of three at once. */
static void
test_two_crashes (void)
{
  g_autoptr (SimWorld) world = world_of (PEERS);
  NodeId id = place_of (world, 0);

  sim_peer_kill (owner_of (world, &id));
  sim_peer_kill (census_owner_of (world, &id));
  g_assert_cmpuint (census_holders (world, &id), ==, 1);
  sim_world_run (world, 2 * TIME_MINUTE);
  expect_all (world, PEERS, COPIES);
}

static void
test_good_bye (void)
{
  for (unsigned i = 0; i < PEERS; i++) {
    g_autoptr (SimWorld) world = world_of (PEERS);
    NodeId id = place_of (world, i);

    sim_peer_stop (owner_of (world, &id));
    owner_of (world, &id);
    sim_world_run (world, 5 * TIME_SECOND);
    /* Nobody waits for who has said that he is gone. */
    g_assert_cmpuint (census_holders (world, &id), >=, COPIES);
  }
}

static void
test_newcomer (void)
{
  g_autoptr (SimWorld) world = world_of (PEERS - 2);
  unsigned first = 0;

  for (unsigned i = PEERS - 2; i < PEERS; i++) {
    sim_peer_start (sim_world_peer (world, i), &first, 1);
    g_assert_true (sim_world_run_until (world, census_is_one_ring, NULL, 20 * TIME_SECOND));
    sim_world_run (world, TIME_SECOND);
    for (unsigned k = 0; k < PEERS - 2; k++) {
      NodeId id = place_of (world, k);
      owner_of (world, &id);
    }
  }
  sim_world_run (world, TIME_MINUTE);
  expect_all (world, PEERS, COPIES);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/replication/threat-3.8-two-successors-get-copies-at-once", test_stored);
  ADD ("/replication/a-joining-peer-is-handed-what-is-its-own", test_hand_over);
  ADD ("/replication/parts/what-is-there-already-stays-out", test_new_alone);
  ADD ("/replication/parts/none-is-longer-than-a-message-may-be", test_parts);
  ADD ("/replication/parts/all-are-kept-until-all-have-arrived", test_refused_part);
  ADD ("/replication/what-its-owner-refuses-to-the-last-is-dropped", test_refused_to_the_last);
  ADD ("/replication/whoever-leaves-hands-over", test_leaving);
  ADD ("/replication/what-a-leaver-handed-over-may-come-late", test_leaver);
  ADD ("/replication/rfc6940-7.4.1.1-22-what-is-newer-elsewhere-is-fetched", test_newer);
  ADD ("/replication/what-is-forged-elsewhere-is-not-taken", test_newer_forged);
  ADD ("/replication/rfc6940-7.4.1.1-14-a-copy-has-the-owner's-generation", test_generation);
  g_test_add_func ("/replication/ring/three-peers-hold-everything", test_three_copies);
  g_test_add_func ("/replication/ring/of-two-peers-both-do", test_two_peers);
  g_test_add_func ("/replication/ring/after-a-crash-three-do-again", test_crash);
  g_test_add_func ("/replication/ring/after-a-crash-one-of-three-is-enough", test_two_crashes);
  g_test_add_func ("/replication/ring/what-was-held-is-handed-over-at-once", test_good_bye);
  g_test_add_func ("/replication/ring/a-newcomer-has-its-share-at-once", test_newcomer);
  return g_test_run ();
}
