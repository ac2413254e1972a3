/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/publication.h"
#include "core/wire/fetch.h"
#include "core/wire/store.h"
#include "tests/unit/overlay-stage.h"

#include <string.h>

/* A ring of two: our node, and carol, who is responsible for where the value goes: our name. */

#define REFRESH_S  100
#define LIFETIME_S 1000

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *carol;
  NodeId resource;
  uint64_t generation; /* of the last Store */
  Publication *publication;
} Fixture;

static uint32_t
first_bytes (const NodeId *id)
{
  return (uint32_t) id->bytes[0] << 24 | (uint32_t) id->bytes[1] << 16 |
         (uint32_t) id->bytes[2] << 8 | id->bytes[3];
}

/* Our node is alone, so its own values stay where they are; ours goes to carol. `data`: shared. */
static void
set_up (Fixture *self, const void *data)
{
  JoinReq join = { .joining_peer_id = { { 0 } } };
  PublicationOptions options = {
    .kind = KIND_SIP_REGISTRATION,
    .value = bytes_of_text ("value"),
    .lifetime_s = LIFETIME_S,
    .refresh_s = REFRESH_S,
    .is_shared = data != NULL,
  };

  self->stage = overlay_stage_new ();
  self->resource = resource_id_of (bytes_of_text (self->stage->signer.own->user));
  options.resource = self->resource;
  if (options.is_shared)
    options.kind = KIND_CERTIFICATE_BY_USER;
  overlay_stage_alone (self->stage);
  self->carol = stranger_new (self->stage, "carol", first_bytes (&self->resource) + 1);
  stranger_connect (self->carol);
  join.joining_peer_id = self->carol->id;
  g_assert_cmpint (stranger_verdict (self->carol,
                                     &(Draft){ .code = MESSAGE_JOIN_REQ, .body = &join }),
                   ==, RELOAD_OK);
  options.key = node_id_bytes (&self->stage->overlay->id);
  self->publication = publication_new (self->stage->overlay, &options);
}

static void
tear_down (Fixture *self, const void *data)
{
  publication_free (self->publication);
  overlay_stage_free (self->stage);
}

static bool
is_resource (const Fixture *self, Bytes bytes)
{
  return bytes_equal (bytes, node_id_bytes (&self->resource));
}

/* The next Store of our value that came to carol, or NULL. */
static const Letter *
next_store (Fixture *self, StoredData *ret_data)
{
  const Letter *letter;
  StoreReq body;

  while ((letter = stranger_next (self->carol, MESSAGE_STORE_REQ)) != NULL) {
    letter_read (letter, self->stage, &body);
    if (!is_resource (self, body.resource) || body.replica_number > 0)
      continue;
    g_assert_cmpuint (body.kind_data.count, ==, 1);
    g_assert_cmpuint (body.kind_data.items[0].values.count, ==, 1);
    *ret_data = body.kind_data.items[0].values.items[0];
    if (ret_data->lifetime != LIFETIME_S)
      continue; /* the node's own business */
    self->generation = body.kind_data.items[0].generation_counter;
    return letter;
  }
  return NULL;
}

/* Waits for it, and returns how many milliseconds that took. */
static unsigned
wait_store (Fixture *self, const Letter **ret_letter, StoredData *ret_data, unsigned patience_ms)
{
  unsigned waited_ms = 0;

  while ((*ret_letter = next_store (self, ret_data)) == NULL && waited_ms < patience_ms) {
    overlay_stage_run (self->stage, 10 * TIME_MS);
    waited_ms += 10;
  }
  g_assert_nonnull (*ret_letter);
  return waited_ms;
}

static void
confirm (Fixture *self, const Letter *letter)
{
  StoreAns answer = { { NULL, 0 } };

  stranger_reply (self->carol, letter, &answer);
}

/* It is stored; returns when, by its own word. */
static uint64_t
publish (Fixture *self)
{
  const Letter *letter;
  StoredData data;

  publication_start (self->publication);
  wait_store (self, &letter, &data, 100);
  confirm (self, letter);
  return data.storage_time;
}

static uint64_t
wall_ms (Fixture *self)
{
  return self->stage->ports.wall_clock_ms (self->stage);
}

/* ---- Storing ---- */

static void
test_store (Fixture *self, const void *data)
{
  const Letter *letter;
  StoredData stored;
  uint64_t started = wall_ms (self);

  publication_start (self->publication);
  wait_store (self, &letter, &stored, 100);
  g_assert_false (publication_is_stored (self->publication));
  g_assert_cmpuint (stored.storage_time, ==, started);
  g_assert_cmpuint (stored.lifetime, ==, 1000);
  g_assert_cmpmem (stored.value.key.data, stored.value.key.size, self->stage->overlay->id.bytes,
                   NODE_ID_SIZE);
  g_assert_cmpmem (stored.value.value.value.data, stored.value.value.value.size, "value", 5);
  confirm (self, letter);
  g_assert_true (publication_is_stored (self->publication));
}

static void
test_refresh (Fixture *self, const void *data)
{
  const Letter *letter;
  StoredData stored;
  uint64_t before = publish (self);
  unsigned waited_ms = wait_store (self, &letter, &stored, 2 * REFRESH_S * 1000);

  g_assert_cmpuint (waited_ms, >=, REFRESH_S * 1000 * 4 / 5);
  g_assert_cmpuint (waited_ms, <=, REFRESH_S * 1000 * 6 / 5 + 10);
  g_assert_cmpuint (stored.storage_time, >, before);
  g_assert_true (publication_is_stored (self->publication));
}

/* A clock that is put back makes nothing older. */
static void
test_clock_put_back (Fixture *self, const void *data)
{
  const Letter *letter;
  StoredData stored;
  uint64_t before = publish (self);

  self->stage->wall_ms -= 3600000;
  publication_start (self->publication);
  g_assert_false (publication_is_stored (self->publication));
  wait_store (self, &letter, &stored, 100);
  g_assert_cmpuint (stored.storage_time, ==, before + 1);
}

static void
test_unknown_kind (Fixture *self, const void *data)
{
  PublicationOptions options = { .resource = self->resource, .kind = 0xf0001234, .refresh_s = 1 };
  Publication *other = publication_new (self->stage->overlay, &options);
  StoredData stored;

  publication_start (other);
  overlay_stage_run (self->stage, TIME_MINUTE);
  g_assert_null (next_store (self, &stored));
  g_assert_false (publication_is_stored (other));
  publication_free (other);
}

/* ---- Refusals ---- */

static void
test_too_old (Fixture *self, const void *data)
{
  const uint64_t newer = wall_ms (self) + 7200000;
  const Letter *letter;
  StoredData stored;
  SignedValue held = { .data.storage_time = newer };
  FetchKindResponse response = { .kind = KIND_SIP_REGISTRATION,
                                 .generation = 1,
                                 .values = { &held.data, 1 } };
  FetchAns answer = { { &response, 1 } };
  FetchReq fetch;

  publication_start (self->publication);
  wait_store (self, &letter, &stored, 100);
  stranger_refuse (self->carol, letter, RELOAD_DATA_TOO_OLD);
  letter = stranger_next (self->carol, MESSAGE_FETCH_REQ);
  g_assert_nonnull (letter);
  letter_read (letter, self->stage, &fetch);
  g_assert_true (is_resource (self, fetch.resource));
  g_assert_cmpuint (fetch.specifiers.items[0].keys.count, ==, 1);
  signed_value_init (&held, self->stage, &self->stage->signer, &self->resource,
                     KIND_SIP_REGISTRATION,
                     (StoredDataValue){ .model = DATA_MODEL_DICTIONARY,
                                        .key = fetch.specifiers.items[0].keys.items[0],
                                        .value = { true, bytes_of_text ("of an earlier life") } });
  stranger_reply (self->carol, letter, &answer);
  wait_store (self, &letter, &stored, 2000);
  g_assert_cmpuint (stored.storage_time, ==, newer + 1);
  confirm (self, letter);
  g_assert_true (publication_is_stored (self->publication));
}

static void
test_refused (Fixture *self, const void *data)
{
  const Letter *letter;
  StoredData stored;
  unsigned pause_ms = 1000;

  publication_start (self->publication);
  wait_store (self, &letter, &stored, 100);
  for (unsigned i = 0; i < 12; i++) {
    unsigned waited_ms;
    stranger_refuse (self->carol, letter, RELOAD_FORBIDDEN);
    g_assert_false (publication_is_stored (self->publication));
    waited_ms = wait_store (self, &letter, &stored, 61000);
    g_assert_cmpuint (waited_ms, >=, pause_ms / 2);
    g_assert_cmpuint (waited_ms, <=, pause_ms + 10);
    pause_ms = MIN (2 * pause_ms, 60000);
  }
  confirm (self, letter);
  g_assert_true (publication_is_stored (self->publication));
}

/* A value that nobody takes holds nobody up. */
static void
test_hopeless (Fixture *self, const void *data)
{
  const Letter *letter;
  StoredData stored;

  publication_start (self->publication);
  for (unsigned i = 0; i < 3; i++) {
    g_assert_false (publication_is_settled (self->publication));
    wait_store (self, &letter, &stored, 10000);
    stranger_refuse (self->carol, letter, RELOAD_DATA_TOO_LARGE);
  }
  g_assert_true (publication_is_settled (self->publication));
  g_assert_false (publication_is_stored (self->publication));
}

/* Once confirmed, the pauses begin anew. */
static void
test_refused_later (Fixture *self, const void *data)
{
  const Letter *letter;
  StoredData stored;

  test_refused (self, data);
  wait_store (self, &letter, &stored, 2 * REFRESH_S * 1000);
  stranger_refuse (self->carol, letter, RELOAD_FORBIDDEN);
  g_assert_false (publication_is_stored (self->publication));
  g_assert_cmpuint (wait_store (self, &letter, &stored, 61000), <=, 1010);
}

/* ---- Taking back ---- */

static void
test_withdraw (Fixture *self, const void *data)
{
  const Letter *letter, *again;
  StoredData stored;
  uint64_t before = publish (self);

  publication_withdraw (self->publication, NULL, NULL);
  wait_store (self, &letter, &stored, 100);
  g_assert_false (stored.value.value.exists);
  g_assert_cmpuint (stored.value.value.value.size, ==, 0);
  g_assert_cmpuint (stored.storage_time, >, before);
  confirm (self, letter);
  /* To make sure it goes two ways, or twice the only one there is. */
  wait_store (self, &again, &stored, 100);
  g_assert_cmpuint (again->header.transaction_id, ==, letter->header.transaction_id);
  publication_withdraw (self->publication, NULL, NULL);
  publication_start (self->publication);
  overlay_stage_run (self->stage, 10 * REFRESH_S * TIME_SECOND);
  g_assert_null (next_store (self, &stored));
}

/* An answer to what was stored before says nothing any more. */
static void
test_withdraw_unanswered (Fixture *self, const void *data)
{
  const Letter *letter;
  StoredData stored;

  publication_start (self->publication);
  wait_store (self, &letter, &stored, 100);
  publication_withdraw (self->publication, NULL, NULL);
  confirm (self, letter);
  overlay_stage_run (self->stage, TIME_SECOND);
  g_assert_false (publication_is_stored (self->publication));
}

/* Somebody else's word on when it was is none: it would keep us from ever storing again. */
static void
test_too_old_forged (Fixture *self, const void *data)
{
  Stranger *eve = stranger_new (self->stage, "eve", 0);
  const Letter *letter;
  StoredData stored;
  SignedValue held = { .data.storage_time = UINT64_MAX - 1 };
  FetchKindResponse response = { .kind = KIND_SIP_REGISTRATION,
                                 .generation = 1,
                                 .values = { &held.data, 1 } };
  FetchAns answer = { { &response, 1 } };

  publication_start (self->publication);
  wait_store (self, &letter, &stored, 100);
  stranger_refuse (self->carol, letter, RELOAD_DATA_TOO_OLD);
  letter = stranger_next (self->carol, MESSAGE_FETCH_REQ);
  g_assert_nonnull (letter);
  signed_value_init (&held, self->stage, eve->signer, &self->resource, KIND_SIP_REGISTRATION,
                     (StoredDataValue){ .model = DATA_MODEL_DICTIONARY,
                                        .key = node_id_bytes (&self->stage->overlay->id),
                                        .value = { true, bytes_of_text ("eve's") } });
  stranger_reply (self->carol, letter, &answer);
  wait_store (self, &letter, &stored, 2000);
  g_assert_cmpuint (stored.storage_time, <=, wall_ms (self));
}

/* ---- A place among others ---- */

enum { PLACES = 16 };

typedef struct Places {
  SignedValue values[PLACES];
  size_t count;
  uint64_t generation;
} Places;

static void
add_value (Fixture *self, Places *places, uint32_t index, const Signer *signer, uint64_t time)
{
  SignedValue *value = &places->values[places->count++];

  value->data.storage_time = time;
  signed_value_init (value, self->stage, signer, &self->resource, KIND_CERTIFICATE_BY_USER,
                     (StoredDataValue){ .model = DATA_MODEL_ARRAY,
                                        .index = index,
                                        .value = { true, bytes_of_text ("certificate") } });
}

/* Answers what the publication asks for, and returns what it stores then. */
static StoredData
store_among (Fixture *self, const Places *places, const Letter **ret_letter)
{
  const Letter *letter;
  StoredData values[PLACES];
  FetchKindResponse response = { .kind = KIND_CERTIFICATE_BY_USER,
                                 .generation = places->generation,
                                 .values = { values, places->count } };
  FetchAns answer = { { &response, 1 } };
  StoredData stored;

  for (size_t i = 0; i < places->count; i++)
    values[i] = places->values[i].data;
  while ((letter = stranger_next (self->carol, MESSAGE_FETCH_REQ)) == NULL)
    overlay_stage_run (self->stage, 10 * TIME_MS);
  stranger_reply (self->carol, letter, &answer);
  wait_store (self, ret_letter, &stored, 100);
  g_assert_cmpuint (self->generation, ==, places->generation);
  return stored;
}

static void
confirm_generation (Fixture *self, const Letter *letter, uint64_t generation)
{
  StoreKindResponse response = { .kind = KIND_CERTIFICATE_BY_USER,
                                 .generation_counter = generation };
  StoreAns answer = { { &response, 1 } };

  stranger_reply (self->carol, letter, &answer);
}

/* Another device of our user; the sim's signers are all known to each other. */
static Stranger *
other_device (Fixture *self)
{
  return stranger_new (self->stage, "self", 0);
}

static void
test_own_place (Fixture *self, const void *data)
{
  Places places = { .generation = 7 };
  const Letter *letter;
  uint64_t before = wall_ms (self) + 1000;
  StoredData stored;

  add_value (self, &places, 0, other_device (self)->signer, before);
  add_value (self, &places, 4, &self->stage->signer, before);
  publication_start (self->publication);
  stored = store_among (self, &places, &letter);
  g_assert_cmpuint (stored.value.index, ==, 4);
  g_assert_cmpuint (stored.storage_time, ==, before + 1);
  confirm_generation (self, letter, 8);
  g_assert_true (publication_is_stored (self->publication));
}

static void
test_free_place (Fixture *self, const void *data)
{
  Places places = { .generation = 2 };
  const Letter *letter;

  add_value (self, &places, 0, other_device (self)->signer, wall_ms (self));
  add_value (self, &places, 1, other_device (self)->signer, wall_ms (self));
  add_value (self, &places, 3, other_device (self)->signer, wall_ms (self));
  publication_start (self->publication);
  g_assert_cmpuint (store_among (self, &places, &letter).value.index, ==, 2);
}

static void
test_oldest_place (Fixture *self, const void *data)
{
  Places places = { .generation = 20 };
  const Letter *letter;
  uint64_t now = wall_ms (self);

  for (uint32_t i = 0; i < PLACES; i++)
    add_value (self, &places, i, other_device (self)->signer, now + 5000 - (i == 9 ? 2000 : i));
  publication_start (self->publication);
  g_assert_cmpuint (store_among (self, &places, &letter).value.index, ==, 9);
}

/* Somebody stored in between: what is there has to be looked at again. */
static void
test_counter_too_low (Fixture *self, const void *data)
{
  Places places = { .generation = 1 };
  const Letter *letter;

  publication_start (self->publication);
  g_assert_cmpuint (store_among (self, &places, &letter).value.index, ==, 0);
  stranger_refuse (self->carol, letter, RELOAD_GENERATION_COUNTER_TOO_LOW);
  g_assert_false (publication_is_stored (self->publication));
  places.generation = 2;
  add_value (self, &places, 0, other_device (self)->signer, wall_ms (self));
  g_assert_cmpuint (store_among (self, &places, &letter).value.index, ==, 1);
}

/* Two begin an array at once: no counter keeps them apart, but the answer tells. */
static void
test_crowded (Fixture *self, const void *data)
{
  Places places = { .generation = 0 };
  const Letter *letter;

  publication_start (self->publication);
  g_assert_cmpuint (store_among (self, &places, &letter).value.index, ==, 0);
  confirm_generation (self, letter, 2);
  places.generation = 3;
  add_value (self, &places, 0, other_device (self)->signer, wall_ms (self) + 1);
  g_assert_cmpuint (store_among (self, &places, &letter).value.index, ==, 1);
  confirm_generation (self, letter, 4);
  overlay_stage_run (self->stage, REFRESH_S * TIME_SECOND / 2);
  g_assert_null (stranger_next (self->carol, MESSAGE_FETCH_REQ));
}

static void
add (const char *path, void (*test) (Fixture *self, const void *data))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

static void
add_shared (const char *path, void (*test) (Fixture *self, const void *data))
{
  g_test_add (path, Fixture, "shared", set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/publication/store/is-stored-when-confirmed", test_store);
  add ("/publication/store/is-repeated-before-it-expires", test_refresh);
  add ("/publication/store/a-clock-put-back-makes-nothing-older", test_clock_put_back);
  add ("/publication/store/nothing-of-an-unknown-kind", test_unknown_kind);
  add ("/publication/refused/threat-5.5-too-old-is-outdone-by-a-millisecond", test_too_old);
  add ("/publication/refused/is-tried-again-after-growing-pauses", test_refused);
  add ("/publication/refused/what-nobody-takes-is-not-waited-for", test_hopeless);
  add ("/publication/refused/pauses-begin-anew-after-success", test_refused_later);
  add ("/publication/refused/threat-5.5-a-forged-time-is-not-believed", test_too_old_forged);
  add_shared ("/publication/shared/stays-where-it-stands", test_own_place);
  add_shared ("/publication/shared/takes-the-first-free-place", test_free_place);
  add_shared ("/publication/shared/takes-the-oldest-place-when-none-is-free", test_oldest_place);
  add_shared ("/publication/shared/rfc6940-7.4.1.1-13-looks-again-when-others-stored",
              test_counter_too_low);
  add_shared ("/publication/shared/looks-again-when-others-were-first", test_crowded);
  add ("/publication/withdraw/says-nonexistent-once", test_withdraw);
  add ("/publication/withdraw/late-answers-count-no-more", test_withdraw_unanswered);
  return g_test_run ();
}
