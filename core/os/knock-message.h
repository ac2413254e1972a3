/* SPDX-License-Identifier: GPL-3.0-or-later */
/* knock-message.h: what a member and the peer that knocks for it say to each other (TLS, ALPN
 * peal-knock).
 *
 *   question: uint8 1, uint16 port
 *   answer:   uint8 1, uint8 ways, uint8 family, opaque address[16] */
#pragma once
#include "core/base/address.h"

/* How somebody came in. */
enum {
  KNOCK_UDP = 1,
  KNOCK_TCP = 2,
  KNOCK_REFUSED = 128, /* nobody has tried: no answer to what was asked */
};

enum { KNOCK_QUESTION_SIZE = 3, KNOCK_ANSWER_SIZE = 19 };

typedef struct KnockAnswer {
  uint8_t ways;
  Address address; /* where it was tried; without its port on the wire */
} KnockAnswer;

void knock_question_encode (uint16_t port, uint8_t ret_bytes[KNOCK_QUESTION_SIZE]);
void knock_answer_encode (const KnockAnswer *answer, uint8_t ret_bytes[KNOCK_ANSWER_SIZE]);

/* False when it is no such message; `bytes` are all of it. The port of an answer stays 0. */
bool knock_question_decode (Bytes bytes, uint16_t *ret_port);
bool knock_answer_decode (Bytes bytes, KnockAnswer *ret_answer);
