/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fragment.h: messages in pieces (RFC 6940, 6.7). Anybody on the way may split one; only its
 * destination puts it together. */
#pragma once
#include "core/base/timers.h"
#include "core/wire/header.h"

typedef struct Reassembly Reassembly;

/* `timers` outlives it. */
Reassembly *reassembly_new (Timers *timers);
void reassembly_free (Reassembly *self);

typedef enum ReassemblyResult {
  REASSEMBLY_WAITING, /* more must come */
  REASSEMBLY_WHOLE,   /* *ret_payload is the whole payload */
  REASSEMBLY_REFUSED, /* overlapping, empty, too long, or no room for it */
} ReassemblyResult;

/* One fragment that came over `link`. The payload that is returned is the caller's, to be freed
 * with g_bytes_unref(). `size_max` bounds a whole payload. */
ReassemblyResult reassembly_add (Reassembly *self,
                                 uint32_t link,
                                 const ForwardingHeader *header,
                                 Bytes piece,
                                 size_t size_max,
                                 GBytes **ret_payload);

/* How a payload is cut for messages of at most `message_size_max` bytes: equal pieces, of at least
 * 256 bytes but the last. 0 when header and a piece do not fit. */
size_t fragment_size (size_t header_size, size_t payload_size, size_t message_size_max);
