/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/storage-private.h"
#include "core/wire/fetch.h"
#include "tests/sim/sim-signer.h"
#include "tests/unit/overlay-stage.h"

#include <string.h>

/* A ring of one, responsible for everything, and people who store there. */

#define KIND_TURN UINT32_C (0x2)

typedef enum Who { RIGHT_USER, OTHER_USER, OTHER_NODE, UNSIGNED, FORGED } Who;

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *bob;       /* the right one */
  Stranger *bobs_desk; /* of the same user, another node */
  Stranger *eve;
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  self->stage = overlay_stage_new ();
  overlay_stage_alone (self->stage);
  self->bob = stranger_new (self->stage, "bob", 0);
  self->bobs_desk = stranger_new (self->stage, "bob", 0);
  self->eve = stranger_new (self->stage, "eve", 0);
  stranger_connect (self->bob);
  stranger_connect (self->bobs_desk);
  stranger_connect (self->eve);
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
}

/* Where bob may write values of that Kind. */
static NodeId
place_of (const Stranger *self, uint32_t kind)
{
  uint8_t name[NODE_ID_SIZE + 1] = { 0 };

  if (kind == KIND_CERTIFICATE_BY_NODE)
    return resource_id_of (node_id_bytes (&self->id));
  if (kind == KIND_TURN) {
    memcpy (name, self->id.bytes, NODE_ID_SIZE);
    name[NODE_ID_SIZE] = 1;
    return resource_id_of ((Bytes){ name, sizeof name });
  }
  return resource_id_of (bytes_of_text (self->signer->own->user));
}

static StoredDataValue
value_of (Fixture *self, uint32_t kind, const Stranger *key)
{
  return (StoredDataValue){
    .model = configuration_kind (self->stage->configuration, kind)->data_model,
    .key = node_id_bytes (&key->id),
    .value = { true, bytes_of_text ("value") },
  };
}

typedef struct Attempt {
  uint32_t kind;
  const NodeId *resource;
  SignedValue *values;
  size_t count;
  uint64_t generation;
  uint8_t replica_number;
  const Signer *signer;
  GenericCertificateList certificates;
} Attempt;

static int
store (Stranger *from, const Attempt *attempt)
{
  StoredData items[64];
  StoreKindData kind = {
    .kind = attempt->kind,
    .generation_counter = attempt->generation,
    .values = { items, attempt->count },
  };
  StoreReq body = {
    .resource = node_id_bytes (attempt->resource),
    .replica_number = attempt->replica_number,
    .kind_data = { &kind, 1 },
  };

  for (size_t i = 0; i < attempt->count; i++)
    items[i] = attempt->values[i].data;
  overlay_stage_run (from->stage, TIME_SECOND);
  return stranger_verdict (from, &(Draft){
                                   .code = MESSAGE_STORE_REQ,
                                   .body = &body,
                                   .signer = attempt->signer,
                                   .certificates = attempt->certificates,
                                 });
}

static int
store_value (Fixture *self, Stranger *from, uint32_t kind, const NodeId *place, Who who)
{
  const Stranger *writers[] = { self->bob, self->eve, self->bobs_desk, self->bob, self->bob };
  const Stranger *writer = writers[who];
  SignedValue value = { 0 };
  GenericCertificate items[] = { { CERTIFICATE_TYPE_X509, writer->signer->own->der } };

  signed_value_init (&value, self->stage, writer->signer, place, kind,
                     value_of (self, kind, self->bob));
  if (who == UNSIGNED)
    value.data.signature = signature_none ();
  if (who == FORGED)
    value.signature[0] ^= 1;
  return store (from, &(Attempt){
                        .kind = kind,
                        .resource = place,
                        .values = &value,
                        .count = 1,
                        .certificates = { items, 1 },
                      });
}

/* What each policy says of the one who signs the value, and of the one who signs the request. */
static void
test_matrix (Fixture *self, const void *data)
{
  static const struct {
    uint32_t kind;
    bool is_other_node_good; /* the same user's other device */
  } policies[] = {
    { KIND_CERTIFICATE_BY_USER, true },
    { KIND_CERTIFICATE_BY_NODE, false },
    { KIND_SIP_REGISTRATION, false },
    { KIND_TURN, false },
  };

  Storage *storage = self->stage->overlay->storage;

  for (size_t i = 0; i < G_N_ELEMENTS (policies); i++) {
    uint32_t kind = policies[i].kind;
    NodeId place = place_of (self->bob, kind);
    unsigned before = storage_value_count (storage);
    int other = policies[i].is_other_node_good ? RELOAD_OK : RELOAD_FORBIDDEN;
    g_assert_cmpint (store_value (self, self->eve, kind, &place, RIGHT_USER), ==, RELOAD_FORBIDDEN);
    g_assert_cmpint (store_value (self, self->bob, kind, &place, OTHER_USER), ==, RELOAD_FORBIDDEN);
    g_assert_cmpint (store_value (self, self->eve, kind, &place, OTHER_USER), ==, RELOAD_FORBIDDEN);
    g_assert_cmpint (store_value (self, self->bob, kind, &place, UNSIGNED), ==, RELOAD_FORBIDDEN);
    g_assert_cmpint (store_value (self, self->bob, kind, &place, FORGED), ==, RELOAD_FORBIDDEN);
    g_assert_cmpuint (storage_value_count (storage), ==, before);
    g_assert_cmpint (store_value (self, self->bob, kind, &place, RIGHT_USER), ==, RELOAD_OK);
    g_assert_cmpint (store_value (self, self->bob, kind, &place, OTHER_NODE), ==, other);
  }
}

/* Registers the name of a signer of any domain; what comes of it. */
static int
register_name (Fixture *self, const char *user)
{
  NodeId id = { { 0x33, (uint8_t) strlen (user) } };
  NodeId place = resource_id_of (bytes_of_text (user));
  SignedValue value = { 0 };
  Signer signer;
  Stranger *who;
  int verdict;

  sim_signer_init (&signer, &id, user);
  signer.key_ring = &signer;
  who = stranger_new_with (self->stage, &signer);
  stranger_connect (who);
  signed_value_init (&value, self->stage, &signer, &place, KIND_SIP_REGISTRATION,
                     value_of (self, KIND_SIP_REGISTRATION, who));
  verdict = store (who, &(Attempt){ KIND_SIP_REGISTRATION, &place, &value, 1 });
  connection_table_close (self->stage->overlay->connections,
                          connection_table_find (self->stage->overlay->connections, &id));
  overlay_stage_run (self->stage, TIME_SECOND);
  sim_signer_clear (&signer);
  return verdict;
}

/* The element is there, and enables nothing: only names of the overlay itself. */
static void
test_own_domain (Fixture *self, const void *data)
{
  Configuration *configuration = self->stage->configuration;

  g_assert_true (configuration->has_domain_restriction && !configuration->has_domain_patterns);
  g_assert_cmpint (register_name (self, "ann@home-stage234.peal.alt"), ==, RELOAD_OK);
  g_assert_cmpint (register_name (self, "ann@elsewhere.peal.alt"), ==, RELOAD_FORBIDDEN);
  configuration->has_domain_restriction = false;
  g_assert_cmpint (register_name (self, "anne@elsewhere.peal.alt"), ==, RELOAD_OK);
}

static void
test_domain_patterns (Fixture *self, const void *data)
{
  char *patterns[] = { (char *) "dht\\.example\\.com", (char *) ".*\\.my\\.example" };
  Configuration *configuration = self->stage->configuration;

  g_assert_cmpuint (configuration->domain_pattern_count, ==, 0);
  configuration->has_domain_patterns = true;
  configuration->domain_patterns = patterns;
  configuration->domain_pattern_count = 2;
  g_assert_cmpint (register_name (self, "ann@dht.example.com"), ==, RELOAD_OK);
  g_assert_cmpint (register_name (self, "anna@very.my.example"), ==, RELOAD_OK);
  g_assert_cmpint (register_name (self, "ann@dht-example.com"), ==, RELOAD_FORBIDDEN);
  g_assert_cmpint (register_name (self, "ann@my.example"), ==, RELOAD_FORBIDDEN);
  g_assert_cmpint (register_name (self, "ann@home-stage234.peal.alt"), ==, RELOAD_FORBIDDEN);
  configuration->domain_patterns = NULL;
  configuration->domain_pattern_count = 0;
}

static void
test_unknown_kind (Fixture *self, const void *data)
{
  NodeId place = place_of (self->bob, KIND_SIP_REGISTRATION);
  SignedValue value = { 0 };

  signed_value_init (&value, self->stage, self->bob->signer, &place, 0x7777,
                     value_of (self, KIND_SIP_REGISTRATION, self->bob));
  g_assert_cmpint (store (self->bob, &(Attempt){ 0x7777, &place, &value, 1 }), ==,
                   RELOAD_UNKNOWN_KIND);
}

static int
store_at (Fixture *self, uint64_t time, uint32_t lifetime, uint64_t generation)
{
  NodeId place = place_of (self->bob, KIND_SIP_REGISTRATION);
  SignedValue value = { .data = { .storage_time = time, .lifetime = lifetime } };

  signed_value_init (&value, self->stage, self->bob->signer, &place, KIND_SIP_REGISTRATION,
                     value_of (self, KIND_SIP_REGISTRATION, self->bob));
  return store (self->bob, &(Attempt){ KIND_SIP_REGISTRATION, &place, &value, 1, generation });
}

static void
test_time (Fixture *self, const void *data)
{
  uint64_t now = self->stage->wall_ms;
  uint64_t ahead = (LIMIT_STORE_AHEAD_S + 3600) * UINT64_C (1000);

  g_assert_cmpint (store_at (self, now, 60, 0), ==, RELOAD_OK);
  g_assert_cmpint (store_at (self, now, 60, 0), ==, RELOAD_DATA_TOO_OLD);
  g_assert_cmpint (store_at (self, now - 1, 60, 0), ==, RELOAD_DATA_TOO_OLD);
  g_assert_cmpint (store_at (self, now + 1, 60, 0), ==, RELOAD_OK);
  g_assert_cmpint (store_at (self, now + ahead, 60, 0), ==, RELOAD_FORBIDDEN);
  g_assert_cmpint (store_at (self, now + 2, LIMIT_LIFETIME_S + 1, 0), ==, RELOAD_DATA_TOO_LARGE);
}

static void
test_generation (Fixture *self, const void *data)
{
  uint64_t now = self->stage->wall_ms;

  g_assert_cmpint (store_at (self, now, 60, 5), ==, RELOAD_GENERATION_COUNTER_TOO_LOW);
  g_assert_cmpint (store_at (self, now, 60, 0), ==, RELOAD_OK);
  g_assert_cmpint (store_at (self, now + 1, 60, 1), ==, RELOAD_OK);
  g_assert_cmpint (store_at (self, now + 2, 60, 1), ==, RELOAD_GENERATION_COUNTER_TOO_LOW);
  g_assert_cmpint (store_at (self, now + 2, 60, 2), ==, RELOAD_OK);
}

static void
test_replica_of_stranger (Fixture *self, const void *data)
{
  NodeId place = place_of (self->bob, KIND_SIP_REGISTRATION);
  SignedValue value = { 0 };
  uint64_t before = self->stage->overlay->counters.misplaced_store;

  signed_value_init (&value, self->stage, self->bob->signer, &place, KIND_SIP_REGISTRATION,
                     value_of (self, KIND_SIP_REGISTRATION, self->bob));
  g_assert_cmpint (store (self->eve, &(Attempt){ KIND_SIP_REGISTRATION, &place, &value, 1, 1, 1 }),
                   ==, RELOAD_FORBIDDEN);
  g_assert_cmpuint (self->stage->overlay->counters.misplaced_store, ==, before + 1);
}

/* Values of bob's certificate array, `size` bytes each, from `first` on. */
static int
store_array (Fixture *self, uint32_t first, size_t count, size_t size)
{
  NodeId place = place_of (self->bob, KIND_CERTIFICATE_BY_USER);
  g_autofree SignedValue *values = g_new0 (SignedValue, count);
  g_autofree uint8_t *bytes = g_malloc0 (size);

  for (size_t i = 0; i < count; i++)
    signed_value_init (&values[i], self->stage, self->bob->signer, &place, KIND_CERTIFICATE_BY_USER,
                       (StoredDataValue){
                         .model = DATA_MODEL_ARRAY,
                         .index = first == ARRAY_INDEX_LAST ? first : first + (uint32_t) i,
                         .value = { true, { bytes, size } },
                       });
  return store (self->bob, &(Attempt){ KIND_CERTIFICATE_BY_USER, &place, values, count });
}

static void
test_count (Fixture *self, const void *data)
{
  uint32_t most =
    configuration_kind (self->stage->configuration, KIND_CERTIFICATE_BY_USER)->max_count;
  Storage *storage = self->stage->overlay->storage;
  unsigned before = storage_value_count (storage);

  g_assert_cmpint (store_array (self, most, 1, 10), ==, RELOAD_DATA_TOO_LARGE);
  g_assert_cmpint (store_array (self, ARRAY_INDEX_LAST, most + 1, 10), ==, RELOAD_DATA_TOO_LARGE);
  g_assert_cmpuint (storage_value_count (storage), ==, before);
  g_assert_cmpint (store_array (self, ARRAY_INDEX_LAST, most, 10), ==, RELOAD_OK);
  g_assert_cmpuint (storage_value_count (storage), ==, before + most);
  g_assert_cmpint (store_array (self, ARRAY_INDEX_LAST, 1, 10), ==, RELOAD_DATA_TOO_LARGE);
  g_assert_cmpint (store_array (self, 3, 1, 10), ==, RELOAD_OK);
  g_assert_cmpuint (storage_value_count (storage), ==, before + most);
}

static void
test_size (Fixture *self, const void *data)
{
  uint32_t most =
    configuration_kind (self->stage->configuration, KIND_CERTIFICATE_BY_USER)->max_size;

  g_assert_cmpint (store_array (self, 0, 1, most + 1), ==, RELOAD_DATA_TOO_LARGE);
  g_assert_cmpint (store_array (self, 0, 1, most), ==, RELOAD_OK);
}

/* One bad value among good ones, and nothing is changed. */
static void
test_atomic (Fixture *self, const void *data)
{
  NodeId place = place_of (self->bob, KIND_CERTIFICATE_BY_USER);
  Storage *storage = self->stage->overlay->storage;
  unsigned before = storage_value_count (storage);
  SignedValue values[3] = { 0 };

  for (unsigned i = 0; i < 3; i++)
    signed_value_init (&values[i], self->stage, self->bob->signer, &place, KIND_CERTIFICATE_BY_USER,
                       (StoredDataValue){ .model = DATA_MODEL_ARRAY,
                                          .index = i,
                                          .value = { true, bytes_of_text ("x") } });
  values[2].signature[3] ^= 1;
  g_assert_cmpint (store (self->bob, &(Attempt){ KIND_CERTIFICATE_BY_USER, &place, values, 3 }), ==,
                   RELOAD_FORBIDDEN);
  g_assert_cmpuint (storage_value_count (storage), ==, before);
}

/* A signer's share: small values of many keys, without end. */
static void
test_share (Fixture *self, const void *data)
{
  Storage *storage = self->stage->overlay->storage;
  size_t before = storage_bytes (storage);
  unsigned refused = 0;

  for (unsigned i = 0; i < 400; i++) {
    uint8_t key[4] = { (uint8_t) (i >> 8), (uint8_t) i };
    NodeId place = resource_id_of (bytes_of_text (self->bob->signer->own->user));
    uint32_t kind = KIND_CERTIFICATE_BY_USER;
    SignedValue value = { 0 };
    uint8_t bytes[1000] = { key[0], key[1] };
    signed_value_init (&value, self->stage, self->bob->signer, &place, kind,
                       (StoredDataValue){ .model = DATA_MODEL_ARRAY,
                                          .index = i % 16,
                                          .value = { true, { bytes, sizeof bytes } } });
    refused += store (self->bob, &(Attempt){ kind, &place, &value, 1 }) != RELOAD_OK;
    g_assert_cmpuint (storage_bytes (storage) - before, <=, LIMIT_STORED_BYTES_SIGNER);
  }
  /* What replaces its own costs nothing new. */
  g_assert_cmpuint (refused, ==, 0);
}

/* One who has room for much more by the Kind stores without end; somebody else is served. */
static void
test_hoarder (Fixture *self, const void *data)
{
  enum { SIZE = 6000 };

  ConfigurationKind *kind =
    (ConfigurationKind *) configuration_kind (self->stage->configuration, KIND_CERTIFICATE_BY_USER);
  Storage *storage = self->stage->overlay->storage;
  NodeId eves = resource_id_of (bytes_of_text (self->eve->signer->own->user));
  SignedValue value = { 0 };
  unsigned stored = 0;

  kind->max_size = SIZE;
  kind->max_count = 1000;
  for (uint32_t i = 0; i < 40; i++) {
    stored += store_array (self, i, 1, SIZE) == RELOAD_OK;
    g_assert_cmpuint (storage_bytes_of_signer (storage, self->bob->signer->own->user), <=,
                      LIMIT_STORED_BYTES_SIGNER);
  }
  g_assert_cmpuint (stored, ==, LIMIT_STORED_BYTES_SIGNER / (SIZE + 200));
  signed_value_init (&value, self->stage, self->eve->signer, &eves, KIND_CERTIFICATE_BY_USER,
                     (StoredDataValue){ .model = DATA_MODEL_ARRAY,
                                        .value = { true, bytes_of_text ("x") } });
  g_assert_cmpint (store (self->eve, &(Attempt){ KIND_CERTIFICATE_BY_USER, &eves, &value, 1 }), ==,
                   RELOAD_OK);
}

/* Another's value, whether stored, copied or taken away, and one of a certificate that has ended.
 */
static void
test_deeds (Fixture *self, const void *data)
{
  static const struct {
    bool exists;
    uint8_t replica_number;
  } deeds[] = { { true, 0 }, { true, 1 }, { false, 0 }, { false, 1 } };

  Storage *storage = self->stage->overlay->storage;
  uint32_t kind = KIND_CERTIFICATE_BY_USER;
  NodeId place = place_of (self->bob, kind);

  g_assert_cmpint (store_array (self, 0, 1, 10), ==, RELOAD_OK);
  for (size_t i = 0; i < G_N_ELEMENTS (deeds); i++) {
    Certificate *ended = self->bobs_desk->signer->own;
    const Stranger *writers[] = { self->eve, self->bobs_desk };
    int64_t not_after_s = ended->not_after_s;
    unsigned before = storage_value_count (storage);

    ended->not_after_s = (int64_t) (self->stage->wall_ms / 1000) - 1;
    for (unsigned w = 0; w < 2; w++) {
      SignedValue value = { .data = { .storage_time = self->stage->wall_ms + 10 } };
      GenericCertificate items[] = { { CERTIFICATE_TYPE_X509, writers[w]->signer->own->der } };
      signed_value_init (&value, self->stage, writers[w]->signer, &place, kind,
                         (StoredDataValue){ .model = DATA_MODEL_ARRAY,
                                            .value = { deeds[i].exists, { NULL, 0 } } });
      g_assert_cmpint (store (self->bob, &(Attempt){ .kind = kind,
                                                     .resource = &place,
                                                     .values = &value,
                                                     .count = 1,
                                                     .generation = deeds[i].replica_number,
                                                     .replica_number = deeds[i].replica_number,
                                                     .certificates = { items, 1 } }),
                       ==, RELOAD_FORBIDDEN);
    }
    g_assert_cmpuint (storage_value_count (storage), ==, before);
    ended->not_after_s = not_after_s;
  }
}

/* Copies of a neighbor who may send them: his word stands in for nobody's signature, and prolongs
 * nothing. */
static void
test_copies (void)
{
  Fixture self = { .stage = overlay_stage_new () };
  OverlayCounters *counters = &self.stage->overlay->counters;
  Stranger *neighbors[2] = { stranger_new (self.stage, "one", 0x10000000),
                             stranger_new (self.stage, "two", 0x20000000) };
  uint32_t kind = KIND_CERTIFICATE_BY_USER;
  NodeId place;
  const StoredValue *held = NULL;
  uint64_t stored_at = 0;

  self.bob = stranger_new (self.stage, "bob", 0);
  self.eve = stranger_new (self.stage, "eve", 0);
  overlay_stage_join (self.stage, neighbors);
  place = place_of (self.bob, kind);
  for (unsigned i = 0; i < 3; i++) {
    const Stranger *writer = i == 0 ? self.eve : self.bob;
    SignedValue value = { .data = { .storage_time = 1000, .lifetime = 600 } };
    GenericCertificate items[] = { { CERTIFICATE_TYPE_X509, writer->signer->own->der } };
    uint64_t refused = counters->access_refused;
    signed_value_init (&value, self.stage, writer->signer, &place, kind,
                       (StoredDataValue){ .model = DATA_MODEL_ARRAY,
                                          .value = { true, bytes_of_text ("x") } });
    g_assert_cmpint (store (neighbors[1], &(Attempt){ .kind = kind,
                                                      .resource = &place,
                                                      .values = &value,
                                                      .count = 1,
                                                      .generation = 1,
                                                      .replica_number = 1,
                                                      .certificates = { items, 1 } }),
                     ==, i == 0 ? RELOAD_FORBIDDEN : RELOAD_OK);
    g_assert_cmpuint (counters->access_refused, ==, refused + (i == 0));
    if (i == 0)
      continue;
    held =
      storage_find_kind (storage_find_resource (self.stage->overlay->storage, &place), kind)->first;
    g_assert_true (i == 1 || held->stored_at == stored_at);
    stored_at = held->stored_at;
  }
  overlay_stage_free (self.stage);
}

static void
test_replay (Fixture *self, const void *data)
{
  NodeId place = place_of (self->bob, KIND_SIP_REGISTRATION);
  SignedValue value = { 0 };
  Attempt attempt = { KIND_SIP_REGISTRATION, &place, &value, 1 };

  signed_value_init (&value, self->stage, self->bob->signer, &place, KIND_SIP_REGISTRATION,
                     value_of (self, KIND_SIP_REGISTRATION, self->bob));
  g_assert_cmpint (store (self->bob, &attempt), ==, RELOAD_OK);
  overlay_stage_run (self->stage, TIME_HOUR);
  g_assert_cmpint (store (self->eve, &attempt), ==, RELOAD_FORBIDDEN);
}

/* So many Stores of nothing; what became of the last. */
static int
flood (Fixture *self, Stranger *from, const Signer *signer, unsigned count)
{
  NodeId place = place_of (self->bob, KIND_SIP_REGISTRATION);
  StoreReq body = { .resource = node_id_bytes (&place) };
  int verdict = RELOAD_OK;

  for (unsigned i = 0; i < count; i++)
    verdict =
      stranger_verdict (from,
                        &(Draft){ .code = MESSAGE_STORE_REQ, .body = &body, .signer = signer });
  return verdict;
}

/* What was dropped is taken when it is sent again, by the same transaction id. */
static void
test_flood (Fixture *self, const void *data)
{
  NodeId place = place_of (self->bob, KIND_SIP_REGISTRATION);
  SignedValue value = { 0 };
  StoredData item;
  StoreKindData kind = { .kind = KIND_SIP_REGISTRATION, .values = { &item, 1 } };
  StoreReq body = { .resource = node_id_bytes (&place), .kind_data = { &kind, 1 } };
  Draft draft = { .code = MESSAGE_STORE_REQ, .body = &body, .transaction_id = 77 };
  uint64_t before = self->stage->overlay->counters.over_rate;

  signed_value_init (&value, self->stage, self->bob->signer, &place, KIND_SIP_REGISTRATION,
                     value_of (self, KIND_SIP_REGISTRATION, self->bob));
  item = value.data;
  g_assert_cmpint (flood (self, self->bob, NULL, LIMIT_STORES_BURST), ==, RELOAD_OK);
  g_assert_cmpint (flood (self, self->bob, NULL, 1), ==, -1);
  g_assert_cmpint (stranger_verdict (self->bob, &draft), ==, -1);
  g_assert_cmpuint (self->stage->overlay->counters.over_rate, ==, before + 2);
  /* Through another's link he has no second share, and the other keeps his own. */
  g_assert_cmpint (flood (self, self->eve, self->bob->signer, 1), ==, -1);
  g_assert_cmpint (flood (self, self->eve, NULL, 1), ==, RELOAD_OK);
  overlay_stage_run (self->stage, TIME_SECOND);
  g_assert_cmpint (stranger_verdict (self->bob, &draft), ==, RELOAD_OK);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/storage/store/threat-3.1-only-the-policy's-own-may-write", test_matrix);
  ADD ("/storage/store/rfc7904-3.4-1-only-names-of-the-overlay-s-domain", test_own_domain);
  ADD ("/storage/store/rfc7904-3.4-2-only-names-that-match-a-pattern", test_domain_patterns);
  ADD ("/storage/store/a-kind-nobody-knows-is-refused", test_unknown_kind);
  ADD ("/storage/store/threat-3.3-older-or-far-ahead-is-refused", test_time);
  ADD ("/storage/store/a-generation-counter-must-be-the-current-one", test_generation);
  ADD ("/storage/store/threat-3.2-a-stranger's-replica-is-refused", test_replica_of_stranger);
  ADD ("/storage/store/threat-3.4-no-more-values-than-the-kind-allows", test_count);
  ADD ("/storage/store/threat-3.4-no-larger-values-than-the-kind-allows", test_size);
  ADD ("/storage/store/threat-3.4-replacing-is-free-and-a-share-is-a-share", test_share);
  ADD ("/storage/store/threat-3.4-a-hoarder-gets-his-share-and-others-theirs", test_hoarder);
  ADD ("/storage/store/threat-3.1-no-deed-of-another-is-taken", test_deeds);
  ADD ("/storage/store/one-bad-value-and-nothing-is-changed", test_atomic);
  ADD ("/storage/store/threat-3.5-a-flood-is-dropped-and-the-rest-taken-later", test_flood);
  ADD ("/storage/store/threat-1.4-a-replay-changes-nothing", test_replay);
  g_test_add_func ("/storage/store/threat-3.1-threat-3.3-copies-need-their-signer", test_copies);
  return g_test_run ();
}
