/* SPDX-License-Identifier: GPL-3.0-or-later */
/* direct-response.h: answers that go straight to whoever asked (RFC 7263), in overlays whose
 * configuration prefers it. */
#pragma once
#include "core/overlay/incoming.h"

struct Overlay;

typedef struct DirectResponses DirectResponses;

DirectResponses *direct_responses_new (struct Overlay *overlay);
void direct_responses_free (DirectResponses *self);

/* ---- Whoever asks ---- */

/* The option for a request of ours; memory of the arena. False when none should go along: the
 * overlay does not want it, nobody can reach us, or it has not worked of late. */
bool direct_response_offer (DirectResponses *self, Arena *arena, ForwardingOption *ret_option);

/* Whether the answer to a request with the option came straight. */
void direct_response_note (DirectResponses *self, bool has_worked);

/* ---- Whoever answers ---- */

/* Whether the request's option, if it has one, is such that we can do as it says; if not, the
 * request is refused. */
bool direct_response_is_acceptable (DirectResponses *self, const Incoming *request);

/* Sends the answer straight, now or when a link to the asker stands, or by the way that the request
 * came when there will be none. False when the request does not ask for that; else `request`
 * becomes its own. `contents` is referenced, `certificates` copied. */
bool direct_response_take (DirectResponses *self,
                           Incoming *request,
                           GByteArray *contents,
                           const GPtrArray *certificates);

/* The request came again without the option: its answer waits for no link any more. */
void direct_response_abort (DirectResponses *self, const NodeId *from, uint64_t transaction_id);

void direct_response_on_up (DirectResponses *self, const Connection *connection);
void direct_response_on_down (DirectResponses *self, const Connection *connection);
