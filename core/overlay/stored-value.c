/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/stored-value.h"

#include "core/base/big-endian.h"

#include <string.h>

/* On disk: generation (8), time of writing (8), lifetime left then (4), size of the certificate
 * (4), the certificate, the StoredData. */

enum { DISK_HEADER = 24 };

/* What came in a message is shorter than that. */
G_STATIC_ASSERT (LIMIT_MESSAGE_SIZE - 1 == UINT16_MAX);

/* Of a part that was decoded out of `bytes`. */
static uint16_t
place_in (const GByteArray *bytes, Bytes part)
{
  return part.size > 0 ? (uint16_t) (part.data - bytes->data) : 0;
}

StoredValue *
stored_value_new (const StoredData *data, Certificate *certificate, uint64_t now)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (Arena) arena = arena_new ();
  StoredValue *self;
  StoredData copy;
  bool is_good = wire_encode (&stored_data_type, data, bytes);

  is_good = is_good && stored_data_decode ((Bytes){ bytes->data, bytes->len }, arena,
                                           &(WireKinds){ .model = data->value.model }, &copy, NULL);
  g_assert (is_good && bytes->len <= UINT16_MAX);
  self = g_malloc (sizeof *self + bytes->len);
  *self = (StoredValue){
    .storage_time = copy.storage_time,
    .stored_at = now,
    .certificate = certificate_ref (certificate),
    .lifetime = copy.lifetime,
    .index = copy.value.index,
    .key_at = place_in (bytes, copy.value.key),
    .key_size = (uint16_t) copy.value.key.size,
    .content_at = place_in (bytes, copy.value.value.value),
    .content_size = (uint16_t) copy.value.value.value.size,
    .size = (uint16_t) bytes->len,
    .exists = copy.value.value.exists,
  };
  memcpy (self->data, bytes->data, bytes->len);
  return self;
}

void
stored_value_free (StoredValue *self)
{
  if (self == NULL)
    return;
  certificate_unref (self->certificate);
  g_free (self);
}

Bytes
stored_value_bytes (const StoredValue *self)
{
  return (Bytes){ self->data, self->size };
}

Bytes
stored_value_key (const StoredValue *self)
{
  return (Bytes){ self->data + self->key_at, self->key_size };
}

Bytes
stored_value_content (const StoredValue *self)
{
  return (Bytes){ self->data + self->content_at, self->content_size };
}

uint32_t
stored_value_lifetime_left (const StoredValue *self, uint64_t now)
{
  uint64_t age_s = (now - self->stored_at) / TIME_SECOND;

  return age_s < self->lifetime ? self->lifetime - (uint32_t) age_s : 0;
}

StoredData
stored_value_to_wire (const StoredValue *self, DataModel model, uint64_t now, Arena *arena)
{
  StoredData data;
  bool is_good = stored_data_decode (stored_value_bytes (self), arena,
                                     &(WireKinds){ .model = model }, &data, NULL);

  g_assert (is_good);
  data.lifetime = stored_value_lifetime_left (self, now);
  data.value.index = self->index;
  return data;
}

GByteArray *
stored_value_to_disk (const StoredValue *self, uint64_t generation, uint64_t wall_ms)
{
  GByteArray *bytes = g_byte_array_new ();
  Bytes der = self->certificate->der;

  big_endian_append (bytes, 8, generation);
  big_endian_append (bytes, 8, wall_ms);
  big_endian_append (bytes, 4, self->lifetime);
  big_endian_append (bytes, 4, der.size);
  g_byte_array_append (bytes, der.data, (guint) der.size);
  g_byte_array_append (bytes, self->data, self->size);
  return bytes;
}

StoredValue *
stored_value_from_disk (Bytes bytes,
                        DataModel model,
                        const Signer *signer,
                        uint64_t now,
                        uint64_t wall_ms,
                        uint64_t *ret_generation)
{
  g_autoptr (Arena) arena = arena_new ();
  g_autoptr (Certificate) certificate = NULL;
  StoredValue *value;
  StoredData data;
  uint64_t written_ms, age_s, der_size;
  Bytes der, rest;

  if (bytes.size < DISK_HEADER)
    return NULL;
  *ret_generation = big_endian_read (bytes.data, 8);
  written_ms = big_endian_read (bytes.data + 8, 8);
  der_size = big_endian_read (bytes.data + 20, 4);
  if (der_size > bytes.size - DISK_HEADER || *ret_generation == 0)
    return NULL;
  der = (Bytes){ bytes.data + DISK_HEADER, der_size };
  rest = (Bytes){ der.data + der_size, bytes.size - DISK_HEADER - der_size };
  if (rest.size > UINT16_MAX ||
      !stored_data_decode (rest, arena, &(WireKinds){ .model = model }, &data, NULL) ||
      signer->check (signer->key_ring, der, NULL, 0, &certificate) != CERTIFICATE_GOOD)
    return NULL;
  age_s = wall_ms > written_ms ? (wall_ms - written_ms) / 1000 : 0;
  data.lifetime = (uint32_t) big_endian_read (bytes.data + 16, 4);
  if (age_s >= data.lifetime)
    return NULL;
  data.lifetime -= (uint32_t) age_s;
  value = stored_value_new (&data, certificate, now);
  return value;
}
