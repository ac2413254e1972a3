/* SPDX-License-Identifier: GPL-3.0-or-later */
/* link.h: one overlay link: the Framing Header and Simple Reliability (RFC 6940, 6.6.2 and 6.6.3).
 */
#pragma once
#include "core/base/list.h"
#include "core/base/ports.h"
#include "core/crypto/certificate.h"

/* One hop of the overlay, or the direct link of an application (AppAttach). The world has finished
 * DTLS or TLS when a link is made. */
typedef struct Link Link;

typedef struct LinkEvents {
  /* A whole message; possibly one that came before, if its acknowledgement was lost. */
  void (*message) (void *owner, Link *link, Bytes message);

  /* Acknowledgements stay away (suspected), or come again. */
  void (*suspected) (void *owner, Link *link, bool is_suspected);

  /* Given up: five sends of one message without an answer, too many framing errors, or a queue that
   * is too long. The owner closes and frees it, at the earliest when the caller has returned. */
  void (*failed) (void *owner, Link *link);
} LinkEvents;

/* `peer` becomes the link's reference. The rest outlives the link. */
Link *link_new (const NodePorts *ports,
                uint32_t number,
                Certificate *peer,
                bool is_stream,
                const LinkEvents *events,
                void *owner);
void link_free (Link *self);

uint32_t link_number (const Link *self);

/* The certificate that the other end has proved to own. */
Certificate *link_certificate (const Link *self);

/* Sends one message, at most link_message_size_max() long. */
void link_send (Link *self, Bytes message);

/* Sends what still waits for its turn: the last that is done before the link is closed. */
void link_flush (Link *self);

/* What fits into one frame: one datagram, or what a stream may carry. */
size_t link_message_size_max (const Link *self);

/* What came from the world: a datagram, or the next bytes of the stream. */
void link_receive (Link *self, Bytes bytes);

/* Asks for a sign of life after `period` microseconds of silence: an empty data frame, which the
 * other side acknowledges. 0 stops it. */
void link_set_probe (Link *self, uint64_t period);

/* Leaves the other end a moment to do so first; before link_set_probe(). */
void link_ask_second (Link *self);

/* Smoothed round-trip time in microseconds, 0 before the first measurement. */
uint64_t link_rtt (const Link *self);

bool link_is_suspected (const Link *self);
uint64_t link_heard_at (const Link *self);

/* Whether nothing waits and nothing is unacknowledged. */
bool link_is_idle (const Link *self);
