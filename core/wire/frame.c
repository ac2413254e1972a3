/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wire/frame.h"

#include "core/base/big-endian.h"
#include "core/wire/walk.h"

#include <string.h>

enum { SEQUENCE_OFFSET = 1, MESSAGE_LENGTH_OFFSET = 5 };

/* RFC 6940, 6.6.2 */
void
walk_framed_message (Wire *w, FramedMessage *f)
{
  static const uint8_t types[] = { FRAME_DATA, FRAME_ACK };

  wire_choice (w, "type", &f->type, types, G_N_ELEMENTS (types));
  switch (f->type) {
  case FRAME_DATA:
    wire_u32 (w, "sequence", &f->sequence);
    wire_opaque (w, "message", 3, &f->message);
    break;
  case FRAME_ACK:
    wire_u32 (w, "ack_sequence", &f->ack_sequence);
    wire_u32 (w, "received", &f->received);
    break;
  default:
    wire_fail (w, "type");
    break;
  }
}

WIRE_DEFINE (FramedMessage, framed_message)

bool
frame_decode (Bytes datagram, FramedMessage *ret_frame)
{
  return wire_decode (&framed_message_type, datagram, NULL, NULL, ret_frame, NULL);
}

/* How long the frame is that `stream` begins with; 0 while that is not yet known. */
static size_t
frame_size (Bytes stream)
{
  const uint8_t *length = stream.data + MESSAGE_LENGTH_OFFSET;

  if (stream.data[0] == FRAME_ACK)
    return FRAME_ACK_SIZE;
  if (stream.size < FRAME_DATA_HEADER_SIZE)
    return 0;
  return FRAME_DATA_HEADER_SIZE + big_endian_read (length, 3);
}

FrameResult
frame_take (Bytes stream, size_t message_size_max, FramedMessage *ret_frame, size_t *ret_size)
{
  size_t size;

  if (stream.size == 0)
    return FRAME_INCOMPLETE;
  if (stream.data[0] != FRAME_DATA && stream.data[0] != FRAME_ACK)
    return FRAME_BAD;
  size = frame_size (stream);
  if (size > MAX (FRAME_DATA_HEADER_SIZE + message_size_max, (size_t) FRAME_ACK_SIZE))
    return FRAME_BAD;
  if (size == 0 || stream.size < size)
    return FRAME_INCOMPLETE;
  if (!frame_decode ((Bytes){ stream.data, size }, ret_frame))
    return FRAME_BAD;
  *ret_size = size;
  return FRAME_GOOD;
}

void
frame_write_data (uint8_t *ret_frame, Bytes message)
{
  g_assert (message.size >> 24 == 0);
  ret_frame[0] = FRAME_DATA;
  big_endian_write (ret_frame + FRAME_DATA_HEADER_SIZE - 4, 4, message.size);
  big_endian_write (ret_frame + SEQUENCE_OFFSET, 4, 0);
  if (message.size > 0)
    memcpy (ret_frame + FRAME_DATA_HEADER_SIZE, message.data, message.size);
}

void
frame_write_sequence (uint8_t *frame, uint32_t sequence)
{
  big_endian_write (frame + SEQUENCE_OFFSET, 4, sequence);
}

void
frame_write_ack (uint8_t *ret_frame, uint32_t ack_sequence, uint32_t received)
{
  ret_frame[0] = FRAME_ACK;
  big_endian_write (ret_frame + SEQUENCE_OFFSET, 4, ack_sequence);
  big_endian_write (ret_frame + SEQUENCE_OFFSET + sizeof ack_sequence, 4, received);
}
