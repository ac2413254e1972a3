/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/publication.h"
#include "core/wire/fetch.h"
#include "core/wire/store.h"
#include "tests/unit/overlay-stage.h"

#include <string.h>

/* A ring of two: our node at 80…, and carol at 10…, who is responsible for where the value goes. */

#define REFRESH_S 100

static const NodeId resource = { { 0x05 } };

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *carol;
  Publication *publication;
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  JoinReq join = { .joining_peer_id = { { 0 } } };
  PublicationOptions options = {
    .resource = resource,
    .kind = KIND_SIP_REGISTRATION,
    .value = bytes_of_text ("value"),
    .lifetime_s = 1000,
    .refresh_s = REFRESH_S,
  };

  self->stage = overlay_stage_new ();
  overlay_stage_alone (self->stage);
  self->carol = stranger_new (self->stage, "carol", 0x10000000);
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
is_resource (Bytes bytes)
{
  return bytes.size == NODE_ID_SIZE && memcmp (bytes.data, resource.bytes, NODE_ID_SIZE) == 0;
}

/* The next Store of our value that came to carol, or NULL. */
static const Letter *
next_store (Fixture *self, StoredData *ret_data)
{
  const Letter *letter;
  StoreReq body;

  while ((letter = stranger_next (self->carol, MESSAGE_STORE_REQ)) != NULL) {
    letter_read (letter, self->stage, &body);
    if (!is_resource (body.resource))
      continue;
    g_assert_cmpuint (body.replica_number, ==, 0);
    g_assert_cmpuint (body.kind_data.count, ==, 1);
    g_assert_cmpuint (body.kind_data.items[0].values.count, ==, 1);
    *ret_data = body.kind_data.items[0].values.items[0];
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
  PublicationOptions options = { .resource = resource, .kind = 0xf0001234, .refresh_s = 1 };
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
  g_assert_true (is_resource (fetch.resource));
  g_assert_cmpuint (fetch.specifiers.items[0].keys.count, ==, 1);
  signed_value_init (&held, self->stage, &self->stage->signer, &resource, KIND_SIP_REGISTRATION,
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
  const Letter *letter;
  StoredData stored;
  uint64_t before = publish (self);

  publication_withdraw (self->publication);
  wait_store (self, &letter, &stored, 100);
  g_assert_false (stored.value.value.exists);
  g_assert_cmpuint (stored.value.value.value.size, ==, 0);
  g_assert_cmpuint (stored.storage_time, >, before);
  confirm (self, letter);
  publication_withdraw (self->publication);
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
  publication_withdraw (self->publication);
  confirm (self, letter);
  overlay_stage_run (self->stage, TIME_SECOND);
  g_assert_false (publication_is_stored (self->publication));
}

static void
add (const char *path, void (*test) (Fixture *self, const void *data))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
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
  add ("/publication/refused/pauses-begin-anew-after-success", test_refused_later);
  add ("/publication/withdraw/says-nonexistent-once", test_withdraw);
  add ("/publication/withdraw/late-answers-count-no-more", test_withdraw_unanswered);
  return g_test_run ();
}
