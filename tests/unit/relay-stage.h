/* SPDX-License-Identifier: GPL-3.0-or-later */
/* relay-stage.h: a relay among fakes: what it sends is written down, its sockets are numbers, and
 * time is turned by hand. */
#pragma once
#include "core/os/relay.h"
#include "tests/unit/turn-client.h"

typedef struct RelayStage {
  Timers *timers;
  Relay *relay;
  uint64_t wall_clock_s;
  unsigned opened;       /* sockets ever, */
  unsigned open;         /* and those that stand */
  Address host;          /* of the relay */
  RelayAllocation *last; /* made */
  unsigned answers;
  uint8_t answer[2048]; /* the last thing said to a client */
  size_t answer_size;
  RelayClient answered;
  unsigned sent;
  Address to; /* of the last datagram to a peer */
  uint8_t datagram[2048];
  size_t datagram_size;
} RelayStage;

void relay_stage_open (RelayStage *self, const char *host);
void relay_stage_close (RelayStage *self);

/* A client at an address, admitted as a node whose id ends in `node`. */
RelayClient
relay_stage_client (RelayStage *self, const char *peer, uint8_t node, TurnClient *client);

/* Ends what was begun, and says the code of the answer; one challenge is met. */
int relay_stage_ask (RelayStage *self, const RelayClient *from, TurnClient *client);

/* An allocation for UDP. */
int relay_stage_allocate (RelayStage *self, const RelayClient *from, TurnClient *client);
int relay_stage_permit (RelayStage *self,
                        const RelayClient *from,
                        TurnClient *client,
                        const Address *peer);
int relay_stage_bind (RelayStage *self,
                      const RelayClient *from,
                      TurnClient *client,
                      unsigned number,
                      const Address *peer);
void relay_stage_advance (RelayStage *self, uint64_t time);
Address relay_stage_address (const char *text);
