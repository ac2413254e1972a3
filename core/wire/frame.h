/* SPDX-License-Identifier: GPL-3.0-or-later */
/* frame.h: what goes over one link (RFC 6940, 6.6.2). */
#pragma once
#include "core/wire/wire.h"

typedef enum FramedMessageType { FRAME_DATA = 128, FRAME_ACK = 129 } FramedMessageType;

typedef struct FramedMessage {
  uint8_t type;
  uint32_t sequence; /* data */
  Bytes message;     /* data */
  uint32_t ack_sequence;
  uint32_t received; /* ack: a bit for each of the 32 numbers before */
} FramedMessage;

WIRE_DECLARE_WALK (FramedMessage, framed_message)

enum {
  FRAME_DATA_HEADER_SIZE = 8, /* type, sequence, length of message */
  FRAME_ACK_SIZE = 9,
};

/* One datagram is one frame. The message borrows from `datagram`. */
bool frame_decode (Bytes datagram, FramedMessage *ret_frame);

typedef enum FrameResult {
  FRAME_GOOD,
  FRAME_INCOMPLETE, /* more of the stream must arrive */
  FRAME_BAD,        /* unknown type, or a message above the limit: the stream is lost */
} FrameResult;

/* The first frame of what has arrived of a stream; *ret_size is how much of it the frame took. */
FrameResult
frame_take (Bytes stream, size_t message_size_max, FramedMessage *ret_frame, size_t *ret_size);

/* The same two forms for a sender that keeps what it sends: `ret_frame` has room for the header and
 * the message, or for FRAME_ACK_SIZE bytes. A data frame's number is written when it goes out. */
void frame_write_data (uint8_t *ret_frame, Bytes message);
void frame_write_sequence (uint8_t *frame, uint32_t sequence);
void frame_write_ack (uint8_t *ret_frame, uint32_t ack_sequence, uint32_t received);
