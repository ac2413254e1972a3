/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/fetch.h"

#include "tests/wire/structures.h"

static void
test_specifiers_by_model (void)
{
  DictionaryKey key = bytes_of_text ("k");
  ArrayRange range = { 0, ARRAY_INDEX_LAST };
  StoredDataSpecifier specifiers[] = {
    { .kind = 1, .model = DATA_MODEL_DICTIONARY, .keys = { &key, 1 } },
    { .kind = 2, .model = DATA_MODEL_SINGLE, .generation = 9 },
    { .kind = 3, .model = DATA_MODEL_ARRAY, .indices = { &range, 1 } },
  };
  FetchReq fetch = { bytes_of_text ("R"), { specifiers, 3 } };

  structure_assert_hex (&fetch_req_type, &fetch,
                        "01 52  0039"
                        "00000001 0000000000000000 0005 0003 0001 6b"
                        "00000002 0000000000000009 0000"
                        "00000003 0000000000000000 000a 0008 00000000 ffffffff");
}

static void
test_all_keys (void)
{
  g_autoptr (Arena) arena = arena_new ();
  FetchReq fetch;

  structure_of_hex (&fetch_req_type, "00 0010 00000001 0000000000000000 0002 0000", arena, &fetch);
  g_assert_cmpuint (fetch.specifiers.count, ==, 1);
  g_assert_cmpuint (fetch.specifiers.items[0].model, ==, DATA_MODEL_DICTIONARY);
  g_assert_cmpuint (fetch.specifiers.items[0].keys.count, ==, 0);
}

static void
test_unknown_kind_keeps_its_specifier (void)
{
  g_autoptr (Arena) arena = arena_new ();
  FetchReq fetch;

  structure_of_hex (&fetch_req_type, "00 0010 00000100 0000000000000000 0002 abcd", arena, &fetch);
  g_assert_cmpuint (fetch.specifiers.items[0].model, ==, DATA_MODEL_UNKNOWN);
  g_assert_cmpuint (fetch.specifiers.items[0].unknown.size, ==, 2);
}

/* RFC 6940, 7.4.2.2: a value that nobody stored. */
static void
test_synthetic_value (void)
{
  StoredData value = { .value = { .model = DATA_MODEL_SINGLE }, .signature = signature_none () };
  FetchKindResponse response = { .kind = 2, .generation = 0, .values = { &value, 1 } };
  FetchAns fetch = { { &response, 1 } };

  structure_assert_hex (&fetch_ans_type, &fetch,
                        "0000002c 00000002 0000000000000000 0000001c"
                        "00000018 0000000000000000 00000000 00 00000000"
                        "00 00 03 0000 0000");
}

static void
test_stat (void)
{
  StoredMetaData value = { .storage_time = 1,
                           .lifetime = 2,
                           .metadata = { .model = DATA_MODEL_SINGLE,
                                         .value = { true, 7, 4, bytes_of_text ("h") } } };
  StatKindResponse response = { .kind = 2, .generation = 3, .values = { &value, 1 } };
  StatAns stat = { { &response, 1 } };

  structure_assert_hex (&stat_ans_type, &stat,
                        "00000028 00000002 0000000000000003 00000018"
                        "00000014 0000000000000001 00000002 01 00000007 04 01 68");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/fetch/the-specifier-follows-the-model", test_specifiers_by_model);
  g_test_add_func ("/wire/fetch/no-keys-are-all-keys", test_all_keys);
  g_test_add_func ("/wire/fetch/an-unknown-kind-keeps-its-specifier",
                   test_unknown_kind_keeps_its_specifier);
  g_test_add_func ("/wire/fetch/a-value-that-nobody-stored", test_synthetic_value);
  g_test_add_func ("/wire/fetch/stat", test_stat);
  return g_test_run ();
}
