/* SPDX-License-Identifier: GPL-3.0-or-later */
/* turn-server.h: the value of Kind TURN-SERVICE (RFC 6940, 9). */
#pragma once
#include "core/wire/address-port.h"

typedef struct TurnServer {
  uint8_t iteration;
  IpAddressPort server_address;
} TurnServer;

WIRE_DECLARE (TurnServer, turn_server)
