/* SPDX-License-Identifier: GPL-3.0-or-later */
/* relay-frame.h: where the messages of a TURN client end in a stream of bytes (RFC 8656, 12.5; RFC
 * 8489, 6.2.2). */
#pragma once
#include "core/base/bytes.h"

enum {
  RELAY_FRAME_HEADER = 4,  /* bytes that tell how long the message is */
  RELAY_FRAME_SIZE = 2048, /* the longest message of a client that is taken */
};

typedef enum RelayFrameReading {
  RELAY_FRAME_MORE, /* not all of the first message is there yet */
  RELAY_FRAME_DONE,
  RELAY_FRAME_BAD, /* no message begins like that, or none that is taken */
} RelayFrameReading;

/* The size of the first message, with what ChannelData is padded by; also told once its header is
 * there. */
RelayFrameReading relay_frame_read (Bytes bytes, size_t *ret_size);

/* Whether the first byte of a connection is that of a client's first message (RFC 7983, 7). */
bool relay_frame_begins (uint8_t first);
