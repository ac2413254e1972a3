/* SPDX-License-Identifier: GPL-3.0-or-later */
/* turn-client.h: what a TURN client says (RFC 8656), and how it reads what it is told. */
#pragma once
#include "core/os/relay-credential.h"
#include "core/os/stun.h"

typedef struct TurnClient {
  RelayCredential credential;
  char realm[64];
  char nonce[64]; /* as the relay said it last */
  StunAgent agent;
  StunMessage message; /* under way */
  uint8_t bytes[2048];
} TurnClient;

/* A request begins, attributes may be appended to `message`, and it ends, with a credential once
 * the relay has asked for one. */
void turn_client_begin (TurnClient *self, StunMethod method);
Bytes turn_client_end (TurnClient *self);

/* The code of the answer to the last request: 0 for success. Keeps realm and nonce. */
int turn_client_read (TurnClient *self, Bytes answer, StunMessage *ret_message);

/* A Send indication. */
Bytes turn_client_send (TurnClient *self, const Address *peer, Bytes data);
