/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/os/relay-frame.h"

#include "core/base/big-endian.h"

/* Both kinds of message have their length in bytes 2 and 3: that of STUN leaves out its header of
 * 20 bytes and is a multiple of four, that of ChannelData leaves out four bytes and is padded. A
 * stream that is out of step cannot be brought back into it. */

enum { STUN_HEADER = 20 };

static bool
is_stun (uint8_t first)
{
  return first < 4;
}

bool
relay_frame_begins (uint8_t first)
{
  return is_stun (first) || (first >= 0x40 && first <= 0x7f);
}

RelayFrameReading
relay_frame_read (Bytes bytes, size_t *ret_size)
{
  size_t size;

  if (bytes.size == 0)
    return RELAY_FRAME_MORE;
  if (!relay_frame_begins (bytes.data[0]))
    return RELAY_FRAME_BAD;
  if (bytes.size < RELAY_FRAME_HEADER)
    return RELAY_FRAME_MORE;
  size = big_endian_read (bytes.data + 2, 2);
  if (is_stun (bytes.data[0])) {
    if (size % 4 != 0)
      return RELAY_FRAME_BAD;
    size += STUN_HEADER;
  } else {
    size = RELAY_FRAME_HEADER + ((size + 3) & ~(size_t) 3);
  }
  if (size > RELAY_FRAME_SIZE)
    return RELAY_FRAME_BAD;
  *ret_size = size;
  return bytes.size < size ? RELAY_FRAME_MORE : RELAY_FRAME_DONE;
}
