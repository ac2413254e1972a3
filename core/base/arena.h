/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arena.h: memory that is given back all at once. */
#pragma once
#include "core/base/bytes.h"

typedef struct Arena Arena;

Arena *arena_new (void);
void arena_free (Arena *self);

/* Zeroed memory, aligned for any type, valid until arena_free() or arena_reset(). */
void *arena_alloc (Arena *self, size_t size);

/* Forgets everything allocated, keeping the first block for the next use. */
void arena_reset (Arena *self);

Bytes arena_dup (Arena *self, Bytes bytes);

#define arena_new_array(arena, Type, count) \
  ((Type *) arena_alloc ((arena), (count) * sizeof (Type)))

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Arena, arena_free)
