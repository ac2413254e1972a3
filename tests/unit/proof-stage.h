/* SPDX-License-Identifier: GPL-3.0-or-later */
/* proof-stage.h: ends of connections that a secret keys; what their proofs say is carried by hand.
 */
#pragma once
#include "core/os/proof.h"
#include "core/os/tls.h"
#include "tests/unit/fake-node.h"

#include <openssl/ssl.h>

typedef struct End {
  Peer *peer; /* borrowed */
  Tls *tls;
  SSL *ssl;
  TlsPeer other;
  Proof *proof;
  GPtrArray *said; /* GBytes */
} End;

/* `peer` outlives it; with NULL for a secret, certificates key it. */
void end_open (End *self, Peer *peer, const char *secret, bool is_server);
void end_close (End *self);

/* Notes what a proof says; its owner is the End. */
void end_say (void *owner, Bytes record);

/* Between the two, to its end if it has one. */
bool end_shake (End *client, End *server);

/* Says its proof; `timers` is NULL for a stream. */
void end_begin (End *self, Timers *timers);

/* The record that was said at `index`, borrowed. */
Bytes end_record (const End *self, unsigned index);
