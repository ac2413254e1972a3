/* SPDX-License-Identifier: GPL-3.0-or-later */
/* relay-ticket.h: what a relay says to a member who asks for a credential (TLS, ALPN peal-turn);
 * the question is the connection itself.
 * A member whose network has changed says so with a byte of RELAY_MOVED.
 *
 *   uint16 size of the rest
 *   uint8  1
 *   uint16 seconds for which it is good
 *   opaque user<0..2^8-1>, empty when it does not relay
 *   opaque password<0..2^8-1> */
#pragma once
#include "core/os/relay-credential.h"

typedef struct RelayTicket {
  RelayCredential credential; /* an empty user: no relay */
  uint16_t lifetime_s;
} RelayTicket;

enum { RELAY_MOVED = 1 };

enum { RELAY_TICKET_SIZE = 2 + 1 + 2 + 1 + RELAY_USER_SIZE + 1 + RELAY_PASSWORD_SIZE };

size_t relay_ticket_encode (const RelayTicket *ticket, uint8_t ret_bytes[RELAY_TICKET_SIZE]);

typedef enum RelayTicketReading {
  RELAY_TICKET_MORE, /* not all of it is there yet */
  RELAY_TICKET_DONE,
  RELAY_TICKET_BAD,
} RelayTicketReading;

RelayTicketReading relay_ticket_decode (Bytes bytes, RelayTicket *ret_ticket);
