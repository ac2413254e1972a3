/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/storage.h"
#include "core/wire/fetch.h"
#include "tests/unit/overlay-stage.h"

#include <string.h>

typedef struct Fixture {
  OverlayStage *stage;
  Stranger *bob;
  NodeId home; /* the Resource-ID of bob's name */
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  self->stage = overlay_stage_new ();
  overlay_stage_alone (self->stage);
  self->bob = stranger_new (self->stage, "bob", 0);
  self->home = resource_id_of (bytes_of_text (self->bob->signer->own->user));
  stranger_connect (self->bob);
}

static void
tear_down (Fixture *self, const void *data)
{
  overlay_stage_free (self->stage);
}

static int
store (Fixture *self, uint32_t kind, StoredDataValue value)
{
  SignedValue one = { 0 };
  StoreKindData data = { .kind = kind, .values = { &one.data, 1 } };
  StoreReq body = { .resource = node_id_bytes (&self->home), .kind_data = { &data, 1 } };

  overlay_stage_run (self->stage, TIME_SECOND);
  signed_value_init (&one, self->stage, self->bob->signer, &self->home, kind, value);
  return stranger_verdict (self->bob, &(Draft){ .code = MESSAGE_STORE_REQ, .body = &body });
}

static void
store_certificate (Fixture *self, uint32_t index, const char *text)
{
  g_assert_cmpint (store (self, KIND_CERTIFICATE_BY_USER,
                          (StoredDataValue){ .model = DATA_MODEL_ARRAY,
                                             .index = index,
                                             .value = { true, bytes_of_text (text) } }),
                   ==, RELOAD_OK);
}

static int
store_registration (Fixture *self, const char *text)
{
  return store (self, KIND_SIP_REGISTRATION,
                (StoredDataValue){ .model = DATA_MODEL_DICTIONARY,
                                   .key = node_id_bytes (&self->bob->id),
                                   .value = { text != NULL, bytes_of_text (text ? text : "") } });
}

static void
ask (Fixture *self, uint16_t code, StoredDataSpecifier specifier, void *ret_answer)
{
  FetchReq body = {
    .resource = node_id_bytes (&self->home),
    .specifiers = { &specifier, 1 },
  };
  uint64_t id = stranger_send (self->bob, &(Draft){ .code = code, .body = &body });
  Letter *letter = stranger_answer (self->bob, id);

  g_assert_nonnull (letter);
  g_assert_cmphex (letter->message.contents.message_code, ==, code + 1u);
  letter_read (letter, self->stage, ret_answer);
}

static StoredDataList
fetch (Fixture *self, StoredDataSpecifier specifier)
{
  FetchAns answer;

  ask (self, MESSAGE_FETCH_REQ, specifier, &answer);
  g_assert_cmpuint (answer.kind_responses.count, ==, 1);
  return answer.kind_responses.items[0].values;
}

static void
assert_value (const StoredData *data, uint32_t index, const char *text)
{
  g_assert_cmpuint (data->value.index, ==, index);
  g_assert_cmpint (data->value.value.exists, ==, text != NULL);
  if (text != NULL)
    g_assert_true (bytes_equal (data->value.value.value, bytes_of_text (text)));
  else
    g_assert_true (signature_is_none (&data->signature));
}

static StoredDataSpecifier
range (ArrayRange *one, uint32_t first, uint32_t last)
{
  *one = (ArrayRange){ first, last };
  return (StoredDataSpecifier){ .kind = KIND_CERTIFICATE_BY_USER,
                                .model = DATA_MODEL_ARRAY,
                                .indices = { one, 1 } };
}

static void
test_array (Fixture *self, const void *data)
{
  ArrayRange one;
  StoredDataList list;

  store_certificate (self, 2, "third");
  store_certificate (self, ARRAY_INDEX_LAST, "fourth");
  list = fetch (self, range (&one, 0, ARRAY_INDEX_LAST));
  g_assert_cmpuint (list.count, ==, 4);
  assert_value (&list.items[0], 2, "third");
  assert_value (&list.items[1], 3, "fourth");
  assert_value (&list.items[2], 0, NULL);
  assert_value (&list.items[3], 1, NULL);
  list = fetch (self, range (&one, 3, 3));
  g_assert_cmpuint (list.count, ==, 1);
  list = fetch (self, range (&one, 4, 9));
  g_assert_cmpuint (list.count, ==, 0);
}

/* A link would be closed that carries more than the overlay's messages may have. */
static void
test_too_long (Fixture *self, const void *data)
{
  const char *hundred = "0123456789012345678901234567890123456789012345678901234567890123456789"
                        "012345678901234567890123456789";
  ArrayRange one;
  StoredDataSpecifier specifier = range (&one, 0, ARRAY_INDEX_LAST);
  FetchReq body = { .resource = node_id_bytes (&self->home), .specifiers = { &specifier, 1 } };
  Draft draft = { .code = MESSAGE_FETCH_REQ, .body = &body };

  for (uint32_t i = 0; i < 10; i++)
    store_certificate (self, i, hundred);
  g_assert_cmpint (stranger_verdict (self->bob, &draft), ==, RELOAD_OK);
  self->stage->configuration->max_message_size = 1500;
  g_assert_cmpint (stranger_verdict (self->bob, &draft), ==, RELOAD_RESPONSE_TOO_LARGE);
  one.last = 4;
  g_assert_cmpint (stranger_verdict (self->bob, &draft), ==, RELOAD_OK);
}

/* The index of an appended value is not under its signature (7.4.2.2). */
static void
test_appended_signature (Fixture *self, const void *data)
{
  ArrayRange one;
  StoredDataList list;
  NodeId node_id;
  g_autoptr (GByteArray) input = g_byte_array_new ();

  store_certificate (self, 0, "first");
  store_certificate (self, ARRAY_INDEX_LAST, "second");
  list = fetch (self, range (&one, 1, 1));
  g_assert_cmpuint (list.count, ==, 1);
  stored_data_signature_input (&list.items[0], node_id_bytes (&self->home),
                               KIND_CERTIFICATE_BY_USER, input);
  g_assert_nonnull (certificate_cache_verify (self->stage->overlay->certificates, NULL,
                                              &list.items[0].signature,
                                              (Bytes){ input->data, input->len }, &node_id));
}

static void
test_dictionary (Fixture *self, const void *data)
{
  DictionaryKey keys[2] = { node_id_bytes (&self->bob->id), bytes_of_text ("another") };
  StoredDataSpecifier all = { .kind = KIND_SIP_REGISTRATION, .model = DATA_MODEL_DICTIONARY };
  StoredDataSpecifier two = all;
  StoredDataList list;

  two.keys = (DictionaryKeyList){ keys, 2 };
  g_assert_cmpuint (fetch (self, all).count, ==, 0);
  g_assert_cmpint (store_registration (self, "here"), ==, RELOAD_OK);
  g_assert_cmpuint (fetch (self, all).count, ==, 1);
  list = fetch (self, two);
  g_assert_cmpuint (list.count, ==, 2);
  assert_value (&list.items[0], 0, "here");
  assert_value (&list.items[1], 0, NULL);
}

static void
test_removed (Fixture *self, const void *data)
{
  StoredDataSpecifier all = { .kind = KIND_SIP_REGISTRATION, .model = DATA_MODEL_DICTIONARY };
  StoredDataList list;

  g_assert_cmpint (store_registration (self, "here"), ==, RELOAD_OK);
  g_assert_cmpint (store_registration (self, NULL), ==, RELOAD_OK);
  list = fetch (self, all);
  g_assert_cmpuint (list.count, ==, 1);
  g_assert_false (list.items[0].value.value.exists);
  g_assert_false (signature_is_none (&list.items[0].signature));
}

static void
test_expired (Fixture *self, const void *data)
{
  StoredDataSpecifier all = { .kind = KIND_SIP_REGISTRATION, .model = DATA_MODEL_DICTIONARY };
  StoredDataList list;

  g_assert_cmpint (store_registration (self, "here"), ==, RELOAD_OK);
  overlay_stage_run (self->stage, 599 * TIME_SECOND);
  list = fetch (self, all);
  g_assert_cmpuint (list.count, ==, 1);
  g_assert_cmpuint (list.items[0].lifetime, ==, 1);
  overlay_stage_run (self->stage, TIME_SECOND);
  g_assert_cmpuint (fetch (self, all).count, ==, 0);
}

static void
test_generation (Fixture *self, const void *data)
{
  StoredDataSpecifier known = {
    .kind = KIND_SIP_REGISTRATION,
    .model = DATA_MODEL_DICTIONARY,
    .generation = 1,
  };

  g_assert_cmpint (store_registration (self, "here"), ==, RELOAD_OK);
  g_assert_cmpuint (fetch (self, known).count, ==, 0);
  g_assert_cmpint (store_registration (self, "there"), ==, RELOAD_OK);
  g_assert_cmpuint (fetch (self, known).count, ==, 1);
}

static void
test_stat (Fixture *self, const void *data)
{
  static const uint8_t whole[] = { 0, 0, 0, 4, 'h', 'e', 'r', 'e' };
  StoredDataSpecifier all = { .kind = KIND_SIP_REGISTRATION, .model = DATA_MODEL_DICTIONARY };
  uint8_t digest[CERTIFICATE_HASH_SIZE];
  StatAns answer;
  const MetaData *meta;
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = sizeof digest;

  g_assert_cmpint (store_registration (self, "here"), ==, RELOAD_OK);
  ask (self, MESSAGE_STAT_REQ, all, &answer);
  g_assert_cmpuint (answer.kind_responses.items[0].generation, ==, 1);
  g_assert_cmpuint (answer.kind_responses.items[0].values.count, ==, 1);
  meta = &answer.kind_responses.items[0].values.items[0].metadata.value;
  g_assert_cmpuint (meta->value_length, ==, 4);
  g_checksum_update (sum, whole, sizeof whole);
  g_checksum_get_digest (sum, digest, &size);
  g_assert_cmpmem (meta->hash_value.data, meta->hash_value.size, digest, size);
}

static void
test_find (Fixture *self, const void *data)
{
  KindId kinds[] = { KIND_SIP_REGISTRATION, 0x2 };
  FindReq body = { .resource = node_id_bytes (&self->home), .kinds = { kinds, 2 } };
  static const uint8_t zero[NODE_ID_SIZE];
  FindAns answer;
  uint64_t id;

  g_assert_cmpint (store_registration (self, "here"), ==, RELOAD_OK);
  id = stranger_send (self->bob, &(Draft){ .code = MESSAGE_FIND_REQ, .body = &body });
  letter_read (stranger_answer (self->bob, id), self->stage, &answer);
  g_assert_cmpuint (answer.results.count, ==, 2);
  g_assert_true (bytes_equal (answer.results.items[0].closest, node_id_bytes (&self->home)));
  g_assert_cmpmem (answer.results.items[1].closest.data, answer.results.items[1].closest.size, zero,
                   sizeof zero);
}

static void
test_unknown_kind (Fixture *self, const void *data)
{
  StoredDataSpecifier unknown = { .kind = 0x7777, .model = DATA_MODEL_SINGLE };
  FetchReq body = { .resource = node_id_bytes (&self->home), .specifiers = { &unknown, 1 } };

  g_assert_cmpint (stranger_verdict (self->bob,
                                     &(Draft){ .code = MESSAGE_FETCH_REQ, .body = &body }),
                   ==, RELOAD_UNKNOWN_KIND);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/storage/fetch/an-array-is-sparse-and-what-is-appended-gets-an-index", test_array);
  ADD ("/storage/fetch/an-appended-value-keeps-its-signature", test_appended_signature);
  ADD ("/storage/fetch/a-dictionary-by-key-or-whole", test_dictionary);
  ADD ("/storage/fetch/what-was-removed-says-so-under-its-owner's-signature", test_removed);
  ADD ("/storage/fetch/what-no-message-can-carry-is-refused", test_too_long);
  ADD ("/storage/fetch/threat-3.3-values-leave-after-their-lifetime", test_expired);
  ADD ("/storage/fetch/a-known-generation-is-not-sent-again", test_generation);
  ADD ("/storage/stat/the-digest-covers-the-length", test_stat);
  ADD ("/storage/find/the-nearest-after-or-zero", test_find);
  ADD ("/storage/fetch/a-kind-nobody-knows-is-refused", test_unknown_kind);
  return g_test_run ();
}
