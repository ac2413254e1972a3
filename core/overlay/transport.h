/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transport.h: Message Transport (RFC 6940, 6.2 and 6.3): requests, answers, signatures, end-to-end
 * retransmission. */
#pragma once
#include "core/overlay/forwarding.h"
#include "core/overlay/incoming.h"

struct Overlay;

typedef struct Transport Transport;

Transport *transport_new (struct Overlay *overlay);
void transport_free (Transport *self);

/* Forgets what is too old to be asked for again. */
void transport_tidy (Transport *self);

/* How a request ended. All pointers are borrowed until the receiver returns. */
typedef struct Answer {
  ReloadCode code; /* RELOAD_OK, an error of the other side, or RELOAD_REQUEST_TIMEOUT */
  Bytes info;      /* error_info of an error */
  Bytes body;      /* of RELOAD_OK */
  MessageExtensionList extensions;
  Arena *arena;                   /* for decoding `body` into; NULL on a time-out */
  struct CertificateOffer *offer; /* of the arena: what signatures in `body` may name */
  const Certificate *signer;      /* NULL on a time-out */
  NodeId responder;
  NodeId first_hop; /* over which the last request went */
  unsigned hops;    /* links that the answer came over, 0 when unknown */
  bool is_settled;  /* others whose word counts as much have been heard as well (`is_enough`) */
} Answer;

typedef void (*AnswerFunc) (void *owner, const Answer *answer);

/* Told each answer before anything else comes of it. Returns whether it is what was looked for. */
typedef bool (*EnoughFunc) (void *owner, const Answer *answer);

/* A request of ours. Everything is copied. */
typedef struct Request {
  uint16_t code;
  const void *body; /* the method's request structure */
  const Destination *destinations;
  size_t destination_count;
  FirstHop hop;       /* a fixed connection is kept for every try; else each try goes another way */
  bool is_urgent;     /* first over the link that has just shown that it works, and again at once
                         over each new one: the overlay may not know yet which of ours are dead */
  bool is_for_anyone; /* whoever answers, however far from the target: it may be another ring */
  bool walks_at_once; /* step by step from the first send on, not from the second (walk.h) */
  unsigned tries;     /* 0: all five of RFC 6940, 6.2.1 */
  bool is_last_word;  /* no time to wait for an answer: all tries at once, each another way */
  uint32_t response_size_max; /* a longer answer is to be refused; 0: none is */
  bool hears_the_way; /* errors count from peers on the way too: they are what is looked for */
  MessageExtensionList extensions;
  const GPtrArray *certificates; /* of Certificate: further ones to send along; may be NULL */
  AnswerFunc answered;           /* exactly once, unless cancelled; never from inside the call */

  /* May be NULL: any answer is. Of what is routed to a Resource-ID an answer that is not enough is
   * one opinion, and a walk asks for others, until all that count have been heard. */
  EnoughFunc is_enough;
  void *owner;
} Request;

/* The transaction; for transport_cancel(). */
uint64_t transport_request (Transport *self, const Request *request);

/* A link has come up: says again over it what is urgent. */
void transport_hurry (Transport *self, const Connection *connection);

/* No answer will be reported. */
void transport_cancel (Transport *self, uint64_t transaction);
void transport_cancel_owner (Transport *self, const void *owner);

/* The body of an answer as the structure that the method has for it. */
bool
answer_decode (const Answer *self, struct Overlay *overlay, uint16_t request_code, void *ret_body);

/* A payload, whole, that is meant for us. */
void transport_receive (Transport *self,
                        uint32_t connection,
                        const NodeId *previous_hop,
                        const ForwardingHeader *header,
                        GBytes *payload);

/* Answers a request, which is freed: over that link to whoever asked, or, with 0, the way that it
 * came. */
void transport_answer (Transport *self,
                       Incoming *request,
                       uint32_t connection,
                       Bytes contents,
                       const GPtrArray *certificates);

/* Tells the sender of a message that is not for us that it cannot be passed on. */
void transport_complain (Transport *self,
                         Connection *connection,
                         const ForwardingHeader *header,
                         ReloadCode code,
                         Bytes info);

/* Open transactions, for facts. */
unsigned transport_open_count (const Transport *self);
