/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/heap.h"

#include <glib.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SIZES = 1200, ROUNDS = 8, TURNS = 20000 };

static void
expect_filled (const uint8_t *piece, size_t size, uint8_t byte)
{
  for (size_t i = 0; i < size; i++)
    g_assert_cmpuint (piece[i], ==, byte);
}

/* Small ones and large ones, several of each size at once. */
static void
test_apart (void)
{
  static uint8_t *pieces[SIZES][ROUNDS];

  for (size_t size = 0; size < SIZES; size++)
    for (unsigned i = 0; i < ROUNDS; i++) {
      pieces[size][i] = malloc (size);
      g_assert_nonnull (pieces[size][i]);
      memset (pieces[size][i], (int) (size * ROUNDS + i) & 0xff, size);
    }
  for (size_t size = 0; size < SIZES; size++)
    for (unsigned i = 0; i < ROUNDS; i++) {
      expect_filled (pieces[size][i], size, (uint8_t) (size * ROUNDS + i));
      free (pieces[size][i]);
    }
}

static void
test_alignment (void)
{
  for (size_t size = 1; size < SIZES; size++) {
    void *piece = malloc (size);
    g_assert_cmpuint ((uintptr_t) piece % (size % 16 == 0 ? 16 : 8), ==, 0);
    free (piece);
  }
}

/* Also where something else was before. */
static void
test_zeroed (void)
{
  for (size_t size = 1; size < SIZES; size++) {
    uint8_t *piece = malloc (size);
    memset (piece, 0xaa, size);
    free (piece);
    piece = calloc (size, 1);
    expect_filled (piece, size, 0);
    free (piece);
  }
}

static void
test_moved (void)
{
  g_autoptr (GRand) chance = g_rand_new_with_seed (1);
  uint8_t *piece = NULL;
  size_t size = 0;

  for (unsigned i = 0; i < TURNS; i++) {
    size_t other = (size_t) g_rand_int_range (chance, 1, SIZES);
    piece = realloc (piece, other);
    expect_filled (piece, MIN (size, other), 0x55);
    memset (piece, 0x55, other);
    size = other;
  }
  free (piece);
}

/* Whoever asks and gives back forever needs no more. */
static void
test_given_back (void)
{
  size_t before = heap_bytes ();
  void *first = malloc (104);

  g_assert_cmpuint (heap_bytes (), ==, before + 104);
  free (first);
  g_assert_cmpuint (heap_bytes (), ==, before);
  for (unsigned i = 0; i < TURNS; i++) {
    void *piece = malloc (104);
    g_assert_true (piece == first);
    free (piece);
  }
}

static gpointer
use (gpointer data)
{
  static const size_t sizes[] = { 16, 40, 104, 512 };

  for (unsigned i = 0; i < TURNS; i++) {
    size_t size = sizes[i % G_N_ELEMENTS (sizes)];
    uint8_t *piece = malloc (size);
    memset (piece, GPOINTER_TO_INT (data), size);
    expect_filled (piece, size, (uint8_t) GPOINTER_TO_INT (data));
    free (piece);
  }
  return NULL;
}

static void
test_threads (void)
{
  GThread *threads[4];

  for (int i = 0; i < 4; i++)
    threads[i] = g_thread_new ("heap", use, GINT_TO_POINTER (i + 1));
  for (int i = 0; i < 4; i++)
    g_thread_join (threads[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/heap/no-piece-lies-in-another", test_apart);
  g_test_add_func ("/heap/sixteens-stand-at-sixteens", test_alignment);
  g_test_add_func ("/heap/calloc-clears", test_zeroed);
  g_test_add_func ("/heap/realloc-keeps-what-was-there", test_moved);
  g_test_add_func ("/heap/what-is-given-back-is-given-out-again", test_given_back);
  g_test_add_func ("/heap/threads-get-pieces-of-their-own", test_threads);
  return g_test_run ();
}
