/* SPDX-License-Identifier: GPL-3.0-or-later */
/* peer-ports.h: what the node of a simulated peer sees of the world. */
#pragma once
#include "tests/sim/world.h"

/* The peer has its signer already. */
void peer_ports_init (SimPeer *self);

/* A port, and how a peer gets its Node-ID. */
void peer_ports_random_bytes (void *peer, uint8_t *ret_bytes, size_t size);
