/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/arena.h"

#include <string.h>

/* A chain of blocks, the newest first. The first block is part of the arena, so that a usual
 * message costs a single malloc, and a size that malloc keeps at hand. */

enum { FIRST_BLOCK = 960, BLOCK = 8192, ALIGNMENT = 16 };

typedef struct Block {
  struct Block *next;
  size_t size;
} Block;

struct Arena {
  Block *blocks; /* owned, beyond the first */
  uint8_t *at;
  size_t left;
  _Alignas(ALIGNMENT) uint8_t first[FIRST_BLOCK];
};

G_STATIC_ASSERT (sizeof (Block) % ALIGNMENT == 0);

Arena *
arena_new (void)
{
  Arena *self = g_malloc (sizeof *self);

  self->blocks = NULL;
  self->at = self->first;
  self->left = FIRST_BLOCK;
  return self;
}

static void
free_blocks (Arena *self)
{
  while (self->blocks != NULL) {
    Block *next = self->blocks->next;
    g_free (self->blocks);
    self->blocks = next;
  }
}

void
arena_free (Arena *self)
{
  if (self == NULL)
    return;
  free_blocks (self);
  g_free (self);
}

static void
add_block (Arena *self, size_t least)
{
  size_t size = MAX (least, (size_t) BLOCK);
  Block *block = g_malloc (sizeof *block + size);

  block->next = self->blocks;
  block->size = size;
  self->blocks = block;
  self->at = (uint8_t *) (block + 1);
  self->left = size;
}

void *
arena_alloc (Arena *self, size_t size)
{
  void *memory;

  g_assert (size < G_MAXSIZE - ALIGNMENT);
  size = (size + ALIGNMENT - 1) & ~(size_t) (ALIGNMENT - 1);
  if (size > self->left)
    add_block (self, size);
  memory = self->at;
  self->at += size;
  self->left -= size;
  return size > 0 ? memset (memory, 0, size) : memory;
}

void
arena_reset (Arena *self)
{
  free_blocks (self);
  self->at = self->first;
  self->left = FIRST_BLOCK;
}

Bytes
arena_dup (Arena *self, Bytes bytes)
{
  uint8_t *copy = arena_alloc (self, bytes.size);

  if (bytes.size > 0)
    memcpy (copy, bytes.data, bytes.size);
  return (Bytes){ copy, bytes.size };
}
