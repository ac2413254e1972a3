/* SPDX-License-Identifier: GPL-3.0-or-later */
/* invite-message.h: what a newcomer and a member say to each other (ALPN peal-invite).
 *
 *   uint16 size of the rest
 *   uint8  1
 *   request: uint8 0, opaque user name<0..2^8-1>, opaque computer name<0..2^8-1>
 *   answer:  uint8 1, opaque invitation<0..2^16-1>, empty when refused */
#pragma once
#include "core/base/bytes.h"
#include "core/base/limits.h"

typedef struct InviteMessage {
  bool is_answer;
  char user_name[LIMIT_INVITE_NAME + 1];
  char computer_name[LIMIT_INVITE_NAME + 1];
  char invitation[LIMIT_INVITATION_SIZE + 1];
} InviteMessage;

GByteArray *invite_message_encode (const InviteMessage *message);

typedef enum InviteReading {
  INVITE_READING_MORE, /* not all of it is there yet */
  INVITE_READING_DONE,
  INVITE_READING_BAD,
} InviteReading;

InviteReading invite_message_decode (Bytes bytes, InviteMessage *ret_message);
