/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transport-private.h: what requests of ours and answers to others share. */
#pragma once
#include "core/overlay/answer-cache.h"
#include "core/overlay/overlay-private.h"

/* The sequence of a ConfigUpdate: taken by all (6.3.2.1). */
enum { SEQUENCE_ANY = 65535 };

struct Transport {
  Overlay *overlay;
  ListLink transactions;
  unsigned transaction_count;
  AnswerCache *answers;
};

/* Borrows the destinations. */
ForwardingHeader transport_header (Overlay *overlay,
                                   uint64_t transaction_id,
                                   Destination *destinations,
                                   size_t count);

/* ---- transport-request.c ---- */

/* What came as an answer to a request of ours; false when it is none of those that are open. */
bool transport_conclude (Transport *self, const Incoming *incoming);
bool transport_is_open (Transport *self, uint64_t transaction);
void transport_forget_requests (Transport *self);
