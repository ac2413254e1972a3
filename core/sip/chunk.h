/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chunk.h: SIP messages as frames of a link.
 *
 * A frame that begins with a letter is one whole message. A longer message goes as chunks: 0x01,
 * uint32 message number, uint32 total size, uint32 offset, then LIMIT_SIP_CHUNK_SIZE bytes, fewer
 * only in the last. Chunks may come in any order and more than once. */
#pragma once
#include "core/base/bytes.h"
#include "core/base/timers.h"

typedef struct ChunkReader ChunkReader;

typedef void (*ChunkFunc) (Bytes frame, void *user_data);

/* Hands out `message` as one frame or several; `number` is one not used lately on this link. */
void chunk_write (Bytes message, uint32_t number, ChunkFunc func, void *user_data);

ChunkReader *chunk_reader_new (Timers *timers);
void chunk_reader_free (ChunkReader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChunkReader, chunk_reader_free)

/* Forgets what is not complete: the link was replaced. */
void chunk_reader_clear (ChunkReader *self);

/* Whether `frame` is or completes a message, which is borrowed until the next call. */
bool chunk_reader_add (ChunkReader *self, Bytes frame, Bytes *ret_message);
