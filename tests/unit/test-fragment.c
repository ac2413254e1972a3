/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/overlay/fragment.h"

#include "core/base/limits.h"

#include <malloc.h>
#include <string.h>

enum { SIZE = 3000, SIZE_MAX_OF_MESSAGE = 16384 };

typedef struct Fixture {
  Timers *timers;
  Reassembly *reassembly;
  uint8_t message[SIZE];
} Fixture;

static void
set_up (Fixture *self, const void *data)
{
  self->timers = timers_new (0);
  self->reassembly = reassembly_new (self->timers);
  for (size_t i = 0; i < SIZE; i++)
    self->message[i] = (uint8_t) (i * 7 ^ i >> 8);
}

static void
tear_down (Fixture *self, const void *data)
{
  reassembly_free (self->reassembly);
  timers_free (self->timers);
}

/* The piece [start, end) of message `id` over `link`. */
static ReassemblyResult
add_to (Fixture *self, uint32_t link, uint64_t id, size_t start, size_t end, bool is_last)
{
  ForwardingHeader header = {
    .transaction_id = id,
    .fragment = FRAGMENT_ALWAYS | (is_last ? FRAGMENT_LAST : 0) | (uint32_t) start,
  };
  GBytes *whole = NULL;
  Bytes piece = { self->message + MIN (start, SIZE), end - start };
  ReassemblyResult result =
    reassembly_add (self->reassembly, link, &header, piece, SIZE_MAX_OF_MESSAGE, &whole);

  g_assert_cmpint (whole != NULL, ==, result == REASSEMBLY_WHOLE);
  if (whole != NULL)
    g_assert_cmpmem (g_bytes_get_data (whole, NULL), g_bytes_get_size (whole), self->message, SIZE);
  g_clear_pointer (&whole, g_bytes_unref);
  return result;
}

static ReassemblyResult
add (Fixture *self, size_t start, size_t end)
{
  return add_to (self, 1, 1, start, end, end == SIZE);
}

static void
test_orders (Fixture *self, const void *data)
{
  static const unsigned orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
                                         { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

  for (unsigned i = 0; i < 6; i++)
    for (unsigned k = 0; k < 3; k++)
      g_assert_cmpint (add (self, orders[i][k] * 1000, orders[i][k] * 1000 + 1000), ==,
                       k == 2 ? REASSEMBLY_WHOLE : REASSEMBLY_WAITING);
}

static void
test_repeated (Fixture *self, const void *data)
{
  g_assert_cmpint (add (self, 0, 1000), ==, REASSEMBLY_WAITING);
  g_assert_cmpint (add (self, 0, 1000), ==, REASSEMBLY_WAITING);
  g_assert_cmpint (add (self, 2000, 3000), ==, REASSEMBLY_WAITING);
  g_assert_cmpint (add (self, 2000, 3000), ==, REASSEMBLY_WAITING);
  g_assert_cmpint (add (self, 1000, 2000), ==, REASSEMBLY_WHOLE);
}

static void
test_overlaps (Fixture *self, const void *data)
{
  static const size_t overlaps[][2] = { { 500, 1500 }, { 900, 1100 }, { 999, 2000 } };

  for (unsigned i = 0; i < G_N_ELEMENTS (overlaps); i++) {
    g_assert_cmpint (add (self, 0, 1000), ==, REASSEMBLY_WAITING);
    g_assert_cmpint (add (self, overlaps[i][0], overlaps[i][1]), ==, REASSEMBLY_REFUSED);
    /* The whole message is gone with it. */
    g_assert_cmpint (add (self, 1000, SIZE), ==, REASSEMBLY_WAITING);
    g_assert_cmpint (add (self, 0, 1000), ==, REASSEMBLY_WHOLE);
  }
}

static void
test_lengths (Fixture *self, const void *data)
{
  g_assert_cmpint (add (self, 100, 100), ==, REASSEMBLY_REFUSED);
  g_assert_cmpint (add_to (self, 1, 2, SIZE_MAX_OF_MESSAGE, SIZE_MAX_OF_MESSAGE + 1, false), ==,
                   REASSEMBLY_REFUSED);
  g_assert_cmpint (add_to (self, 1, 2, FRAGMENT_OFFSET, FRAGMENT_OFFSET + 1, true), ==,
                   REASSEMBLY_REFUSED);
  /* Beyond the end that the last fragment gave, and a second end. */
  g_assert_cmpint (add (self, 2000, SIZE), ==, REASSEMBLY_WAITING);
  g_assert_cmpint (add_to (self, 1, 1, SIZE, SIZE + 10, false), ==, REASSEMBLY_REFUSED);
  g_assert_cmpint (add (self, 2000, SIZE), ==, REASSEMBLY_WAITING);
  g_assert_cmpint (add_to (self, 1, 1, 0, 1000, true), ==, REASSEMBLY_REFUSED);
}

static void
test_links_apart (Fixture *self, const void *data)
{
  g_assert_cmpint (add_to (self, 1, 1, 0, 1000, false), ==, REASSEMBLY_WAITING);
  g_assert_cmpint (add_to (self, 2, 1, 1000, SIZE, true), ==, REASSEMBLY_WAITING);
  g_assert_cmpint (add_to (self, 1, 1, 1000, SIZE, true), ==, REASSEMBLY_WHOLE);
  g_assert_cmpint (add_to (self, 2, 1, 0, 1000, false), ==, REASSEMBLY_WHOLE);
}

static void
test_flood (Fixture *self, const void *data)
{
  g_assert_cmpint (add_to (self, 2, 1, 0, 1000, false), ==, REASSEMBLY_WAITING);
  for (uint64_t id = 1; id <= LIMIT_REASSEMBLIES_LINK + 1; id++)
    g_assert_cmpint (add_to (self, 1, id, 0, 1000, false), ==, REASSEMBLY_WAITING);
  /* The oldest of that link gave way, nobody else. */
  g_assert_cmpint (add_to (self, 1, 1, 1000, SIZE, true), ==, REASSEMBLY_WAITING);
  g_assert_cmpint (add_to (self, 1, 3, 1000, SIZE, true), ==, REASSEMBLY_WHOLE);
  g_assert_cmpint (add_to (self, 2, 1, 1000, SIZE, true), ==, REASSEMBLY_WHOLE);
}

/* From ever new links: what all hold together is bounded. */
static void
test_bytes (Fixture *self, const void *data)
{
  unsigned whole = 0;

  for (uint32_t link = 1; link <= 2000; link++)
    g_assert_cmpint (add_to (self, link, 1, 0, 1000, false), ==, REASSEMBLY_WAITING);
  for (uint32_t link = 2000; link > 0; link--)
    whole += add_to (self, link, 1, 1000, SIZE, true) == REASSEMBLY_WHOLE;
  g_assert_cmpuint (whole, <=, LIMIT_REASSEMBLY_BYTES / 1000);
  g_assert_cmpuint (whole, >, LIMIT_REASSEMBLY_BYTES / 4000);
}

/* A million messages begun over one link, of which no second piece ever comes. */
static void
test_million (Fixture *self, const void *data)
{
  enum { MESSAGES = 1000000, PIECE = 1000, GROWTH_MAX = 2 << 20 };

  struct mallinfo2 before = mallinfo2 ();
  unsigned whole = 0;

  for (uint64_t id = 1; id <= MESSAGES; id++)
    add_to (self, 1, id, 0, PIECE, false);
  g_assert_cmpuint (mallinfo2 ().uordblks, <=, before.uordblks + GROWTH_MAX);
  for (uint64_t id = MESSAGES; id > MESSAGES - 10 * LIMIT_REASSEMBLIES_LINK; id--)
    whole += add_to (self, 1, id, PIECE, SIZE, true) == REASSEMBLY_WHOLE;
  g_assert_cmpuint (whole, <=, LIMIT_REASSEMBLIES_LINK);
  g_assert_cmpuint (whole, >, 0);
}

static void
test_expiry (Fixture *self, const void *data)
{
  g_assert_cmpint (add (self, 0, 1000), ==, REASSEMBLY_WAITING);
  timers_advance (self->timers, LIMIT_REASSEMBLY_S * TIME_SECOND, 100);
  g_assert_cmpint (add (self, 1000, SIZE), ==, REASSEMBLY_WAITING);
  g_assert_cmpint (add (self, 0, 1000), ==, REASSEMBLY_WHOLE);
}

static void
test_cut (void)
{
  for (size_t payload = 1; payload < 20000; payload += 97) {
    size_t piece = fragment_size (100, payload, 1164);
    g_assert_cmpuint (piece, >, 0);
    g_assert_cmpuint (piece, <=, 1164 - 100);
    if (payload > 1164)
      g_assert_cmpuint (piece, >=, 256);
  }
  g_assert_cmpuint (fragment_size (1000, 5000, 1164), ==, 0);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/fragment/pieces-come-in-any-order", test_orders);
  ADD ("/fragment/a-piece-may-come-twice", test_repeated);
  ADD ("/fragment/threat-1.11-overlaps-are-refused", test_overlaps);
  ADD ("/fragment/threat-1.11-empty-and-over-long-are-refused", test_lengths);
  ADD ("/fragment/threat-1.11-pieces-of-two-links-never-meet", test_links_apart);
  ADD ("/fragment/threat-1.11-a-flood-costs-its-own-link", test_flood);
  ADD ("/fragment/threat-1.11-all-together-are-bounded", test_bytes);
  ADD ("/fragment/threat-1.11-a-million-first-pieces-take-no-memory", test_million);
  ADD ("/fragment/threat-1.11-the-rest-is-waited-for-fifteen-seconds", test_expiry);
  g_test_add_func ("/fragment/pieces-fit-and-are-large-enough", test_cut);
  return g_test_run ();
}
