/* SPDX-License-Identifier: GPL-3.0-or-later */
/* carrier-private.h: the inside of a carrier, for carrier.c and carrier-ice.c. */
#pragma once
#include "core/os/carrier.h"
#include "core/os/dtls.h"
#include "core/os/ice.h"
#include "core/os/tls-stream.h"

typedef enum CarrierState {
  CARRIER_OPENING,
  CARRIER_UP,
  CARRIER_ENDING,
  CARRIER_CLOSED
} CarrierState;

struct Carrier {
  ListLink all;
  World *world;
  uint32_t number;
  CarrierState state;
  LinkEnd end;
  LinkPurpose purpose;
  bool is_incoming;
  bool is_newcomer;
  bool is_server;
  bool was_up;
  bool is_checking; /* link_check() has been called */
  Timer deadline;
  Timer turn;
  Route route; /* owner NULL when it is not over the listener */
  Address peer;
  int fd; /* own UDP socket, or -1 */
  GSource *readable;
  Ice *ice;
  Ice *next;          /* during an ICE restart */
  GPtrArray *retired; /* sessions to be freed in the next turn */
  GQueue early;       /* of GBytes: DTLS that came before ICE was up on our side */
  uint8_t fingerprint[CERTIFICATE_HASH_SIZE];
  Dtls *dtls;
  TlsStream *stream;
};

void carrier_fail (Carrier *self, LinkEnd end);

/* Does what has to wait until nobody is inside it. */
void carrier_turn_later (Carrier *self);

/* Takes `ssl`. */
void carrier_begin_dtls (Carrier *self, SSL *ssl);
