/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/trace.h"

#include "core/overlay/usage-certificate.h"
#include "core/wire/fetch.h"
#include "core/wire/frame.h"
#include "core/wire/header.h"
#include "core/wire/methods.h"
#include "core/wire/store.h"

#include <string.h>

/* All of a frame but the Security Block behind its message counts, and its size always does. So
 * only the bodies that carry what somebody else has signed, Stores and the answers to Fetches, are
 * taken apart; of other signed things (documents, hashes of values) and of messages that come in
 * pieces what counts is their Forwarding Header. A body that cannot be read counts as it is: then
 * it is no peer's that keeps to the protocol. */

enum {
  VIA_SIZE_AT = 32,
  HEADER_SIZE = 38,   /* without its three lists */
  CONTENTS_SIZE = 10, /* code, and the lengths of body and extensions */
};

struct SimTrace {
  const Configuration *configuration;
  Arena *arena; /* of the body at hand */
  uint64_t number;
};

SimTrace *
sim_trace_new (const Configuration *configuration)
{
  SimTrace *self = g_new0 (SimTrace, 1);

  self->configuration = configuration;
  self->arena = arena_new ();
  self->number = UINT64_C (0xcbf29ce484222325);
  return self;
}

void
sim_trace_free (SimTrace *self)
{
  if (self == NULL)
    return;
  arena_free (self->arena);
  g_free (self);
}

static void
add_number (SimTrace *self, uint64_t number)
{
  self->number = (self->number ^ number) * UINT64_C (0x9e3779b97f4a7c15);
  self->number ^= self->number >> 32;
}

/* Eight bytes at a time: every frame goes through here. */
static void
add_bytes (SimTrace *self, Bytes bytes)
{
  add_number (self, bytes.size);
  for (size_t at = 0; at < bytes.size; at += sizeof (uint64_t)) {
    uint64_t word = 0;
    memcpy (&word, bytes.data + at, MIN (sizeof word, bytes.size - at));
    add_number (self, word);
  }
}

static bool
is_certificate (KindId kind)
{
  return kind == KIND_CERTIFICATE_BY_NODE || kind == KIND_CERTIFICATE_BY_USER;
}

static void
add_values (SimTrace *self, KindId kind, uint64_t generation, const StoredDataList *values)
{
  add_number (self, kind);
  add_number (self, generation);
  for (size_t i = 0; i < values->count; i++) {
    const StoredData *data = &values->items[i];
    add_number (self, data->storage_time);
    add_number (self, data->lifetime);
    add_number (self, data->value.index);
    add_bytes (self, data->value.key);
    if (!is_certificate (kind))
      add_bytes (self, data->value.value.value);
  }
}

static bool
add_store (SimTrace *self, Bytes body)
{
  WireKinds kinds = configuration_wire_kinds (self->configuration);
  StoreReq request;

  if (!store_req_decode (body, self->arena, &kinds, &request, NULL))
    return false;
  add_bytes (self, request.resource);
  add_number (self, request.replica_number);
  for (size_t i = 0; i < request.kind_data.count; i++) {
    const StoreKindData *kind = &request.kind_data.items[i];
    add_values (self, kind->kind, kind->generation_counter, &kind->values);
  }
  return true;
}

static bool
add_fetched (SimTrace *self, Bytes body)
{
  WireKinds kinds = configuration_wire_kinds (self->configuration);
  FetchAns answer;

  if (!fetch_ans_decode (body, self->arena, &kinds, &answer, NULL))
    return false;
  for (size_t i = 0; i < answer.kind_responses.count; i++) {
    const FetchKindResponse *kind = &answer.kind_responses.items[i];
    add_values (self, kind->kind, kind->generation, &kind->values);
  }
  return true;
}

static void
add_body (SimTrace *self, uint16_t code, Bytes body)
{
  bool is_read = false;

  switch (code) {
  case MESSAGE_STORE_REQ:
    is_read = add_store (self, body);
    break;
  case MESSAGE_FETCH_REQ + 1:
    is_read = add_fetched (self, body);
    break;
  case MESSAGE_STAT_REQ + 1:
  case MESSAGE_CONFIG_UPDATE_REQ:
    is_read = true;
    break;
  default:
    break;
  }
  if (!is_read)
    add_bytes (self, body);
  arena_reset (self->arena);
}

static size_t
read_16 (const uint8_t *bytes)
{
  return (size_t) bytes[0] << 8 | bytes[1];
}

static size_t
read_32 (const uint8_t *bytes)
{
  return read_16 (bytes) << 16 | read_16 (bytes + 2);
}

/* The Forwarding Header of `message`; all of it when it is none. */
static size_t
header_size (Bytes message)
{
  size_t size = HEADER_SIZE;

  if (message.size < HEADER_SIZE)
    return message.size;
  for (size_t at = VIA_SIZE_AT; at < HEADER_SIZE; at += 2)
    size += read_16 (message.data + at);
  return MIN (size, message.size);
}

static bool
is_whole (Bytes message)
{
  enum { FRAGMENT_AT = 12 };

  return message.size > HEADER_SIZE && read_32 (message.data + FRAGMENT_AT) == FRAGMENT_ONLY;
}

/* What is signed, and may be followed by whatever signs it. */
static void
add_contents (SimTrace *self, Bytes rest)
{
  size_t body, extensions;

  if (rest.size < CONTENTS_SIZE)
    return;
  body = MIN (read_32 (rest.data + 2), rest.size - CONTENTS_SIZE);
  extensions = MIN (read_32 (rest.data + 6 + body), rest.size - CONTENTS_SIZE - body);
  add_number (self, read_16 (rest.data));
  add_body (self, (uint16_t) read_16 (rest.data), (Bytes){ rest.data + 6, body });
  add_bytes (self, (Bytes){ rest.data + CONTENTS_SIZE + body, extensions });
}

void
sim_trace_add (SimTrace *self, uint64_t peer, Bytes frame)
{
  Bytes message;
  size_t head;

  add_number (self, peer ^ (uint64_t) frame.size << 32);
  if (frame.size <= FRAME_DATA_HEADER_SIZE || frame.data[0] != FRAME_DATA) {
    add_bytes (self, frame);
    return;
  }
  message = (Bytes){ frame.data + FRAME_DATA_HEADER_SIZE, frame.size - FRAME_DATA_HEADER_SIZE };
  head = header_size (message);
  add_bytes (self, (Bytes){ frame.data, FRAME_DATA_HEADER_SIZE + head });
  if (is_whole (message))
    add_contents (self, (Bytes){ message.data + head, message.size - head });
}

uint64_t
sim_trace_number (const SimTrace *self)
{
  return self->number;
}
