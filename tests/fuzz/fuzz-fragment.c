/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/fragment.h"
#include "tests/fuzz/driver.h"

/* Pieces of a few messages over a few links, in any order, with time passing in between. What every
 * byte of a message is follows from its place, so that a whole one shows whether it was put
 * together rightly; its end must be one that was told for it.
 *
 * A step is four bytes: link and message, flags, and place and size in units of sixteen bytes. */

enum { STEP = 4, UNIT = 16, LINKS = 4, MESSAGES = 8, SIZE_MAX_OF_MESSAGE = 3000, ENDS = 256 };

typedef struct World {
  Timers *timers;
  Reassembly *reassembly;
  bool ends[LINKS][MESSAGES][2 * ENDS + 1]; /* in units, that a last piece has had */
} World;

static uint8_t
byte_at (unsigned message, size_t place)
{
  return (uint8_t) (message * 37 + place * 7 + (place >> 8));
}

static void
check_whole (World *self, unsigned link, unsigned message, GBytes *whole)
{
  gsize size;
  const uint8_t *bytes = g_bytes_get_data (whole, &size);

  g_assert (size <= SIZE_MAX_OF_MESSAGE && size % UNIT == 0);
  g_assert (self->ends[link][message][size / UNIT]);
  for (gsize i = 0; i < size; i++)
    g_assert (bytes[i] == byte_at (message, i));
  g_bytes_unref (whole);
}

static void
step (World *self, const uint8_t data[STEP])
{
  unsigned link = data[0] % LINKS, message = data[0] / LINKS % MESSAGES;
  bool is_last = (data[1] & 1) != 0;
  size_t start = (size_t) data[2] * UNIT, size = (size_t) data[3] * UNIT;
  g_autofree uint8_t *piece = g_malloc (size);
  ForwardingHeader header = {
    .transaction_id = message,
    .fragment = FRAGMENT_ALWAYS | (is_last ? FRAGMENT_LAST : 0) | (uint32_t) start,
  };
  GBytes *whole = NULL;
  ReassemblyResult result;

  timers_advance (self->timers, timers_now (self->timers) + (data[1] >> 4) * TIME_SECOND, SIZE_MAX);
  for (size_t i = 0; i < size; i++)
    piece[i] = byte_at (message, start + i);
  if (is_last)
    self->ends[link][message][data[2] + data[3]] = true;
  result = reassembly_add (self->reassembly, link, &header, (Bytes){ piece, size },
                           SIZE_MAX_OF_MESSAGE, &whole);
  g_assert ((whole != NULL) == (result == REASSEMBLY_WHOLE));
  if (whole != NULL)
    check_whole (self, link, message, whole);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  World *world = g_new0 (World, 1);

  world->timers = timers_new (0);
  world->reassembly = reassembly_new (world->timers);
  for (size_t at = 0; at + STEP <= size; at += STEP)
    step (world, data + at);
  reassembly_free (world->reassembly);
  timers_free (world->timers);
  g_free (world);
  return 0;
}
