/* SPDX-License-Identifier: GPL-3.0-or-later */
/* incoming.h: a request from another node that waits for our answer. */
#pragma once
#include "core/overlay/connection-table.h"
#include "core/wire/error.h"
#include "core/wire/message.h"

struct Overlay;

/* Lives until incoming_answer(), incoming_refuse() or incoming_drop(), each request exactly one of
 * them, at once or later. The decoded message lives just as long. */
typedef struct Incoming {
  struct Overlay *overlay;
  Arena *arena;  /* owned */
  GBytes *bytes; /* owned; what the message borrows from */
  ForwardingHeader header;
  Message message;
  struct CertificateOffer *offer; /* of the arena: what its signatures may name */
  Certificate *signer;            /* owned reference */
  NodeId from;                    /* the signer's Node-ID */
  uint32_t connection;            /* it came over; 0: from ourselves */
  NodeId previous_hop;            /* the peer of that connection, or ourselves */
  bool is_direct;                 /* the signer itself is at the other end of the connection */
} Incoming;

/* For those who hold a request back; all others answer or refuse it. */
void incoming_free (Incoming *incoming);

/* The body as the structure of its method; false when it is malformed (the request has then been
 * refused). `ret_body` is of that type. */
bool incoming_decode (Incoming *self, void *ret_body);

/* `body` is the method's answer structure. `certificates` (may be NULL) are further ones that the
 * receiver needs to check what is in it; borrowed. */
void incoming_answer (Incoming *self, const void *body, const GPtrArray *certificates);

/* The same with message extensions. */
void incoming_answer_extended (Incoming *self,
                               const void *body,
                               MessageExtensionList extensions,
                               const GPtrArray *certificates);
void incoming_refuse (Incoming *self, ReloadCode code, Bytes info);

/* Neither: when it comes again it is looked at anew. */
void incoming_drop (Incoming *self);

/* Drops it, and counts that, when its link or its signer asks for that too often. */
bool incoming_is_over_rate (Incoming *self, RateKind kind);

/* The same with a text for developers, or NULL. */
void incoming_refuse_text (Incoming *self, ReloadCode code, const char *text);
