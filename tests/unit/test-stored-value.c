/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/stored-value.h"

#include "tests/sim/sim-signer.h"

#include <string.h>

typedef struct Fixture {
  Signer signer;
  uint8_t signature[8];
  StoredValue *value;
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  NodeId id = { { 1 } };
  StoredData stored;

  sim_signer_init (&self->signer, &id, "bob@home");
  stored = (StoredData){
    .storage_time = 12345,
    .lifetime = 100,
    .value = { .model = DATA_MODEL_ARRAY,
               .index = ARRAY_INDEX_LAST,
               .value = { true, bytes_of_text ("hello") } },
    .signature = { .hash = HASH_SHA256,
                   .signature = SIGNATURE_ECDSA,
                   .identity = { .identity_type = SIGNER_CERT_HASH,
                                 .hash_alg = HASH_SHA256,
                                 .certificate_hash = { self->signer.own->hash,
                                                       CERTIFICATE_HASH_SIZE } },
                   .signature_value = { self->signature, sizeof self->signature } },
  };
  self->value = stored_value_new (&stored, self->signer.own, 10 * TIME_SECOND);
}

static void
tear_down (Fixture *self, const void *data)
{
  stored_value_free (self->value);
  sim_signer_clear (&self->signer);
}

static void
test_lifetime (Fixture *self, const void *data)
{
  g_assert_cmpuint (stored_value_lifetime_left (self->value, 10 * TIME_SECOND), ==, 100);
  g_assert_cmpuint (stored_value_lifetime_left (self->value, 70 * TIME_SECOND), ==, 40);
  g_assert_cmpuint (stored_value_lifetime_left (self->value, 110 * TIME_SECOND), ==, 0);
  g_assert_cmpuint (stored_value_lifetime_left (self->value, TIME_HOUR), ==, 0);
}

static void
test_wire (Fixture *self, const void *data)
{
  g_autoptr (Arena) arena = arena_new ();
  StoredData stored;

  self->value->index = 3;
  stored = stored_value_to_wire (self->value, DATA_MODEL_ARRAY, 20 * TIME_SECOND, arena);
  g_assert_cmpuint (stored.value.index, ==, 3);
  g_assert_cmpuint (stored.lifetime, ==, 90);
  g_assert_cmpuint (stored.storage_time, ==, 12345);
  g_assert_true (bytes_equal (stored.value.value.value, bytes_of_text ("hello")));
}

static StoredValue *
read_back (Fixture *self, Bytes bytes, uint64_t wall_ms, uint64_t *generation)
{
  return stored_value_from_disk (bytes, DATA_MODEL_ARRAY, &self->signer, 500, wall_ms, generation);
}

static void
test_disk (Fixture *self, const void *data)
{
  g_autoptr (GByteArray) bytes = stored_value_to_disk (self->value, 7, 1000000);
  Bytes all = { bytes->data, bytes->len };
  uint64_t generation;
  StoredValue *back = read_back (self, all, 1000000 + 30 * 1000, &generation);

  g_assert_nonnull (back);
  g_assert_cmpuint (generation, ==, 7);
  g_assert_cmpuint (back->lifetime, ==, 70);
  g_assert_cmpuint (back->storage_time, ==, 12345);
  stored_value_free (back);
  g_assert_null (read_back (self, all, 1000000 + 100 * 1000, &generation));
  for (size_t cut = 0; cut < all.size; cut++)
    g_assert_null (read_back (self, (Bytes){ all.data, cut }, 1000000, &generation));
  /* The clock went back meanwhile. */
  back = read_back (self, all, 5, &generation);
  g_assert_cmpuint (back->lifetime, ==, 100);
  stored_value_free (back);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/stored-value/lifetime-runs-down", test_lifetime);
  ADD ("/stored-value/goes-on-with-what-is-left-and-its-own-index", test_wire);
  ADD ("/stored-value/to-disk-and-back", test_disk);
  return g_test_run ();
}
