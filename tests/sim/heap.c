/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/heap.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/single_threaded.h>

/* A peer is some hundred and fifty pieces of memory; the C library puts eight bytes before each and
 * makes it a multiple of sixteen, which is two kilobytes of a peer. Here one region of addresses is
 * cut into slabs, each for pieces of one size, a multiple of eight; which size, a column says, so
 * that nothing stands before a piece. What is given back is kept for the next of its size. Larger
 * pieces are the C library's, which makes others of them later.
 *
 * Pieces whose size is no multiple of sixteen stand at multiples of eight: nothing of that size
 * needs more. */

#define REGION ((size_t) 1 << 36)

enum { GRAIN = 8, SMALL = 512, SLAB = 1 << 15, SIZES = SMALL / GRAIN + 1 };

typedef struct Vacant {
  struct Vacant *next;
} Vacant;

/* The pieces of one size. */
typedef struct Shelf {
  Vacant *vacant; /* given back */
  uint8_t *fresh; /* never given out yet, up to `end` */
  uint8_t *end;
} Shelf;

/* Of the program, as malloc() is. */
static struct {
  uint8_t *region; /* NULL: not begun, or there is none to be had */
  bool is_begun;
  bool is_locked;
  size_t slabs; /* in use */
  size_t bytes;
  Shelf shelves[SIZES];
  uint8_t grains[REGION / SLAB]; /* of the pieces in each slab */
} heap;

/* The C library's own, by the names that it has for those who stand before it. */
extern void *__libc_malloc (size_t size);
extern void *__libc_calloc (size_t count, size_t size);
extern void *__libc_realloc (void *piece, size_t size);
extern void __libc_free (void *piece);

static void
lock (void)
{
  if (!__libc_single_threaded)
    while (__atomic_test_and_set (&heap.is_locked, __ATOMIC_ACQUIRE))
      continue;
}

static void
unlock (void)
{
  if (!__libc_single_threaded)
    __atomic_clear (&heap.is_locked, __ATOMIC_RELEASE);
}

static void
begin (void)
{
  void *region =
    mmap (NULL, REGION, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  heap.is_begun = true;
  if (region == MAP_FAILED)
    return;
  madvise (region, REGION, MADV_HUGEPAGE); /* what a peer has is spread over many pages */
  heap.region = region;
}

/* Another slab for that shelf; false when the region is full. */
static bool
add_slab (Shelf *shelf)
{
  if (!heap.is_begun)
    begin ();
  if (heap.region == NULL || heap.slabs == REGION / SLAB)
    return false;
  heap.grains[heap.slabs] = (uint8_t) (shelf - heap.shelves);
  shelf->fresh = heap.region + heap.slabs++ * SLAB;
  shelf->end = shelf->fresh + SLAB;
  return true;
}

static void *
take_from (Shelf *shelf, size_t size)
{
  Vacant *piece = shelf->vacant;

  if (piece != NULL) {
    shelf->vacant = piece->next;
  } else {
    if ((size_t) (shelf->end - shelf->fresh) < size && !add_slab (shelf))
      return NULL;
    piece = (Vacant *) (void *) shelf->fresh;
    shelf->fresh += size;
  }
  heap.bytes += size;
  return piece;
}

/* NULL: the C library is to give it. */
static void *
take (size_t size)
{
  size_t grains = size > 0 ? (size + GRAIN - 1) / GRAIN : 1;
  void *piece;

  if (size > SMALL)
    return NULL;
  lock ();
  piece = take_from (&heap.shelves[grains], grains * GRAIN);
  unlock ();
  return piece;
}

static bool
is_ours (const void *piece)
{
  return heap.region != NULL && (uintptr_t) piece - (uintptr_t) heap.region < REGION;
}

static size_t
grains_of (const void *piece)
{
  return heap.grains[((uintptr_t) piece - (uintptr_t) heap.region) / SLAB];
}

static void
give_back (void *piece)
{
  size_t grains = grains_of (piece);
  Vacant *vacant = piece;

  lock ();
  vacant->next = heap.shelves[grains].vacant;
  heap.shelves[grains].vacant = vacant;
  heap.bytes -= grains * GRAIN;
  unlock ();
}

void *
malloc (size_t size)
{
  void *piece = take (size);

  return piece != NULL ? piece : __libc_malloc (size);
}

void *
calloc (size_t count, size_t size)
{
  void *piece;

  if (count > 0 && size > SMALL / count)
    return __libc_calloc (count, size);
  piece = take (count * size);
  return piece != NULL ? memset (piece, 0, count * size) : __libc_calloc (count, size);
}

void
free (void *piece)
{
  if (is_ours (piece))
    give_back (piece);
  else
    __libc_free (piece);
}

/* Moves a piece of ours to where there is room. */
static void *
move (void *piece, size_t size)
{
  size_t room = grains_of (piece) * GRAIN;
  void *other;

  if (size <= room && size + GRAIN > room)
    return piece;
  other = malloc (size);
  if (other == NULL)
    return NULL;
  memcpy (other, piece, size < room ? size : room);
  give_back (piece);
  return other;
}

void *
realloc (void *piece, size_t size)
{
  if (piece == NULL)
    return malloc (size);
  if (!is_ours (piece))
    return __libc_realloc (piece, size);
  if (size > 0)
    return move (piece, size);
  give_back (piece);
  return NULL;
}

size_t
heap_bytes (void)
{
  return heap.bytes;
}
