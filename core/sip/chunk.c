/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sip/chunk.h"
#include "core/base/big-endian.h"
#include "core/base/limits.h"
#include <string.h>

/* Since every chunk but the last has the same size and starts at a multiple of it, what has come is
 * a set of at most 64 bits, and an overlap cannot even be written down. A message that is not
 * complete after LIMIT_SIP_CHUNK_S is forgotten; of five at once, the oldest is. */

enum { CHUNK_MARK = 0x01, CHUNK_HEADER = 13 };

G_STATIC_ASSERT (LIMIT_SIP_SIZE <= 64 * LIMIT_SIP_CHUNK_SIZE);

typedef struct Assembly {
  uint32_t number;
  uint32_t total; /* 0: free */
  uint64_t have;  /* bit n: chunk n has come */
  uint64_t started;
  uint8_t *bytes; /* owned */
} Assembly;

struct ChunkReader {
  Timers *timers;
  Timer timer; /* for the oldest assembly */
  Assembly assemblies[LIMIT_SIP_CHUNKED];
  uint8_t *complete; /* owned; what was handed out last */
};

static unsigned
chunk_count (uint32_t total)
{
  return (total + LIMIT_SIP_CHUNK_SIZE - 1) / LIMIT_SIP_CHUNK_SIZE;
}

static void
assembly_clear (Assembly *assembly)
{
  g_free (assembly->bytes);
  *assembly = (Assembly){ 0 };
}

static void
on_reader_timer (Timer *timer, void *owner)
{
  ChunkReader *self = owner;
  uint64_t now = timers_now (self->timers), oldest = TIME_NEVER;

  for (size_t i = 0; i < LIMIT_SIP_CHUNKED; i++) {
    Assembly *assembly = &self->assemblies[i];

    if (assembly->total == 0)
      continue;
    if (now - assembly->started >= LIMIT_SIP_CHUNK_S * TIME_SECOND)
      assembly_clear (assembly);
    else
      oldest = MIN (oldest, assembly->started);
  }
  if (oldest != TIME_NEVER)
    timer_start (timer, self->timers, oldest + LIMIT_SIP_CHUNK_S * TIME_SECOND - now);
}

/* The assembly of that message, a free one, or the oldest one emptied. */
static Assembly *
find_assembly (ChunkReader *self, uint32_t number, uint32_t total)
{
  Assembly *best = &self->assemblies[0];

  for (size_t i = 0; i < LIMIT_SIP_CHUNKED; i++) {
    Assembly *assembly = &self->assemblies[i];

    if (assembly->total != 0 && assembly->number == number)
      return assembly;
    if (best->total != 0 && (assembly->total == 0 || assembly->started < best->started))
      best = assembly;
  }
  assembly_clear (best);
  *best = (Assembly){ .number = number,
                      .total = total,
                      .started = timers_now (self->timers),
                      .bytes = g_malloc (total) };
  if (!timer_is_set (&self->timer))
    timer_start (&self->timer, self->timers, LIMIT_SIP_CHUNK_S * TIME_SECOND);
  return best;
}

void
chunk_write (Bytes message, uint32_t number, ChunkFunc func, void *user_data)
{
  uint8_t frame[CHUNK_HEADER + LIMIT_SIP_CHUNK_SIZE];

  g_assert (message.size > 0 && message.size <= LIMIT_SIP_SIZE);
  if (message.size <= LIMIT_SIP_CHUNK_SIZE && g_ascii_isalpha (message.data[0])) {
    func (message, user_data);
    return;
  }
  for (size_t offset = 0; offset < message.size; offset += LIMIT_SIP_CHUNK_SIZE) {
    size_t size = MIN (message.size - offset, LIMIT_SIP_CHUNK_SIZE);

    frame[0] = CHUNK_MARK;
    big_endian_write (frame + 1, 4, number);
    big_endian_write (frame + 5, 4, (uint32_t) message.size);
    big_endian_write (frame + 9, 4, (uint32_t) offset);
    memcpy (frame + CHUNK_HEADER, message.data + offset, size);
    func ((Bytes){ frame, CHUNK_HEADER + size }, user_data);
  }
}

ChunkReader *
chunk_reader_new (Timers *timers)
{
  ChunkReader *self = g_new0 (ChunkReader, 1);

  self->timers = timers;
  timer_init (&self->timer, on_reader_timer, self);
  return self;
}

void
chunk_reader_free (ChunkReader *self)
{
  if (self == NULL)
    return;
  chunk_reader_clear (self);
  g_free (self->complete);
  g_free (self);
}

void
chunk_reader_clear (ChunkReader *self)
{
  for (size_t i = 0; i < LIMIT_SIP_CHUNKED; i++)
    assembly_clear (&self->assemblies[i]);
  timer_stop (&self->timer);
}

/* Whether the chunk is one that chunk_write() could have made. */
static bool
is_good_chunk (uint32_t total, uint32_t offset, size_t size)
{
  return total > 0 && total <= LIMIT_SIP_SIZE && offset < total &&
         offset % LIMIT_SIP_CHUNK_SIZE == 0 && size == MIN (total - offset, LIMIT_SIP_CHUNK_SIZE);
}

static bool
add_chunk (ChunkReader *self, Bytes frame, Bytes *ret_message)
{
  uint32_t number = (uint32_t) big_endian_read (frame.data + 1, 4);
  uint32_t total = (uint32_t) big_endian_read (frame.data + 5, 4);
  uint32_t offset = (uint32_t) big_endian_read (frame.data + 9, 4);
  size_t size = frame.size - CHUNK_HEADER;
  unsigned count = chunk_count (total);
  Assembly *assembly;

  if (!is_good_chunk (total, offset, size))
    return false;
  assembly = find_assembly (self, number, total);
  if (assembly->total != total) {
    assembly_clear (assembly); /* two messages of one number: neither can be trusted */
    return false;
  }
  memcpy (assembly->bytes + offset, frame.data + CHUNK_HEADER, size);
  assembly->have |= UINT64_C (1) << (offset / LIMIT_SIP_CHUNK_SIZE);
  if (assembly->have != UINT64_MAX >> (64 - count))
    return false;
  g_free (self->complete);
  self->complete = g_steal_pointer (&assembly->bytes);
  assembly_clear (assembly);
  *ret_message = (Bytes){ self->complete, total };
  return true;
}

bool
chunk_reader_add (ChunkReader *self, Bytes frame, Bytes *ret_message)
{
  if (frame.size == 0)
    return false;
  if (g_ascii_isalpha (frame.data[0])) {
    *ret_message = frame;
    return true;
  }
  if (frame.data[0] != CHUNK_MARK || frame.size <= CHUNK_HEADER)
    return false;
  return add_chunk (self, frame, ret_message);
}
