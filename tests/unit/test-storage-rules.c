/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/storage-private.h"
#include "core/wire/fetch.h"
#include "tests/unit/overlay-stage.h"

#include <string.h>

/* Rules of RFC 6940 about what is stored, each under its id in the conformance book. The node, 80,
 * stands between two neighbors, 70 and 90, and answers for what lies behind the first. */

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *after;
  Stranger *before;
  Stranger *bob; /* whose name hashes to a place of ours */
  NodeId home;
} Fixture;

/* A name whose place the node answers for, or does not. */
static Stranger *
somebody (OverlayStage *stage, bool is_ours)
{
  NodeId start = { { 0x70 } };

  for (unsigned i = 0;; i++) {
    g_autofree char *user = g_strdup_printf ("bob%u", i);
    g_autofree char *address = g_strdup_printf ("%s@home-stage234.peal.alt", user);
    NodeId place = resource_id_of (bytes_of_text (address));
    if (node_id_in_arc (&place, &start, &stage->overlay->id) == is_ours)
      return stranger_new (stage, user, 0);
  }
}

static NodeId
home_of (const Stranger *self)
{
  return resource_id_of (bytes_of_text (self->signer->own->user));
}

static void
set_up (Fixture *self, const void *data)
{
  Stranger *neighbors[2];

  self->stage = overlay_stage_new ();
  self->after = neighbors[0] = stranger_new (self->stage, "after", 0x90000000);
  self->before = neighbors[1] = stranger_new (self->stage, "before", 0x70000000);
  overlay_stage_join (self->stage, neighbors);
  self->bob = somebody (self->stage, true);
  self->home = home_of (self->bob);
  stranger_connect (self->bob);
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
}

/* A registration of `writer`, at home with him. */
static void
sign_registration (Fixture *self, SignedValue *value, const Stranger *writer)
{
  NodeId place = home_of (writer);

  *value = (SignedValue){ 0 };
  signed_value_init (value, self->stage, writer->signer, &place, KIND_SIP_REGISTRATION,
                     (StoredDataValue){ .model = DATA_MODEL_DICTIONARY,
                                        .key = node_id_bytes (&writer->id),
                                        .value = { true, bytes_of_text ("here") } });
}

static const Letter *
send_store (Stranger *from,
            const NodeId *place,
            uint8_t replica,
            StoreKindDataList kinds,
            const Stranger *writer)
{
  GenericCertificate certificate = { CERTIFICATE_TYPE_X509, writer->signer->own->der };
  StoreReq body = {
    .resource = node_id_bytes (place),
    .replica_number = replica,
    .kind_data = kinds,
  };
  Draft draft = { .code = MESSAGE_STORE_REQ,
                  .body = &body,
                  .certificates = { &certificate, writer != from } };
  const Letter *letter;

  overlay_stage_run (from->stage, TIME_SECOND);
  letter = stranger_answer (from, stranger_send (from, &draft));
  g_assert_nonnull (letter);
  return letter;
}

static const Letter *
store_registration (Fixture *self,
                    Stranger *from,
                    uint8_t replica,
                    uint64_t generation,
                    const Stranger *writer,
                    const NodeId *place)
{
  SignedValue value;
  StoreKindData kind = { KIND_SIP_REGISTRATION, generation, { &value.data, 1 } };

  sign_registration (self, &value, writer);
  return send_store (from, place, replica, (StoreKindDataList){ &kind, 1 }, writer);
}

static int
verdict_of (const Letter *letter, ErrorResponse *ret_error)
{
  if (letter->message.contents.message_code != MESSAGE_ERROR)
    return RELOAD_OK;
  g_assert_true (
    error_response_decode (letter->message.contents.message_body, letter->arena, ret_error, NULL));
  return ret_error->error_code;
}

static void
expect (const Letter *letter, int expected)
{
  ErrorResponse error;

  g_assert_cmpint (verdict_of (letter, &error), ==, expected);
}

static FetchAns
fetch (Fixture *self, const StoredDataSpecifierList *specifiers, const Letter **ret_letter)
{
  FetchReq body = { .resource = node_id_bytes (&self->home), .specifiers = *specifiers };
  FetchAns answer;

  *ret_letter =
    stranger_answer (self->after, stranger_send (self->after, &(Draft){ .code = MESSAGE_FETCH_REQ,
                                                                        .body = &body }));
  g_assert_nonnull (*ret_letter);
  letter_read (*ret_letter, self->stage, &answer);
  return answer;
}

/* ---- Store ---- */

static void
test_twice (Fixture *self, const void *data)
{
  unsigned before = storage_value_count (self->stage->overlay->storage);
  SignedValue value;
  StoreKindData kinds[2];

  sign_registration (self, &value, self->bob);
  kinds[0] = kinds[1] = (StoreKindData){ KIND_SIP_REGISTRATION, 0, { &value.data, 1 } };
  expect (send_store (self->bob, &self->home, 0, (StoreKindDataList){ kinds, 2 }, self->bob),
          RELOAD_INVALID_MESSAGE);
  g_assert_cmpuint (storage_value_count (self->stage->overlay->storage), ==, before);
}

static void
test_not_ours (Fixture *self, const void *data)
{
  Stranger *far = somebody (self->stage, false);
  NodeId place = home_of (far);

  stranger_connect (far);
  expect (store_registration (self, far, 0, 0, far, &place), RELOAD_FORBIDDEN);
  g_assert_null (storage_find_resource (self->stage->overlay->storage, &place));
}

/* Copies of what the first predecessor answers for, from that one. */
static void
test_copies (Fixture *self, const void *data)
{
  Stranger *far = somebody (self->stage, false);
  Storage *storage = self->stage->overlay->storage;
  NodeId place = home_of (far);
  StoredResource *held;

  g_assert_cmpint (
    self->stage->overlay->topology.plugin->is_replica (self->stage->overlay->topology.self, &place),
    ==, true);
  expect (store_registration (self, self->before, 1, 0, far, &place), RELOAD_FORBIDDEN);
  expect (store_registration (self, self->before, 1, 7, self->bob, &place), RELOAD_FORBIDDEN);
  expect (store_registration (self, self->bob, 1, 7, far, &place), RELOAD_FORBIDDEN);
  g_assert_null (storage_find_resource (storage, &place));
  expect (store_registration (self, self->before, 1, 7, far, &place), RELOAD_OK);
  held = storage_find_resource (storage, &place);
  g_assert_cmpuint (storage_find_kind (held, KIND_SIP_REGISTRATION)->generation, ==, 7);
  /* No counter of ours stands against another one. */
  expect (store_registration (self, self->before, 1, 12, far, &place), RELOAD_OK);
  g_assert_cmpuint (storage_find_kind (held, KIND_SIP_REGISTRATION)->generation, ==, 12);
}

static void
test_store_answer (Fixture *self, const void *data)
{
  StoreAns answer;

  for (unsigned i = 1; i <= 2; i++) {
    letter_read (store_registration (self, self->bob, 0, 0, self->bob, &self->home), self->stage,
                 &answer);
    g_assert_cmpuint (answer.kind_responses.count, ==, 1);
    g_assert_cmpuint (answer.kind_responses.items[0].kind, ==, KIND_SIP_REGISTRATION);
    g_assert_cmpuint (answer.kind_responses.items[0].generation_counter, ==, i);
    g_assert_cmpuint (answer.kind_responses.items[0].replicas.count, ==, 2);
    g_assert_true (
      node_id_equal (&answer.kind_responses.items[0].replicas.items[0], &self->after->id));
  }
}

static void
test_counter_refused (Fixture *self, const void *data)
{
  g_autoptr (Arena) arena = arena_new ();
  ErrorResponse error;
  StoreAns info;

  expect (store_registration (self, self->bob, 0, 0, self->bob, &self->home), RELOAD_OK);
  g_assert_cmpint (verdict_of (store_registration (self, self->bob, 0, 9, self->bob, &self->home),
                               &error),
                   ==, RELOAD_GENERATION_COUNTER_TOO_LOW);
  g_assert_true (store_ans_decode (error.error_info, arena, &info, NULL));
  g_assert_cmpuint (info.kind_responses.count, ==, 1);
  g_assert_cmpuint (info.kind_responses.items[0].generation_counter, ==, 1);
  g_assert_cmpuint (info.kind_responses.items[0].replicas.count, ==, 0);
}

/* ---- Fetch ---- */

static const StoredDataSpecifier registrations = {
  .kind = KIND_SIP_REGISTRATION,
  .model = DATA_MODEL_DICTIONARY,
};

static void
test_each_kind (Fixture *self, const void *data)
{
  ArrayRange all = { 0, 9 };
  StoredDataSpecifier items[] = {
    { .kind = KIND_CERTIFICATE_BY_USER, .model = DATA_MODEL_ARRAY, .indices = { &all, 1 } },
    registrations,
  };
  StoredDataSpecifierList both = { items, 2 };
  const Letter *letter;
  FetchAns answer;

  expect (store_registration (self, self->bob, 0, 0, self->bob, &self->home), RELOAD_OK);
  answer = fetch (self, &both, &letter);
  g_assert_cmpuint (answer.kind_responses.count, ==, 2);
  g_assert_cmpuint (answer.kind_responses.items[0].kind, ==, KIND_CERTIFICATE_BY_USER);
  g_assert_cmpuint (answer.kind_responses.items[0].values.count, ==, 0);
  g_assert_cmpuint (answer.kind_responses.items[1].kind, ==, KIND_SIP_REGISTRATION);
  g_assert_cmpuint (answer.kind_responses.items[1].values.count, ==, 1);
}

static void
test_certificates (Fixture *self, const void *data)
{
  StoredDataSpecifier items[] = { registrations };
  StoredDataSpecifierList one = { items, 1 };
  const GenericCertificateList *list;
  const Letter *letter;
  bool has_writer = false;

  expect (store_registration (self, self->bob, 0, 0, self->bob, &self->home), RELOAD_OK);
  fetch (self, &one, &letter);
  list = &letter->message.security.certificates;
  for (size_t i = 0; i < list->count; i++)
    has_writer |= bytes_equal (list->items[i].certificate, self->bob->signer->own->der);
  g_assert_true (has_writer);
}

static void
test_ranges (Fixture *self, const void *data)
{
  static const struct {
    ArrayRange ranges[2];
    int expected;
  } rows[] = {
    { { { 0, 0 }, { 1, 4 } }, RELOAD_OK },
    { { { 5, 9 }, { 0, 4 } }, RELOAD_OK },
    { { { 1, 0 }, { 5, 9 } }, RELOAD_INVALID_MESSAGE },
    { { { 0, 4 }, { 4, 9 } }, RELOAD_INVALID_MESSAGE },
    { { { 0, 9 }, { 3, 4 } }, RELOAD_INVALID_MESSAGE },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (rows); i++) {
    StoredDataSpecifier item = {
      .kind = KIND_CERTIFICATE_BY_USER,
      .model = DATA_MODEL_ARRAY,
      .indices = { (ArrayRange *) rows[i].ranges, 2 },
    };
    FetchReq body = { .resource = node_id_bytes (&self->home), .specifiers = { &item, 1 } };
    g_assert_cmpint (stranger_verdict (self->after,
                                       &(Draft){ .code = MESSAGE_FETCH_REQ, .body = &body }),
                     ==, rows[i].expected);
    g_assert_cmpint (stranger_verdict (self->after,
                                       &(Draft){ .code = MESSAGE_STAT_REQ, .body = &body }),
                     ==, rows[i].expected);
  }
}

/* ---- Find ---- */

static int
find (Fixture *self, const NodeId *place, KindId *kinds, size_t count)
{
  FindReq body = { .resource = node_id_bytes (place), .kinds = { kinds, count } };

  return stranger_verdict (self->after, &(Draft){ .code = MESSAGE_FIND_REQ, .body = &body });
}

static void
test_find_twice (Fixture *self, const void *data)
{
  KindId kinds[] = { KIND_SIP_REGISTRATION, 2, KIND_SIP_REGISTRATION };

  g_assert_cmpint (find (self, &self->home, kinds, 2), ==, RELOAD_OK);
  g_assert_cmpint (find (self, &self->home, kinds, 3), ==, RELOAD_INVALID_MESSAGE);
}

static void
test_find_not_ours (Fixture *self, const void *data)
{
  KindId kinds[] = { KIND_SIP_REGISTRATION };
  NodeId place = { { 0x88 } };

  g_assert_cmpint (find (self, &place, kinds, 1), ==, RELOAD_NOT_FOUND);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/rules/rfc6940-6.3.4-1-values-come-with-the-certificates-of-their-writers",
       test_certificates);
  ADD ("/rules/rfc6940-7.4.1.1-1-no-kind-stands-twice-in-a-store", test_twice);
  ADD ("/rules/rfc6940-7.4.1.1-4-what-is-not-ours-is-refused", test_not_ours);
  ADD ("/rules/rfc6940-7.4.1.1-14-a-copy-brings-its-generation", test_copies);
  ADD ("/rules/rfc6940-7.4.1.2-1-a-store-is-answered-with-counter-and-replicas", test_store_answer);
  ADD ("/rules/rfc6940-7.4.1.2-3-a-refused-counter-is-answered-with-the-right-one",
       test_counter_refused);
  ADD ("/rules/rfc6940-7.4.2.1-2-ranges-run-upwards-and-apart", test_ranges);
  ADD ("/rules/rfc6940-7.4.2.2-1-each-kind-asked-for-is-answered", test_each_kind);
  ADD ("/rules/rfc6940-7.4.4.1-1-find-names-each-kind-once", test_find_twice);
  ADD ("/rules/rfc6940-7.4.4.2-1-find-is-answered-by-who-is-responsible", test_find_not_ours);
  return g_test_run ();
}
