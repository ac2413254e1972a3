/* SPDX-License-Identifier: GPL-3.0-or-later */
/* network.h: the made-up network between the peers of a simulated world: who reaches whom, when,
 * and what gets lost. Each function is what a port of the same name asks for. */
#pragma once
#include "tests/sim/conveyor.h"
#include "tests/sim/world.h"

void network_connect (SimPeer *from, uint32_t link, LinkTransport transport, const Address *to);
void network_gather (SimPeer *from, uint32_t link);
void network_check (SimPeer *from, uint32_t link, const IceDescription *remote);
void network_send (SimPeer *from, uint32_t link, Bytes bytes);
void network_close (SimPeer *from, uint32_t link);

/* A link that stands at once. */
void network_wire (SimPeer *a, uint32_t a_link, SimPeer *b, uint32_t b_link);

/* All that `peer` had is gone, and nobody is told. */
void network_forget (SimPeer *peer);

/* For the conveyor of a world, which is their `user_data`. */
extern const ConveyorEvents network_events;
