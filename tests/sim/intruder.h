/* SPDX-License-Identifier: GPL-3.0-or-later */
/* intruder.h: a member of a simulated overlay that keeps to no rule: it opens links to whom it
 * likes, and sends what it likes. */
#pragma once
#include "core/overlay/overlay-private.h"
#include "tests/sim/world.h"

typedef struct Intruder {
  SimPeer *peer; /* running; its node does what nodes do besides */

  /* What became of what it asked. */
  unsigned granted;
  unsigned refused;
  unsigned unanswered;
  ReloadCode code; /* of the last refusal */
  uint32_t blasts;
} Intruder;

/* A link straight to `victim`, which is opened and waited for when there is none. */
Connection *intruder_reach (Intruder *self, SimPeer *victim);

/* A message as it is, whoever signed it. */
void intruder_send (Intruder *self, SimPeer *victim, Bytes message);

/* A request that it signs itself, over the link to `victim`; asked once. */
void intruder_ask (Intruder *self, SimPeer *victim, uint16_t code, const void *body);

/* The same without waiting for acknowledgements, or for an answer. */
void intruder_blast (Intruder *self, SimPeer *victim, uint16_t code, const void *body);
