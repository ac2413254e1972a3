/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/data.h"

#include "tests/wire/structures.h"

/* The signature of all of them: ECDSA with SHA-256, cert_hash "h", value "s". */
#define IDENTITY  "01 0003 04 01 68"
#define SIGNATURE "04 03" IDENTITY "0001 73"

static StoredData
make (DataModel model)
{
  return (StoredData){
    .storage_time = 1,
    .lifetime = 2,
    .value = { .model = model,
               .index = 5,
               .key = bytes_of_text ("k"),
               .value = { true, bytes_of_text ("v") } },
    .signature = { .hash = 4,
                   .signature = 3,
                   .identity = { .identity_type = SIGNER_CERT_HASH,
                                 .hash_alg = 4,
                                 .certificate_hash = bytes_of_text ("h") },
                   .signature_value = bytes_of_text ("s") },
  };
}

static void
assert_hex (const GByteArray *bytes, const char *hex)
{
  g_autofree char *found = bytes_to_hex ((Bytes){ bytes->data, bytes->len });

  g_assert_cmpstr (found, ==, hex);
}

static void
test_array (void)
{
  StoredData data = make (DATA_MODEL_ARRAY);

  structure_assert_hex (&stored_data_type, &data,
                        "00000021 0000000000000001 00000002 00000005 01 00000001 76" SIGNATURE);
}

static void
test_models (void)
{
  static const WireKinds single = { .model = DATA_MODEL_SINGLE };
  static const WireKinds dictionary = { .model = DATA_MODEL_DICTIONARY };
  g_autoptr (Arena) arena = arena_new ();
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  StoredData data = make (DATA_MODEL_DICTIONARY);
  StoredData decoded;
  Bytes input;

  g_assert_true (stored_data_encode (&data, bytes));
  input = (Bytes){ bytes->data, bytes->len };
  g_assert_true (stored_data_decode (input, arena, &dictionary, &decoded, NULL));
  g_assert_true (bytes_equal (decoded.value.key, bytes_of_text ("k")));
  g_assert_false (stored_data_decode (input, arena, &single, &decoded, NULL));
  g_assert_true (stored_data_decode (input, arena, NULL, &decoded, NULL));
  g_assert_cmpuint (decoded.unknown.size, ==, bytes->len - 16);
}

/* resource_id || kind || storage_time || StoredDataValue || SignerIdentity, index 0. */
static void
test_signature_input (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  StoredData data = make (DATA_MODEL_ARRAY);

  stored_data_signature_input (&data, bytes_of_text ("R"), 3, bytes);
  assert_hex (bytes, "0152"
                     "00000003"
                     "0000000000000001"
                     "00000000"
                     "010000000176"
                     "010003040168");
}

static void
test_signature_input_dictionary (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  StoredData data = make (DATA_MODEL_DICTIONARY);

  stored_data_signature_input (&data, bytes_of_text ("R"), 1, bytes);
  assert_hex (bytes, "0152"
                     "00000001"
                     "0000000000000001"
                     "00016b"
                     "010000000176"
                     "010003040168");
}

/* A stored value is checked over what came, whatever the position it has got since. */
static void
test_signature_input_received (void)
{
  g_autoptr (Arena) arena = arena_new ();
  g_autoptr (GByteArray) before = g_byte_array_new ();
  g_autoptr (GByteArray) after = g_byte_array_new ();
  g_autoptr (GByteArray) encoded = g_byte_array_new ();
  StoredData data = make (DATA_MODEL_ARRAY);
  StoredData decoded;
  Bytes input;

  g_assert_true (stored_data_encode (&data, encoded));
  input = (Bytes){ encoded->data, encoded->len };
  g_assert_true (stored_data_decode (input, arena, &structure_kinds, &decoded, NULL));
  g_assert_cmpuint (decoded.value.received.size, ==, 10);
  stored_data_signature_input (&data, bytes_of_text ("R"), 3, before);
  stored_data_signature_input (&decoded, bytes_of_text ("R"), 3, after);
  g_assert_cmpmem (before->data, before->len, after->data, after->len);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/data/array-entry", test_array);
  g_test_add_func ("/wire/data/the-model-decides-what-is-read", test_models);
  g_test_add_func ("/wire/data/threat-1.5-signature-input-of-an-array-has-index-0",
                   test_signature_input);
  g_test_add_func ("/wire/data/threat-1.5-signature-input-of-a-dictionary",
                   test_signature_input_dictionary);
  g_test_add_func ("/wire/data/signature-input-is-what-was-received",
                   test_signature_input_received);
  return g_test_run ();
}
